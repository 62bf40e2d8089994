"""The five errors. Everything a caller may be told goes through one of them.

A feature subclasses one of the five, gives it a ``reason`` (UPPER_SNAKE, unique in the country's mix) and one plain
sentence. Neither may hold anything a person wrote: a failure is written to logs and sent to clients.
"""

import re
from typing import ClassVar

from attrs import frozen


@frozen
class Field:
    """One fault in a request: ``path`` as in the contract (``answers[2].value``), ``rule`` says what is allowed."""

    path: str
    rule: str


class Failure(Exception):
    """What the five have in common; never raised itself.

    ``keeps``: what its unit wrote is kept although the call is refused. For counting attempts, and nothing else.
    """

    reason: ClassVar[str]
    sentence: ClassVar[str]
    keeps: ClassVar[bool] = False

    def __init__(self, *fields: Field) -> None:
        super().__init__(self.reason)
        self.fields = fields


class NotFound(Failure):
    """There is no such thing, or this caller may not know of it: the two always look alike."""

    reason = "NOT_FOUND"
    sentence = "There is nothing here that you can see."


class NotAllowed(Failure):
    """The caller sees the thing and may not do this with it (or has not signed in)."""

    reason = "NOT_ALLOWED"
    sentence = "You cannot do this."


class Invalid(Failure):
    """The request breaks the rules named in ``fields``; repeating it changes nothing."""

    reason = "INVALID"
    sentence = "Something in the request is not as it should be."


class Conflict(Failure):
    """The request was fine, but the thing is in a state that rules it out."""

    reason = "CONFLICT"
    sentence = "This cannot be done as things are now."


class Unavailable(Failure):
    """Not now: nothing was kept, and the same request may be sent again."""

    reason = "UNAVAILABLE"
    sentence = "This does not work just now. Please try again."


class SignedOut(NotAllowed):
    """The token is missing, expired or ended: sign in, or refresh."""

    reason = "SIGNED_OUT"
    sentence = "Please sign in."


class ConsentMissing(NotAllowed):
    """Nobody who may has said yes to this purpose, or a yes was taken back or has run out."""

    reason = "CONSENT_MISSING"
    sentence = "This needs a yes first. Help and reporting are open without it."


class StillClosed(NotAllowed):
    """The person came back on a new device: what they kept before is closed until it is opened with them."""

    reason = "EARLIER_STILL_CLOSED"
    sentence = "What was kept before is closed on this device until you have opened it together with an adult you trust."


class PassNotGood(NotAllowed):
    """The pass to one's own data is unknown, of somebody else, or too old."""

    reason = "EXPORT_PASS_NOT_GOOD"
    sentence = "Please ask for your data again."


class RequestReused(Conflict):
    """The request_id was used before with another content."""

    reason = "REQUEST_REUSED"
    sentence = "This request_id belongs to another request."


KIT_FAILURES: tuple[type[Failure], ...] = (
    NotFound,
    NotAllowed,
    Invalid,
    Conflict,
    Unavailable,
    SignedOut,
    ConsentMissing,
    StillClosed,
    PassNotGood,
    RequestReused,
)
"""The closed list of the kit; ``Feature.errors`` adds a feature's own."""

KINDS: tuple[type[Failure], ...] = (NotFound, NotAllowed, Invalid, Conflict, Unavailable)

_REASON = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")


def kind(failure: type[Failure]) -> type[Failure]:
    """The one of the five that a failure is. Raises TypeError if its reason or sentence is missing or malformed."""
    if not _REASON.fullmatch(getattr(failure, "reason", "")) or not getattr(failure, "sentence", ""):
        raise TypeError(f"{failure.__name__} needs a reason in UPPER_SNAKE and a sentence")
    for one in KINDS:
        if issubclass(failure, one):
            return one
    raise TypeError(f"{failure.__name__} is none of the five errors")
