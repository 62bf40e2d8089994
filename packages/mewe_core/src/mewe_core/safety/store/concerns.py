"""Concerns, whom they were brought to, and their log: statements."""

from sqlalchemy import Text, and_, bindparam, case, func, insert, or_, select, update
from whenever import Instant

from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.values import columns
from mewe_core.safety.events import ConcernState
from mewe_core.safety.model.concerns import Concern, ConcernKind, KeptConcern, KeptEntry, Outcome, Recipient
from mewe_core.safety.store.tables import CONCERN, ENTRY, RECIPIENT

_TOLD = (
    CONCERN.c.id,
    CONCERN.c.kind,
    CONCERN.c.state,
    CONCERN.c.group_id,
    CONCERN.c.about_id,
    CONCERN.c.raised_by_id,
    CONCERN.c.thing_id,
    CONCERN.c.create_time,
    CONCERN.c.acknowledge_time,
    CONCERN.c.acknowledged_by_id,
    CONCERN.c.close_time,
    CONCERN.c.outcome,
    CONCERN.c.calls,
)
_BEHIND = or_(
    CONCERN.c.create_time > bindparam("after_time"),
    and_(CONCERN.c.create_time == bindparam("after_time"), CONCERN.c.id > bindparam("after_id")),
)

BEHIND_ALL_NAMED = 2**56
"""Added to the moment of what nobody in particular has raised: in a list it stands behind what somebody has."""

_place = CONCERN.c.create_time + case(
    (and_(CONCERN.c.raised_by_id.is_(None), CONCERN.c.kind != ConcernKind.ANSWER.value), BEHIND_ALL_NAMED), else_=0
)

ADD: Either = either(lambda insert: insert(CONCERN).on_conflict_do_nothing())
ONE: Executable = select(*CONCERN.c).where(CONCERN.c.id == bindparam("concern_id"))
DUE: Executable = (
    select(*CONCERN.c).where(CONCERN.c.next_time <= bindparam("now")).order_by(CONCERN.c.next_time).limit(bindparam("limit"))
)
OPEN_ABOUT: Executable = (
    select(CONCERN.c.id).where(CONCERN.c.about_id == bindparam("person_id"), CONCERN.c.close_time.is_(None)).limit(1)
)
RAISED_BY: Executable = (
    select(*CONCERN.c)
    .where(CONCERN.c.raised_by_id == bindparam("person_id"), _BEHIND)
    .order_by(CONCERN.c.create_time, CONCERN.c.id)
    .limit(bindparam("limit"))
)
BROUGHT_TO: Executable = (
    select(*_TOLD)
    .select_from(RECIPIENT.join(CONCERN, RECIPIENT.c.concern_id == CONCERN.c.id))
    .where(
        RECIPIENT.c.person_id == bindparam("person_id"),
        RECIPIENT.c.end_time.is_(None),
        or_(_place > bindparam("after_time"), and_(_place == bindparam("after_time"), CONCERN.c.id > bindparam("after_id"))),
    )
    .order_by(_place, CONCERN.c.id)
    .limit(bindparam("limit"))
)
OF_NOBODY: Executable = (
    select(CONCERN.c.id)
    .where(
        CONCERN.c.raised_by_id.is_(None),
        CONCERN.c.create_time > bindparam("since"),
        or_(CONCERN.c.kind == ConcernKind.HELP.value, CONCERN.c.kind == ConcernKind.TALK.value),
    )
    .limit(bindparam("limit"))
)
_UNSEEN = (
    CONCERN.c.raised_by_id.is_(None),
    CONCERN.c.create_time > bindparam("since"),
    CONCERN.c.kind == ConcernKind.GATHERED.value,
    CONCERN.c.state == ConcernState.RAISED.value,
    func.coalesce(CONCERN.c.kept_from_id, "") == bindparam("kept_from"),
)
_GATHERING = (
    select(CONCERN.c.id)
    .where(*_UNSEEN, CONCERN.c.calls < bindparam("most"))
    .order_by(CONCERN.c.create_time.desc(), CONCERN.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
UNSEEN: Executable = select(CONCERN.c.id).where(*_UNSEEN).limit(bindparam("limit"))
JOIN: Executable = (
    update(CONCERN)
    .where(CONCERN.c.id == _GATHERING, CONCERN.c.state == ConcernState.RAISED.value)
    .values(calls=CONCERN.c.calls + 1)
    .returning(*CONCERN.c)
)
WIND: Executable = (
    update(CONCERN)
    .where(
        CONCERN.c.id == bindparam("key"),
        CONCERN.c.state == bindparam("was_state"),
        CONCERN.c.next_time == bindparam("was_time"),
    )
    .values(begin_time=bindparam("new_begin_time"), reminded=bindparam("new_reminded"), next_time=bindparam("new_next_time"))
)
STAND: Executable = (
    update(CONCERN)
    .where(CONCERN.c.id == bindparam("key"), CONCERN.c.state == bindparam("was_state"))
    .values(state=bindparam("new_state"), begin_time=bindparam("new_begin_time"), next_time=bindparam("new_next_time"))
)
TAKE_ON: Executable = (
    update(CONCERN)
    .where(CONCERN.c.id == bindparam("key"), CONCERN.c.acknowledge_time.is_(None))
    .values(acknowledge_time=bindparam("now"), acknowledged_by_id=bindparam("person_id", type_=Text()))
)
CLOSE: Executable = (
    update(CONCERN)
    .where(CONCERN.c.id == bindparam("key"))
    .values(close_time=bindparam("now"), outcome=bindparam("new_outcome"), sealed_words=bindparam("new_words"))
)

ADD_RECIPIENT: Either = either(lambda insert: insert(RECIPIENT).on_conflict_do_nothing())
RECIPIENTS: Executable = (
    select(*RECIPIENT.c)
    .where(RECIPIENT.c.concern_id == bindparam("concern_id"))
    .order_by(RECIPIENT.c.since, RECIPIENT.c.person_id)
)
END_RECIPIENT: Executable = (
    update(RECIPIENT)
    .where(
        RECIPIENT.c.concern_id == bindparam("concern_id"),
        RECIPIENT.c.person_id == bindparam("person_id"),
        RECIPIENT.c.end_time.is_(None),
    )
    .values(end_time=bindparam("now"))
)
OPEN_OF_RECIPIENT: Executable = (
    select(RECIPIENT.c.concern_id)
    .where(RECIPIENT.c.person_id == bindparam("person_id"), RECIPIENT.c.end_time.is_(None))
    .order_by(RECIPIENT.c.concern_id)
    .limit(500)
)

_ENTRY = (ENTRY.c.id, ENTRY.c.concern_id, ENTRY.c.kind, ENTRY.c.at, ENTRY.c.person_id, ENTRY.c.sealed_text, ENTRY.c.number)
_NUMBER = (
    select(func.coalesce(func.max(ENTRY.c.number), 0) + 1)
    .where(ENTRY.c.concern_id == bindparam("concern_id"))
    .scalar_subquery()
)
ADD_ENTRY: Executable = insert(ENTRY).values(
    {one.name: bindparam(one.name) for one in _ENTRY if one.name != "number"} | {"number": _NUMBER}
)
ENTRIES: Executable = (
    select(*_ENTRY)
    .where(
        ENTRY.c.concern_id == bindparam("concern_id"),
        or_(
            ENTRY.c.number > bindparam("after_number"),
            and_(ENTRY.c.number == bindparam("after_number"), ENTRY.c.id > bindparam("after_id")),
        ),
    )
    .order_by(ENTRY.c.number, ENTRY.c.id)
    .limit(bindparam("limit"))
)


async def add(database: Database, concern: KeptConcern) -> bool:
    """Keep a concern, unless it is there; says whether it is new."""
    return bool(await database.execute(ADD, **columns(concern)))


async def concern(database: Database, concern_id: str) -> KeptConcern | None:
    """One concern."""
    return await database.first(ONE, KeptConcern, concern_id=concern_id)


async def are_due(database: Database, now: Instant, limit: int) -> list[KeptConcern]:
    """Concerns about which something is due, those that wait longest first."""
    return await database.all(DUE, KeptConcern, now=now, limit=limit)


async def of_nobody(database: Database, since: Instant, limit: int) -> int:
    """How many calls for help of nobody in particular have become a concern each since then; ``limit`` is counted to."""
    return len(await database.all(OF_NOBODY, str, since=since, limit=limit))


async def join(database: Database, since: Instant, kept_from: str | None, most: int) -> KeptConcern | None:
    """Count one call more in a concern that gathers them, which is then had to oneself; None: there is none to join.

    None that somebody has acknowledged, so that nothing joins unseen; and none with ``most`` calls.
    """
    return await database.first(JOIN, KeptConcern, since=since, kept_from=kept_from or "", most=most)


async def unseen(database: Database, since: Instant, kept_from: str | None, limit: int) -> int:
    """How many concerns that gather calls nobody has acknowledged; ``limit`` is counted to."""
    return len(await database.all(UNSEEN, str, since=since, kept_from=kept_from or "", limit=limit))


async def is_open_about(database: Database, person_id: str) -> bool:
    """Whether an open concern is about somebody."""
    return await database.first(OPEN_ABOUT, str, person_id=person_id) is not None


async def raised_by(database: Database, person_id: str, after: tuple[int, str], limit: int) -> list[KeptConcern]:
    """What somebody has raised, behind a place in the list."""
    return await database.all(RAISED_BY, KeptConcern, person_id=person_id, after_time=after[0], after_id=after[1], limit=limit)


async def brought_to(database: Database, person_id: str, after: tuple[int, str], limit: int) -> list[Concern]:
    """The open concerns that were brought to somebody, behind a place in the list; nobody's in particular last."""
    return await database.all(BROUGHT_TO, Concern, person_id=person_id, after_time=after[0], after_id=after[1], limit=limit)


async def wind(database: Database, was: KeptConcern, begin: Instant, following: Instant | None, *, reminded: bool) -> bool:
    """Set the clock of a concern anew; says no if somebody has acted meanwhile, and then changes nothing."""
    return bool(
        await database.execute(
            WIND,
            key=was.id,
            was_state=was.state,
            was_time=was.next_time,
            new_begin_time=begin,
            new_reminded=reminded,
            new_next_time=following,
        )
    )


async def stand(database: Database, was: KeptConcern, state: ConcernState, begin: Instant, following: Instant | None) -> bool:
    """Let it stand where it now does; says no if it stood elsewhere meanwhile, and then changes nothing."""
    return bool(
        await database.execute(
            STAND,
            key=was.id,
            was_state=was.state,
            new_state=state,
            new_begin_time=begin,
            new_next_time=following,
        )
    )


async def take_on(database: Database, concern_id: str, person_id: str, now: Instant) -> bool:
    """Keep who has taken it on first; says whether it was this one."""
    return bool(await database.execute(TAKE_ON, key=concern_id, person_id=person_id, now=now))


async def close(database: Database, concern_id: str, now: Instant, outcome: Outcome, words: bytes | None) -> None:
    """Keep what became of it."""
    await database.execute(CLOSE, key=concern_id, now=now, new_outcome=outcome, new_words=words)


async def add_recipient(database: Database, recipient: Recipient) -> bool:
    """Bring a concern to somebody; says whether that is new."""
    return bool(await database.execute(ADD_RECIPIENT, **columns(recipient)))


async def recipients(database: Database, concern_id: str) -> list[Recipient]:
    """Whom it was brought to, those too whose it is no longer."""
    return await database.all(RECIPIENTS, Recipient, concern_id=concern_id)


async def end_recipient(database: Database, concern_id: str, person_id: str, now: Instant) -> None:
    """It is no longer theirs."""
    await database.execute(END_RECIPIENT, concern_id=concern_id, person_id=person_id, now=now)


async def open_of_recipient(database: Database, person_id: str) -> list[str]:
    """The concerns that are somebody's."""
    return await database.all(OPEN_OF_RECIPIENT, str, person_id=person_id)


async def add_entry(database: Database, entry: KeptEntry) -> None:
    """Keep an entry of the log."""
    row = columns(entry)
    await database.execute(ADD_ENTRY, **{name: value for name, value in row.items() if name != "number"})


async def entries(database: Database, concern_id: str, after: tuple[int, str], limit: int) -> list[KeptEntry]:
    """The log of a concern in order, behind a place in it."""
    return await database.all(ENTRIES, KeptEntry, concern_id=concern_id, after_number=after[0], after_id=after[1], limit=limit)
