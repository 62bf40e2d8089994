"""Standing: one mechanism for "may this person, here, now".

The features that decide who belongs where tell it with the events below; every feature keeps a copy in its own database and
reads it there, so that no request waits for another service.
"""

from collections.abc import Callable
from typing import Never

from attrs import frozen
from sqlalchemy import ColumnElement, Table, Text, bindparam, case, exists, false, literal, or_, select, true
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_core.kit.access import (
    Access,
    Caller,
    Held,
    Purpose,
    Request,
    Role,
    Scope,
    ScopeKind,
    Standing,
    may,
    waits_for_consent,
    whole_country,
)
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.earlier import EarlierClosed, closed_before, hear_earlier_closed
from mewe_core.kit.errors import ConsentMissing, NotFound, SignedOut, StillClosed
from mewe_core.kit.events import Event, Hears, Hexadecimal
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import ErasureDecided, hear_erasure_decided, is_erased
from mewe_core.kit.records import CONSENT, ENDED_SESSION, SIGNING_KEY, STANDING
from mewe_core.kit.values import columns


@frozen
class StandingChanged(Event):
    """A person holds a role in a scope from ``since`` to ``until``; the newest one of an id says all there is to know."""

    id: str
    person_id: str
    role: Role
    scope_kind: ScopeKind
    scope_id: str
    since: Instant
    until: Instant | None


@frozen
class ConsentChanged(Event):
    """A purpose of a person is covered by consent (until a moment, where it has to be asked again), or is not.

    The newest one of an id says all there is to know. ``shared_with_id``: for sharing alone, with whom.
    """

    id: str
    person_id: str
    purpose: Purpose
    shared_with_id: str | None
    covered: bool
    until: Instant | None


@frozen
class SessionEnded(Event):
    """A device session was ended: its access tokens are refused from now on."""

    session_id: str
    ended_at: Instant


@frozen
class SigningKeyPublished(Event):
    """Access tokens signed with this key are good (until a moment, once the key is retired)."""

    key_id: str
    x: Hexadecimal
    y: Hexadecimal
    until: Instant | None


KIT_EVENTS: tuple[type[Event], ...] = (
    StandingChanged,
    ConsentChanged,
    SessionEnded,
    SigningKeyPublished,
    ErasureDecided,
    EarlierClosed,
)
"""Their protobuf messages are in ``mewe.kit.v1``; which feature tells them is for the feature to declare."""

_HELD_COLUMNS = (STANDING.c.role, STANDING.c.scope_kind, STANDING.c.scope_id, STANDING.c.since, STANDING.c.until)

HELD_BY_PERSON: Executable = select(*_HELD_COLUMNS).where(STANDING.c.person_id == bindparam("person_id"))

HELD_IN_SCOPE = select(*_HELD_COLUMNS).where(
    STANDING.c.person_id == bindparam("person_id"),
    case(
        (STANDING.c.scope_id == bindparam("scope_id"), true()),
        (STANDING.c.scope_id == bindparam("organisation_id"), true()),
        (STANDING.c.scope_id == bindparam("country"), true()),
        else_=false(),
    ),
)
"""Found by the person: a case keeps SQLite from looking three times, which takes longer than reading what one person holds."""

_PERSON: ColumnElement[str] = bindparam("person_id", type_=Text())


def _covers(purpose: ColumnElement[str], person: ColumnElement[str]) -> ColumnElement[bool]:
    return exists().where(
        CONSENT.c.purpose == purpose,
        CONSENT.c.person_id == person,
        CONSENT.c.shared_with_id.is_(None),
        CONSENT.c.covered.is_(True),
        or_(CONSENT.c.until.is_(None), CONSENT.c.until > bindparam("now")),
    )


_COVERED = _covers(bindparam("purpose"), _PERSON)

HELD_WITH_CONSENT: Executable = HELD_IN_SCOPE.add_columns(_COVERED.label("covers"))
"""The same for a rule that asks for consent: besides each role, whether consent covers the purpose."""

COVERED: Executable = select(_COVERED)
"""That alone, of a person of whom no role is asked."""

_HELD_NAMES = ("person_id", "role", "scope_kind", "scope_id", "since", "until")


def _keep_standing(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(STANDING)
    return row.on_conflict_do_update(index_elements=[STANDING.c.id], set_={name: row.excluded[name] for name in _HELD_NAMES})


_CONSENT_NAMES = ("person_id", "purpose", "shared_with_id", "covered", "until")


def _keep_consent(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(CONSENT)
    return row.on_conflict_do_update(index_elements=[CONSENT.c.id], set_={name: row.excluded[name] for name in _CONSENT_NAMES})


def _keep_signing_key(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(SIGNING_KEY)
    return row.on_conflict_do_update(index_elements=[SIGNING_KEY.c.key_id], set_={"until": row.excluded["until"]})


KEEP_STANDING: Either = either(_keep_standing)
KEEP_CONSENT: Either = either(_keep_consent)
KEEP_ENDED_SESSION: Either = either(lambda insert: insert(ENDED_SESSION).on_conflict_do_nothing())
KEEP_SIGNING_KEY: Either = either(_keep_signing_key)
SIGNING_KEYS: Executable = select(SIGNING_KEY.c.key_id, SIGNING_KEY.c.x, SIGNING_KEY.c.y, SIGNING_KEY.c.until)
ENDED_SESSIONS: Executable = select(ENDED_SESSION.c.session_id, ENDED_SESSION.c.ended_at)


def covers(purpose: Purpose, person: ColumnElement[str] = _PERSON) -> ColumnElement[bool]:
    """For a feature's statements: whether consent covers a purpose of somebody at ``now`` (a parameter of the statement).

    ``person``: a column with their id; the parameter ``person_id`` of a list that somebody asks for, if none is given.
    """
    return _covers(literal(purpose.value, Text()), person)


async def held_by(database: Database, person_id: str) -> list[Held]:
    """Everything a person holds anywhere, also what has ended."""
    return await database.all(HELD_BY_PERSON, Held, person_id=person_id)


async def covered(database: Database, person_id: str, purpose: Purpose, now: Instant) -> bool:
    """Whether consent covers a purpose of a person now, as far as this feature has heard. Unknown means no.

    For a handler that asks about somebody whom its rule did not ask: who is added to a group is not who calls, and who lists
    their groups is let in without one. Whoever calls is asked by ``consent=`` of the rule, which reads the same in the
    statement that finds their roles, so that a call costs one statement and not two. A list says ``covers`` in its own.
    """
    return bool(await database.first(COVERED, int, person_id=person_id, purpose=purpose, now=now))


async def admit(access: Access[Request], caller: Caller, database: Database, request: Request, now: Instant) -> Standing:
    """The caller's standing for this request, found and checked in the feature's own database.

    What a person holds is read only for a rule that asks for roles: the standing of any other holds none. Raises SignedOut if
    the rule wants somebody and nobody is there; NotFound if there is no such thing, or no right: the two look alike;
    ConsentMissing if they are let in only as a participant, and their consent does not cover the rule's purpose; StillClosed if
    they ask for what they have kept, and came back on a new device.
    """
    if access.signed_in and caller.person_id is None:
        raise SignedOut
    scope = None if access.scope is None else await access.scope(database, request)
    held: tuple[Held, ...] = ()
    covers = False
    if access.roles and caller.person_id is not None and (access.scope is None or scope is not None):
        held, covers = await _holds(access, caller.person_id, scope or whole_country(caller.country), database, caller, now)
    standing = may(access, caller, scope, held, now)
    if standing is None:
        raise NotFound
    if caller.person_id is None:
        return standing
    asks_for_earlier = access.earlier and (access.scope is None or standing.is_owner)
    if asks_for_earlier and await closed_before(database, caller.person_id) is not None:
        raise StillClosed
    if access.consent is not None and not covers and waits_for_consent(access, standing):
        raise ConsentMissing
    return standing


@frozen
class _Holding(Held):
    """A role that is held, and whether consent covers the purpose that was asked about."""

    covers: bool


async def _holds(
    access: Access[Request], person_id: str, here: Scope, database: Database, caller: Caller, now: Instant
) -> tuple[tuple[Held, ...], bool]:
    """What a person holds that may concern a scope, and whether their consent covers the rule's purpose; in one statement."""
    around, country = here.organisation_id, caller.country
    if access.consent is None:
        held = await database.all(
            HELD_IN_SCOPE, Held, person_id=person_id, scope_id=here.id, organisation_id=around, country=country
        )
        return tuple(held), False
    holding = await database.all(
        HELD_WITH_CONSENT,
        _Holding,
        person_id=person_id,
        scope_id=here.id,
        organisation_id=around,
        country=country,
        purpose=access.consent,
        now=now,
    )
    return tuple(holding), bool(holding) and holding[0].covers


async def hear_standing_changed(event: StandingChanged, work: Work) -> None:
    """Keep the newest word on one standing; nothing is kept of somebody who was erased."""
    if await is_erased(work.database, event.person_id):
        return
    await work.database.execute(KEEP_STANDING, **columns(event))


async def hear_consent_changed(event: ConsentChanged, work: Work) -> None:
    """Keep the newest word on one purpose of one person; nothing is kept of somebody who was erased."""
    if await is_erased(work.database, event.person_id):
        return
    await work.database.execute(KEEP_CONSENT, **columns(event))


async def hear_session_ended(event: SessionEnded, work: Work) -> None:
    """Keep that a session was ended."""
    await work.database.execute(KEEP_ENDED_SESSION, **columns(event))


async def hear_signing_key_published(event: SigningKeyPublished, work: Work) -> None:
    """Keep a public key, or when it retires."""
    await work.database.execute(KEEP_SIGNING_KEY, **columns(event))


KIT_HEARS: tuple[Hears[Never], ...] = (
    Hears(StandingChanged, hear_standing_changed, lock=lambda event: event.scope_id),
    Hears(ConsentChanged, hear_consent_changed, lock=lambda event: event.person_id),
    Hears(SessionEnded, hear_session_ended),
    Hears(SigningKeyPublished, hear_signing_key_published),
    Hears(EarlierClosed, hear_earlier_closed, lock=lambda event: event.person_id),
    Hears(ErasureDecided, hear_erasure_decided, lock=lambda event: event.person_id),
)
"""What every feature hears, its own included: the host applies a feature's own standing in the unit that emits it."""
