"""One diary used twice at the same moment on one device: a sync beside a sync, a program beside a program."""

import asyncio
from collections.abc import Collection, Iterator, Sequence

import pytest
from attrs import define, field
from mewe_core.kit.testing import drive
from mewe_diary.device import Changes, Device, MemoryStore
from mewe_diary.envelope import Handed

from .carrying import Honest
from .test_syncing import Desk, content, texts


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A diary."""
    desk = Desk()
    yield desk
    desk.stage.close()


@define
class Held:
    """An honest server whose answer to a put is on its way until it is let go."""

    honest: Honest
    kept: asyncio.Event = field(factory=asyncio.Event)
    answered: asyncio.Event = field(factory=asyncio.Event)

    async def changes(self, after: int) -> Changes:
        """As it says."""
        return await self.honest.changes(after)

    async def listing(self) -> bytes:
        """As it says."""
        return await self.honest.listing()

    async def versions(self, hashes: Collection[bytes]) -> Sequence[Handed]:
        """As it says."""
        return await self.honest.versions(hashes)

    async def put(self, versions: Sequence[bytes], head: bytes) -> None:
        """Keeps it, and answers later."""
        await self.honest.put(versions, head)
        self.kept.set()
        await self.answered.wait()


def shown(device: Device) -> set[str]:
    """What a device shows."""
    return {text for one in texts(device).values() for text in one}


def test_two_syncs_of_one_device_lose_nothing(desk: Desk) -> None:
    """Somebody asks for one while one is under way, and writes on meanwhile."""
    device, held = desk.device(), Held(desk.server)
    device.write(content("first"))

    async def story() -> None:
        one = asyncio.create_task(device.sync(held))
        await held.kept.wait()
        other = await device.sync(desk.server)
        assert (other.settled, other.faults) == (False, ())
        device.write(content("meanwhile"))
        held.answered.set()
        assert (await one).settled is True

    asyncio.run(story())
    assert shown(device) == {"first", "meanwhile"}
    drive(device.sync(desk.server))
    elsewhere = desk.device()
    assert drive(elsewhere.sync(desk.server)).faults == ()
    assert shown(elsewhere) == {"first", "meanwhile"}


def test_two_programs_with_one_store_lose_nothing(desk: Desk) -> None:
    """What one wrote after the other had read is there when it is read again, and is sent."""
    store = MemoryStore()
    one, other = desk.device(store), desk.device(store)
    entry_id = one.write(content("of one"))
    other.write(content("of the other"))
    one.write(content("of one, anew"), entry_id)
    again = desk.device(store)
    assert shown(again) == {"of one, anew", "of the other"}
    assert drive(again.sync(desk.server)).settled
    again.write(content("of one, once more"), entry_id)
    assert drive(again.sync(desk.server)).settled
    other.write(content("later"))
    last = desk.device(store)
    assert (drive(last.sync(desk.server)).faults, shown(last)) == ((), {"of one, once more", "of the other", "later"})
    elsewhere = desk.device()
    assert drive(elsewhere.sync(desk.server)).faults == ()
    assert shown(elsewhere) == shown(last)


def test_what_the_disk_has_spoilt_is_not_sent(desk: Desk) -> None:
    """A bit of a version that is kept turns: it is missing here, comes back whole, and nobody else is given what it became."""
    store = MemoryStore()
    device = desk.device(store)
    device.write(content("whole"))
    assert drive(device.sync(desk.server)).settled
    ((name, kept),) = ((name, kept) for name, kept in store.read().items() if name.startswith("version/"))
    store.change({name: kept[:-1] + bytes((kept[-1] ^ 1,))})
    again = desk.device(store)
    assert (again.waiting, shown(again)) == (0, set())
    assert drive(again.sync(desk.server)).settled
    assert shown(again) == {"whole"}
    elsewhere = desk.device()
    assert drive(elsewhere.sync(desk.server)).faults == ()
