"""A small feature that decides who belongs where, and keeps their notes."""

from collections.abc import Sequence

from attrs import field, frozen
from mewe_core.kit.access import Role, Scope, ScopeKind, anyone, member, signed_in
from mewe_core.kit.checks import text
from mewe_core.kit.database import Database, Executable, either
from mewe_core.kit.errors import Conflict
from mewe_core.kit.events import Event, Published
from mewe_core.kit.feature import Feature, Rpc, Start
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Follow, Next, Sealing, Work
from mewe_core.kit.preparing import Preparing, Registered
from mewe_core.kit.standing import SessionEnded, SigningKeyPublished, StandingChanged
from mewe_core.kit.values import columns
from sqlalchemy import BigInteger, Column, Index, LargeBinary, MetaData, Table, Text, bindparam, func, insert, select
from whenever import Instant

TABLES = MetaData()
CIRCLE = Table("circle", TABLES, Column("id", Text, primary_key=True), Column("members", BigInteger, nullable=False))
CODE = Table("used_code", TABLES, Column("code", Text, primary_key=True))
NOTE = Table(
    "note",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("circle_id", Text, nullable=False),
    Column("author_id", Text, nullable=False),
    Column("sealed_text", LargeBinary, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("written_at", BigInteger, nullable=False),
    Index("note_in_circle", "circle_id", "number", unique=True),
)

MEMBERS = either(
    lambda insert: (
        insert(CIRCLE)
        .values(id=bindparam("circle_id"), members=1)
        .on_conflict_do_update(index_elements=[CIRCLE.c.id], set_={"members": CIRCLE.c.members + 1})
        .returning(CIRCLE.c.members)
    )
)
FIND: Executable = select(CIRCLE.c.id).where(CIRCLE.c.id == bindparam("circle_id"))
USE_CODE: Executable = insert(CODE)
WRITE: Executable = insert(NOTE)
LAST: Executable = select(func.max(NOTE.c.number)).where(NOTE.c.circle_id == bindparam("circle_id"))
BEHIND: Executable = (
    select(NOTE.c.id, NOTE.c.circle_id, NOTE.c.author_id, NOTE.c.sealed_text, NOTE.c.number, NOTE.c.written_at)
    .where(NOTE.c.circle_id == bindparam("circle_id"), NOTE.c.number > bindparam("after"))
    .order_by(NOTE.c.number)
)


NOTES = "notes"
"""What the keys of authors are for."""


@frozen
class Kept:
    """A note as it is kept."""

    id: str
    circle_id: str
    author_id: str
    sealed_text: bytes
    number: int
    written_at: Instant


@frozen
class NotePosted(Event):
    """A note was written."""

    circle_id: str
    note_id: str
    number: int


@frozen
class NoteBrought(Event):
    """A note came from outside; nobody listens to that."""

    note_id: str


@frozen
class CircleChanged(Event):
    """How many are in a circle."""

    circle_id: str
    members: int


@frozen
class Empty:
    """Nothing."""


@frozen
class JoinRequest:
    """Wants to belong to a circle."""

    request_id: str
    circle_id: str


@frozen
class LeaveRequest:
    """Wants to leave it."""

    request_id: str
    circle_id: str


@frozen
class Membership:
    """Somebody belongs to a circle."""

    id: str
    circle_id: str


@frozen
class RedeemCodeRequest:
    """A code that works once."""

    request_id: str
    code: str


@frozen
class Secret:
    """What the code is good for."""

    secret: str


@frozen
class EndSessionRequest:
    """One's session."""

    request_id: str
    session_id: str


@frozen
class PostNoteRequest:
    """What to write."""

    request_id: str
    circle_id: str
    text: str = field(validator=text(100))


@frozen
class Note:
    """A note."""

    id: str
    circle_id: str
    text: str
    number: int
    written_at: Instant


@frozen
class BringNoteRequest:
    """Write a note that somebody outside has."""

    request_id: str
    circle_id: str
    code: str


@frozen
class LookOutsideRequest:
    """Of which circle."""

    circle_id: str


@frozen
class Brought:
    """What was brought from outside before a unit."""

    text: str


@frozen
class ListNotesRequest:
    """Of which circle."""

    circle_id: str


@frozen
class Notes:
    """Notes in order."""

    notes: tuple[Note, ...]


@frozen
class TellWhileReadingRequest:
    """Nothing."""


@frozen
class WatchNotesRequest:
    """Of which circle."""

    circle_id: str


class CodeNotGood(Conflict):
    """The code was used."""

    reason = "CODE_NOT_GOOD"
    sentence = "This code is not good."


InCircle = (
    JoinRequest | LeaveRequest | PostNoteRequest | BringNoteRequest | LookOutsideRequest | ListNotesRequest | WatchNotesRequest
)


async def circle_of(database: Database, request: InCircle) -> Scope | None:
    """The circle, if there is one."""
    found = await database.first(FIND, str, circle_id=request.circle_id)
    return None if found is None else Scope(ScopeKind.GROUP, found)


async def join(request: JoinRequest, work: Work) -> Membership:
    """Belong to a circle, which is there as soon as one belongs to it."""
    members = await work.database.first(MEMBERS, int, circle_id=request.circle_id)
    person = work.caller.person_id or ""
    identifier = f"{person}-{request.circle_id}"
    work.emit(StandingChanged(identifier, person, Role.PARTICIPANT, ScopeKind.GROUP, request.circle_id, work.now, None))
    work.emit(CircleChanged(request.circle_id, members or 0))
    return Membership(identifier, request.circle_id)


async def leave(request: LeaveRequest, work: Work) -> Membership:
    """Belong to it no longer."""
    person, since = work.caller.person_id or "", work.standing.since() or work.now
    identifier = f"{person}-{request.circle_id}"
    work.emit(StandingChanged(identifier, person, Role.PARTICIPANT, ScopeKind.GROUP, request.circle_id, since, work.now))
    return Membership(identifier, request.circle_id)


async def redeem_code(request: RedeemCodeRequest, work: Work) -> Secret:
    """Use a code; it works once."""
    try:
        await work.database.execute(USE_CODE, code=request.code)
    except Conflict:
        raise CodeNotGood from None
    return Secret(work.ids.secret(16).hex())


async def end_session(request: EndSessionRequest, work: Work) -> Empty:
    """End a session."""
    work.emit(SessionEnded(request.session_id, work.now))
    return Empty()


async def post_note(request: PostNoteRequest, work: Work) -> Note:
    """Write a note."""
    last = await work.database.first(LAST, int, circle_id=request.circle_id)
    note = Note(work.new_id(), request.circle_id, request.text, (last or 0) + 1, work.now)
    author = work.caller.person_id or ""
    sealed = await work.sealing.seal(author, NOTES, f"note/{note.id}/text", note.text)
    kept = Kept(note.id, note.circle_id, author, sealed, note.number, note.written_at)
    await work.database.execute(WRITE, **columns(kept))
    if request.text == "fail":
        raise Conflict
    work.emit(NotePosted(request.circle_id, note.id, note.number))
    work.show(Next(page, request.circle_id, note.number - 1, note.number, note))
    return note


OUTSIDE = Registered("https://outside.example", "circle", None, "https://circle.example")


async def bring(request: BringNoteRequest, before: Preparing) -> Brought:
    """Ask outside, which takes as long as it takes."""
    found = await before.read(lambda database: database.first(FIND, str, circle_id=request.circle_id))
    claims = await before.issuers.claims(OUTSIDE, request.code, found or "", "", before.now)
    return Brought(str(claims["text"]))


async def bring_note(request: BringNoteRequest, work: Work) -> Note:
    """Write what was brought."""
    note = await post_note(PostNoteRequest(request.request_id, request.circle_id, work.prepared(Brought).text), work)
    work.emit(NoteBrought(note.id))
    return note


async def look(request: LookOutsideRequest, before: Preparing) -> Brought:
    """Ask outside."""
    return Brought(str((await before.issuers.claims(OUTSIDE, "", "", "", before.now))["text"]))


async def look_outside(request: LookOutsideRequest, work: Work) -> Note:
    """What was brought, kept nowhere."""
    return Note("n", request.circle_id, work.prepared(Brought).text, 0, work.now)


async def list_notes(request: ListNotesRequest, work: Work) -> Notes:
    """All notes of a circle."""
    return Notes(tuple(await _notes(work.database, work.sealing, request.circle_id, 0)))


async def _notes(database: Database, sealing: Sealing, circle_id: str, after: int) -> list[Note]:
    found = []
    for one in await database.all(BEHIND, Kept, circle_id=circle_id, after=after):
        text = await sealing.open(one.author_id, NOTES, f"note/{one.id}/text", one.sealed_text)
        found.append(Note(one.id, one.circle_id, text or "", one.number, one.written_at))
    return found


async def tell_while_reading(request: TellWhileReadingRequest, work: Work) -> Empty:
    """A handler with a fault: it tells something and says that it only reads."""
    work.emit(CircleChanged("c", 1))
    return Empty()


async def page(database: Database, sealing: Sealing, topic: str, after: int, limit: int) -> Sequence[tuple[int, Note]]:
    """Notes behind a number."""
    return [(note.number, note) for note in await _notes(database, sealing, topic, after)][:limit]


async def watch_notes(request: WatchNotesRequest, work: Work) -> Follow[Note]:
    """Notes as they come."""
    return Follow(request.circle_id, 0, page)


async def publish_key(work: Work) -> str:
    """Tell the key that tokens are signed with."""
    key = work.keys.public_key()
    work.emit(SigningKeyPublished(key.id, key.x, key.y, None))
    return "The circle is open."


_INSIDE = member(scope=circle_of, roles=(Role.PARTICIPANT,))
_LOOKED_INTO = member(scope=circle_of, roles=(Role.PARTICIPANT, Role.NATIONAL, Role.EMERGENCY_READER))


def circle(package: str, *, waits: bool = True) -> Feature:
    """The feature; ``package`` holds its contract and migrations. ``waits``: what is prepared may have to be waited for."""
    return Feature(
        name="circle",
        package=package,
        version="1",
        summary="Circles and notes.",
        rpcs=(
            Rpc(join, signed_in()),
            Rpc(leave, _INSIDE),
            Rpc(redeem_code, anyone()),
            Rpc(end_session, signed_in()),
            Rpc(post_note, _INSIDE),
            Rpc(bring_note, _INSIDE, prepare=bring, waits=lambda configured: waits),
            Rpc(look_outside, _INSIDE, prepare=look, waits=None if waits else lambda configured: False),
            Rpc(list_notes, _LOOKED_INTO),
            Rpc(tell_while_reading, anyone()),
            Rpc(watch_notes, _INSIDE),
        ),
        tables=TABLES,
        personal=holds_nothing(TABLES),
        events=(
            Published(NotePosted, aggregate="circle_id", meaning="A note was written."),
            Published(NoteBrought, aggregate="note_id", meaning="A note came from outside."),
            Published(CircleChanged, aggregate="circle_id", state=True, meaning="How many are in a circle."),
            Published(StandingChanged, aggregate="id", state=True, meaning="Somebody belongs to a circle."),
            Published(SessionEnded, aggregate="session_id", state=True, meaning="A session was ended."),
            Published(SigningKeyPublished, aggregate="key_id", state=True, meaning="A key is in use."),
        ),
        errors=(CodeNotGood,),
        starts=(Start(publish_key),),
    )
