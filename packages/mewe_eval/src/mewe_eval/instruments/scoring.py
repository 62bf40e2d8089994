"""Scores of one person's answers, exact: whole numbers and fractions, never floats, and never 0 for what is not finished."""

import math
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from fractions import Fraction

from attrs import field, frozen

from mewe_eval.instruments.model import (
    AlertWhen,
    Band,
    CutOff,
    Instrument,
    Item,
    Method,
    Missing,
    Operator,
    Rounding,
    Scale,
    Unit,
    exact,
)
from mewe_eval.instruments.reading import ConversionTable

Answers = Mapping[str, float | None]
"""Answers by the id of the item, as they were given; None, NaN or nothing: not answered."""


class NoScore(StrEnum):
    """Why there is no score."""

    UNFINISHED = "UNFINISHED"
    """Too few items are answered; ``items``: those that are not."""
    OUT_OF_RANGE = "OUT_OF_RANGE"
    """An answer is none of those allowed; ``items``: which."""
    UNKNOWN_ITEM = "UNKNOWN_ITEM"
    """The instrument has no such item; ``items``: which."""
    NO_TABLE = "NO_TABLE"
    """The score means nothing without the owner's table, and nobody has loaded it under a licence."""
    NOT_IN_TABLE = "NOT_IN_TABLE"
    """The owner's table has no line for this score."""
    NOTHING_TO_SCORE = "NOTHING_TO_SCORE"
    """The instrument has neither a total nor subscales: its items are read one by one."""


@frozen
class Alert:
    """An answer after which a person looks at once. It holds no answer: ``when`` and ``value`` say what raises it."""

    item: str
    when: AlertWhen
    value: int
    source: str
    inferred: bool


@frozen(kw_only=True)
class ScaleScore:
    """The score of one scale. ``raw``: its sum (scaled up, if ``prorated``) or mean; ``score``: times the factor, rounded.

    ``converted``: by the owner's table, in ``unit`` ("T"); None and "" if the scale has none. ``answered``: how many of its
    items. ``band``: the id of the one it lies in, None if there is none; ``cut_offs``: ids of those reached. Both screen, and
    diagnose nothing.
    """

    scale: str
    raw: Fraction
    score: Fraction
    converted: Fraction | None = None
    unit: str = ""
    answered: int
    prorated: bool
    band: str | None = None
    cut_offs: tuple[str, ...] = ()


@frozen(kw_only=True)
class NotScorable:
    """There is no score, and why. ``items``: the ids that the reason is about, in order.

    ``alerts``: an answer counts for these although others are missing. ``subscales``: those that have a score all the same.
    """

    reason: NoScore
    items: tuple[str, ...] = ()
    alerts: tuple[Alert, ...] = ()
    subscales: "Mapping[str, ScaleScore | NotScorable]" = field(factory=dict)


@frozen(kw_only=True)
class Scored:
    """What the answers to an instrument give. ``total`` is None where the instrument has subscales alone.

    ``answered``: how many of all items, those that do not count included. ``prorated``: whether any score was scaled up.
    """

    instrument: str
    version: int
    total: ScaleScore | None
    subscales: Mapping[str, ScaleScore | NotScorable]
    alerts: tuple[Alert, ...]
    answered: int
    prorated: bool


@frozen(kw_only=True)
class Comparison:
    """A total that somebody stored, beside the one that the answers give. ``difference``: stored - recomputed.

    ``recomputed`` and ``difference`` are None if there is no score; ``reason`` says why.
    """

    stored: Fraction
    recomputed: Fraction | None
    difference: Fraction | None
    agrees: bool
    reason: NoScore | None = None


def score(instrument: Instrument, answers: Answers, tables: Sequence[ConversionTable] = ()) -> Scored | NotScorable:
    """The scores of the answers. ``tables``: owners' tables, loaded under a licence, for scales that want one.

    Without a total there is a score as soon as one subscale has one; the others say why they have none.
    """
    raised = alerts(instrument, answers)
    unknown = tuple(sorted(set(answers) - set(instrument.item_ids())))
    if unknown:
        return NotScorable(reason=NoScore.UNKNOWN_ITEM, items=unknown, alerts=raised)
    given = {item_id: answer for item_id, answer in answers.items() if is_given(answer)}
    wrong = tuple(
        item.id for item in instrument.items if item.id in given and not _is_allowed(instrument, item, given[item.id])
    )
    if wrong:
        return NotScorable(reason=NoScore.OUT_OF_RANGE, items=wrong, alerts=raised)
    whole = {item_id: int(answer) for item_id, answer in given.items() if answer is not None}
    subscales = {scale.id: _scale_score(instrument, scale, whole, tables) for scale in instrument.subscales}
    total = None if instrument.total is None else _scale_score(instrument, instrument.total, whole, tables)
    some = [one for one in (total, *subscales.values()) if isinstance(one, ScaleScore)]
    if isinstance(total, NotScorable):
        return NotScorable(reason=total.reason, items=total.items, alerts=raised, subscales=subscales)
    if not some:
        return _nothing(instrument, subscales, whole, raised)
    return Scored(
        instrument=instrument.id,
        version=instrument.version,
        total=total,
        subscales=subscales,
        alerts=raised,
        answered=len(whole),
        prorated=any(one.prorated for one in some),
    )


def alerts(instrument: Instrument, answers: Answers) -> tuple[Alert, ...]:
    """The alerts that the answers raise, in the order of the rules; a single answer will do, and one that is out of range."""
    found = ((rule, answers.get(rule.item)) for rule in instrument.alerts)
    return tuple(
        Alert(rule.item, rule.when, rule.value, rule.source, rule.inferred)
        for rule, answer in found
        if answer is not None and is_given(answer) and rule.is_raised(answer)
    )


def compare_stored(
    instrument: Instrument,
    answers: Answers,
    stored: float,
    scale: str = "total",
    tables: Sequence[ConversionTable] = (),
) -> Comparison:
    """What a stored score (after factor, rounding and conversion) is worth: the answers are scored anew.

    Raises LookupError if the instrument has no such scale.
    """
    instrument.scale(scale)
    found = score(instrument, answers, tables)
    one = found if scale == "total" and isinstance(found, NotScorable) else None
    if one is None:
        mine = found.subscales.get(scale) if scale != "total" or isinstance(found, NotScorable) else found.total
        if isinstance(mine, ScaleScore):
            recomputed = mine.score if mine.converted is None else mine.converted
            difference = exact(stored) - recomputed
            return Comparison(stored=exact(stored), recomputed=recomputed, difference=difference, agrees=not difference)
        one = mine if mine is not None else found if isinstance(found, NotScorable) else None
    reason = NoScore.NOTHING_TO_SCORE if one is None else one.reason
    return Comparison(stored=exact(stored), recomputed=None, difference=None, agrees=False, reason=reason)


def is_given(answer: float | None) -> bool:
    """Whether there is an answer at all: neither None nor NaN."""
    return answer is not None and not math.isnan(answer)


def rounded(number: Fraction, rounding: Rounding, decimals: int) -> Fraction:
    """The number with so many decimals."""
    if rounding is Rounding.NONE:
        return number
    scaled = number * 10**decimals
    whole = math.floor(scaled + Fraction(1, 2)) if rounding is Rounding.HALF_UP else round(scaled)
    return Fraction(whole, 10**decimals)


def is_reached(cut: CutOff, raw: Fraction, value: Fraction) -> bool:
    """Whether a raw number or score is on the far side of the cut-off."""
    number, limit = raw if cut.unit is Unit.RAW else value, exact(cut.value)
    match cut.operator:
        case Operator.BELOW:
            return number < limit
        case Operator.AT_MOST:
            return number <= limit
        case Operator.AT_LEAST:
            return number >= limit
        case Operator.ABOVE:
            return number > limit


def bands_of(instrument: Instrument, scale_id: str) -> list[Band]:
    """The bands of a scale, lowest first."""
    return sorted((band for band in instrument.bands if band.scale == scale_id), key=lambda band: band.at_least)


def _scale_score(
    instrument: Instrument, scale: Scale, answers: Mapping[str, int], tables: Sequence[ConversionTable]
) -> ScaleScore | NotScorable:
    members = instrument.members(scale)
    missing = tuple(item_id for item_id in members if item_id not in answers)
    answered = len(members) - len(missing)
    if answered < (scale.least or len(members)):
        return NotScorable(reason=NoScore.UNFINISHED, items=missing)
    total = sum(_recoded(instrument, members, answers))
    prorated = scale.missing is Missing.PRORATE and bool(missing)
    raw = Fraction(total * len(members), answered) if prorated else Fraction(total)
    if scale.method is Method.MEAN:
        raw = Fraction(total, answered)
    value = rounded(raw * exact(scale.factor), scale.rounding, scale.decimals)
    converted = None
    if scale.conversion is not None:
        points = points_of(instrument, scale, tables)
        if points is None or value not in points:
            return NotScorable(reason=NoScore.NO_TABLE if points is None else NoScore.NOT_IN_TABLE)
        converted = points[value]
    below = [band.id for band in bands_of(instrument, scale.id) if exact(band.at_least) <= value]
    return ScaleScore(
        scale=scale.id,
        raw=raw,
        score=value,
        converted=converted,
        unit="" if scale.conversion is None else scale.conversion.to,
        answered=answered,
        prorated=prorated,
        band=below[-1] if below else None,
        cut_offs=tuple(cut.id for cut in instrument.cut_offs if cut.scale == scale.id and is_reached(cut, raw, value)),
    )


def points_of(instrument: Instrument, scale: Scale, tables: Sequence[ConversionTable]) -> Mapping[Fraction, Fraction] | None:
    """The owner's table for a scale, by score; None if it was not handed over."""
    for table in tables:
        if (table.instrument, table.version, table.scale) == (instrument.id, instrument.version, scale.id):
            return {exact(point.score): exact(point.value) for point in table.points}
    return None


def _recoded(instrument: Instrument, members: Sequence[str], answers: Mapping[str, int]) -> Iterator[int]:
    turned = instrument.recoded_here()
    items = {item.id: item for item in instrument.items}
    for item_id in members:
        if item_id in answers:
            allowed = instrument.allowed(items[item_id])
            yield allowed[0] + allowed[-1] - answers[item_id] if item_id in turned else answers[item_id]


def _is_allowed(instrument: Instrument, item: Item, answer: float | None) -> bool:
    return not isinstance(answer, bool) and answer in instrument.allowed(item)


def _nothing(
    instrument: Instrument,
    subscales: Mapping[str, ScaleScore | NotScorable],
    answers: Mapping[str, int],
    raised: tuple[Alert, ...],
) -> NotScorable:
    reasons = [one.reason for one in subscales.values() if isinstance(one, NotScorable)]
    if not reasons:
        return NotScorable(reason=NoScore.NOTHING_TO_SCORE, alerts=raised)
    wanted = {item_id for scale in instrument.subscales for item_id in scale.items}
    unanswered = tuple(item_id for item_id in instrument.item_ids() if item_id in wanted - set(answers))
    return NotScorable(reason=reasons[0], items=unanswered, alerts=raised, subscales=subscales)
