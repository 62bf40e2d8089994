"""What the way of a request may refuse, beside what features refuse."""

from mewe_core.kit.errors import Failure, Invalid, Unavailable


class DeadlineMissing(Invalid):
    """A call without a deadline: the caller must say how long it waits."""

    reason = "DEADLINE_MISSING"
    sentence = "A call needs a deadline: say how long you will wait."


class DeadlinePassed(Unavailable):
    """The caller's deadline passed. What a write did may have been kept: the same request_id gives its answer."""

    reason = "DEADLINE_PASSED"
    sentence = "This took longer than you would wait. Send the same request again to learn what became of it."


class Busy(Unavailable):
    """More calls wait than this host takes; nothing was begun."""

    reason = "BUSY"
    sentence = "Too much is going on just now. Please try again in a moment."


class TooManyCalls(Unavailable):
    """One person has asked for more than anybody does by hand; nothing was begun.

    ``after_seconds``: how long to wait until it goes on.
    """

    reason = "TOO_MANY_CALLS"
    sentence = "This was very much at once. Please wait a little, then try again. Help and reporting are open all the time."

    def __init__(self, *, after_seconds: int) -> None:
        super().__init__()
        self.after_seconds = after_seconds


class NotThereYet(Unavailable):
    """This service has not yet heard of what the caller did at another one; nothing was begun."""

    reason = "NOT_THERE_YET"
    sentence = "What you did a moment ago has not arrived here yet. Please try again."


HOST_FAILURES: tuple[type[Failure], ...] = (DeadlineMissing, DeadlinePassed, Busy, TooManyCalls, NotThereYet)
"""The closed list of the host."""
