"""What a study's protocol says: the classes are the schema of a document, key by key (``docs/protocol.md``)."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen
from mewe_core.kit.checks import between, each, few, text
from mewe_core.kit.errors import Field, Invalid
from whenever import Time

from mewe_eval.disclosure.limits import FEWEST_AVERAGED, FEWEST_COUNTED
from mewe_eval.instruments.model import Respondent, code, languages

LAST_SESSION = 60
LONGEST = 3660
"""Days; ten years."""

_FIVE = Time(17, 0)


class From(StrEnum):
    """What happens to a person or a group, from which a wave is counted; besides, ``session-3`` is the session of that number.

    ``ENDED``: the last session before the follow-up was held. ``ASSIGNED``: the arm was decided.
    """

    JOINED = "joined"
    ASSIGNED = "assigned"
    STARTED = "started"
    ENDED = "ended"
    FOLLOW_UP = "follow-up"


class Unit(StrEnum):
    """What is assigned to an arm: whole groups, single persons, or nothing at all."""

    GROUP = "group"
    PERSON = "person"
    NONE = "none"


class Importance(StrEnum):
    """What an outcome is for. The primary ones are one family: their p-values are adjusted together."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    PROCESS = "process"


class Better(StrEnum):
    """Which way is better; ``NEITHER``: nobody can say."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Model(StrEnum):
    """How outcomes are compared.

    ``MIXED``: each wave at equal baseline, with a random intercept for each group. ``COVARIANCE``: the same without, with
    errors that are robust to groups (CR2).
    ``DESCRIPTION``: not at all; change is shown with its interval, and nothing is concluded from it.
    """

    MIXED = "mixed-model"
    COVARIANCE = "covariance-analysis"
    DESCRIPTION = "description"


class MissingData(StrEnum):
    """What is done about answers that are not there.

    ``COMPLETE``: each comparison is of those who have what it needs. ``IMPUTATION``: several completed tables, clusters
    respected, pooled by Rubin's rules.
    """

    COMPLETE = "complete"
    IMPUTATION = "imputation"


@frozen(kw_only=True)
class Arm:
    """One of the ways in which groups or people are treated. ``programme``: whether it is ME-WE, or they wait or get less."""

    title: Mapping[str, str] = field(validator=languages)
    programme: bool = True


@frozen(kw_only=True)
class Assignment:
    """How arms are assigned. ``ratio``: how many units of each arm in a block. ``blocks``: how many times the ratio a block may
    be, drawn at random, so that nobody can tell the last of one. ``strata``: assigned apart within each of these.
    """

    unit: Unit = Unit.NONE
    ratio: Mapping[str, int] = field(factory=dict)
    blocks: tuple[int, ...] = field(default=(1, 2), validator=few(5, least=1))
    strata: tuple[str, ...] = field(default=(), validator=few(3))


@frozen(kw_only=True)
class Window:
    """When a wave is answered: due so many days after something, open from ``opens`` days before to ``closes`` days after.

    Days are those of the deployment's time zone: it opens with the first of its first day and closes with the last of its last.
    ``arms``: for which; empty: for all. ``reminders``: on which days after it is due somebody is reminded, at ``at``, unless
    they have answered; the first is when they are told of it at all.
    """

    after: str
    days: int = field(default=0, validator=between(-365, LONGEST))
    opens: int = field(default=0, validator=between(0, 365))
    closes: int = field(validator=between(0, 365))
    arms: tuple[str, ...] = ()
    reminders: tuple[int, ...] = field(default=(0,), validator=(few(6), each(between(-365, 365))))
    at: Time = _FIVE

    def __attrs_post_init__(self) -> None:
        if self.after not in [one.value for one in From] and not self.session:
            known = ", ".join(one.value for one in From)
            raise Invalid(Field("after", f"{known}, or session-1 to session-{LAST_SESSION}"))

    @property
    def session(self) -> int:
        """The number of the session it counts from; 0 if it counts from something else."""
        word, _, number = self.after.partition("-")
        is_one = word == "session" and number.isascii() and number.isdigit() and not number.startswith("0")
        return int(number) if is_one and int(number) <= LAST_SESSION else 0


@frozen(kw_only=True)
class Wave:
    """A time at which people are asked: one window for each arm."""

    title: Mapping[str, str] = field(validator=languages)
    windows: tuple[Window, ...] = field(validator=few(20, least=1))


@frozen(kw_only=True)
class Asked:
    """What somebody is asked at a wave. ``without``: items that are left out."""

    wave: str
    instrument: str = field(validator=code)
    version: int = field(default=1, validator=between(1, 1_000_000))
    role: Respondent = Respondent.PARTICIPANT
    without: tuple[str, ...] = ()


@frozen(kw_only=True)
class ToldOfOneself:
    """What people tell of themselves: an item that they are asked. ``words``: what each of its answers is called, in their
    order; none where the answer itself is what is told, as an age."""

    instrument: str = field(validator=code)
    item: str
    words: tuple[str, ...] = field(default=(), validator=(few(30), each(text(40))))


@frozen(kw_only=True)
class Outcome:
    """Something that is compared or shown: a scale of an instrument, or one item. ``better``: which way."""

    instrument: str = field(validator=code)
    scale: str | None = None
    item: str | None = None
    importance: Importance = Importance.SECONDARY
    better: Better = Better.HIGHER

    def __attrs_post_init__(self) -> None:
        if (self.scale is None) == (self.item is None):
            raise Invalid(Field("scale", 'a scale such as "total", or an item, and not both'))


@frozen(kw_only=True)
class Analysed:
    """How outcomes are analysed. ``baseline``: the wave before. ``deltas``: added to imputed outcomes, one analysis each, to
    see what it takes to change the conclusion (sensitivity). ``equality``: columns by which effects are compared.
    """

    model: Model
    baseline: str
    covariates: tuple[str, ...] = field(default=(), validator=few(10))
    missing: MissingData = MissingData.COMPLETE
    sets: int = field(default=20, validator=between(2, 1000))
    seed: int = field(default=1, validator=between(0, 2**31))
    deltas: tuple[float, ...] = field(default=(), validator=few(20))
    equality: tuple[str, ...] = field(default=(), validator=few(6))
    level: float = field(default=0.95, validator=between(0.5, 0.999))


@frozen(kw_only=True)
class Publication:
    """What is hidden: counts of fewer persons, and means over fewer; a study may be stricter than this, and not laxer."""

    fewest_counted: int = field(default=FEWEST_COUNTED, validator=between(FEWEST_COUNTED, 1000))
    fewest_averaged: int = field(default=FEWEST_AVERAGED, validator=between(FEWEST_AVERAGED, 1000))


@frozen(kw_only=True)
class Ages:
    """Who may take part, in whole years, both included."""

    least: int = field(validator=between(0, 120))
    most: int = field(validator=between(0, 120))


@frozen(kw_only=True)
class Protocol:
    """A study, whole. ``question``: what it wants to know; ``estimand``: exactly which quantity answers that, for whom,
    compared with what, and what becomes of those who leave. ``known``: what people are asked of
    themselves (gender, age, cared_for). ``sha256``: of the bytes that it was read from, in hexadecimal.
    """

    id: str = field(validator=code)
    version: int = field(validator=between(1, 1_000_000))
    title: Mapping[str, str] = field(validator=languages)
    question: str = field(validator=text(2000))
    estimand: str = field(validator=text(4000))
    ages: Ages | None = None
    arms: Mapping[str, Arm]
    assignment: Assignment = Assignment()
    waves: Mapping[str, Wave]
    asked: tuple[Asked, ...] = field(validator=few(200, least=1))
    known: Mapping[str, ToldOfOneself] = field(factory=dict)
    outcomes: Mapping[str, Outcome]
    analysis: Analysed
    publication: Publication = Publication()
    sha256: str = ""

    def window(self, wave: str, arm: str | None) -> Window | None:
        """When somebody of an arm is asked at a wave; None: they are not. Without an arm: if it is the same in all."""
        if arm is None:
            several = {self.window(wave, one) for one in self.arms}
            return several.pop() if len(several) == 1 else None
        return next((one for one in self.waves[wave].windows if not one.arms or arm in one.arms), None)
