"""Standing is kept from events, read by scope, and decides at the door."""

from collections.abc import Iterator

import pytest
from attrs import frozen
from mewe_core.kit import records
from mewe_core.kit.access import Access, Caller, Held, Role, Scope, ScopeKind, Standing, anyone, member, signed_in
from mewe_core.kit.database import Database
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import (
    ENDED_SESSIONS,
    SIGNING_KEYS,
    SessionEnded,
    SigningKeyPublished,
    admit,
    hear_session_ended,
    hear_signing_key_published,
    hear_standing_changed,
    held_by,
)
from mewe_core.kit.standing import StandingChanged as Changed
from mewe_core.kit.testing import BEGINNING, CountingIds, MemoryDatabase, PlainKeys, PlainSealing, drive
from whenever import Instant

NOW = BEGINNING
LATER = NOW.add(hours=1)
ADA = Caller("ada", "phone", "SE")


@frozen
class Ended:
    """A row of the ended sessions."""

    session_id: str
    ended_at: Instant


@frozen
class Key:
    """A row of the signing keys."""

    key_id: str
    x: str
    y: str
    until: Instant | None


async def oak(database: Database, request: str) -> Scope | None:
    """A group of a school; nothing else is there."""
    return Scope(ScopeKind.GROUP, "oak", "school") if request == "oak" else None


async def broken(database: Database, request: str) -> Scope | None:
    """A resolver with a fault."""
    raise RuntimeError


@pytest.fixture
def database() -> Iterator[MemoryDatabase]:
    """The kit's tables, empty."""
    database = MemoryDatabase(records.METADATA)
    yield database
    database.close()


def work(database: MemoryDatabase) -> Work:
    """A unit in which an event is heard."""
    nobody = Caller(None, None, "SE")
    return Work(
        nobody,
        Standing(Scope(ScopeKind.COUNTRY, "SE"), ()),
        NOW,
        database,
        CountingIds(),
        PlainKeys(),
        PlainSealing(PlainKeys()),
    )


def tell(database: MemoryDatabase, id_: str, role: Role, kind: ScopeKind, scope: str, until: Instant | None = None) -> None:
    """Let the kit hear what Ada is."""
    drive(hear_standing_changed(Changed(id_, "ada", role, kind, scope, NOW, until), work(database)))


def test_the_newest_word_on_a_standing_is_all_there_is_to_know(database: MemoryDatabase) -> None:
    """One row an id, replaced by what comes."""
    tell(database, "1", Role.LEADER, ScopeKind.GROUP, "oak")
    tell(database, "1", Role.LEADER, ScopeKind.GROUP, "oak", LATER)
    tell(database, "2", Role.PARTICIPANT, ScopeKind.GROUP, "elm")
    assert sorted(drive(held_by(database, "ada")), key=lambda one: one.role) == [
        Held(Role.LEADER, ScopeKind.GROUP, "oak", NOW, LATER),
        Held(Role.PARTICIPANT, ScopeKind.GROUP, "elm", NOW, None),
    ]
    assert drive(held_by(database, "bo")) == []


@pytest.mark.parametrize(
    ("kind", "scope", "gets_in"),
    [
        (ScopeKind.GROUP, "oak", True),
        (ScopeKind.GROUP, "elm", False),
        (ScopeKind.ORGANISATION, "school", True),
        (ScopeKind.ORGANISATION, "oak", False),
        (ScopeKind.COUNTRY, "SE", True),
        (ScopeKind.COUNTRY, "NL", False),
        (ScopeKind.GROUP, "school", False),
        (ScopeKind.GROUP, "SE", False),
    ],
)
def test_a_role_lets_in_where_it_is_held_or_around_it(
    database: MemoryDatabase, kind: ScopeKind, scope: str, gets_in: bool
) -> None:
    """The same id as another kind of scope opens nothing."""
    rule = member(scope=oak, roles=(Role.LEADER,))
    tell(database, "1", Role.LEADER, kind, scope)
    if gets_in:
        assert drive(admit(rule, ADA, database, "oak", NOW)).roles() == {Role.LEADER}
    else:
        with pytest.raises(NotFound):
            drive(admit(rule, ADA, database, "oak", NOW))


@pytest.mark.parametrize(("rule", "gets_in"), [(anyone(), True), (signed_in(), False), (member(scope=oak), False)])
def test_nobody_gets_in_only_where_anyone_does(database: MemoryDatabase, rule: Access[str], gets_in: bool) -> None:
    """The refusal tells one to sign in, before anything is looked up."""
    nobody = Caller(None, None, "SE")
    if gets_in:
        assert drive(admit(rule, nobody, database, "oak", NOW)).held == ()
    else:
        with pytest.raises(SignedOut):
            drive(admit(rule, nobody, database, "oak", NOW))


def test_what_is_not_there_and_what_one_may_not_see_look_alike(database: MemoryDatabase) -> None:
    """The same failure, with the same reason and no fields."""
    rule = member(scope=oak, roles=(Role.LEADER,))
    with pytest.raises(NotFound) as missing:
        drive(admit(rule, ADA, database, "elm", NOW))
    with pytest.raises(NotFound) as forbidden:
        drive(admit(rule, ADA, database, "oak", NOW))
    assert (type(missing.value), missing.value.fields) == (type(forbidden.value), forbidden.value.fields)


def test_a_role_ends_at_its_moment(database: MemoryDatabase) -> None:
    """``until`` is excluded, ``since`` included."""
    rule = member(scope=oak, roles=(Role.LEADER,))
    tell(database, "1", Role.LEADER, ScopeKind.GROUP, "oak", LATER)
    assert drive(admit(rule, ADA, database, "oak", NOW)).held
    for moment in (NOW.subtract(microseconds=1), LATER):
        with pytest.raises(NotFound):
            drive(admit(rule, ADA, database, "oak", moment))


def test_a_resolver_with_a_fault_lets_nobody_in(database: MemoryDatabase) -> None:
    """An exception in an access check is never a yes."""
    tell(database, "1", Role.LEADER, ScopeKind.COUNTRY, "SE")
    with pytest.raises(RuntimeError):
        drive(admit(member(scope=broken, roles=(Role.LEADER,)), ADA, database, "oak", NOW))


def test_an_ended_session_is_kept_once(database: MemoryDatabase) -> None:
    """Heard twice it is one row."""
    for _ in range(2):
        drive(hear_session_ended(SessionEnded("phone", NOW), work(database)))
    assert drive(database.all(ENDED_SESSIONS, Ended)) == [Ended("phone", NOW)]


def test_a_signing_key_retires_and_never_changes(database: MemoryDatabase) -> None:
    """What is heard later sets when it ends; the key itself stays as it was first told."""
    first = SigningKeyPublished("key", "1" * 64, "2" * 64, None)  # type: ignore[arg-type]
    forged = SigningKeyPublished("key", "f" * 64, "f" * 64, LATER)  # type: ignore[arg-type]
    for event in (first, forged):
        drive(hear_signing_key_published(event, work(database)))
    assert drive(database.all(SIGNING_KEYS, Key)) == [Key("key", "1" * 64, "2" * 64, LATER)]
