"""Tables and statements."""

from collections.abc import Callable, Sequence

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_core.kit.database import Database, Either, Executable, either, one_of
from mewe_core.kit.values import columns
from mewe_core.notices.model import Choice, KeptDevice, Notice, Outcome

METADATA = MetaData()

CHOICE = Table(
    "notices_choice",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("quiet_from", Integer, nullable=False),
    Column("quiet_to", Integer, nullable=False),
    Column("time_zone", Text, nullable=False),
)
"""Who wants notices, and when not. Of those who never said so there is no row."""

DEVICE = Table(
    "notices_device",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("endpoint_digest", Text, nullable=False),
    Column("sealed_endpoint", LargeBinary, nullable=False),
    Column("sealed_public_key", LargeBinary, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("seen_time", BigInteger, nullable=False),
    Index("notices_device_of_person", "person_id"),
    Index("notices_device_of_session", "session_id", unique=True),
    Index("notices_device_of_endpoint", "endpoint_digest", unique=True),
    Index("notices_device_kept_from", "seen_time"),
)
"""Where notices go: one place a device session, one device session a place."""

NOTICE = Table(
    "notices_notice",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("occurrence_id", Text, primary_key=True),
    Column("due_time", BigInteger),
    Column("next_time", BigInteger),
    Column("end_time", BigInteger),
    Column("outcome", Text),
    Column("sending_id", Text),
    Index("notices_notice_due", "next_time"),
    Index("notices_notice_sending", "person_id", "end_time"),
    Index("notices_notice_kept_from", "end_time"),
)
"""Occurrences of those who want notices: each waits (``next_time``) or has ended (``end_time``), and never waits again."""


def _keep_choice(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(CHOICE)
    new = {name: row.excluded[name] for name in ("wanted", "quiet_from", "quiet_to", "time_zone")}
    return row.on_conflict_do_update(index_elements=[CHOICE.c.person_id], set_=new)


def _keep_due(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(NOTICE)
    return row.on_conflict_do_update(
        index_elements=[NOTICE.c.person_id, NOTICE.c.occurrence_id],
        set_={"due_time": row.excluded.due_time, "next_time": row.excluded.due_time},
        where=NOTICE.c.end_time.is_(None),
    )


def _keep_done(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(NOTICE)
    ended = {"end_time": row.excluded.end_time, "outcome": row.excluded.outcome, "next_time": null()}
    return row.on_conflict_do_update(
        index_elements=[NOTICE.c.person_id, NOTICE.c.occurrence_id], set_=ended, where=NOTICE.c.end_time.is_(None)
    )


KEEP_CHOICE: Either = either(_keep_choice)
ONE_CHOICE: Executable = select(*CHOICE.c).where(CHOICE.c.person_id == bindparam("person_id"))
LOCK_CHOICE: Executable = select(*CHOICE.c).where(CHOICE.c.person_id == bindparam("person_id")).with_for_update()

ADD_DEVICE: Either = either(lambda insert: insert(DEVICE))
DEVICES: Executable = (
    select(*DEVICE.c).where(DEVICE.c.person_id == bindparam("of")).order_by(DEVICE.c.create_time, DEVICE.c.id).limit(50)
)
TAKE_PLACE: Executable = delete(DEVICE).where(
    or_(DEVICE.c.session_id == bindparam("session"), DEVICE.c.endpoint_digest == bindparam("digest"))
)
REMOVE_DEVICE: Executable = delete(DEVICE).where(DEVICE.c.id == bindparam("device"), DEVICE.c.person_id == bindparam("of"))
REMOVE_DEVICES: Executable = delete(DEVICE).where(DEVICE.c.person_id == bindparam("of"))
REMOVE_REFUSED: Executable = delete(DEVICE).where(one_of(DEVICE.c.id, "ids"))
OF_SESSION: Executable = select(*DEVICE.c).where(DEVICE.c.session_id == bindparam("session"))
END_SESSION: Executable = delete(DEVICE).where(DEVICE.c.session_id == bindparam("session"))

KEEP_DUE: Either = either(_keep_due)
KEEP_DONE: Either = either(_keep_done)
ONE_NOTICE: Executable = select(*NOTICE.c).where(
    NOTICE.c.person_id == bindparam("person_id"), NOTICE.c.occurrence_id == bindparam("occurrence_id")
)
KEEP_SENT: Either = either(lambda insert: insert(NOTICE))
DUE_PEOPLE: Executable = (
    select(NOTICE.c.person_id)
    .where(NOTICE.c.next_time <= bindparam("now"))
    .order_by(NOTICE.c.next_time)
    .limit(bindparam("most"))
)
_WAITS = (NOTICE.c.person_id == bindparam("of"), NOTICE.c.next_time <= bindparam("now"), NOTICE.c.end_time.is_(None))
HOLD: Executable = update(NOTICE).where(*_WAITS).values(next_time=bindparam("moment"))
CLAIM: Executable = (
    update(NOTICE)
    .where(*_WAITS)
    .values(next_time=null(), end_time=bindparam("at"), outcome=bindparam("became"), sending_id=bindparam("sending"))
)
END_ALL: Executable = (
    update(NOTICE)
    .where(NOTICE.c.person_id == bindparam("of"), NOTICE.c.end_time.is_(None))
    .values(next_time=null(), end_time=bindparam("at"), outcome=bindparam("became"))
)
LOOK_AGAIN: Executable = (
    update(NOTICE).where(NOTICE.c.person_id == bindparam("of"), NOTICE.c.end_time.is_(None)).values(next_time=NOTICE.c.due_time)
)
SENT_SINCE: Executable = (
    select(NOTICE.c.end_time)
    .where(NOTICE.c.person_id == bindparam("of"), NOTICE.c.end_time > bindparam("since"), NOTICE.c.sending_id.is_not(None))
    .distinct()
)
SENDINGS_SINCE: Executable = (
    select(NOTICE.c.sending_id)
    .where(NOTICE.c.person_id == bindparam("of"), NOTICE.c.end_time > bindparam("since"), NOTICE.c.sending_id.is_not(None))
    .distinct()
)
STILL_WORTH: Executable = select(NOTICE.c.occurrence_id).where(
    NOTICE.c.person_id == bindparam("of"), NOTICE.c.sending_id == bindparam("sending"), NOTICE.c.outcome == Outcome.SENT
)
TAKE_BACK: Executable = (
    update(NOTICE)
    .where(NOTICE.c.person_id == bindparam("of"), NOTICE.c.occurrence_id == bindparam("occurrence"))
    .values(outcome=Outcome.WITHDRAWN)
)


async def choice(database: Database, person_id: str) -> Choice | None:
    """What somebody chose."""
    return await database.first(ONE_CHOICE, Choice, person_id=person_id)


async def locked_choice(database: Database, person_id: str) -> Choice | None:
    """The same, and nobody else decides what leaves for them before this unit has ended."""
    return await database.first(LOCK_CHOICE, Choice, person_id=person_id)


async def keep_choice(database: Database, one: Choice) -> None:
    """Keep it in place of what they chose before."""
    await database.execute(KEEP_CHOICE, **columns(one))


async def devices(database: Database, person_id: str) -> list[KeptDevice]:
    """Somebody's devices, the oldest first."""
    return await database.all(DEVICES, KeptDevice, of=person_id)


async def add_device(database: Database, device: KeptDevice) -> None:
    """Keep a device in place of what its session or its endpoint had."""
    await database.execute(TAKE_PLACE, session=device.session_id, digest=device.endpoint_digest)
    await database.execute(ADD_DEVICE, **columns(device))


async def remove_device(database: Database, person_id: str, device_id: str) -> bool:
    """Forget one device of somebody; says whether it was there."""
    return await database.execute(REMOVE_DEVICE, device=device_id, of=person_id) > 0


async def remove_devices(database: Database, person_id: str) -> None:
    """Forget all of them."""
    await database.execute(REMOVE_DEVICES, of=person_id)


async def remove_refused(database: Database, ids: Sequence[str]) -> None:
    """Forget devices by their ids."""
    await database.execute(REMOVE_REFUSED, ids=ids)


async def of_session(database: Database, session_id: str) -> list[KeptDevice]:
    """The device of a session, if there is one."""
    return await database.all(OF_SESSION, KeptDevice, session=session_id)


async def end_session(database: Database, session_id: str) -> None:
    """Forget what a device session brought."""
    await database.execute(END_SESSION, session=session_id)


async def notice(database: Database, person_id: str, occurrence_id: str) -> Notice | None:
    """What is known of an occurrence."""
    return await database.first(ONE_NOTICE, Notice, person_id=person_id, occurrence_id=occurrence_id)


async def keep_due(database: Database, person_id: str, occurrence_id: str, due: Instant) -> None:
    """Let an occurrence wait, from another moment if it waits already. One that has ended stays so."""
    one = Notice(person_id, occurrence_id, due, due, None, None, None)
    await database.execute(KEEP_DUE, **columns(one))


async def keep_done(database: Database, person_id: str, occurrence_id: str, now: Instant) -> None:
    """End an occurrence that has not ended, also one that nobody told of yet."""
    one = Notice(person_id, occurrence_id, None, None, now, Outcome.WITHDRAWN, None)
    await database.execute(KEEP_DONE, **columns(one))


async def keep_sent(database: Database, person_id: str, occurrence_id: str, now: Instant, sending_id: str) -> None:
    """Keep an occurrence that leaves at once."""
    await database.execute(KEEP_SENT, **columns(Notice(person_id, occurrence_id, now, None, now, Outcome.SENT, sending_id)))


async def due_people(database: Database, now: Instant, most: int) -> list[str]:
    """For whom the first ``most`` occurrences are due, each once."""
    return sorted(set(await database.all(DUE_PEOPLE, str, now=now, most=most)))


async def hold(database: Database, person_id: str, now: Instant, moment: Instant) -> None:
    """Look at what is due for somebody at a later moment."""
    await database.execute(HOLD, of=person_id, now=now, moment=moment)


async def claim(database: Database, person_id: str, now: Instant, outcome: Outcome, sending_id: str | None) -> bool:
    """End all that is due for somebody in one go; says whether there was anything."""
    return await database.execute(CLAIM, of=person_id, now=now, at=now, became=outcome, sending=sending_id) > 0


async def end_all(database: Database, person_id: str, now: Instant) -> None:
    """End all that waits for somebody."""
    await database.execute(END_ALL, of=person_id, at=now, became=Outcome.WITHDRAWN)


async def look_again(database: Database, person_id: str) -> None:
    """Look at all that waits for somebody when it is due: what held it may hold it no longer."""
    await database.execute(LOOK_AGAIN, of=person_id)


async def sent_since(database: Database, person_id: str, since: Instant) -> list[Instant]:
    """When something was sent to somebody after that moment."""
    return await database.all(SENT_SINCE, Instant, of=person_id, since=since)


async def sendings_since(database: Database, person_id: str, since: Instant) -> list[str]:
    """What was sent to somebody after that moment."""
    return await database.all(SENDINGS_SINCE, str, of=person_id, since=since)


async def take_back(database: Database, one: Notice) -> bool:
    """Have an occurrence that was sent not be worth a notice any more; says whether nothing else of its sending is."""
    await database.execute(TAKE_BACK, of=one.person_id, occurrence=one.occurrence_id)
    return not await database.all(STILL_WORTH, str, of=one.person_id, sending=one.sending_id)
