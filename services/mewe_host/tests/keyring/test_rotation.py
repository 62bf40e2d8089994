"""Rotation: what was sealed goes on opening, under a new master, and nothing opens with the old one any more."""

import asyncio
import shutil
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.masters import Masters
from mewe_host.keyring import rotation
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.shelf import REWRAPPED, Held

from .ring import PLACE, Ticking, ring, rings

MANY = 2 * REWRAPPED + 1

ROTATOR = """
import asyncio, sys
from contextlib import AsyncExitStack
from pathlib import Path
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.identity.masters import Masters
from mewe_host.keyring import rotation
from mewe_host.keyring.opening import Keyrings

async def main(folder, url):
    folder = Path(folder)
    async with AsyncExitStack() as stack:
        opening = Keyrings("SE", url, folder, FileKeys.of(folder, "SE"), Masters.of(folder, "SE"))
        keyrings = await opening.opened(await opening.there(stack), stack)
        for one in keyrings.values():
            rewrap = one.shelf.rewrap
            async def told(version, again, rewrap=rewrap):
                count = await rewrap(version, again)
                print(count, flush=True)
                return count
            one.shelf.rewrap = told
        await rotation.rotate(keyrings, opening.masters)
        print("done", flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


async def everything(folder: Path, url: str, stack: AsyncExitStack) -> tuple[dict[str, Keyring], Masters]:
    """Every keyring that is there, and the masters."""
    opening = rings(folder, url)
    return dict(await opening.opened(await opening.there(stack), stack)), opening.masters


def test_what_was_sealed_opens_after_a_rotation(keys: Path, url: str) -> None:
    """Also on a host that ran all the while, which then seals under the new master; the old one is gone."""

    async def story() -> None:
        clock = Ticking()
        async with ring(keys, url, clock=clock) as host, AsyncExitStack() as stack:
            before = [await host.seal(f"p{number}", "chat", PLACE, "before") for number in range(3)]
            keyrings, masters = await everything(keys, url, stack)
            assert list(keyrings) == ["chat"]
            done = await rotation.rotate(keyrings, masters)
            assert done == rotation.Rotated(2, 3, (1,))
            assert [file.name for file in (keys / "masters").iterdir()] == ["2.key"]
            clock.at += 1
            after = await host.seal("new", "chat", PLACE, "after")
            uses = await host.shelf.masters()
            assert [(one.version, one.count) for one in uses] == [(2, 4)]
        async with ring(keys, url) as host:
            for number, sealed in enumerate(before):
                assert await host.open(f"p{number}", "chat", PLACE, sealed) == "before"
            assert await host.open("new", "chat", PLACE, after) == "after"

    asyncio.run(story())


def test_digests_stay_what_they_were(keys: Path, url: str) -> None:
    """Codes that are kept as digests go on matching: their root does not rotate."""

    async def story() -> None:
        async with ring(keys, url) as host:
            await host.seal("a", "chat", PLACE, "words")
        before = rings(keys, url).keys.digest("invitation", b"code")
        async with AsyncExitStack() as stack:
            await rotation.rotate(*await everything(keys, url, stack))
        assert rings(keys, url).keys.digest("invitation", b"code") == before

    asyncio.run(story())


def test_a_killed_rotation_is_taken_up(keys: Path, url: str) -> None:
    """Killed after the first five hundred, it goes on with the same new master, and the old one stays until all are over."""

    async def filled() -> list[bytes]:
        async with ring(keys, url) as host:
            return [await host.seal(f"p{number}", "chat", PLACE, "words") for number in range(MANY)]

    async def checked(sealed: list[bytes]) -> None:
        async with ring(keys, url) as host:
            for number in range(0, MANY, 50):
                assert await host.open(f"p{number}", "chat", PLACE, sealed[number]) == "words"
            last = [(one.version, one.count) for one in await host.shelf.masters()]
            async with AsyncExitStack() as stack:
                done = await rotation.rotate(*await everything(keys, url, stack))
            assert (done.version, done.destroyed) == (2, (1,))
            assert done.rewrapped == dict(last)[1]
            assert [(one.version, one.count) for one in await host.shelf.masters()] == [(2, MANY)]
            for number in range(0, MANY, 50):
                assert await host.open(f"p{number}", "chat", PLACE, sealed[number]) == "words"

    sealed = asyncio.run(filled())
    command = [sys.executable, "-c", ROTATOR, str(keys), url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as rotator:  # noqa: S603
        assert rotator.stdout is not None
        assert rotator.stdout.readline() == f"{REWRAPPED}\n"
        rotator.kill()
    assert (keys / "masters" / "1.key").exists()
    asyncio.run(checked(sealed))
    assert [file.name for file in (keys / "masters").iterdir()] == ["2.key"]


def test_a_master_that_was_copied_before_is_the_one_that_is_taken(keys: Path, url: str) -> None:
    """Made first for the other machines: nothing is wrapped under it until the rotation, which makes no further one."""

    async def story() -> None:
        async with ring(keys, url) as host, AsyncExitStack() as stack:
            await host.seal("a", "chat", PLACE, "words")
            keyrings, masters = await everything(keys, url, stack)
            assert await rotation.prepare(keyrings, masters) == 2
            assert await rotation.prepare(keyrings, masters) == 2
            await host.seal("b", "chat", PLACE, "words")
            assert [(one.version, one.count) for one in await host.shelf.masters()] == [(1, 2)]
            assert await rotation.rotate(keyrings, masters) == rotation.Rotated(2, 2, (1,))
            assert await rotation.rotate(keyrings, masters) == rotation.Rotated(3, 2, (2,))

    asyncio.run(story())


def test_all_keyrings_are_counted_together(keys: Path, url: str) -> None:
    """Also under a master whose number is not the next one."""

    async def story() -> None:
        async with ring(keys, url) as chat, ring(keys, url, feature="diary") as diary, AsyncExitStack() as stack:
            for host, names in ((chat, "ab"), (diary, "c")):
                for name in names:
                    await host.seal(name, "words", PLACE, "words")
            keyrings, masters = await everything(keys, url, stack)
            masters.made(7)
            assert await rotation.rotate(keyrings, masters) == rotation.Rotated(7, 3, (1,))
            for host, count in ((chat, 2), (diary, 1)):
                assert [(one.version, one.count) for one in await host.shelf.masters()] == [(7, count)]
            assert await rotation.renew(keyrings) == 3

    asyncio.run(story())


def test_a_master_that_was_left_behind_is_destroyed_by_the_next_rotation(keys: Path, url: str) -> None:
    """Killed before the last step: what is done stays done, and no further master is made."""

    async def story() -> None:
        async with ring(keys, url) as host, AsyncExitStack() as stack:
            await host.seal("a", "chat", PLACE, "words")
            keyrings, masters = await everything(keys, url, stack)
            shutil.copy(masters.file(1), keys / "left behind")
            await rotation.rotate(keyrings, masters)
            shutil.move(keys / "left behind", masters.file(1))
            assert await rotation.rotate(keyrings, masters) == rotation.Rotated(2, 0, (1,))

    asyncio.run(story())


def test_new_data_keys_seal_and_old_ones_still_open(keys: Path, url: str) -> None:
    """Retired keys open what they sealed; the next words have a new key; to destroy is to destroy both."""

    async def story() -> None:
        clock = Ticking()
        async with ring(keys, url, clock=clock) as host, AsyncExitStack() as stack:
            old = await host.seal("a", "chat", PLACE, "old words")
            keyrings, _ = await everything(keys, url, stack)
            assert await rotation.renew(keyrings) == 1
            assert await rotation.renew(keyrings) == 0
            clock.at += 1
            new = await host.seal("a", "chat", PLACE, "new words")
            assert old[1:9] != new[1:9]
            assert await host.open("a", "chat", PLACE, old) == "old words"
            assert await host.open("a", "chat", PLACE, new) == "new words"
            assert await host.destroy("a") == 1
            assert [await host.open("a", "chat", PLACE, one) for one in (old, new)] == [None, None]

    asyncio.run(story())


def test_a_keyring_of_another_master_is_refused(keys: Path, url: str) -> None:
    """A machine that made masters of its own, or a wrong backup: the host does not start, and says which file it needs."""

    async def opened() -> None:
        async with ring(keys, url) as host:
            await host.seal("a", "chat", PLACE, "words")

    asyncio.run(opened())
    kept = (keys / "masters" / "1.key").read_bytes()
    (keys / "masters" / "1.key").unlink()
    with pytest.raises(KeyFault, match=r"masters/1\.key is not the master key"):
        asyncio.run(opened())
    (keys / "masters" / "1.key").write_bytes(kept)
    asyncio.run(opened())


def test_a_key_that_cannot_be_unwrapped_stops_the_rotation(keys: Path, url: str) -> None:
    """Nothing of that unit is kept, and no master is destroyed."""

    async def story() -> None:
        async with ring(keys, url) as host, AsyncExitStack() as stack:
            await host.seal("a", "chat", PLACE, "words")
            keyrings, masters = await everything(keys, url, stack)
            shelf = keyrings["chat"].shelf
            await shelf.adopt(2, "planted")

            def spoiled(held: Held) -> bytes:
                raise ValueError(held.id)

            with pytest.raises(ValueError, match=r"^[0-9a-f]{16}$"):
                await shelf.rewrap(2, spoiled)
            assert [(one.version, one.count) for one in await shelf.masters()] == [(1, 1), (2, 0)]
            assert masters.versions() == [1]

    asyncio.run(story())
