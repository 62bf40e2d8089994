"""Instruments (questionnaires) as data: the classes are the schema of a document, key by key (``docs/instruments.md``).

Numbers are kept as they are written; ``exact`` turns them into fractions, so that no score depends on how a float is rounded.
What comes from elsewhere has a ``source``; what is our own conclusion says ``inferred``, and its ``source`` says of what.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from enum import StrEnum
from fractions import Fraction
from typing import Any

import attrs
from attrs import field, frozen
from mewe_core.kit.checks import between, each, few, given, text
from mewe_core.kit.errors import Field, Invalid
from whenever import Date

TOTAL = "total"
"""The id of the scale of all items that count."""

OLDEST = 120
MOST = 1_000_000.0

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Respondent(StrEnum):
    """Who answers."""

    PARTICIPANT = "participant"
    GROUP_LEADER = "group-leader"
    COORDINATOR = "coordinator"
    CARE_PROFESSIONAL = "care-professional"
    INFORMAL_CARER = "informal-carer"


class Method(StrEnum):
    """How answers become one number."""

    SUM = "sum"
    MEAN = "mean"


class Missing(StrEnum):
    """What is done about items without an answer: nothing, a sum that is scaled up, or the mean of those that have one."""

    NONE = "none"
    PRORATE = "prorate"
    MEAN_OF_ANSWERED = "mean-of-answered"


class Rounding(StrEnum):
    """How a score is rounded; a half goes up (2.5 to 3, -2.5 to -2), or to the even neighbour (2.5 to 2)."""

    NONE = "none"
    HALF_UP = "half-up"
    HALF_EVEN = "half-even"


class Polarity(StrEnum):
    """What a higher score means."""

    HIGHER_IS_BETTER = "higher-is-better"
    HIGHER_IS_WORSE = "higher-is-worse"
    NEITHER = "neither"


class ReverseAnswers(StrEnum):
    """Whether the answers to reverse items are as they were given (they are recoded here), or were recoded before."""

    RAW = "raw"
    RECODED = "recoded"


class Operator(StrEnum):
    """How a number is compared with a cut-off."""

    BELOW = "<"
    AT_MOST = "<="
    AT_LEAST = ">="
    ABOVE = ">"


class Unit(StrEnum):
    """Which number is compared: the sum or mean itself, or the score, after factor and rounding."""

    RAW = "raw"
    SCORE = "score"


class AlertWhen(StrEnum):
    """Which answers to an item raise an alert: any but the value, or the value and all above."""

    ANY_BUT = "any-but"
    AT_LEAST = "at-least"


class LicenceKind(StrEnum):
    """What may be done with the text: ship it; ship a shell without it; ship nothing, not even as an electronic form."""

    FREE = "free"
    SHELL = "shell"
    REFUSED = "refused"


def code(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """Lower-case words of ASCII letters and digits with hyphens between, at most 40 characters."""
    if len(value) > 40 or not _CODE.fullmatch(value):
        raise Invalid(Field(attribute.name, 'a code such as "who-5": lower-case letters, digits, hyphens, at most 40'))


def languages(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """A table whose keys are language tags; one at least."""
    if not value or not all(_LANGUAGE.fullmatch(tag) for tag in value):
        raise Invalid(Field(attribute.name, 'a section by language, such as "en" or "de-CH"'))


_number = between(-MOST, MOST)
_SOURCE = text(1000)


@frozen(kw_only=True)
class Ages:
    """For whom the instrument was made, in whole years, both included; None: open, or nobody has told us."""

    least: int | None = field(default=None, validator=given(between(0, OLDEST)))
    most: int | None = field(default=None, validator=given(between(0, OLDEST)))
    source: str = field(default="", validator=text(1000, least=0))

    def includes(self, age: int) -> bool:
        """Whether somebody of that age, in whole years, is in the range."""
        return (self.least is None or age >= self.least) and (self.most is None or age <= self.most)


@frozen(kw_only=True)
class Licence:
    """Whose the text is, and what they allow. ``checked_on``: when somebody last looked at ``source``."""

    kind: LicenceKind
    holder: str = field(validator=text(300))
    terms: str = field(validator=text(1000))
    source: str = field(validator=_SOURCE)
    checked_on: Date


@frozen(kw_only=True)
class Item:
    """One question. ``answers`` names a set of answers; empty: the only one there is. ``counts``: in the total or not."""

    id: str = field(validator=code)
    answers: str = ""
    counts: bool = True


@frozen(kw_only=True)
class Reverse:
    """Items whose answers run against the others. An answer x becomes lowest + highest - x, unless it was recoded before."""

    items: tuple[str, ...] = field(validator=few(200, least=1))
    answers: ReverseAnswers
    source: str = field(default="", validator=text(1000, least=0))
    inferred: bool = False


@frozen(kw_only=True)
class Conversion:
    """The score means something only after a table of the owner's, such as from sums to T values. ``to`` names its unit."""

    to: str = field(validator=text(40))
    source: str = field(validator=_SOURCE)


@frozen(kw_only=True)
class Scale:
    """How some items become a score from ``low`` to ``high``, before any conversion.

    ``items``: which; empty: all that count. ``factor`` multiplies the sum or mean. ``least``: so many must be answered, all if
    left out. A score that needs rounding is rounded last, to ``decimals``.
    """

    id: str = field(default=TOTAL, validator=code)
    items: tuple[str, ...] = ()
    method: Method
    factor: float = field(default=1.0, validator=between(1e-6, 1e6))
    low: float = field(validator=_number)
    high: float = field(validator=_number)
    least: int | None = field(default=None, validator=given(between(1, 200)))
    missing: Missing = Missing.NONE
    rounding: Rounding = Rounding.NONE
    decimals: int = field(default=0, validator=between(0, 6))
    polarity: Polarity
    conversion: Conversion | None = None
    source: str = field(validator=_SOURCE)
    inferred: bool = False


@frozen(kw_only=True)
class CutOff:
    """A threshold for screening. It is never a diagnosis: whoever is beyond it is asked, by a person."""

    id: str = field(validator=code)
    scale: str = TOTAL
    operator: Operator
    value: float = field(validator=_number)
    unit: Unit
    label: str = field(validator=text(200))
    source: str = field(validator=_SOURCE)
    inferred: bool = False


@frozen(kw_only=True)
class Band:
    """A part of the range of a score, from ``at_least`` up to the next band of the same scale. It is never a diagnosis."""

    id: str = field(validator=code)
    scale: str = TOTAL
    at_least: float = field(validator=_number)
    label: str = field(validator=text(200))
    source: str = field(validator=_SOURCE)
    inferred: bool = False


@frozen(kw_only=True)
class Change:
    """A difference in score, in its own units, that matters to those who answer."""

    scale: str = TOTAL
    value: float = field(validator=between(1e-6, MOST))
    source: str = field(validator=_SOURCE)
    inferred: bool = False


@frozen(kw_only=True)
class TablePoint:
    """A line of a table: this score becomes that value."""

    score: float = field(validator=_number)
    value: float = field(validator=_number)


@frozen(kw_only=True)
class Norm:
    """What is usual in a population: mean and standard deviation of the score, or a table from scores to percentiles."""

    scale: str = TOTAL
    population: str = field(validator=text(300))
    mean: float | None = field(default=None, validator=given(_number))
    sd: float | None = field(default=None, validator=given(between(1e-6, MOST)))
    table: tuple[TablePoint, ...] = ()
    source: str = field(validator=_SOURCE)


@frozen(kw_only=True)
class ItemAlert:
    """An answer, as it was given, after which a person looks at once; never by itself a reason to tell anybody else."""

    item: str
    when: AlertWhen
    value: int
    source: str = field(validator=_SOURCE)
    inferred: bool = False

    def is_raised(self, answer: float) -> bool:
        """Whether the answer raises it. An answer out of range does too, rather than none."""
        return answer != self.value if self.when is AlertWhen.ANY_BUT else answer >= self.value


@frozen(kw_only=True)
class Wording:
    """The text in one language: items by id, and for each set of answers its labels, in the order of its values."""

    instruction: str = field(default="", validator=text(2000, least=0))
    items: Mapping[str, str]
    answers: Mapping[str, tuple[str, ...]] = field(factory=dict)


@frozen(kw_only=True)
class Instrument:
    """A questionnaire, whole. ``answers``: sets of allowed answers by name, lowest first.

    ``validated``: whether anybody has shown that it measures what it says. ``notes``: what to know before using it.
    """

    id: str = field(validator=code)
    version: int = field(validator=between(1, 1_000_000))
    title: Mapping[str, str] = field(validator=languages)
    construct: str = field(validator=text(300))
    validated: bool
    respondents: tuple[Respondent, ...] = field(validator=few(10, least=1))
    ages: Ages = Ages()
    licence: Licence
    answers: Mapping[str, tuple[int, ...]]
    items: tuple[Item, ...] = field(validator=few(200, least=1))
    reverse: Reverse | None = None
    total: Scale | None = None
    subscales: tuple[Scale, ...] = field(default=(), validator=few(40))
    cut_offs: tuple[CutOff, ...] = ()
    bands: tuple[Band, ...] = ()
    changes: tuple[Change, ...] = ()
    norms: tuple[Norm, ...] = ()
    alerts: tuple[ItemAlert, ...] = ()
    notes: tuple[str, ...] = field(default=(), validator=each(text(1000)))
    texts: Mapping[str, Wording] = field(factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there are texts in, sorted; none for a shell."""
        return tuple(sorted(self.texts))

    def scales(self) -> tuple[Scale, ...]:
        """The total first, if there is one, then the subscales."""
        return self.subscales if self.total is None else (self.total, *self.subscales)

    def scale(self, scale_id: str) -> Scale:
        """The scale of that id. Raises LookupError if there is none."""
        for one in self.scales():
            if one.id == scale_id:
                return one
        raise LookupError(scale_id)

    def item_ids(self) -> tuple[str, ...]:
        """The ids of all items, in order."""
        return tuple(item.id for item in self.items)

    def members(self, scale: Scale) -> tuple[str, ...]:
        """The ids of the items of a scale, in order."""
        return scale.items or tuple(item.id for item in self.items if item.counts)

    def allowed(self, item: Item) -> tuple[int, ...]:
        """The answers that an item allows, lowest first."""
        return self.answers[item.answers] if item.answers else next(iter(self.answers.values()))

    def recoded_here(self) -> frozenset[str]:
        """The ids of the items whose answers are turned round when they are scored."""
        if self.reverse is None or self.reverse.answers is ReverseAnswers.RECODED:
            return frozenset()
        return frozenset(self.reverse.items)

    def wording_hashes(self) -> Mapping[str, str]:
        """SHA-256 of the text of each language, in 64 hexadecimal digits. Another text is another version of the wording."""
        return {tag: wording_hash(self.texts[tag]) for tag in self.languages}


def exact(number: float) -> Fraction:
    """The number as it was written: 4.3 is 43/10."""
    return Fraction(repr(number))


def wording_hash(wording: Wording) -> str:
    """SHA-256 over the text as canonical JSON (sorted keys, no blanks, UTF-8), in 64 hexadecimal digits."""
    plain = {
        "instruction": wording.instruction,
        "items": dict(wording.items),
        "answers": {name: list(labels) for name, labels in wording.answers.items()},
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
