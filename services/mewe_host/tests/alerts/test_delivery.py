"""Delivery: none lost, none sent twice, whatever the mail server, the process or the clock do."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import define
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.records import ALERT
from mewe_host.alerts.delivery import (
    _DUE,
    AT_ONCE,
    FIRST_PAUSE,
    LONGEST_PAUSE,
    WITHOUT_SENDER,
    Delivery,
    Waiting,
    _Due,
    faults,
    pause,
)
from mewe_host.alerts.smtp import SmtpSender
from mewe_host.parts import Store
from sqlalchemy import func, select, update

from .mail_server import mail_server
from .post import Noting, world

ADDRESSES = select(func.count(ALERT.c.sealed_to))
SENT = select(ALERT.c.id).where(ALERT.c.sent_time > 0).order_by(ALERT.c.create_time, ALERT.c.id)
ATTEMPTS = select(ALERT.c.attempts).order_by(ALERT.c.id)
SPOIL = update(ALERT).values(sealed_to=b"spoiled")


def test_alerts_leave_once_and_their_addresses_are_gone(url: str, tmp_path: Path) -> None:
    """More than go at once: each arrives one time, in a real mail server, and nothing is left of where it went."""

    async def story() -> None:
        async with world(url, tmp_path) as here, mail_server() as server:
            for number in range(2 * AT_ONCE + 1):
                await here.alert(number)
            delivery = here.delivery(mailto=SmtpSender("127.0.0.1", server.port, "mewe@example.org", local=True))
            assert (await delivery.waiting()).count == 2 * AT_ONCE + 1
            await delivery.deliver()
            here.clock.advance(hours=1)
            await delivery.deliver()
            assert len({message["Message-ID"] for message in server.accepted}) == len(server.accepted) == 2 * AT_ONCE + 1
            assert await delivery.waiting() == Waiting(0, None)
            assert await here.store.read(lambda database: database.first(ADDRESSES, int)) == 0
            assert len(await here.store.read(lambda database: database.all(SENT, str))) == 2 * AT_ONCE + 1
            await delivery.finish(1)

    asyncio.run(story())


def test_what_does_not_leave_is_tried_again_for_as_long_as_it_takes(url: str, tmp_path: Path) -> None:
    """After ten seconds, then each time twice as long, never more than a quarter of an hour; also in another process."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            sender = Noting(fails=True)
            first = here.delivery(mailto=sender)
            for tried in range(1, 10):
                await first.deliver()
                await first.deliver()
                assert await here.store.read(lambda database: database.all(ATTEMPTS, int)) == [tried]
                here.clock.advance(seconds=int(pause(tried).total("seconds")))
            await first.finish(1)
            sender.fails = False
            second = here.delivery(mailto=sender)
            await second.deliver()
            assert [letter.to for letter in sender.letters] == ["leader@example.org"]
            await second.finish(1)

    asyncio.run(story())


def test_pauses_grow_and_are_bounded() -> None:
    """From ten seconds to a quarter of an hour."""
    pauses = [pause(tried) for tried in range(1, 200)]
    assert pauses[:3] == [FIRST_PAUSE, FIRST_PAUSE * 2, FIRST_PAUSE * 4]
    assert pauses == sorted(pauses)
    assert set(pauses[7:]) == {LONGEST_PAUSE}


def test_an_alert_without_a_sender_waits_and_is_told_of(url: str, tmp_path: Path) -> None:
    """It uses up no attempt, keeps no other waiting, and leaves once there is a sender."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1, "tel:+46700000000")
            await here.alert(2)
            mail, phone = Noting(), Noting()
            delivery = here.delivery(mailto=mail)
            await delivery.deliver()
            assert len(mail.letters) == 1
            assert faults([delivery]) == ("alerts wait: no sender for tel: is set up in [alerts]",)
            assert (await delivery.waiting()).count == 1
            assert await here.store.read(lambda database: database.all(ATTEMPTS, int)) == [0, 1]
            await delivery.finish(1)
            here.clock.advance(seconds=int(WITHOUT_SENDER.total("seconds")))
            later = here.delivery(mailto=mail, tel=phone)
            await later.deliver()
            assert [letter.to for letter in phone.letters] == ["+46700000000"]
            assert (faults([later]), len(mail.letters)) == ((), 1)
            await later.finish(1)

    asyncio.run(story())


def test_an_address_that_was_spoiled_is_told_of(url: str, tmp_path: Path) -> None:
    """It stays, and keeps no other waiting."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            await here.store.write(lambda database: database.execute(SPOIL))
            await here.alert(2)
            mail = Noting()
            delivery = here.delivery(mailto=mail)
            await delivery.deliver()
            assert len(mail.letters) == 1
            assert faults([delivery]) == ("alerts wait: their address cannot be used",)
            await delivery.finish(1)

    asyncio.run(story())


def test_of_two_processes_one_sends(tmp_path: Path, postgresql_url: str) -> None:
    """Both look at the same moment; each alert leaves once, and the other goes on when the first one stops."""

    async def story() -> None:
        async with world(postgresql_url, tmp_path) as here:
            sender = Noting()
            both = [here.delivery(mailto=sender) for _ in range(2)]
            for number in range(30):
                await here.alert(number)
                await asyncio.gather(*(one.deliver() for one in both))
            assert len(sender.letters) == len({letter.id for letter in sender.letters}) == 30
            await both[0].finish(1)
            await both[1].finish(1)
            await here.alert(99)
            last = here.delivery(mailto=sender)
            await last.deliver()
            assert len(sender.letters) == 31
            await last.finish(1)

    asyncio.run(story())


def test_what_is_on_its_way_arrives_when_the_host_stops(url: str, tmp_path: Path) -> None:
    """The chore is ended in the middle; the letter is sent and marked all the same, so it is not sent again."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            sender = Noting(holds=asyncio.Event())
            delivery = here.delivery(mailto=sender)
            chore = asyncio.create_task(delivery.deliver())
            await sender.asked.wait()
            chore.cancel()
            assert sender.holds is not None
            sender.holds.set()
            await delivery.finish(5)
            assert len(sender.letters) == 1
            here.clock.advance(hours=1)
            again = here.delivery(mailto=sender)
            await again.deliver()
            assert len(sender.letters) == 1
            await again.finish(1)

    asyncio.run(story())


def test_what_hangs_when_the_host_stops_is_given_up_and_sent_later(url: str, tmp_path: Path) -> None:
    """It was claimed and not sent: another process sends it after the pause."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            held = Noting(holds=asyncio.Event())
            hanging = here.delivery(mailto=held)
            chore = asyncio.create_task(hanging.deliver())
            await held.asked.wait()
            await hanging.finish(0.05)
            with pytest.raises(asyncio.CancelledError):
                await chore
            here.clock.advance(seconds=int(FIRST_PAUSE.total("seconds")))
            sender = Noting()
            again = here.delivery(mailto=sender)
            await again.deliver()
            assert len(sender.letters) == 1
            await again.finish(1)

    asyncio.run(story())


@define
class Failing:
    """A store whose nth write from now on cannot be made durable."""

    store: Store
    fail_at: int

    def write(self, unit: Callable[..., object]) -> object:
        """Fail once."""
        self.fail_at -= 1
        if self.fail_at == 0:
            raise Unavailable
        return self.store.write(unit)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self.store, name)


def test_a_letter_that_could_not_be_marked_is_not_sent_again(url: str, tmp_path: Path) -> None:
    """The database was away in that moment: this process remembers, and marks it later."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            sender = Noting()
            failing = Failing(here.store, 3)  # the lease, the claim, the mark
            delivery = Delivery("safety", failing, here.sealing, here.clock, {"mailto": sender})  # type: ignore[arg-type]
            await delivery.deliver()
            assert (len(sender.letters), (await delivery.waiting()).count) == (1, 1)
            here.clock.advance(minutes=20)
            failing.fail_at = 1
            with pytest.raises(Unavailable):
                await delivery.deliver()
            await delivery.deliver()
            assert (len(sender.letters), (await delivery.waiting()).count) == (1, 0)
            await delivery.finish(1)

    asyncio.run(story())


def test_a_mail_server_that_comes_back_gets_each_once(url: str, tmp_path: Path) -> None:
    """Away, then failing, then well."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            for number in range(5):
                await here.alert(number)
            async with mail_server() as server:
                port = server.port
            delivery = here.delivery(mailto=SmtpSender("127.0.0.1", port, "mewe@example.org", local=True))
            await delivery.deliver()
            here.clock.advance(hours=1)
            async with mail_server(port=port) as server:
                server.instead["RCPT"] = "451 later"
                await delivery.deliver()
                assert server.accepted == []
                server.instead.clear()
                here.clock.advance(hours=1)
                await delivery.deliver()
                assert len(server.accepted) == 5
            await delivery.finish(1)

    asyncio.run(story())


def test_an_alert_that_another_process_has_claimed_is_left_to_it(url: str, tmp_path: Path) -> None:
    """The lease had lapsed in between: whoever claimed it first sends it, the other does not."""

    async def story() -> None:
        async with world(url, tmp_path) as here:
            await here.alert(1)
            first, second = Noting(), Noting()
            one, other = here.delivery(mailto=first), here.delivery(mailto=second)
            read, now = here.store.read, here.clock.now()
            (due,) = await read(lambda database: database.all(_DUE, _Due, now=now))
            await one.deliver()
            await other._send(due, now)
            assert (len(first.letters), len(second.letters)) == (1, 0)
            await one.finish(1)

    asyncio.run(story())
