"""Requests to talk, and contact cards with their openings: statements."""

from collections.abc import Callable

from sqlalchemy import Table, and_, bindparam, false, insert, null, or_, select, update
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.values import columns
from mewe_core.safety.model.cards import CardOpening, KeptCard, KeptOpening
from mewe_core.safety.model.help import KeptTalk
from mewe_core.safety.store.tables import CARD, OPENING, TALK

ADD_TALK: Executable = insert(TALK)
ONE_TALK: Executable = select(*TALK.c).where(TALK.c.id == bindparam("talk_id"))
TALKS: Executable = (
    select(*TALK.c)
    .where(
        TALK.c.group_id == bindparam("group_id"),
        or_(
            TALK.c.create_time > bindparam("after_time"),
            and_(TALK.c.create_time == bindparam("after_time"), TALK.c.id > bindparam("after_id")),
        ),
    )
    .order_by(TALK.c.create_time, TALK.c.id)
    .limit(bindparam("limit"))
)
TALKS_DUE: Executable = (
    select(*TALK.c).where(TALK.c.next_time <= bindparam("now")).order_by(TALK.c.next_time).limit(bindparam("limit"))
)
ANSWER_TALK: Executable = (
    update(TALK)
    .where(TALK.c.id == bindparam("talk_id"), TALK.c.answer_time.is_(None))
    .values(answer_time=bindparam("now"), answered_by_id=bindparam("new_person"), next_time=null())
)
REMIND_TALK: Executable = (
    update(TALK).where(TALK.c.id == bindparam("talk_id"), TALK.c.answer_time.is_(None)).values(next_time=bindparam("new_time"))
)

_CARD_NAMES = (
    "sealed_name",
    "sealed_phone",
    "sealed_safe_way",
    "sealed_never_call",
    "written_by_id",
    "change_time",
    "free_time",
)


def _keep_card(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(CARD)
    return row.on_conflict_do_update(index_elements=[CARD.c.person_id], set_={name: row.excluded[name] for name in _CARD_NAMES})


KEEP_CARD: Either = either(_keep_card)
ONE_CARD: Executable = select(*CARD.c).where(CARD.c.person_id == bindparam("person_id"))
HOLD_CARD: Executable = update(CARD).where(CARD.c.person_id == bindparam("key")).values(free_time=null())
FREE_CARD: Executable = update(CARD).where(CARD.c.person_id == bindparam("key")).values(free_time=bindparam("now"))
ADD_OPENING: Executable = insert(OPENING)
OPENINGS: Executable = (
    select(OPENING.c.id, OPENING.c.opened_by_id, OPENING.c.open_time)
    .where(
        OPENING.c.person_id == bindparam("person_id"),
        OPENING.c.untold == false(),
        or_(
            OPENING.c.open_time > bindparam("after_time"),
            and_(OPENING.c.open_time == bindparam("after_time"), OPENING.c.id > bindparam("after_id")),
        ),
    )
    .order_by(OPENING.c.open_time, OPENING.c.id)
    .limit(bindparam("limit"))
)


async def add_talk(database: Database, talk: KeptTalk) -> None:
    """Keep that somebody wants to talk."""
    await database.execute(ADD_TALK, **columns(talk))


async def talk(database: Database, talk_id: str) -> KeptTalk | None:
    """One request to talk."""
    return await database.first(ONE_TALK, KeptTalk, talk_id=talk_id)


async def talks(database: Database, group_id: str, after: tuple[int, str], limit: int) -> list[KeptTalk]:
    """Who of a group wants or wanted to talk, behind a place in the list."""
    return await database.all(TALKS, KeptTalk, group_id=group_id, after_time=after[0], after_id=after[1], limit=limit)


async def talks_due(database: Database, now: Instant, limit: int) -> list[KeptTalk]:
    """Requests of which leaders have to be reminded."""
    return await database.all(TALKS_DUE, KeptTalk, now=now, limit=limit)


async def answer_talk(database: Database, talk_id: str, person_id: str, now: Instant) -> None:
    """Keep who has answered first."""
    await database.execute(ANSWER_TALK, talk_id=talk_id, new_person=person_id, now=now)


async def remind_talk(database: Database, talk_id: str, following: Instant) -> bool:
    """When leaders are reminded again; says no if somebody has answered meanwhile."""
    return bool(await database.execute(REMIND_TALK, talk_id=talk_id, new_time=following))


async def keep_card(database: Database, card: KeptCard) -> None:
    """Keep a card in place of the one that was there."""
    await database.execute(KEEP_CARD, **columns(card))


async def card(database: Database, person_id: str) -> KeptCard | None:
    """Somebody's card."""
    return await database.first(ONE_CARD, KeptCard, person_id=person_id)


async def hold_card(database: Database, person_id: str) -> None:
    """Keep somebody's card whatever is erased: an open concern is about them."""
    await database.execute(HOLD_CARD, key=person_id)


async def free_card(database: Database, person_id: str, now: Instant) -> None:
    """No open concern is about them any more."""
    await database.execute(FREE_CARD, key=person_id, now=now)


async def add_opening(database: Database, opening: KeptOpening) -> None:
    """Keep that a card was opened."""
    await database.execute(ADD_OPENING, **columns(opening))


async def openings(database: Database, person_id: str, after: tuple[int, str], limit: int) -> list[CardOpening]:
    """Who has opened somebody's card, as far as they are told, behind a place in the list."""
    return await database.all(OPENINGS, CardOpening, person_id=person_id, after_time=after[0], after_id=after[1], limit=limit)
