"""Checks of what somebody is about to say to others, before anybody else sees it.

A plugin brings them by the hook ``mewe_message_checks``. A feature in which people talk runs them in an RPC's ``prepare``; what
is not sent is never checked: no draft that is still being written, no diary.
"""

from collections.abc import Callable
from enum import StrEnum

from attrs import field, frozen

from mewe_core.kit.errors import Conflict


class Audience(StrEnum):
    """Who will read it. ``PEERS``: other young people, and leaders. ``LEADERS``: leaders alone."""

    PEERS = "peers"
    LEADERS = "leaders"


@frozen
class Draft:
    """What somebody is about to say.

    ``country`` as "SE"; ``languages``: those of the deployment, its first before the others; ``sites``: hosts that the
    deployment lets people link to, each with all that ends in a dot and it.
    """

    text: str = field(repr=False)
    country: str
    audience: Audience
    languages: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()


class Finding(StrEnum):
    """What a check says. ``CRISIS``: somebody may be in acute danger."""

    NOTHING = "nothing"
    REFUSED = "refused"
    CRISIS = "crisis"


@frozen
class Verdict:
    """What a check found: made by ``NOTHING``, ``CRISIS`` and ``refused``. ``reason``: what a refused writer is told."""

    finding: Finding
    reason: type[Conflict] | None = None


NOTHING = Verdict(Finding.NOTHING)
"""It may be said, as far as this check goes."""

CRISIS = Verdict(Finding.CRISIS)
"""It may tell of an acute crisis: the writer gets help, and leaders look at it."""


def refused(reason: type[Conflict]) -> Verdict:
    """It is not let through, and the writer is told why: a failure with a reason and a sentence of its own."""
    return Verdict(Finding.REFUSED, reason)


Look = Callable[[Draft], Verdict]


@frozen(kw_only=True)
class MessageCheck:
    """One check. ``name``: lower case, with dashes, the only one of its kind in a mix; ``order``: lower ones look first.

    ``package`` has its sentence for people in its ``locale``, as ``check-<name>``. ``crisis``: it looks for people in danger,
    and comes before all that do not; where it fails, nothing is refused, but help is shown and leaders look. ``quick``: it
    takes a time that is proportional to the text's length, waits for nothing, and is run in line; any other is run in a process
    of its own, which is ended when its time is over, so ``look`` has to be a function of a module.
    """

    name: str
    order: int
    package: str
    look: Look
    crisis: bool = False
    quick: bool = False


async def in_line(check: MessageCheck, draft: Draft, seconds: float) -> Verdict | None:
    """What a check finds, however long it takes; None if it fails. For tests, and for whoever uses a feature as a library.

    Whatever it raises is a failure and no more, as in a host: who asked lets nothing through that was not checked, and what a
    check says of its fault may hold somebody's words.
    """
    try:
        return check.look(draft)
    except Exception:
        return None
