"""Checks to try a host with: functions of a module, so that they can be run apart."""

import os
import re

from mewe_core.kit.message_checks import CRISIS, NOTHING, Draft, MessageCheck, Verdict


def fine(draft: Draft) -> Verdict:
    """Finds a crisis in one word alone."""
    return CRISIS if draft.text == "help" else NOTHING


def hangs(draft: Draft) -> Verdict:
    """Never returns, unless it is told to."""
    while draft.text != "return":
        pass
    return NOTHING


def holds_the_interpreter(draft: Draft) -> Verdict:
    """An expression that takes longer than anybody lives, in code that lets no other thread run."""
    re.match("(a|aa)+$", "a" * 90 + "b")
    return NOTHING


def raises(draft: Draft) -> Verdict:
    """Always fails."""
    raise ValueError(draft.text)


def dies(draft: Draft) -> Verdict:
    """Takes its process with it."""
    os._exit(1)


def answers_nonsense(draft: Draft) -> Verdict:
    """No verdict."""
    return "fine"  # type: ignore[return-value]


def tells_the_environment(draft: Draft) -> Verdict:
    """A crisis, if it sees a variable of the host's environment."""
    return CRISIS if draft.text in os.environ else NOTHING


def check(look: object, *, quick: bool = False, crisis: bool = False) -> MessageCheck:
    """A check of that function."""
    name = getattr(look, "__name__", "").replace("_", "-")
    return MessageCheck(name=name, order=1, package="x", look=look, quick=quick, crisis=crisis)  # type: ignore[arg-type]
