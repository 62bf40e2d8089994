"""The address of an alert: under a key of that alert alone, for as long as it waits."""

import asyncio
from functools import partial
from pathlib import Path

from attrs import frozen
from mewe_core.kit.privacy.erasing import erase_some
from mewe_core.kit.privacy.telling import Pending
from mewe_core.kit.records import ALERT, ALERT_KEY
from mewe_core.kit.testing import CountingIds, PlainKeys
from mewe_host.alerts.delivery import (
    Waiting,
    faults,
)
from mewe_host.desk import alerts
from mewe_host.desk.alerts import place
from mewe_host.desk.lent import Lent
from mewe_host.parts import UnitDatabase
from sqlalchemy import select

from .post import FEATURE, Noting, world

SEALED = select(ALERT.c.id, ALERT.c.sealed_to).order_by(ALERT.c.id)
OWNERS = select(ALERT.c.person_id)
SENT = select(ALERT.c.id).where(ALERT.c.sent_time > 0)


@frozen
class Sealed:
    """The address of an alert, as it is kept."""

    id: str
    sealed_to: bytes


def test_no_copy_of_the_rows_tells_where_an_alert_went(url: str, tmp_path: Path) -> None:
    """Each has a key of its own, which is destroyed once it has left: the others' stay until they leave."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            await here.alert(2, to="tel:+46700000000")
            before = await here.store.read(lambda database: database.all(SEALED, Sealed))
            assert set(await here.sealing.abouts(ALERT_KEY)) == {one.id for one in before}
            await here.delivery(mailto=Noting()).deliver()
            opened = [await here.sealing.open(one.id, ALERT_KEY, place(one.id), one.sealed_to) for one in before]
            assert opened == [None, "tel:+46700000000"]
            assert await here.store.read(lambda database: database.all(OWNERS, str)) == [None, None]

    asyncio.run(story())


def test_an_alert_whose_key_was_destroyed_is_given_up(url: str, tmp_path: Path) -> None:
    """Whoever it was for was erased, or it had left when these rows were backed up: it is not said to wait, nor to be sent.

    Whoever runs the host is told.
    """

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1, person="ada")
            await here.sealing.destroy(f"{1:032x}")
            sender = Noting()
            delivery = here.delivery(mailto=sender)
            assert faults([delivery]) == ()
            await delivery.deliver()
            assert (sender.letters, await delivery.waiting(), delivery.given_up) == ([], Waiting(0, None), 1)
            assert faults([delivery, here.delivery()]) == (
                "alerts given up since this host started, as the keys of their addresses are gone: 1",
            )
            assert await here.store.read(lambda database: database.all(SENT, str)) == []

    asyncio.run(story())


def test_an_alert_to_somebody_erased_does_not_leave(url: str, tmp_path: Path) -> None:
    """Row and key go with the person, and what is for others or for an address of nobody's leaves."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            for number, person in enumerate(("ada", "kim", None), 1):
                await here.alert(number, f"mailto:{number}@example.org", person)
            now = here.clock.now()
            pending = Pending("e", "ada", now, "decided", 0, None, None)

            async def erase(database: UnitDatabase) -> bool:
                lent = Lent("SE", here.clock, CountingIds(), PlainKeys(), here.sealing)
                return (await erase_some(FEATURE, pending, (), lent.own_work(now, database))).more

            while await here.store.write(erase):
                pass
            assert set(await here.sealing.abouts(ALERT_KEY)) == {f"{2:032x}", f"{3:032x}"}
            sender = Noting()
            await here.delivery(mailto=sender).deliver()
            assert [one.to for one in sender.letters] == ["2@example.org", "3@example.org"]

    asyncio.run(story())


def test_keys_of_alerts_that_are_not_there_go(url: str, tmp_path: Path) -> None:
    """Of a unit that was undone, of a crash between sending and destroying: at the second look, as the first may be early."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            await here.sealing.seal("left over", ALERT_KEY, place("left over"), "mailto:a@example.org")
            own = await here.sealing.seal("ada", "alert", "safety_contact/1/alert", "mailto:ada@example.org")
            seen = await here.store.read(partial(alerts.unneeded, here.sealing, frozenset()))
            assert seen == {"left over"}
            assert set(await here.sealing.abouts(ALERT_KEY)) == {f"{1:032x}", "left over"}
            assert await here.store.read(partial(alerts.unneeded, here.sealing, seen)) == frozenset()
            assert await here.sealing.abouts(ALERT_KEY) == [f"{1:032x}"]
            assert await here.sealing.open("ada", "alert", "safety_contact/1/alert", own) == "mailto:ada@example.org"

    asyncio.run(story())
