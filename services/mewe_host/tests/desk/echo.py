"""A small feature that hears of notes written elsewhere."""

from attrs import frozen
from mewe_core.kit.access import Role, Scope, ScopeKind, member
from mewe_core.kit.database import Database, Executable, either
from mewe_core.kit.events import Event, Hears, Published
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Work
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, bindparam, func, insert, select

from .circle import CircleChanged, NotePosted

TABLES = MetaData()
HEARD = Table("heard_note", TABLES, Column("note_id", Text, primary_key=True), Column("circle_id", Text, nullable=False))
SIZE = Table("size", TABLES, Column("circle_id", Text, primary_key=True), Column("members", BigInteger, nullable=False))

KEEP: Executable = insert(HEARD)
KEEP_SIZE = either(
    lambda insert: (row := insert(SIZE)).on_conflict_do_update(
        index_elements=[SIZE.c.circle_id], set_={"members": row.excluded["members"]}
    )
)
NOTES: Executable = select(func.count()).select_from(HEARD).where(HEARD.c.circle_id == bindparam("circle_id"))
MEMBERS: Executable = select(SIZE.c.members).where(SIZE.c.circle_id == bindparam("circle_id"))

POISON = 13
"""A note of this number cannot be taken in while ``Cure`` was not applied."""


@frozen
class NoteEchoed(Event):
    """A note was heard."""

    circle_id: str


@frozen
class CountEchoesRequest:
    """Of which circle."""

    circle_id: str


@frozen
class Echoes:
    """How many notes were heard, and how many members there are."""

    notes: int
    members: int


class Poisoned(Exception):
    """What the handler raises on poison."""


@frozen
class Cures:
    """Whether the poison is cured; the tests put "cured" into it."""

    found: set[str]


async def circle_of(database: Database, request: CountEchoesRequest) -> Scope | None:
    """The circle, which may be unknown here."""
    return Scope(ScopeKind.GROUP, request.circle_id)


async def count_echoes(request: CountEchoesRequest, work: Work) -> Echoes:
    """What was heard of a circle."""
    notes = await work.database.first(NOTES, int, circle_id=request.circle_id)
    members = await work.database.first(MEMBERS, int, circle_id=request.circle_id)
    return Echoes(notes or 0, members or 0)


async def hear_note_posted(event: NotePosted, work: Work) -> None:
    """Keep that there is a note."""
    await work.database.execute(KEEP, note_id=event.note_id, circle_id=event.circle_id)
    if event.number == POISON and "cured" not in work.settings(Cures).found:
        raise Poisoned
    work.emit(NoteEchoed(event.circle_id))


async def hear_circle_changed(event: CircleChanged, work: Work) -> None:
    """Keep how many there are."""
    await work.database.execute(KEEP_SIZE, circle_id=event.circle_id, members=event.members)


def echo(package: str) -> Feature:
    """The feature; ``package`` holds its contract and migrations."""
    return Feature(
        name="echo",
        package=package,
        version="1",
        summary="Hears of notes.",
        needs=("circle",),
        rpcs=(Rpc(count_echoes, member(scope=circle_of, roles=(Role.PARTICIPANT,))),),
        tables=TABLES,
        personal=holds_nothing(TABLES),
        events=(Published(NoteEchoed, aggregate="circle_id", meaning="A note was heard."),),
        hears=(Hears(NotePosted, hear_note_posted), Hears(CircleChanged, hear_circle_changed)),
    )
