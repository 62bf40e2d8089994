"""Delivery of one feature's alerts, by one process at a time: none is lost, and in the normal case none is sent twice.

An alert is claimed before it is sent (its next try moves into the future) and marked after it; its address goes with the mark,
and then the key that the address was sealed under. So a process that dies in between sends it once more, under the same
Message-ID; one that dies before it loses nothing. It is tried again after 10 seconds, then each time twice as long, up to a
quarter of an hour, for as long as it takes.

Pushes leave the same way, with three differences: one is tried no longer than it is worth anything, its row goes once it has
left, and one whose device is no more is kept as refused, for the feature to forget the device.
"""

import asyncio
from collections.abc import Sequence

import structlog
from attrs import field, frozen
from mewe_core.kit.database import Executable
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.ports import Clock, Sealing
from mewe_core.kit.pushing import PUSH
from mewe_core.kit.records import ALERT, ALERT_KEY
from sqlalchemy import bindparam, delete, func, null, select, update
from whenever import Instant, TimeDelta

from mewe_host.alerts.letters import NotSent, NotThere, Senders, letter
from mewe_host.bus.lease import Lease
from mewe_host.desk.alerts import place
from mewe_host.parts import Store, UnitDatabase

AT_ONCE = 20
"""How many alerts of a feature are on their way at the same time."""

FIRST_PAUSE, LONGEST_PAUSE = TimeDelta(seconds=10), TimeDelta(minutes=15)
WITHOUT_SENDER = TimeDelta(minutes=1)
"""How long until it is looked again whether there is a sender for an address."""

_DUE: Executable = (
    select(ALERT.c.id, ALERT.c.kind, ALERT.c.sealed_to, ALERT.c.language, ALERT.c.attempts, ALERT.c.until)
    .where(ALERT.c.next_time <= bindparam("now"))
    .order_by(ALERT.c.next_time)
    .limit(AT_ONCE)
)
_CLAIM: Executable = (
    update(ALERT)
    .where(ALERT.c.id == bindparam("alert"), ALERT.c.next_time <= bindparam("now"))
    .values(attempts=bindparam("tried"), next_time=bindparam("again"))
)
_SENT: Executable = (
    update(ALERT)
    .where(ALERT.c.id == bindparam("alert"))
    .values(person_id=null(), sealed_to=null(), next_time=null(), sent_time=bindparam("now"))
)
_PUSHED: Executable = delete(ALERT).where(ALERT.c.id == bindparam("alert"))
_REFUSED: Executable = (
    update(ALERT)
    .where(ALERT.c.id == bindparam("alert"))
    .values(sealed_to=null(), next_time=null(), refused_time=bindparam("now"))
)
_WAITING: Executable = select(func.count(), func.min(ALERT.c.create_time)).where(ALERT.c.next_time > 0)

_LOG = structlog.get_logger()


@frozen
class Waiting:
    """How many alerts have not left, and since when the oldest waits (microseconds since 1970 UTC; None: there is none)."""

    count: int
    since: int | None


@frozen
class _Due:
    id: str
    kind: str
    sealed_to: bytes = field(repr=False)
    language: str
    attempts: int
    until: Instant | None


def pause(attempts: int) -> TimeDelta:
    """How long until the next try, after so many."""
    seconds: float = FIRST_PAUSE.total("seconds") * 2.0 ** min(attempts - 1, 20)
    return min(TimeDelta(seconds=seconds), LONGEST_PAUSE)


class Delivery:
    """The alerts of one feature in this process."""

    def __init__(self, feature: str, store: Store, sealing: Sealing, clock: Clock, senders: Senders) -> None:
        self._feature, self._store, self._sealing, self._clock, self._senders = feature, store, sealing, clock, senders
        self._lease = Lease(store, "alerts")
        self._under_way: set[asyncio.Task[None]] = set()
        self._left: set[str] = set()
        self.without_sender: dict[str, str] = {}
        """The alerts that were seen to wait for a sender that is not set up: their ids, and the scheme of their address."""
        self.given_up = 0
        """How many alerts this process could not send to anybody, because the key of their address is gone."""

    async def deliver(self) -> None:
        """Send what is due. To be called each second."""
        if not await self._lease.held():
            return
        now = self._clock.now()
        while due := await self._store.read(lambda database: database.all(_DUE, _Due, now=now)):
            sending = [asyncio.create_task(self._send(one, now)) for one in due]
            self._under_way.update(sending)
            for task in sending:
                task.add_done_callback(self._under_way.discard)
            await asyncio.wait(sending)  # if this is cancelled, what is on its way goes on
            for fault in [task.exception() for task in sending]:
                if fault is not None:
                    raise fault

    async def waiting(self) -> Waiting:
        """How many have not left yet, whichever process sends them."""
        return await self._store.read(lambda database: database.first(_WAITING, Waiting)) or Waiting(0, None)

    async def finish(self, seconds: float) -> None:
        """Let what is on its way arrive, for so many seconds at most, and let another process go on."""
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=seconds)
        for task in self._under_way:
            task.cancel()
        await self._lease.give_back()

    async def _send(self, due: _Due, now: Instant) -> None:
        if due.id in self._left:  # it has left, and could not be marked then
            await self._marked(due, now)
            return
        if due.until is not None and due.until <= now:
            await self._marked(due, None)
            return
        to = await self._address(due)
        if to is None:  # whoever it was for was erased, or it left before these rows were backed up
            _LOG.warning("alert given up", feature=self._feature, event_id=due.id)
            self.given_up += due.kind != PUSH
            await self._marked(due, None)
            return
        scheme, _, rest = to.partition(":")
        sender = self._senders.get(scheme)
        if sender is None:
            self.without_sender[due.id] = scheme
            await self._claimed(due, due.attempts, now, WITHOUT_SENDER)
            return
        self.without_sender.pop(due.id, None)
        tried = due.attempts + 1
        if not await self._claimed(due, tried, now, pause(tried)):
            return
        try:
            await sender.send(letter(due.id, due.kind, rest, due.language, now, due.until))
        except NotThere:
            await self._refused(due, now)
            return
        except NotSent as fault:
            _LOG.warning("alert not sent", feature=self._feature, event_id=due.id, attempt=tried, reason=fault.reason)
            return
        self._left.add(due.id)
        try:
            await self._marked(due, self._clock.now())
        except Unavailable:
            _LOG.warning("alert not marked", feature=self._feature, event_id=due.id)

    async def _marked(self, due: _Due, sent: Instant | None) -> None:
        if due.kind == PUSH:
            await self._store.write(lambda database: database.execute(_PUSHED, alert=due.id))
        else:
            await self._store.write(lambda database: database.execute(_SENT, alert=due.id, now=sent))
        self._left.discard(due.id)
        self.without_sender.pop(due.id, None)
        await self._sealing.destroy(due.id, ALERT_KEY)

    async def _refused(self, due: _Due, now: Instant) -> None:
        await self._store.write(lambda database: database.execute(_REFUSED, alert=due.id, now=now))
        await self._sealing.destroy(due.id, ALERT_KEY)

    async def _claimed(self, due: _Due, tried: int, now: Instant, rest: TimeDelta) -> bool:
        async def unit(database: UnitDatabase) -> int:
            return await database.execute(_CLAIM, alert=due.id, now=now, tried=tried, again=now + rest)

        return await self._store.write(unit) > 0

    async def _address(self, due: _Due) -> str | None:
        try:
            return await self._sealing.open(due.id, ALERT_KEY, place(due.id), due.sealed_to)
        except ValueError:
            return "unreadable:"


def faults(deliveries: Sequence[Delivery]) -> tuple[str, ...]:
    """What keeps alerts from leaving, in plain words; empty if nothing is known to."""
    lost = sum(one.given_up for one in deliveries)
    given_up = (f"alerts given up since this host started, as the keys of their addresses are gone: {lost}",) if lost else ()
    missing = sorted({scheme for one in deliveries for scheme in one.without_sender.values()})
    return given_up + tuple(
        "pushes wait: no contact is set up in [push]"
        if scheme == PUSH
        else f"alerts wait: no sender for {scheme}: is set up in [alerts]"
        if scheme in ("mailto", "tel")
        else "alerts wait: their address cannot be used"
        for scheme in missing
    )
