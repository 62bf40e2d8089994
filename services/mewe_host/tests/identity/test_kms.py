"""A key management service behind a program: what it wraps, nobody reads without it, and whatever goes wrong is said."""

import sys
from pathlib import Path

import pytest
from mewe_host.identity import folder
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.kms import CommandKms
from mewe_host.identity.masters import Masters

GOOD = "import sys; b = sys.stdin.buffer.read(); sys.stdout.buffer.write(bytes(255 - x for x in b))"
"""A service for tests alone: it turns every bit over."""


def kms(program: str = GOOD, seconds: float = 10) -> CommandKms:
    """A service whose program is a line of Python."""
    return CommandKms((sys.executable, "-c", program), seconds)


@pytest.mark.parametrize(
    ("program", "problem"),
    [
        ("import sys; sys.exit(3)", "left with 3"),
        ("pass", "wrote nothing"),
        ("import sys, os; sys.stdout.buffer.write(os.urandom(9))", "does not unwrap to the same bytes"),
        ("import time; time.sleep(60)", "within 0.3 seconds"),
    ],
)
def test_a_service_that_fails_is_a_plain_refusal(program: str, problem: str) -> None:
    """It names the key of the mix, what went wrong and what is allowed; never the secret."""
    with pytest.raises(KeyFault, match=problem) as refused:
        kms(program, 0.3 if "time" in program else 10).wrap(b"the secret")
    assert refused.value.key == "keys.kms_command"
    assert "Allowed" in str(refused.value)
    assert "the secret" not in str(refused.value)


def test_a_program_that_is_not_there_is_named() -> None:
    """The message names the program."""
    with pytest.raises(KeyFault, match=r"/nowhere/kms: it cannot be run"):
        CommandKms(("/nowhere/kms",)).unwrap(b"x")


def test_secrets_are_wrapped_on_disk(tmp_path: Path) -> None:
    """Keys and masters come back as they were made; without the service nothing opens, and the message says so."""
    path = tmp_path / "keys"
    first, masters = FileKeys.of(path, "SE", kms()), Masters.of(path, "SE", kms())
    assert FileKeys.of(path, "SE", kms()).digest("a", b"b") == first.digest("a", b"b")
    assert Masters.of(path, "SE", kms()).fingerprint(1) == masters.fingerprint(1)
    files = [path / "country.key", path / "signing.pem", path / "masters" / "1.key"]
    assert all(folder.is_wrapped(file) for file in files)
    assert b"PRIVATE KEY" not in (path / "signing.pem").read_bytes()
    for opened in (FileKeys.of, Masters.of):
        with pytest.raises(KeyFault, match="was wrapped by a key management service") as refused:
            opened(path, "SE")
        assert refused.value.key == "keys.kms_command"


def test_what_lay_open_is_wrapped_once(tmp_path: Path) -> None:
    """A service that was named later takes over what was there; the keys stay the same."""
    path = tmp_path / "keys"
    before = FileKeys.of(path, "SE").digest("a", b"b")
    assert not folder.is_wrapped(path / "country.key")
    assert folder.protect(path / "country.key", kms())
    assert not folder.protect(path / "country.key", kms())
    assert folder.is_wrapped(path / "country.key")
    assert (path / "country.key").stat().st_mode & 0o777 == 0o600
    assert FileKeys.of(path, "SE", kms()).digest("a", b"b") == before
    assert sorted(file.name for file in path.iterdir()) == ["country.key", "signing.pem"]


def test_a_service_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """Nothing is written over by what cannot be read again."""
    path = tmp_path / "keys"
    FileKeys.of(path, "SE")
    before = (path / "country.key").read_bytes()
    with pytest.raises(KeyFault):
        folder.protect(path / "country.key", kms("pass"))
    assert (path / "country.key").read_bytes() == before


def test_a_key_that_cannot_be_read_or_made_is_named(tmp_path: Path) -> None:
    """A folder in the place of a file, a folder that is a file: one clear message each."""
    path = tmp_path / "keys"
    folder.ready(path)
    (path / "country.key").mkdir(mode=0o700)
    with pytest.raises(KeyFault, match=r"country\.key cannot be read"):
        FileKeys.of(path, "SE")
    (path / "lost.key").symlink_to(path / "nothing")
    with pytest.raises(KeyFault, match=r"lost\.key cannot be read"):
        folder.kept(path / "lost.key", lambda: b"x")
    with pytest.raises(KeyFault, match="cannot be made"):
        folder.kept(path / "nowhere" / "a.key", lambda: b"x")
    with pytest.raises(KeyFault, match="cannot be removed"):
        folder.remove(path / "country.key")
