"""Each write once: what was answered to a request_id, and what a repeat of it gets.

A key is a keyed hash of caller, method and request_id; beside it stand a keyed hash of the request and the sealed answer, for
a day. An answer is sealed within a key of the feature for the day, destroyed after the next one, and inside that within the
key of everything sealed that its unit saw: once one of those is destroyed (an erasure, say), no copy of the row opens any more.
Nobody without a token has a key of their own, so theirs is bound to the request's content as well: whoever repeats it
must know all of it (the invitation code, the session's secret), nobody can take the id of another, and the answer, which may
hold a secret, is kept for ten minutes only.

Access is checked before a repeat is looked up, so that whoever has lost a right does not get what they got by it. One answer is
kept beyond that: of the request by which somebody ends their own right to make it (closing a concern, leaving a role). It is
kept a second time, under a name that the session is part of, and given to the very same request of that session alone.
"""

import re
from collections.abc import Iterable

from attrs import frozen
from google.protobuf.message import Message
from mewe_core.kit.access import Caller
from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.errors import Field, Invalid, NotFound, RequestReused
from mewe_core.kit.events import Event
from mewe_core.kit.personal import KIT_KEYS
from mewe_core.kit.ports import Keys
from mewe_core.kit.records import REQUEST
from mewe_core.kit.standing import StandingChanged
from sqlalchemy import bindparam, delete, select

from mewe_host.parts import Seals, UnitDatabase

DAY = 24 * 60 * 60 * 1_000_000
TEN_MINUTES = 10 * 60 * 1_000_000
MOST_FORGOTTEN = 500

ANSWERED: Executable = select(REQUEST.c.digest, REQUEST.c.answer, REQUEST.c.expires_at).where(REQUEST.c.key == bindparam("key"))

KEEP_ANSWER: Either = either(
    lambda insert: (row := insert(REQUEST)).on_conflict_do_update(
        index_elements=[REQUEST.c.key],
        set_={name: row.excluded[name] for name in ("digest", "answer", "expires_at")},
    )
)

FORGET_ANSWERS: Executable = delete(REQUEST).where(
    REQUEST.c.key.in_(select(REQUEST.c.key).where(REQUEST.c.expires_at <= bindparam("now")).limit(MOST_FORGOTTEN))
)

_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNGUESSABLE = 16
_DIGITS = 32
_KEY = "request key"
_CONTENT = "request content"
ANSWER = f"{KIT_KEYS}answer"
"""What the key of a day is for."""


@frozen
class Key:
    """A request, known again: ``name`` is what it is found by, ``digest`` stands for its content."""

    name: str
    digest: str
    kept_for: int


@frozen
class _Answered:
    digest: str
    answer: bytes
    expires_at: int


def key(method: str, message: Message, caller: Caller, keys: Keys) -> Key:
    """The key of a request. ``message`` loses its request_id and unknown fields.

    Raises Invalid for a request_id that is missing, malformed, or too short to be unguessable where nobody has signed in.
    """
    request_id: str = message.request_id  # type: ignore[attr-defined]
    if not _REQUEST_ID.fullmatch(request_id):
        raise Invalid(Field("request_id", "an id of your own making: 1 to 64 letters, digits, - or _"))
    message.ClearField("request_id")
    message.DiscardUnknownFields()
    digest = keys.digest(_CONTENT, message.SerializeToString(deterministic=True))
    if caller.person_id is not None:
        name = keys.digest(_KEY, f"{caller.person_id}\n{method}\n{request_id}".encode())
        return Key(name[:_DIGITS], digest[:_DIGITS], DAY)
    if len(request_id) < _UNGUESSABLE:
        raise Invalid(Field("request_id", f"at least {_UNGUESSABLE} characters, made at random, where nobody has signed in"))
    name = keys.digest(_KEY, f"\n{method}\n{request_id}\n{digest}".encode())
    return Key(name[:_DIGITS], digest[:_DIGITS], TEN_MINUTES)


def last(key: Key, caller: Caller, keys: Keys) -> Key:
    """The key of the same request as the last that somebody may make: by it they have ended the right to make it.

    Bound to the session besides, so that no other device of theirs can ask for what was answered.
    """
    name = keys.digest(_KEY, f"{key.name}\n{key.digest}\n{caller.session_id}\nlast".encode())
    return Key(name[:_DIGITS], key.digest, key.kept_for)


def ends_own(events: Iterable[Event], caller: Caller) -> bool:
    """Whether a unit tells of a role of the caller, which it may have ended. Pure."""
    return caller.person_id is not None and any(
        isinstance(one, StandingChanged) and one.person_id == caller.person_id for one in events
    )


def day(moment: int) -> str:
    """What the key of a moment's day (microseconds since 1970 UTC) belongs to."""
    return f"day {moment // DAY}"


def place(key: str) -> str:
    """Where an answer is kept."""
    return f"kit_request/{key}/answer"


async def answered(
    key: Key, database: Database, sealing: Seals, now: int, *, rather_twice: bool = False
) -> tuple[bytes, str] | None:
    """The answer that was given and its position, or None. Raises RequestReused if the id stands for another request.

    If something that the answer was made of was destroyed since then, there is none to give: NotFound is raised, as for
    everything that is gone; None, where it is ``rather_twice`` than not at all (help).
    """
    kept = await database.first(ANSWERED, _Answered, key=key.name)
    if kept is None or kept.expires_at <= now:
        return None
    if kept.digest != key.digest:
        raise RequestReused
    plain = None
    if kept.answer:
        plain = await sealing.open_within(day(kept.expires_at - key.kept_for), ANSWER, place(key.name), kept.answer)
    if plain is None:
        if rather_twice:
            return None
        raise NotFound
    position, _, answer = plain.partition(b"\n")
    return answer, position.decode()


async def keep(
    key: Key,
    answer: bytes,
    position: str,
    sources: Iterable[tuple[str, str]],
    database: UnitDatabase,
    sealing: Seals,
    now: int,
) -> None:
    """Keep what is answered, in the unit that did it. ``sources``: the keys that it was made of; if one is gone already, it is
    only kept that it was answered."""
    plain = b"".join((position.encode(), b"\n", answer))
    sealed = await sealing.seal_within(sources, day(now), ANSWER, place(key.name), plain)
    await database.execute(KEEP_ANSWER, key=key.name, digest=key.digest, answer=sealed or b"", expires_at=now + key.kept_for)


async def change_keys(sealing: Seals, now: int) -> None:
    """Have the keys of today and tomorrow there, and destroy those whose answers nobody can ask for any more."""
    today = now // DAY
    for about in (day(now), day(now + DAY)):
        await sealing.ready(about, ANSWER)
    for about in await sealing.abouts(ANSWER):
        if int(about.removeprefix("day ")) < today - 1:
            await sealing.destroy(about, ANSWER)
