"""Master keys: made once, private, one version beside another, each for its country and feature."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_host.identity import folder
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.masters import Masters

KEY = bytes(range(32))


@pytest.fixture(scope="module")
def masters(tmp_path_factory: pytest.TempPathFactory) -> Masters:
    """Masters of a fresh folder."""
    return Masters.of(tmp_path_factory.mktemp("country") / "keys", "SE")


def test_the_first_is_made_once_and_private(tmp_path: Path) -> None:
    """The second start reads what the first one made; drafts and other files are no masters."""
    path = tmp_path / "keys"
    first = Masters.of(path, "SE")
    (path / "masters" / ".2.key.draft").touch()
    (path / "masters" / "01.key").touch()
    assert Masters.of(path, "SE").fingerprint(1) == first.fingerprint(1)
    assert first.versions() == [1]
    assert first.file(1).stat().st_mode & 0o777 == 0o600
    assert first.file(1).parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("mode", "content", "said"), [(0o640, KEY, "chmod"), (0o600, b"short", "32 bytes")])
def test_a_master_that_is_open_or_damaged_is_refused(tmp_path: Path, mode: int, content: bytes, said: str) -> None:
    """And left as it is."""
    path = tmp_path / "keys"
    file = Masters.of(path, "SE").file(1)
    file.write_bytes(content)
    file.chmod(mode)
    with pytest.raises(KeyFault, match=said):
        Masters.of(path, "SE")
    assert file.read_bytes() == content


@given(bound=st.binary(max_size=50), other=st.binary(max_size=50), place=st.integers(0, (12 + 32 + 16) * 8 - 1))
def test_a_data_key_is_unwrapped_for_what_it_was_wrapped(masters: Masters, bound: bytes, other: bytes, place: int) -> None:
    """The same version, feature and binding; nothing else, and not with a bit turned over."""
    wrapped = masters.wrap(1, "chat", bound, KEY)
    assert masters.unwrap(1, "chat", bound, wrapped) == KEY
    changed = bytearray(wrapped)
    changed[place // 8] ^= 1 << place % 8
    wrong = [("diary", bound, wrapped), ("chat", bound, bytes(changed)), ("chat", bound, wrapped[:20]), ("chat", bound, b"")]
    wrong += [("chat", other, wrapped)] if other != bound else []
    for feature, around, content in wrong:
        with pytest.raises(ValueError, match="wrapped for something else"):
            masters.unwrap(1, feature, around, content)


def test_each_version_and_country_is_its_own(tmp_path: Path) -> None:
    """A version that was made beside a running host is read when it is first needed; a country opens no other's."""
    path = tmp_path / "keys"
    running, other = Masters.of(path, "SE"), Masters.of(path, "SE")
    other.made(2)
    assert running.fingerprint(2) == other.fingerprint(2)
    assert len({running.fingerprint(1), running.fingerprint(2), Masters.of(path, "SI").fingerprint(1)}) == 3
    with pytest.raises(ValueError, match="something else"):
        running.unwrap(2, "chat", b"", running.wrap(1, "chat", b"", KEY))
    with pytest.raises(ValueError, match="something else"):
        Masters.of(path, "SI").unwrap(1, "chat", b"", running.wrap(1, "chat", b"", KEY))


def test_a_removed_master_is_gone_from_disk_and_memory(tmp_path: Path) -> None:
    """Its bytes are written over first; what it wrapped opens no more, and the message says what is missing."""
    masters = Masters.of(tmp_path / "keys", "SE")
    masters.made(2)
    wrapped = masters.wrap(1, "chat", b"", KEY)
    masters.wrap(2, "chat", b"", KEY)
    with masters.file(1).open("rb") as still_open:
        masters.remove(1)
        assert still_open.read() == bytes(32)
    assert masters.versions() == [2]
    with pytest.raises(KeyFault, match=r"masters/1\.key is missing"):
        masters.unwrap(1, "chat", b"", wrapped)
    with pytest.raises(KeyFault, match="cannot be removed"):
        masters.remove(1)


def test_nothing_of_a_master_is_shown(tmp_path: Path) -> None:
    """Neither repr nor str holds a secret."""
    masters = Masters.of(tmp_path / "keys", "SE")
    assert repr(masters.file(1).read_bytes())[2:-1] not in repr(masters)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """A file in the way of the key is one clear message."""
    folder.ready(tmp_path / "keys")
    (tmp_path / "keys" / "masters").write_text("in the way")
    with pytest.raises(KeyFault, match="masters"):
        Masters.of(tmp_path / "keys", "SE")
