"""An invitation as a QR code, to be shown on a screen or printed, and given in person. Needs the extra ``qr``."""

import segno

CORRECTION = "m"
"""What a fold or a stain may take away: 15 %."""


def picture(link: str) -> str:
    """What an invitation's ``link`` says, as an SVG picture: for a page, or for paper. It names nothing but the code."""
    return _made(link).svg_inline(scale=4, omitsize=True)


def for_terminal(link: str) -> str:
    """The same in blocks of light and dark, two rows a line; dark on light, with the quiet border that a camera needs."""
    rows = [list(row) for row in _made(link).matrix_iter(border=4)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return "\n".join("".join(_BLOCKS[bool(above), bool(below)] for above, below in zip(*pair, strict=True)) for pair in pairs)


_BLOCKS = {(True, True): " ", (True, False): "\u2584", (False, True): "\u2580", (False, False): "\u2588"}


def _made(link: str) -> segno.QRCode:
    """In capitals, which do not matter in a code and make a smaller picture."""
    return segno.make_qr(link.upper(), error=CORRECTION, boost_error=False)
