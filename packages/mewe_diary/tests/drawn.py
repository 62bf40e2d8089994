"""Randomness that is the same each time, and what the tests' diaries are made with."""

import hashlib

from mewe_diary.envelope import Content, Diary, DiaryName, Mood, Tag
from whenever import Instant

NOW = Instant.from_utc(2026, 11, 22, 22, 10, 5)
UNTIL = Instant.from_utc(2026, 12, 6, 22, 10, 5)
AUTUMN = Content(
    "Mamma sov hela dagen. Jag lagade mat åt oss – det gick bra 🙂",
    NOW,
    "Europe/Stockholm",
    Mood.LIGHT,
    frozenset({Tag.VALUES, Tag.ADVISOR}),
    "me-we/session-2/annoying-thoughts",
)
SHORT = Content("", NOW, "UTC", Mood.HARD)


class Drawn:
    """Bytes that depend on the name alone; what was drawn is written down in ``log``."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.log: list[str] = []

    def __call__(self, bytes_: int) -> bytes:
        """So many bytes as the next of this name."""
        drawn = hashlib.shake_256(f"{self._name}/{len(self.log)}".encode()).digest(bytes_)
        self.log.append(drawn.hex())
        return drawn


def known(name: str, bytes_: int) -> bytes:
    """Bytes that are called something."""
    return hashlib.shake_256(name.encode()).digest(bytes_)


DIARY = Diary(DiaryName(known("diary id", 16), "SE"), known("diary key", 32))
FIRST, SECOND, THIRD = (known(f"entry {number}", 16) for number in (1, 2, 3))
