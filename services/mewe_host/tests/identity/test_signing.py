"""Signatures of the country: good for one purpose, one country and one key, and for nothing that was changed."""

from pathlib import Path

import pytest
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.signing import verified


def test_a_signature_is_verified_with_the_public_key_alone(tmp_path: Path) -> None:
    """Whoever has no secret can tell; by the key of that id alone."""
    keys = FileKeys.of(tmp_path / "keys", "SE")
    signature = keys.sign("purpose", b"said")
    assert verified(keys.public_key(), "SE", "purpose", b"said", signature)
    assert keys.verified("purpose", b"said", keys.public_key().id, signature)
    assert not keys.verified("purpose", b"said", "another key", signature)


@pytest.mark.parametrize(
    ("country", "purpose", "said"), [("SI", "purpose", b"said"), ("SE", "other", b"said"), ("SE", "purpose", b"other")]
)
def test_it_is_good_for_nothing_else(tmp_path: Path, country: str, purpose: str, said: bytes) -> None:
    """Neither for another country, nor another purpose, nor other words."""
    keys = FileKeys.of(tmp_path / "keys", "SE")
    assert not verified(keys.public_key(), country, purpose, said, keys.sign("purpose", b"said"))


def test_what_is_no_signature_is_refused(tmp_path: Path) -> None:
    """Of another key, of another length, in other digits, or no text at all."""
    keys, others = FileKeys.of(tmp_path / "keys", "SE"), FileKeys.of(tmp_path / "others", "SE")
    good = keys.sign("purpose", b"said")
    for wrong in (
        others.sign("purpose", b"said"),
        "",
        good[:-1],
        good + "0",
        good.upper() + " ",
        f"0x{good[2:]}",
        "0" * 128,
        b"x",
    ):
        assert not verified(keys.public_key(), "SE", "purpose", b"said", wrong)  # type: ignore[arg-type]
