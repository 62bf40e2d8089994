"""The way into a programme: its states, the steps between them, and what is counted.

Source of the states: Barbabella et al. 2023, IJERPH 20(6):5074 (478 recruited, 217 enrolled and started). The reasons are our
own list.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from attrs import frozen

from mewe_core.kit.errors import Field, Invalid
from mewe_core.programme.errors import NoSuchStep


class RecruitmentState(StrEnum):
    """How far somebody has come."""

    REFERRED = "referred"
    RECRUITED = "recruited"
    SCREENED = "screened"
    SCREEN_FAILURE = "screen_failure"
    WITHDRAWN = "withdrawn"
    INITIAL_DROPOUT = "initial_dropout"
    ENROLLED = "enrolled"
    STARTED = "started"
    COMPLETED_T1 = "completed_t1"
    COMPLETED_T2 = "completed_t2"


class RecruitmentReason(StrEnum):
    """Why somebody did not go on. Nobody has to say: ``NOT_SAID`` is an answer."""

    AGE = "age"
    NOT_CONCERNED = "not_concerned"
    OTHER_SUPPORT = "other_support"
    LANGUAGE = "language"
    NO_CONSENT = "no_consent"
    TIME = "time"
    ACCESS = "access"
    NOT_INTERESTED = "not_interested"
    NOT_REACHED = "not_reached"
    OTHER = "other"
    NOT_SAID = "not_said"


_S = RecruitmentState

ENTRIES = frozenset({_S.REFERRED, _S.RECRUITED})
"""Where the way begins."""

EXITS = frozenset({_S.SCREEN_FAILURE, _S.WITHDRAWN, _S.INITIAL_DROPOUT})
"""The ways out; each needs a reason, and nothing comes after it."""

STEPS: dict[RecruitmentState, frozenset[RecruitmentState]] = {
    _S.REFERRED: frozenset({_S.RECRUITED, _S.WITHDRAWN}),
    _S.RECRUITED: frozenset({_S.SCREENED, _S.SCREEN_FAILURE, _S.WITHDRAWN}),
    _S.SCREENED: frozenset({_S.ENROLLED, _S.SCREEN_FAILURE, _S.WITHDRAWN, _S.INITIAL_DROPOUT}),
    _S.ENROLLED: frozenset({_S.STARTED, _S.WITHDRAWN, _S.INITIAL_DROPOUT}),
    _S.STARTED: frozenset({_S.COMPLETED_T1, _S.WITHDRAWN}),
    _S.COMPLETED_T1: frozenset({_S.COMPLETED_T2, _S.WITHDRAWN}),
    _S.COMPLETED_T2: frozenset(),
    _S.SCREEN_FAILURE: frozenset(),
    _S.WITHDRAWN: frozenset(),
    _S.INITIAL_DROPOUT: frozenset(),
}
"""Where one can go from where."""


def may_enter(state: RecruitmentState) -> None:
    """Raises Invalid unless the way begins there."""
    if state not in ENTRIES:
        raise Invalid(Field("state", "referred or recruited"))


def may_step(here: RecruitmentState, there: RecruitmentState, reason: RecruitmentReason | None) -> None:
    """Raises NoSuchStep if no step leads there; Invalid if a way out has no reason, or a way on has one."""
    if there not in STEPS[here]:
        raise NoSuchStep
    if there in EXITS and reason is None:
        raise Invalid(Field("reason", "a reason, on the way out"))
    if there not in EXITS and reason is not None:
        raise Invalid(Field("reason", "nothing, on the way on"))


@frozen
class FunnelStep:
    """How many were ever in a state, and how many are in it now."""

    state: RecruitmentState
    reached: int
    here: int


@frozen
class FunnelExit:
    """How many left in one way for one reason."""

    state: RecruitmentState
    reason: RecruitmentReason
    count: int


@frozen
class Funnel:
    """The funnel of an organisation and programme. For one's own work: small counts are not made to be published."""

    steps: tuple[FunnelStep, ...]
    exits: tuple[FunnelExit, ...]


@frozen
class Place:
    """Where one candidate is, and why if out; ``count`` of them."""

    state: RecruitmentState
    reason: RecruitmentReason | None
    count: int = 1


@frozen
class Reached:
    """How many candidates were ever in a state."""

    state: RecruitmentState
    count: int


def funnel(reached: Iterable[Reached], places: Iterable[Place]) -> Funnel:
    """The counts in the order of the states, zeros included; the ways out by reason, without zeros."""
    ever, now, out = Counter[RecruitmentState](), Counter[RecruitmentState](), Counter[tuple[str, str]]()
    for step in reached:
        ever[step.state] += step.count
    for place in places:
        now[place.state] += place.count
        if place.reason is not None:
            out[place.state, place.reason] += place.count
    return Funnel(
        tuple(FunnelStep(state, ever[state], now[state]) for state in RecruitmentState),
        tuple(
            FunnelExit(state, reason, out[state, reason])
            for state in RecruitmentState
            for reason in RecruitmentReason
            if out[state, reason]
        ),
    )
