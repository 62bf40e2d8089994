"""An invitation as a QR code."""

import xml.etree.ElementTree as ElementTree

import segno
from mewe_client.qr import for_terminal, picture

LINK = "mewe:SE:bako-fimo-kela-loki-meta-rifo-sabe"


def test_the_picture_is_small_and_says_nothing_else() -> None:
    """Capitals fit into the alphanumeric mode; the SVG holds paths alone: no text, no address, no script."""
    made = segno.make_qr(LINK.upper(), error="m", boost_error=False)
    assert (made.mode, made.version) == ("alphanumeric", 3)
    whole = ElementTree.fromstring(picture(LINK))  # noqa: S314
    assert {one.tag.rpartition("}")[2] for one in whole.iter()} == {"svg", "path"}
    assert "bako" not in picture(LINK).lower()


def test_on_a_terminal_it_is_a_square_with_a_border() -> None:
    """As many columns as modules, half as many lines; light all around."""
    lines = for_terminal(LINK).splitlines()
    assert {len(line) for line in lines} == {29 + 8}
    assert len(lines) == (29 + 8 + 1) // 2
    assert set(lines[0] + lines[1]) == {"\u2588"}
    assert {line[:4] + line[-4:] for line in lines} == {"\u2588" * 8}


def test_both_show_the_same_modules() -> None:
    """Row by row what the QR code is made of; another link is another picture."""
    rows = [
        [bool(one) for one in row] for row in segno.make_qr(LINK.upper(), error="m", boost_error=False).matrix_iter(border=4)
    ]
    dark = {" ": (True, True), "\u2584": (True, False), "\u2580": (False, True), "\u2588": (False, False)}
    shown = [[dark[block][half] for block in line] for line in for_terminal(LINK).splitlines() for half in (0, 1)]
    assert shown[: len(rows)] == rows
    assert picture(LINK) != picture(LINK.replace("bako", "bafo"))
