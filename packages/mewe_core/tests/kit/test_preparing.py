"""What is slow is prepared before a unit: on a stage as in a host."""

import sqlite3
from collections.abc import Iterator

import pytest
from attrs import frozen
from mewe_core.kit.access import Role, Scope, ScopeKind, member
from mewe_core.kit.database import Database
from mewe_core.kit.errors import NotFound, Unavailable
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Work
from mewe_core.kit.preparing import NoIssuers, Preparing, Registered
from mewe_core.kit.testing import OAK, STRANGER, Stage, drive
from sqlalchemy import Column, MetaData, Table, Text, insert, select

TABLES = MetaData()
LEAF = Table("wind_leaf", TABLES, Column("id", Text, primary_key=True))
ADD = insert(LEAF)
ALL = select(LEAF.c.id)
SKY = Registered("https://sky.example", "tree", None, "https://tree.example")


@frozen
class Ask:
    """A request about a group."""

    group_id: str = OAK.group_id


@frozen
class Told:
    """An answer."""

    text: str


@frozen
class Wind:
    """Settings."""

    strength: int = 3


@frozen
class Weather:
    """What was looked up before a unit."""

    number: int


async def the_group(database: Database, request: Ask) -> Scope | None:
    """The group."""
    return Scope(ScopeKind.GROUP, request.group_id)


async def ask_the_sky(request: Ask, before: Preparing) -> Weather:
    """How windy it is, and how many leaves there are."""
    return Weather(before.settings(Wind).strength + len(await before.read(lambda database: database.all(ALL, str))))


async def grow(request: Ask, work: Work) -> Told:
    """Grow a leaf, and say what was looked up."""
    await work.database.execute(ADD, id=work.new_id())
    return Told(str(work.prepared(Weather).number))


async def expect_rain(request: Ask, work: Work) -> Told:
    """A handler with a fault: nothing of that kind was looked up."""
    return Told(str(work.prepared(Wind)))


async def write_early(request: Ask, before: Preparing) -> Weather:
    """Something that prepares and writes, which it may not."""
    return Weather(await before.read(lambda database: database.execute(ADD, id="early")))


async def fall(request: Ask, work: Work) -> Told:
    """What the above is for."""
    return Told("")


LEADERS = member(scope=the_group, roles=(Role.LEADER,))
TREE = Feature(
    name="wind",
    package="tests",
    version="1",
    summary="Leaves in the wind.",
    rpcs=(
        Rpc(grow, LEADERS, prepare=ask_the_sky),
        Rpc(expect_rain, LEADERS, prepare=ask_the_sky),
        Rpc(fall, LEADERS, prepare=write_early),
    ),
    tables=TABLES,
    personal=holds_nothing(TABLES),
    settings=Wind,
)


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A tree with its people."""
    with Stage(TREE) as stage:
        stage.gather(OAK)
        yield stage


def test_what_is_prepared_is_lent_to_the_handler(stage: Stage) -> None:
    """With settings and a look at the database, before each unit."""
    assert [stage.call(grow, Ask(), by="lena") for _ in range(2)] == [Told("3"), Told("4")]


def test_only_those_who_may_have_something_prepared(stage: Stage) -> None:
    """A stranger is refused before it, with what they are always told."""
    with pytest.raises(NotFound):
        stage.call(fall, Ask(), by=STRANGER)


def test_a_handler_gets_the_kind_it_names(stage: Stage) -> None:
    """Another one is a fault of the feature."""
    with pytest.raises(TypeError, match="no Wind was made ready"):
        stage.call(expect_rain, Ask(), by="lena")
    with pytest.raises(TypeError, match="these are not Weather"):
        Preparing(None, None, None, None, None, None, NoIssuers(), None, Wind()).settings(Weather)  # type: ignore[arg-type]


def test_what_prepares_writes_nothing(stage: Stage) -> None:
    """It looks on a snapshot."""
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        stage.call(fall, Ask(), by="lena")


def test_without_issuers_nobody_is_vouched_for() -> None:
    """Whatever is asked cannot be had now."""
    with pytest.raises(Unavailable):
        drive(NoIssuers().address(SKY, "s", "n", "c", None))  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        drive(NoIssuers().claims(SKY, "c", "v", "n", None))  # type: ignore[arg-type]
