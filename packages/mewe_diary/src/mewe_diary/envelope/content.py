"""What an entry says, and how that is written down to be sealed."""

import re
from enum import IntEnum, StrEnum

from attrs import field, frozen
from whenever import Instant

from mewe_diary.envelope.encoding import Json, canonical, parsed
from mewe_diary.envelope.errors import Unreadable

_PROMPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,127}", re.ASCII)
_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}", re.ASCII)
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
_MEMBERS = {"mood", "prompt", "tags", "text", "written_at", "zone"}


class Mood(IntEnum):
    """How it is today, in the writer's own judgement; no score of anything."""

    HARD = 1
    HEAVY = 2
    MIDDLING = 3
    LIGHT = 4
    GOOD = 5


class Tag(StrEnum):
    """Which part of DNA-V an entry is about: neutral codes, named by each country's texts."""

    ADVISOR = "advisor"
    DISCOVERER = "discoverer"
    NOTICER = "noticer"
    VALUES = "values"


@frozen
class Content:
    """An entry as its writer knows it. ``text`` is kept as typed; ``prompt`` is the id of the session's prompt that it answers.

    ``written_at`` is kept in whole seconds, ``zone`` is the IANA name of where the writer's clock was. Raises Unreadable for
    what the protocol does not allow: a lone surrogate, a prompt or zone of other characters.
    """

    text: str = field(repr=False)
    written_at: Instant
    zone: str
    mood: Mood | None = None
    tags: frozenset[Tag] = frozenset()
    prompt: str | None = None

    def __attrs_post_init__(self) -> None:
        try:
            self.text.encode()
        except UnicodeEncodeError:
            raise Unreadable from None
        if not _ZONE.fullmatch(self.zone) or not (self.prompt is None or _PROMPT.fullmatch(self.prompt)):
            raise Unreadable
        object.__setattr__(self, "written_at", self.written_at.round("second", mode="floor"))


def moment(at: Instant) -> str:
    """A moment as it is written down: UTC, whole seconds."""
    return at.round("second", mode="floor").format_iso(unit="second")


def read_moment(said: Json) -> Instant:
    """The inverse. Raises Unreadable for another way of writing one."""
    if not isinstance(said, str) or not _MOMENT.fullmatch(said):
        raise Unreadable
    try:
        return Instant.parse_iso(said)
    except ValueError:
        raise Unreadable from None


def members(content: Content) -> dict[str, Json]:
    """A content as the members of its JSON."""
    return {
        "mood": None if content.mood is None else int(content.mood),
        "prompt": content.prompt,
        "tags": [str(tag) for tag in sorted(content.tags)],
        "text": content.text,
        "written_at": moment(content.written_at),
        "zone": content.zone,
    }


def of_members(said: dict[str, Json]) -> Content:
    """The inverse. Raises Unreadable unless it has exactly the members of an entry, each with what it may say."""
    if said.keys() != _MEMBERS:
        raise Unreadable
    mood, prompt, tags, text, zone = (said[name] for name in ("mood", "prompt", "tags", "text", "zone"))
    if not isinstance(text, str) or not isinstance(zone, str) or not isinstance(tags, list):
        raise Unreadable
    if not (mood is None or (type(mood) is int and mood in list(Mood))) or not (prompt is None or isinstance(prompt, str)):
        raise Unreadable
    if not all(tag in list(Tag) for tag in tags):
        raise Unreadable
    content = Content(
        text=text,
        written_at=read_moment(said["written_at"]),
        zone=zone,
        mood=None if mood is None else Mood(mood),
        tags=frozenset(Tag(str(tag)) for tag in tags),
        prompt=prompt,
    )
    if members(content) != said:
        raise Unreadable
    return content


def write_entry(content: Content) -> bytes:
    """The canonical JSON of an entry."""
    return canonical(members(content))


def read_entry(said: bytes) -> Content:
    """The inverse. Raises Unreadable for what ``write_entry`` would not have made."""
    return of_members(parsed(said))


def write_tombstone(deleted_at: Instant) -> bytes:
    """The canonical JSON of a tombstone."""
    return canonical({"deleted_at": moment(deleted_at)})


def read_tombstone(said: bytes) -> Instant:
    """The inverse. Raises Unreadable for what ``write_tombstone`` would not have made."""
    members_ = parsed(said)
    if members_.keys() != {"deleted_at"}:
        raise Unreadable
    deleted_at = read_moment(members_["deleted_at"])
    if write_tombstone(deleted_at) != said:
        raise Unreadable
    return deleted_at
