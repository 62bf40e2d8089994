"""The keys of a country: made once, private, each for one purpose."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.ids import SystemIds
from mewe_host.identity.keys import FileKeys


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    """Keys of a fresh folder."""
    return FileKeys.of(tmp_path_factory.mktemp("country") / "keys", "SE")


def test_keys_are_made_once_and_stay(tmp_path: Path) -> None:
    """The second start reads what the first one made."""
    first, second = FileKeys.of(tmp_path / "keys", "SE"), FileKeys.of(tmp_path / "keys", "SE")
    assert second.public_key() == first.public_key()
    assert second.open("a", first.seal("a", b"kept")) == b"kept"
    assert second.digest("a", b"code") == first.digest("a", b"code")


def test_hosts_that_start_at_once_have_the_same_keys(tmp_path: Path) -> None:
    """Whoever makes the files first, all read the same, and no draft is left."""
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: FileKeys.of(tmp_path / "keys", "SE"), range(8)))
    assert len({one.public_key().id for one in made}) == 1
    assert len({one.digest("a", b"code") for one in made}) == 1
    assert sorted(file.name for file in (tmp_path / "keys").iterdir()) == ["country.key", "signing.pem"]


def test_key_files_are_private(tmp_path: Path) -> None:
    """The folder is 0700, the files are 0600."""
    FileKeys.of(tmp_path / "keys", "SE")
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "keys").iterdir()} == {0o600}


@pytest.mark.parametrize(("name", "mode"), [("country.key", 0o640), ("signing.pem", 0o604), ("", 0o750), ("", 0o701)])
def test_keys_that_others_can_read_are_refused(tmp_path: Path, name: str, mode: int) -> None:
    """The message names the path, its mode, and what to do."""
    folder = tmp_path / "keys"
    FileKeys.of(folder, "SE")
    (folder / name).chmod(mode)
    with pytest.raises(KeyFault) as refused:
        FileKeys.of(folder, "SE")
    assert str(folder / name) in str(refused.value)
    assert f"mode {mode:o}" in str(refused.value)
    assert "chmod" in str(refused.value)


@pytest.mark.parametrize(("name", "content"), [("country.key", b"short"), ("signing.pem", b"no key"), ("country.key", b"")])
def test_a_file_that_is_no_key_is_refused_and_left_alone(tmp_path: Path, name: str, content: bytes) -> None:
    """A damaged key is never written over: what it sealed would be lost."""
    FileKeys.of(tmp_path / "keys", "SE")
    (tmp_path / "keys" / name).write_bytes(content)
    with pytest.raises(KeyFault, match="backup"):
        FileKeys.of(tmp_path / "keys", "SE")
    assert (tmp_path / "keys" / name).read_bytes() == content


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """A file in the way of the folder is one clear message."""
    (tmp_path / "keys").write_text("in the way")
    with pytest.raises(KeyFault, match="keys"):
        FileKeys.of(tmp_path / "keys" / "deeper", "SE")


@given(plain=st.binary(max_size=300), purpose=st.text(max_size=20))
def test_what_is_sealed_opens_for_its_purpose_alone(keys: FileKeys, plain: bytes, purpose: str) -> None:
    """It opens unchanged for the same purpose, and for no other; it is never the same twice."""
    sealed = keys.seal(purpose, plain)
    assert keys.open(purpose, sealed) == plain
    assert keys.seal(purpose, plain) != sealed
    with pytest.raises(ValueError, match="sealed"):
        keys.open(purpose + "x", sealed)


@given(data=st.data())
def test_what_was_changed_does_not_open(keys: FileKeys, data: st.DataObject) -> None:
    """One changed bit, or anything else that was not sealed here, is a ValueError."""
    sealed = bytearray(keys.seal("a", b"plain"))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    for wrong in (bytes(sealed), data.draw(st.binary(max_size=80))):
        with pytest.raises(ValueError, match="sealed"):
            keys.open("a", wrong)


def test_a_country_cannot_open_what_another_sealed(tmp_path: Path) -> None:
    """Even with the same master key: every key is derived for its country."""
    sweden, slovenia = FileKeys.of(tmp_path / "keys", "SE"), FileKeys.of(tmp_path / "keys", "SI")
    with pytest.raises(ValueError, match="sealed"):
        slovenia.open("a", sweden.seal("a", b"plain"))
    assert slovenia.digest("a", b"code") != sweden.digest("a", b"code")


def test_digests_differ_by_purpose_and_content(keys: FileKeys) -> None:
    """64 hexadecimal digits, of a key for the purpose."""
    found = {keys.digest(purpose, secret) for purpose in ("a", "b") for secret in (b"1", b"2")}
    assert len(found) == 4
    assert all(len(one) == 64 and int(one, 16) >= 0 for one in found)


def test_nothing_of_a_key_is_shown(keys: FileKeys, tmp_path: Path) -> None:
    """Neither repr nor str of the keys holds a secret."""
    fresh = FileKeys.of(tmp_path / "keys", "SE")
    master = (tmp_path / "keys" / "country.key").read_bytes()
    assert repr(master)[2:-1] not in repr(fresh)
    assert "PRIVATE" not in repr(fresh)


def test_identifiers_are_fresh() -> None:
    """32 lower-case hexadecimal digits, never the same; secrets are as long as asked."""
    ids = SystemIds()
    made = {ids.new() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(one) == 32 and one == one.lower() and int(one, 16) >= 0 for one in made)
    assert len(ids.secret(32)) == 32


def test_one_digest_leaves_the_next_as_it_was(tmp_path: Path) -> None:
    """The key of a purpose is taken in once: what was digested with it before makes no difference."""
    keys = FileKeys.of(tmp_path / "keys", "SE")
    first = keys.digest("a", b"one")
    assert keys.digest("a", b"two") != first
    assert keys.digest("b", b"one") != first
    assert keys.digest("a", b"one") == first == FileKeys.of(tmp_path / "keys", "SE").digest("a", b"one")
