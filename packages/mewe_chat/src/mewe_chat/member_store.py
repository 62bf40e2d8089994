"""What somebody has read in a room, and whom they have muted: statements."""

from collections.abc import Callable

from attrs import frozen
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.records import STANDING
from sqlalchemy import Column, Index, Table, Text, bindparam, delete, or_, select
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_chat.rules import MEMBERS
from mewe_chat.store import MEMBER, METADATA

MUTE = Table(
    "chat_mute",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("muted_id", Text, primary_key=True),
    Index("chat_mute_of_muted", "muted_id"),
)
"""Whom somebody does not want to read. Nobody else is ever told."""


def _acknowledge(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(MEMBER)
    kept = {name: row.excluded[name] for name in ("acknowledged_version", "acknowledged_time")}
    return row.on_conflict_do_update(index_elements=[MEMBER.c.room_id, MEMBER.c.person_id], set_=kept)


def _mark_read(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(MEMBER)
    moved = row.on_conflict_do_update(
        index_elements=[MEMBER.c.room_id, MEMBER.c.person_id],
        set_={"read_sequence": row.excluded.read_sequence},
        where=MEMBER.c.read_sequence != row.excluded.read_sequence,
    )
    return moved.returning(MEMBER.c.told_sequence)


ACKNOWLEDGE: Either = either(_acknowledge)
MARK_READ: Either = either(_mark_read)
ADD_MUTE: Either = either(lambda insert: insert(MUTE).on_conflict_do_nothing())
END_MUTE: Executable = delete(MUTE).where(MUTE.c.person_id == bindparam("person_id"), MUTE.c.muted_id == bindparam("muted_id"))
END_MUTES_OF: Executable = delete(MUTE).where(MUTE.c.muted_id == bindparam("muted_id"))
MUTED: Executable = (
    select(MUTE.c.muted_id)
    .where(MUTE.c.person_id == bindparam("person_id"), MUTE.c.muted_id > bindparam("after"))
    .order_by(MUTE.c.muted_id)
    .limit(bindparam("limit"))
)
ROLES_IN_GROUP: Executable = select(STANDING.c.role).where(
    STANDING.c.person_id == bindparam("person_id"),
    STANDING.c.scope_id == bindparam("group_id"),
    STANDING.c.scope_kind == ScopeKind.GROUP.value,
    or_(*(STANDING.c.role == role.value for role in MEMBERS)),
)


@frozen
class _Moved:
    """A mark that was moved, and what had been told for it."""

    told_sequence: int | None


async def acknowledge(database: Database, room_id: str, person_id: str, version: int, now: Instant) -> None:
    """Keep which version somebody has acknowledged in a room."""
    await database.execute(
        ACKNOWLEDGE,
        room_id=room_id,
        person_id=person_id,
        acknowledged_version=version,
        acknowledged_time=now,
        read_sequence=0,
        told_sequence=None,
    )


async def mark_read(database: Database, room_id: str, person_id: str, sequence: int) -> int | None:
    """Keep up to which message somebody has read a room. If that moves their mark, says for which message they were told."""
    moved = await database.first(
        MARK_READ,
        _Moved,
        room_id=room_id,
        person_id=person_id,
        acknowledged_version=0,
        acknowledged_time=None,
        read_sequence=sequence,
        told_sequence=None,
    )
    return None if moved is None else moved.told_sequence


async def set_muted(database: Database, person_id: str, muted_id: str, *, muted: bool) -> None:
    """Keep that somebody has muted a person, or that they have not."""
    await database.execute(ADD_MUTE if muted else END_MUTE, person_id=person_id, muted_id=muted_id)


async def end_mutes_of(database: Database, muted_id: str) -> None:
    """Let nobody have muted a person any more."""
    await database.execute(END_MUTES_OF, muted_id=muted_id)


async def muted(database: Database, person_id: str, *, after: str, limit: int) -> list[str]:
    """Whom somebody has muted, by id, behind the id ``after``."""
    return await database.all(MUTED, str, person_id=person_id, after=after, limit=limit)


async def roles_in_group(database: Database, person_id: str, group_id: str) -> list[Role]:
    """What somebody is in a group, or was."""
    return await database.all(ROLES_IN_GROUP, Role, person_id=person_id, group_id=group_id)
