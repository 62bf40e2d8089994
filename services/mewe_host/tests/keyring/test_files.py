"""The keyring as a file: private, whole after a crash, and without a trace of what was destroyed."""

import asyncio
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from mewe_core.kit.errors import Unavailable
from mewe_host.identity.folder import KeyFault
from mewe_host.keyring.sqlite import FileShelf

from .ring import PLACE, ring

SEALER = """
import asyncio, sys
from contextlib import AsyncExitStack
from pathlib import Path
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.opening import Keyrings

async def main(folder, begin):
    folder = Path(folder)
    async with AsyncExitStack() as stack:
        opening = Keyrings("SE", "sqlite:data", folder, FileKeys.of(folder, "SE"), Masters.of(folder, "SE"))
        keyring = (await opening.opened(["chat"], stack))["chat"]
        number = begin
        while True:
            sealed = await keyring.seal(f"p{number}", "chat", "row", "words")
            sys.stdout.write(f"p{number} {sealed.hex()}\\n")
            sys.stdout.flush()
            if number % 5 == 0:
                await keyring.destroy(f"p{number}")
                sys.stdout.write(f"-p{number} {sealed.hex()}\\n")
                sys.stdout.flush()
            number += 1

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


def everything(folder: Path) -> bytes:
    """Every byte of every file in a folder."""
    return b"".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())


def wrapped(folder: Path) -> list[bytes]:
    """The wrapped keys that the keyring holds."""
    with closing(sqlite3.connect(folder / "keyrings" / "chat.sqlite")) as connection:
        return [row[0] for row in connection.execute("SELECT wrapped FROM data_key")]


def test_the_files_are_private_while_they_are_used(keys: Path, tmp_path: Path) -> None:
    """The folder is 0700; the file, its log and its index are 0600, whatever the umask."""

    async def story() -> None:
        before = os.umask(0o000)
        try:
            async with ring(keys, f"sqlite:{tmp_path}") as keyring:
                await keyring.seal("a", "chat", PLACE, "words")
                folder = keys / "keyrings"
                modes = {file.name: file.stat().st_mode & 0o777 for file in folder.iterdir()}
                assert modes == dict.fromkeys(("chat.sqlite", "chat.sqlite-wal", "chat.sqlite-shm"), 0o600)
                assert folder.stat().st_mode & 0o777 == 0o700
        finally:
            os.umask(before)

    asyncio.run(story())


@pytest.mark.parametrize(("name", "mode"), [("chat.sqlite", 0o640), ("chat.sqlite-wal", 0o604), (".", 0o750)])
def test_files_that_others_can_read_are_refused(keys: Path, tmp_path: Path, name: str, mode: int) -> None:
    """Nobody serves with a keyring that somebody else may have read; the message says what to do."""

    async def opened() -> None:
        async with ring(keys, f"sqlite:{tmp_path}"):
            pass

    asyncio.run(opened())
    (keys / "keyrings" / name).touch()
    (keys / "keyrings" / name).chmod(mode)
    with pytest.raises(KeyFault, match="chmod"):
        asyncio.run(opened())


def test_a_file_that_is_no_keyring_is_refused_and_left_alone(keys: Path, tmp_path: Path) -> None:
    """A damaged one is never begun anew: what it opens would be lost."""
    asyncio.run(_one_row(keys))
    file = keys / "keyrings" / "chat.sqlite"
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(KeyFault, match="backup"):
        asyncio.run(_one_row(keys))
    assert file.read_bytes().startswith(b"no database")


def test_a_file_that_cannot_be_opened_is_named(keys: Path) -> None:
    """A folder in its place is one clear message."""
    asyncio.run(_one_row(keys))
    file = keys / "keyrings" / "chat.sqlite"
    file.unlink()
    file.mkdir(mode=0o700)
    with pytest.raises(KeyFault, match=r"chat\.sqlite"):
        asyncio.run(_one_row(keys))


def test_a_destroyed_key_leaves_no_trace(keys: Path) -> None:
    """Once ``destroy`` returns, its wrapped bytes and its person's id are in no file; those of the others are."""

    async def story() -> None:
        async with ring(keys, "sqlite:data") as keyring:
            for number in range(40):
                await keyring.seal(f"person-{number:02}", "chat", PLACE, "words")
            gone = keyring.shelf._connection.execute(  # type: ignore[attr-defined]
                "SELECT wrapped FROM data_key WHERE about = 'person-07'"
            ).fetchone()[0]
            assert gone in everything(keys)
            await keyring.destroy("person-07")
            left = everything(keys)
            assert gone not in left
            assert b"person-07" not in left
            assert b"person-08" in left

    asyncio.run(story())


def test_what_a_crash_left_in_the_log_is_gone_after_the_next_start(keys: Path, tmp_path: Path) -> None:
    """A process that dies after it destroyed a key and before the log was emptied: whoever opens the file empties it."""

    async def story() -> None:
        async with ring(keys, "sqlite:data") as keyring:
            await keyring.seal("a", "chat", PLACE, "words")
            gone = wrapped(keys)[0]
            execute = keyring.shelf._connection.execute  # type: ignore[attr-defined]
            execute("DELETE FROM data_key")
            shutil.copytree(keys, tmp_path / "crashed")
        assert gone in everything(tmp_path / "crashed")
        async with ring(tmp_path / "crashed", "sqlite:data"):
            assert gone not in everything(tmp_path / "crashed")

    asyncio.run(story())


def test_while_somebody_reads_the_trace_goes_a_moment_later(keys: Path) -> None:
    """A reader beside it keeps the log from being emptied: ``tidy`` says so, and empties it as soon as it can."""

    async def story() -> None:
        async with ring(keys, "sqlite:data") as keyring:
            await keyring.seal("a", "chat", PLACE, "words")
            shelf = keyring.shelf
            assert isinstance(shelf, FileShelf)
            shelf._connection.execute("PRAGMA busy_timeout = 20")
            gone = wrapped(keys)[0]
            with closing(sqlite3.connect(keys / "keyrings" / "chat.sqlite", isolation_level=None)) as beside:
                beside.execute("BEGIN")
                beside.execute("SELECT count(*) FROM data_key").fetchone()
                assert await keyring.destroy("a") == 1
                assert not await shelf.tidy()
                beside.execute("ROLLBACK")
            assert await shelf.tidy()
            assert await shelf.tidy()
            assert gone not in everything(keys)

    asyncio.run(story())


def test_a_locked_file_makes_the_feature_unavailable(keys: Path) -> None:
    """Nothing is sealed with a key that could not be kept, and what was undone is undone whole."""

    async def story() -> None:
        async with ring(keys, "sqlite:data") as keyring:
            shelf = keyring.shelf
            assert isinstance(shelf, FileShelf)
            shelf._connection.execute("PRAGMA busy_timeout = 20")
            with closing(sqlite3.connect(keys / "keyrings" / "chat.sqlite", isolation_level=None)) as beside:
                beside.execute("BEGIN IMMEDIATE")
                with pytest.raises(Unavailable):
                    await keyring.seal("a", "chat", PLACE, "words")
                beside.execute("ROLLBACK")

            def fails(version: int) -> bytes:
                raise RuntimeError

            with pytest.raises(RuntimeError):
                await shelf.keep("a", "chat", "00", fails)
            sealed = await keyring.seal("a", "chat", PLACE, "words")
            assert await keyring.open("a", "chat", PLACE, sealed) == "words"

    asyncio.run(story())


def test_a_killed_process_loses_no_key_and_leaves_no_destroyed_one(keys: Path) -> None:
    """Killed with no warning: whatever was sealed before opens, whatever was destroyed does not, and leaves no bytes behind."""
    kept: dict[str, bytes] = {}
    gone: dict[str, bytes] = {}
    for begin in (1000, 2000, 3000):
        command = [sys.executable, "-c", SEALER, str(keys), str(begin)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as sealer:  # noqa: S603
            assert sealer.stdout is not None
            for line, _ in zip(sealer.stdout, range(90), strict=False):
                _note(line, kept, gone)
            sealer.kill()
            for line in sealer.stdout:
                _note(line, kept, gone)

    async def story() -> None:
        async with ring(keys, "sqlite:data") as keyring:
            left = everything(keys)
            for about, sealed in gone.items():
                assert await keyring.open(about, "chat", "row", sealed) is None
                assert about.encode() not in left
            for about, sealed in kept.items():
                opened = await keyring.open(about, "chat", "row", sealed)
                assert opened == "words" or (opened is None and int(about[1:]) % 5 == 0)

    asyncio.run(story())
    assert len(kept) > 100
    assert len(gone) > 30


def _note(line: str, kept: dict[str, bytes], gone: dict[str, bytes]) -> None:
    if not line.endswith("\n"):
        return
    about, sealed = line.split()
    if about.startswith("-"):
        gone[about[1:]] = kept.pop(about[1:])
    else:
        kept[about] = bytes.fromhex(sealed)


async def _one_row(keys: Path) -> None:
    async with ring(keys, "sqlite:data") as keyring:
        await keyring.seal("a", "chat", PLACE, "words")
