"""What somebody wrote, sealed on its way in and opened on its way out."""

from mewe_core.kit.ports import Work

CONCERN = "concern"
CARD = "contact"
ALERT = "alert"
TALK = "talk"


def place(table: str, key: str, column: str) -> str:
    """Where something sealed stands. ``column``: its name, without the ``sealed_`` that it begins with."""
    return f"{table}/{key}/{column}"


async def sealed(work: Work, about: str, purpose: str, where: str, text: str) -> bytes | None:
    """The words, sealed; None if there are none."""
    return await work.sealing.seal(about, purpose, where, text) if text.strip() else None


async def opened(work: Work, about: str, purpose: str, where: str, words: bytes | None) -> str:
    """The words; nothing if there are none, or none any more."""
    return "" if words is None else await work.sealing.open(about, purpose, where, words) or ""
