"""A host that was started before the signing key changed takes what hosts that came later have signed."""

from pathlib import Path

from mewe_host.identity import acts
from mewe_host.identity.keys import FileKeys
from mewe_host.mix.model import KeysSettings, Mix
from mewe_host.running.opening import kept_keys
from whenever import Instant

NOW = Instant.from_utc(2026, 9, 1, 12)


def test_what_a_newer_key_signed_is_verified_without_a_new_start(tmp_path: Path) -> None:
    """The book of acts says that it is the country's; a key that nobody entered there is not, nor is any other word of it."""
    mix = Mix(country="SE", features={"people": {}}, keys=KeysSettings(folder=str(tmp_path / "keys")))
    book = acts.beside(tmp_path / "keys")
    acts.enter_signing_key(book, FileKeys.of(tmp_path / "keys", "SE"), NOW)
    running = kept_keys(mix)
    foreign = FileKeys.of(tmp_path / "elsewhere", "SE")
    assert not running.verified("a", b"b", foreign.public_key().id, foreign.sign("a", b"b"))
    acts.change_signing_key(tmp_path / "keys", running, NOW.add(hours=1))
    late = FileKeys.of(tmp_path / "keys", "SE")
    signed = late.sign("privacy answer", b"said")
    assert running.verified("privacy answer", b"said", late.public_key().id, signed)
    assert not running.verified("privacy answer", b"unsaid", late.public_key().id, signed)
    assert running.retired_keys() == ()
