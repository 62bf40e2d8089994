"""What an alert says, and the port through which it leaves."""

from collections.abc import Mapping
from typing import Protocol

from attrs import field, frozen
from mewe_core.kit.ports import AlertKind
from mewe_core.kit.pushing import PUSH
from mewe_core.kit.texts import say
from whenever import Instant

PACKAGE = __name__.rpartition(".")[0]

_WORDS: Mapping[str, str] = {AlertKind.TEST: "-test", AlertKind.REMINDER: "-reminder"}


@frozen
class Letter:
    """An alert as it leaves. ``to`` has no scheme any more: an address of e-mail, or a number. It holds no name and no id but
    its own, and not what it is about: who reads over a shoulder learns nothing. ``until``: it is worth nothing after that."""

    id: str
    to: str = field(repr=False)
    subject: str
    text: str
    language: str
    at: Instant
    until: Instant | None = None


class NotSent(Exception):
    """It did not leave; it will be tried again. ``reason`` is the kind of the fault, never its text."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NotThere(NotSent):
    """Where it was to go is no more, and will not be again."""


class AlertSender(Protocol):
    """Hands a letter to somebody who delivers it."""

    async def send(self, letter: Letter) -> None:
        """Return once it was taken over. Raises NotSent if it was not, within a deadline of its own."""


Senders = Mapping[str, AlertSender]
"""Who sends, by the scheme of the address: ``mailto``, ``tel``, ``push``."""


def letter(id_: str, kind: str, to: str, language: str, at: Instant, until: Instant | None = None) -> Letter:
    """The words for an alert of a kind, in the language or in English; a push has none. A kind that is not known has the plain
    words."""
    if kind == PUSH:
        return Letter(id_, to, "", "", language, at, until)
    words = _WORDS.get(kind, "")
    subject, text = say(PACKAGE, language, f"subject{words}"), say(PACKAGE, language, f"text{words}")
    return Letter(id_, to, subject, text, language, at, until)
