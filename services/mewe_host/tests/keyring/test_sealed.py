"""What sealed words look like: taken apart and put together again, and refused where they cannot be."""

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_host.keyring.sealed import FORMAT, Sealed, Unsealable, bound, named

PARTS = (b"k" * 8, b"c" * 8, b"n" * 12, b"words" + b"t" * 16)


@given(draw.binary(min_size=8, max_size=8), draw.binary(min_size=8, max_size=8), draw.binary(min_size=12, max_size=12))
def test_sealed_words_are_read_as_they_were_written(key_id: bytes, check: bytes, nonce: bytes) -> None:
    """Each part in its place, whatever bytes it holds; the words may be none, but their tag is there."""
    for body in (b"t" * 16, b"words" + b"t" * 16):
        one = Sealed(key_id, check, nonce, body)
        assert one.written() == FORMAT + key_id + check + nonce + body
        assert Sealed.read(one.written()) == one


@pytest.mark.parametrize("sealed", [b"", b"\x01", Sealed(*PARTS).written()[:44], b"\x02" + Sealed(*PARTS).written()[1:]])
def test_what_cannot_have_been_sealed_here_is_refused(sealed: bytes) -> None:
    """Too short, or of a format that is not known; nothing of it is shown."""
    with pytest.raises(Unsealable) as refused:
        Sealed.read(sealed)
    assert str(refused.value) == "this was sealed for something else, or changed"


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ((), b""),
        (("",), b"\0\0\0\0"),
        (("a", "åb"), b"\0\0\0\x01a\0\0\0\x03\xc3\xa5b"),
        (("\ud800",), b"\0\0\0\x03\xed\xa0\x80"),
    ],
)
def test_texts_are_bound_each_behind_its_length(texts: tuple[str, ...], expected: bytes) -> None:
    """Four bytes of length, then the text; what was sealed years ago has to open, so this stays as it is."""
    assert bound(*texts) == expected


@pytest.mark.parametrize("name", ["a", " ", "🌙", "\ud7ff", "\ue000", "a" * 1000])
def test_a_name_that_can_be_kept_stays_as_it_is(name: str) -> None:
    """Any text but an empty one, NUL and half a character."""
    assert named(name) == name


@pytest.mark.parametrize("name", ["", "\0", "a\0", "\ud800", "a\udc00b"])
def test_a_name_that_cannot_be_kept_is_refused(name: str) -> None:
    """And not shown."""
    with pytest.raises(ValueError) as refused:  # noqa: PT011
        named(name)
    assert str(refused.value) == "a key is named by a text that is not empty, without NUL and lone surrogates"
