"""The stage is a host in small: it keeps the promises that a host keeps."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.access import Role, Scope, ScopeKind, anyone, member, signed_in
from mewe_core.kit.checks import identifier
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Conflict, NotFound, SignedOut
from mewe_core.kit.events import Event, Hears, Published
from mewe_core.kit.feature import Feature, Rpc, Start
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Follow, Next, Sealing, Work
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import ELM, NATIONAL, OAK, STRANGER, CountingIds, FixedClock, PlainKeys, Stage, Suspended, drive
from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, insert, select, update
from whenever import Instant

TABLES = MetaData()
LEAF = Table("tree_leaf", TABLES, Column("id", Text, primary_key=True), Column("group_id", Text), Column("number", Integer))
ADD = insert(LEAF)
ALL = select(LEAF.c.id).order_by(LEAF.c.number)
RENUMBER = update(LEAF).values(number=LEAF.c.number + 1).returning(LEAF.c.number)
PAGE = select(LEAF.c.number).where(LEAF.c.number > bindparam("after")).order_by(LEAF.c.number).limit(bindparam("limit"))


@frozen
class LeafGrown(Event):
    """A leaf has grown."""

    leaf_id: str


@frozen
class LeafFallen(Event):
    """Told by nobody."""

    leaf_id: str


@frozen
class RainFallen(Event):
    """Told elsewhere."""

    cloud_id: str


@frozen
class Ask:
    """A request about a group."""

    group_id: str = field(default=OAK.group_id, validator=identifier)
    number: int = 0


@frozen
class Told:
    """An answer."""

    text: str


@frozen
class Wind:
    """Settings."""

    strength: int = 3


async def the_group(database: Database, request: Ask) -> Scope | None:
    """The group, which belongs to the school in the north."""
    return Scope(ScopeKind.GROUP, request.group_id, "school-north") if request.group_id != "nowhere" else None


async def grow(request: Ask, work: Work) -> Told:
    """Grow a leaf; the thirteenth breaks the branch after it was kept."""
    leaf = work.new_id()
    await work.database.execute(ADD, id=leaf, group_id=request.group_id, number=request.number)
    work.emit(LeafGrown(leaf))
    if request.number == 13:
        raise Conflict
    return Told(leaf)


async def twice(request: Ask, work: Work) -> Told:
    """Grow the same leaf twice."""
    for _ in range(2):
        await work.database.execute(ADD, id="one", group_id=request.group_id, number=1)
    return Told("")


async def list_leaves(request: Ask, work: Work) -> Told:
    """A list that writes, if it is asked to."""
    if request.number == 1:
        await work.database.execute(ADD, id="listed", group_id=request.group_id, number=1)
    if request.number == 2:
        work.emit(LeafGrown("listed"))
    return Told("")


async def fall(request: Ask, work: Work) -> Told:
    """Tell what was not declared."""
    work.emit(LeafFallen("one"))
    return Told("")


async def wait(request: Ask, work: Work) -> Told:
    """Wait inside the unit."""
    await work.database.execute(ADD, id="waiting", group_id=request.group_id, number=1)
    await asyncio.sleep(0)
    return Told("")


async def forget(request: Ask, work: Work) -> Told:
    """Leave out what the statement needs."""
    await work.database.execute(ADD, id="one", number=1)
    return Told("")


async def join(request: Ask, work: Work) -> Told:
    """Give the caller a role, by the feature's own event."""
    me = work.caller.person_id or ""
    work.emit(StandingChanged("own", me, Role.LEADER, ScopeKind.GROUP, request.group_id, work.now, None))
    return Told(me)


async def who(request: Ask, work: Work) -> Told:
    """Say who calls, and how strong the wind is."""
    return Told(f"{work.caller.person_id} {work.caller.session_id} {work.caller.country} {work.settings(Wind).strength}")


async def page(database: Database, sealing: Sealing, topic: str, after: int, limit: int) -> Sequence[tuple[int, int]]:
    """The numbers, in order."""
    return [(one, one) for one in await database.all(PAGE, int, after=after, limit=limit)]


async def stuck(database: Database, sealing: Sealing, topic: str, after: int, limit: int) -> Sequence[tuple[int, int]]:
    """Always the same page."""
    return [(1, 1)] * limit


async def watch_leaves(request: Ask, work: Work) -> Follow[int]:
    """Follow the numbers behind one; with -1, a page that never ends."""
    return Follow("leaves", max(request.number, 0), page if request.number >= 0 else stuck)


async def hear_rain(event: RainFallen, work: Work) -> None:
    """A leaf grows when it rains."""
    await work.database.execute(ADD, id=event.cloud_id, group_id="", number=0)
    work.emit(LeafGrown(event.cloud_id))


async def first_leaf(work: Work) -> str | None:
    """Grow one leaf a start."""
    await work.database.execute(ADD, id=work.new_id(), group_id="", number=0)
    return "a leaf"


async def say_nothing(work: Work) -> str | None:
    """Start in silence."""
    return None


LEADERS = member(scope=the_group, roles=(Role.LEADER,))
TREE = Feature(
    name="tree",
    package="tree",
    version="1",
    summary="Leaves.",
    rpcs=(
        Rpc(grow, LEADERS),
        Rpc(twice, LEADERS),
        Rpc(list_leaves, signed_in()),
        Rpc(fall, signed_in()),
        Rpc(wait, signed_in()),
        Rpc(forget, signed_in()),
        Rpc(join, signed_in()),
        Rpc(who, anyone()),
        Rpc(watch_leaves, signed_in()),
    ),
    tables=TABLES,
    personal=holds_nothing(TABLES),
    events=(
        Published(LeafGrown, aggregate="leaf_id", meaning="A leaf has grown."),
        Published(StandingChanged, aggregate="id", meaning="Somebody joined."),
    ),
    hears=(Hears(RainFallen, hear_rain),),
    starts=(Start(first_leaf), Start(say_nothing)),
    settings=Wind,
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A tree in a country with two groups."""
    with Stage(TREE) as stage:
        stage.gather(OAK, ELM)
        yield stage


def leaves(stage: Stage) -> list[str]:
    """What stands in the table."""
    return stage.all(ALL, str)


def test_a_call_goes_through_the_access_rule(stage: Stage) -> None:
    """Leaders of the group get in; all others, and a group that is not there, look alike."""
    assert stage.call(grow, Ask(), by="lena").text == leaves(stage)[0]
    for person in (*OAK.participants, OAK.coordinator, *ELM.leaders, NATIONAL, STRANGER):
        with pytest.raises(NotFound):
            stage.call(grow, Ask(), by=person)
    with pytest.raises(NotFound):
        stage.call(grow, Ask("nowhere"), by="lena")
    with pytest.raises(SignedOut):
        stage.call(grow, Ask())


def test_a_refused_call_keeps_and_tells_nothing(stage: Stage) -> None:
    """What the handler wrote before it raised is undone, and the stage goes on."""
    with pytest.raises(Conflict):
        stage.call(grow, Ask(number=13), by="lena")
    assert (leaves(stage), stage.events) == ([], [])
    stage.call(grow, Ask(number=1), by="lena")
    assert (len(leaves(stage)), len(stage.events)) == (1, 1)


def test_a_constraint_of_the_schema_is_a_conflict(stage: Stage) -> None:
    """A second row of one key is refused as the host refuses it."""
    with pytest.raises(Conflict):
        stage.call(twice, Ask(), by="lena")
    assert leaves(stage) == []


def test_what_only_reads_cannot_write_nor_tell(stage: Stage) -> None:
    """A ``list_`` that changes a row or tells an event fails its test."""
    with pytest.raises(Exception, match="readonly"):
        stage.call(list_leaves, Ask(number=1), by="ada")
    with pytest.raises(AssertionError, match="LeafGrown is told by what only reads"):
        stage.call(list_leaves, Ask(number=2), by="ada")
    assert stage.call(list_leaves, Ask(), by="ada") == Told("")
    assert leaves(stage) == []
    stage.call(grow, Ask(), by="lena")


def test_an_event_has_to_be_declared(stage: Stage) -> None:
    """A feature tells what its catalogue says, and nothing else."""
    with pytest.raises(AssertionError, match="tree does not declare LeafFallen"):
        stage.call(fall, Ask(), by="ada")
    assert stage.events == []


def test_a_unit_that_waits_is_undone_and_named(stage: Stage) -> None:
    """Nothing inside a unit of work may suspend."""
    with pytest.raises(Suspended, match="wait"):
        stage.call(wait, Ask(), by="ada")
    assert leaves(stage) == []


def test_a_statement_gets_all_it_needs(stage: Stage) -> None:
    """A parameter left out is named; it is never taken as NULL."""
    with pytest.raises(TypeError, match="group_id"):
        stage.call(forget, Ask(), by="ada")


def test_a_feature_sees_the_standing_it_tells_itself(stage: Stage) -> None:
    """The feature's own standing holds as soon as the unit that told it is kept."""
    with pytest.raises(NotFound):
        stage.call(grow, Ask(ELM.group_id), by=STRANGER)
    stage.call(join, Ask(ELM.group_id), by=STRANGER)
    stage.call(grow, Ask(ELM.group_id), by=STRANGER)


def test_an_event_of_another_feature_is_heard_in_a_unit(stage: Stage) -> None:
    """Heard twice it fails as its handler does, and keeps nothing of the second time."""
    stage.hear(RainFallen("cloud"))
    assert (leaves(stage), stage.events) == (["cloud"], [LeafGrown("cloud")])
    with pytest.raises(Conflict):
        stage.hear(RainFallen("cloud"))
    assert (leaves(stage), len(stage.events)) == (["cloud"], 1)
    stage.hear(LeafFallen("nobody listens"))


def test_a_start_runs_each_time_and_shows_its_lines(stage: Stage) -> None:
    """What returns None shows nothing."""
    assert stage.start() == ("a leaf",)
    assert stage.start() == ("a leaf",)
    assert len(leaves(stage)) == 2


def test_a_role_holds_from_when_to_when(stage: Stage) -> None:
    """A standing told anew under its id replaces what was known."""
    now = stage.clock.now()
    standing = stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id, since=now.add(hours=1))
    with pytest.raises(NotFound):
        stage.call(grow, Ask(), by="frida")
    stage.clock.advance(hours=1)
    stage.call(grow, Ask(number=1), by="frida")
    later = stage.clock.advance(days=1)
    stage.give("frida", Role.LEADER, ScopeKind.GROUP, OAK.group_id, since=now, until=later, standing_id=standing)
    with pytest.raises(NotFound):
        stage.call(grow, Ask(number=2), by="frida")


def test_a_handler_learns_who_calls_and_its_settings() -> None:
    """Person, device session, country; the settings given, or the defaults."""
    with Stage(TREE, settings=Wind(9), country="NL") as stage:
        assert stage.call(who, Ask(), by="ada").text == "ada session-of-ada NL 9"
        assert stage.call(who, Ask(), by="ada", session="tablet").text == "ada tablet NL 9"
        assert stage.call(who, Ask()).text == "None None NL 9"
    with Stage(TREE) as stage:
        assert stage.call(who, Ask()).text == "None None SE 3"


def test_a_handler_that_is_not_served_cannot_be_called(stage: Stage) -> None:
    """What is no RPC of the feature has no access rule either."""
    with pytest.raises(LookupError, match="tree serves no hear_rain"):
        stage.call(hear_rain, RainFallen("cloud"), by="ada")


def test_a_stream_is_read_to_its_end_whatever_the_page(stage: Stage) -> None:
    """All pages together are the items behind the cursor."""
    for number in range(1, 8):
        stage.call(grow, Ask(number=number), by="lena")
    for after in range(8):
        for size in (1, 2, 3, 7, 100):
            assert stage.follow(watch_leaves, Ask(number=after), by="ada", page_size=size) == list(range(after + 1, 8))


def test_a_page_whose_cursors_do_not_rise_is_found_out(stage: Stage) -> None:
    """Otherwise a client would see items twice, or for ever."""
    with pytest.raises(AssertionError, match="cursor 1 follows 1"):
        stage.follow(watch_leaves, Ask(number=-1), by="ada")


def test_a_statement_that_returns_says_what_it_changed(stage: Stage) -> None:
    """RETURNING works through ``first``, and the change stays."""
    stage.call(grow, Ask(number=4), by="lena")
    assert drive(stage.database.first(RENUMBER, int)) == 5
    assert stage.all(select(LEAF.c.number), int) == [5]


def test_time_stands_still_until_it_is_moved() -> None:
    """And then it is where it was moved to."""
    clock = FixedClock(Instant.from_utc(2026, 10, 25))
    assert clock.now() == clock.now()
    assert clock.advance(days=1, hours=2, minutes=3, seconds=4) == Instant.from_utc(2026, 10, 26, 2, 3, 4) == clock.now()


def test_ids_are_counted_and_secrets_follow() -> None:
    """The form of real ones, the same in every run, never twice."""
    one, other = CountingIds(), CountingIds()
    ids = [one.new() for _ in range(20)]
    assert ids == [other.new() for _ in range(20)]
    assert all(len(id_) == 32 and int(id_, 16) for id_ in ids)
    secrets = [one.secret(16) for _ in range(20)]
    assert secrets == [other.secret(16) for _ in range(20)]
    assert len(set(secrets)) == 20


@given(purpose=draw.text(), other=draw.text(), plain=draw.binary(min_size=8, max_size=200), place=draw.integers(0, 207))
def test_what_is_sealed_opens_for_its_purpose_only(purpose: str, other: str, plain: bytes, place: int) -> None:
    """Another purpose, or one changed byte, is refused; and the seal does not show what is in it."""
    keys = PlainKeys()
    sealed = keys.seal(purpose, plain)
    assert keys.open(purpose, sealed) == plain
    assert plain not in sealed
    if other != purpose:
        with pytest.raises(ValueError, match="another purpose"):
            keys.open(other, sealed)
    changed = bytearray(sealed)
    changed[place % len(sealed)] ^= 1
    with pytest.raises(ValueError, match="changed"):
        keys.open(purpose, bytes(changed))


def test_a_digest_belongs_to_its_purpose() -> None:
    """The same secret digested for two purposes cannot be compared."""
    keys = PlainKeys()
    assert keys.digest("code", b"1") == keys.digest("code", b"1")
    assert len({keys.digest("code", b"1"), keys.digest("session", b"1"), keys.digest("code", b"2")}) == 3


@pytest.mark.parametrize(("behind", "cursor", "item"), [(5, 7, 7), (6, 7, 6), (6, 8, 8), (7, 8, 8)])
def test_what_is_shown_and_is_not_there_is_found_out(behind: int, cursor: int, item: int) -> None:
    """Not directly behind, another item, another place, or nothing there at all; what is there passes."""
    with Stage(TREE) as stage:
        with stage.unit() as work:
            for number in (6, 7):
                drive(work.database.execute(ADD, id=f"{number}", group_id="", number=number))
            work.show(Next(page, "leaves", 6, 7, 7))
        with pytest.raises(AssertionError, match="leaves"), stage.unit() as work:
            work.show(Next(page, "leaves", behind, cursor, item))
