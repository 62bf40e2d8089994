"""The diary on the databases that countries run: many devices at once, and no version lost, given twice, or written over."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mewe_core.kit.access import Caller, Role, Scope, ScopeKind, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import StandingChanged, hear_standing_changed
from mewe_core.kit.testing import OAK, CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.programme.events import SessionHeld
from mewe_diary import handlers, prompts, versions
from mewe_diary.device import Changes, Device, HeadHasMoved, MemoryStore
from mewe_diary.envelope import Content, Diary, Handed, lock_with_recovery, new_diary, point, share_entry
from mewe_diary.errors import HeadMoved
from mewe_diary.model import (
    AdoptDiaryRequest,
    DiarySettings,
    EraseDiaryRequest,
    GetListingRequest,
    GetVersionsRequest,
    ListChangesRequest,
    ListDiariesRequest,
    ListLocksRequest,
    ListPromptsRequest,
    PutLockRequest,
    PutVersionsRequest,
)
from mewe_diary.plugin import mewe_feature
from mewe_diary.sharing import handlers as sharing
from mewe_diary.sharing.model import (
    ListMySharesRequest,
    ListSharedRequest,
    OpenSharedRequest,
    PutSharingKeyRequest,
    RevokeShareRequest,
    ShareEntryRequest,
)
from mewe_host.parts import Store, UnitDatabase
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store

from .drawn import NOW, Drawn

T = TypeVar("T")
NOWHERE = Standing(Scope(ScopeKind.COUNTRY, "SE"), ())


class Place:
    """The diary's database; units of work as a host runs them, under the lock of whoever calls."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.ids, self.keys = store, FixedClock(NOW), CountingIds(), PlainKeys()

    def work(self, database: Database, by: str | None) -> Work:
        """What a handler is lent."""
        caller, sealing = Caller(by, None, "SE"), PlainSealing(self.keys)
        return Work(caller, NOWHERE, self.clock.now(), database, self.ids, self.keys, sealing, DiarySettings())

    async def call(self, handler: Callable[[Any, Work], Awaitable[T]], request: object, by: str = "ada") -> T:
        """A call that may write."""

        async def unit(database: UnitDatabase) -> T:
            await database.lock(by)
            return await handler(request, self.work(database, by))

        return await self.store.write(unit)

    async def ask(self, handler: Callable[[Any, Work], Awaitable[T]], request: object, by: str = "ada") -> T:
        """A call that reads."""
        return await self.store.read(lambda database: handler(request, self.work(database, by)))


class Carrier:
    """``Server`` of a device over that."""

    def __init__(self, place: Place, diary: Diary) -> None:
        self.place, self.id = place, diary.name.id.hex()

    async def changes(self, after: int) -> Changes:
        page = await self.place.ask(versions.list_changes, ListChangesRequest(self.id, after, 7))
        given = [Handed(bytes.fromhex(one.entry_id), one.sealed) for one in page.versions]
        return Changes(given, page.next_cursor, page.more, page.head or None)

    async def listing(self) -> bytes:
        return (await self.place.ask(versions.get_listing, GetListingRequest(self.id))).listing

    async def versions(self, hashes: Any) -> list[Handed]:
        request = GetVersionsRequest(self.id, tuple(one.hex() for one in hashes))
        found = (await self.place.ask(versions.get_versions, request)).versions
        return [Handed(bytes.fromhex(one.entry_id), one.sealed) for one in found]

    async def put(self, given: Any, head: bytes) -> None:
        try:
            await self.place.call(versions.put_versions, PutVersionsRequest("r", self.id, tuple(given), head))
        except HeadMoved:
            raise HeadHasMoved from None


def play(url: str, story: Callable[[Place], Awaitable[None]]) -> None:
    """Have a story played on a fresh database."""

    async def played() -> None:
        await migrate([mewe_feature()], url)
        store = await open_store("diary", url)
        try:
            await story(Place(store))
        finally:
            await store.close()

    asyncio.run(played())


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh database of each kind."""
    return f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))


def content(text: str) -> Content:
    """Words of now."""
    return Content(text, NOW, "UTC")


def test_many_devices_at_once_write_over_nothing(url: str) -> None:
    """Six devices write and change and sync at the same time, again and again: in the end all have all of it."""

    async def story(place: Place) -> None:
        secret = Drawn("at once")
        diary = new_diary("SE", secret)
        await place.call(handlers.adopt_diary, AdoptDiaryRequest("r", diary.name.id.hex()))
        carrier = Carrier(place, diary)
        devices = [Device.open(diary, MemoryStore(), now=lambda: NOW, secret=secret) for _ in range(6)]
        shared = devices[0].write(content("of all"))
        for device in devices:
            await device.sync(carrier)
        for round_ in range(3):
            for number, device in enumerate(devices):
                device.write(content(f"{number} {round_}"))
                if round_ == 1 and number < 3:
                    device.write(content(f"changed by {number}"), shared)
            await asyncio.gather(*(device.sync(carrier) for device in devices))
        for _ in range(2):
            for device in devices:
                done = await device.sync(carrier)
                assert (done.settled, done.faults) == (True, ())
        shown = [{one.content.text for many in d.entries.values() for one in many if one.content} for d in devices]
        assert all(one == shown[0] for one in shown)
        assert {f"{n} {r}" for n in range(6) for r in range(3)} | {f"changed by {n}" for n in range(3)} == shown[0]

    play(url, story)


def test_locks_shares_prompts_and_erasing(url: str) -> None:
    """Every statement runs on each database, and says the same."""

    async def story(place: Place) -> None:
        secret = Drawn("all")
        diary = new_diary("SE", secret)
        id_ = diary.name.id.hex()
        assert (await place.call(handlers.adopt_diary, AdoptDiaryRequest("r", id_))).adopted
        lock = lock_with_recovery(diary, secret(16), secret)
        await place.call(handlers.put_lock, PutLockRequest("r", id_, lock.encoded()))
        assert len((await place.ask(handlers.list_locks, ListLocksRequest(id_))).locks) == 1
        for who, role in (("ada", Role.PARTICIPANT), ("lena", Role.LEADER)):
            told = StandingChanged(who, who, role, ScopeKind.GROUP, OAK.group_id, NOW.subtract(hours=1), None)
            await place.call(lambda event, work: hear_standing_changed(event, work), told)
        for number in range(3):
            held = SessionHeld(f"s{number}", OAK.group_id, number + 1, False, NOW)
            await place.call(prompts.hear_session_held, held)
            await place.call(prompts.hear_session_held, held)
        first = await place.ask(prompts.list_prompts, ListPromptsRequest("sv", 2))
        rest = await place.ask(prompts.list_prompts, ListPromptsRequest("sv", 2, first.next_page_token))
        assert [one.number for one in (*first.prompts, *rest.prompts)] == [3, 2, 1]
        device = Device.open(diary, MemoryStore(), now=lambda: NOW, secret=secret)
        device.write(content("to share"))
        assert (await device.sync(Carrier(place, diary))).settled
        ((version,),) = device.entries.values()
        key = point(ec.generate_private_key(ec.SECP256R1()).public_key())
        await place.call(sharing.put_sharing_key, PutSharingKeyRequest("r", OAK.group_id, key), "lena")
        share = share_entry(diary.name, version, [key], NOW.add(hours=5), secret)
        await place.call(sharing.share_entry, ShareEntryRequest("r", OAK.group_id, share.encoded(), True, "1"))
        (mine,) = (await place.ask(sharing.list_shared, ListSharedRequest(), "lena")).shares
        assert (await place.call(sharing.open_shared, OpenSharedRequest("r", mine.share_id), "lena")).sealed == share.encoded()
        (seen,) = (await place.ask(sharing.list_my_shares, ListMySharesRequest())).shares
        assert [one.leader_id for one in seen.openings] == ["lena"]
        await place.call(sharing.revoke_share, RevokeShareRequest("r", mine.share_id))
        with pytest.raises(NotFound):
            await place.call(sharing.open_shared, OpenSharedRequest("r", mine.share_id), "lena")
        await place.call(handlers.erase_diary, EraseDiaryRequest("r", id_))
        assert not await place.store.write(lambda database: handlers.forget_what_is_over(place.work(database, None)))
        assert not await place.store.write(lambda database: sharing.forget_shares(place.work(database, None)))
        assert (await place.ask(handlers.list_diaries, ListDiariesRequest())).diaries == ()

    play(url, story)
