"""What the parts of an instrument's document have to say of each other. Each rule says which parts it looks at.

A rule runs only if these parts could be read, so that one mistake is not told twice.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Set
from fractions import Fraction

from mewe_core.kit.tables import TableFault, closest

from mewe_eval.instruments.model import TOTAL, Instrument, LicenceKind, Method, Missing, Rounding, Scale, Unit, Wording, exact

Faults = Iterator[TableFault]
_Rule = Callable[[Instrument], Faults]

_RULES: list[tuple[frozenset[str], _Rule]] = []


def _about(*parts: str) -> Callable[[_Rule], _Rule]:
    def take(rule: _Rule) -> _Rule:
        _RULES.append((frozenset(parts), rule))
        return rule

    return take


def inconsistencies(one: Instrument, unread: Set[str] = frozenset()) -> Faults:
    """Everything that does not fit together; ``unread``: keys of the document whose values are not there to be looked at."""
    for parts, rule in _RULES:
        if not parts & unread:
            yield from rule(one)


@_about("ages")
def _ages(one: Instrument) -> Faults:
    if one.ages.least is not None and one.ages.most is not None and one.ages.least > one.ages.most:
        yield TableFault("ages.most", "it is below ages.least", "an age not below ages.least")


@_about("answers")
def _sets_of_answers(one: Instrument) -> Faults:
    if not one.answers:
        yield TableFault("answers", "there is no set of answers", "one set at least, such as often = [0, 1, 2, 3]")
    for name, values in one.answers.items():
        if len(values) < 2 or list(values) != sorted(set(values)):
            yield TableFault(
                f"answers.{name}", "this is no set of answers", "two whole numbers or more, each once, lowest first"
            )


@_about("items", "answers")
def _answers_of_items(one: Instrument) -> Faults:
    for n, item in enumerate(one.items):
        if item.answers and item.answers not in one.answers:
            yield TableFault(f"items[{n}].answers", "there is no such set of answers", closest(item.answers, one.answers))
        elif not item.answers and len(one.answers) > 1:
            yield TableFault(f"items[{n}].answers", "there are several sets of answers", closest("", one.answers))


@_about("items")
def _item_ids(one: Instrument) -> Faults:
    yield from _twice("items", [item.id for item in one.items])


@_about("subscales")
def _subscale_ids(one: Instrument) -> Faults:
    yield from _twice("subscales", [scale.id for scale in one.subscales])
    for n, scale in enumerate(one.subscales):
        if scale.id == TOTAL:
            yield TableFault(f"subscales[{n}].id", "this is the id of the total", "another id")
        if not scale.items:
            yield TableFault(f"subscales[{n}].items", "it has no items", "ids of its items")


@_about("total")
def _the_total(one: Instrument) -> Faults:
    if one.total is not None and one.total.id != TOTAL:
        yield TableFault("total.id", "the total has another id", 'nothing, or "total"')


@_about("cut_offs", "bands")
def _ids_of_thresholds(one: Instrument) -> Faults:
    yield from _twice("cut_offs", [cut.id for cut in one.cut_offs])
    yield from _twice("bands", [f"{band.scale}: {band.id}" for band in one.bands])


@_about("items", "answers", "reverse")
def _reverse_items(one: Instrument) -> Faults:
    if one.reverse is None:
        return
    there = {item.id: item for item in one.items}
    yield from _twice("reverse.items", one.reverse.items, key="")
    for n, item_id in enumerate(one.reverse.items):
        if item_id not in there:
            yield TableFault(f"reverse.items[{n}]", "there is no such item", closest(item_id, there))
            continue
        values = _values(one, item_id)
        if values and {values[0] + values[-1] - value for value in values} != set(values):
            yield TableFault(f"reverse.items[{n}]", "its answers cannot be turned round", "an item whose answers lie evenly")


@_about("items", "total", "subscales")
def _items_of_scales(one: Instrument) -> Faults:
    there = one.item_ids()
    for key, scale in _keyed(one):
        yield from _twice(f"{key}.items", scale.items, key="")
        for n, item_id in enumerate(scale.items):
            if item_id not in there:
                yield TableFault(f"{key}.items[{n}]", "there is no such item", closest(item_id, there))
        if not one.members(scale):
            yield TableFault(f"{key}.items", "no item counts", "an item at least that counts")


@_about("items", "total", "subscales")
def _missing_rules(one: Instrument) -> Faults:
    for key, scale in _keyed(one):
        members = len(one.members(scale))
        if scale.least is not None and scale.least > members:
            yield TableFault(f"{key}.least", "there are not so many items", f"a number from 1 to {members}")
        if scale.missing is not Missing.NONE and scale.least is None:
            yield TableFault(f"{key}.least", f'"{scale.missing}" needs a minimum of answers', f"a number from 1 to {members}")
        if scale.missing is Missing.NONE and scale.least not in (None, members):
            yield TableFault(f"{key}.missing", "some items may be missing, and no rule says what then", _fitting(scale))
        if scale.missing is not Missing.NONE and scale.missing.value != _FILLS[scale.method]:
            yield TableFault(f"{key}.missing", f'this is no rule for "{scale.method}"', _fitting(scale))
        if scale.rounding is Rounding.NONE and scale.decimals:
            yield TableFault(f"{key}.decimals", "nothing is rounded", 'nothing, or a rounding: "half-up", "half-even"')


@_about("items", "answers", "total", "subscales")
def _ranges(one: Instrument) -> Faults:
    for key, scale in _keyed(one):
        extremes = _extremes(one, scale)
        if extremes is not None and extremes != (exact(scale.low), exact(scale.high)):
            low, high = (_shown(end) for end in extremes)
            yield TableFault(f"{key}.low", "items, method and factor give another range", f"low = {low}, high = {high}")


@_about("items", "answers", "total", "subscales", "cut_offs", "bands", "changes", "norms")
def _thresholds(one: Instrument) -> Faults:
    scales = {scale.id: scale for _, scale in _keyed(one)}
    named = [(f"cut_offs[{n}]", cut.scale, cut.value, cut.unit) for n, cut in enumerate(one.cut_offs)]
    named += [(f"bands[{n}]", band.scale, band.at_least, Unit.SCORE) for n, band in enumerate(one.bands)]
    for key, scale_id, value, unit in named:
        extremes = _extremes(one, scales[scale_id], unit) if scale_id in scales else None
        if extremes is not None and not extremes[0] <= exact(value) <= extremes[1]:
            place = f"{key}.{'value' if key.startswith('cut') else 'at_least'}"
            low, high = (_shown(end) for end in extremes)
            yield TableFault(place, f"it is outside the range of the {unit}", f"a number from {low} to {high}")
    named += [(f"changes[{n}]", change.scale, change.value, Unit.SCORE) for n, change in enumerate(one.changes)]
    named += [(f"norms[{n}]", norm.scale, 0.0, Unit.SCORE) for n, norm in enumerate(one.norms)]
    for key, scale_id, _, _ in named:
        if scale_id not in scales:
            yield TableFault(f"{key}.scale", "there is no such scale", closest(scale_id, scales))


@_about("changes", "total", "subscales")
def _changes(one: Instrument) -> Faults:
    scales = {scale.id: scale for _, scale in _keyed(one)}
    for n, change in enumerate(one.changes):
        scale = scales.get(change.scale)
        if scale is not None and exact(change.value) > exact(scale.high) - exact(scale.low):
            yield TableFault(f"changes[{n}].value", "it is wider than the range", "a number within the range of the score")


@_about("norms")
def _norms(one: Instrument) -> Faults:
    for n, norm in enumerate(one.norms):
        if (norm.mean is None) != (norm.sd is None) or (norm.mean is None) == (not norm.table):
            yield TableFault(f"norms[{n}]", "this is no norm", "either mean and sd, or a table")


@_about("items", "answers", "alerts")
def _alerts(one: Instrument) -> Faults:
    there = one.item_ids()
    for n, alert in enumerate(one.alerts):
        if alert.item not in there:
            yield TableFault(f"alerts[{n}].item", "there is no such item", closest(alert.item, there))
        elif (values := _values(one, alert.item)) and alert.value not in values:
            yield TableFault(f"alerts[{n}].value", "no answer is that", f"one of {', '.join(map(str, values))}")


@_about("licence", "texts")
def _licence(one: Instrument) -> Faults:
    if one.licence.kind is LicenceKind.REFUSED:
        yield TableFault("licence.kind", "an instrument that is refused has no form", '"free" or "shell"')
    elif one.licence.kind is LicenceKind.SHELL and one.texts:
        yield TableFault("texts", "a shell has no texts", "nothing; a deployment loads them with its licence record")
    elif one.licence.kind is LicenceKind.FREE and not one.texts:
        yield TableFault("texts", "there are no texts", 'texts in one language at least, or licence.kind = "shell"')


@_about("title", "texts", "items", "answers")
def _texts(one: Instrument) -> Faults:
    for tag, wording in one.texts.items():
        if tag not in one.title:
            yield TableFault(f"title.{tag}", "the title is missing in a language of the texts", "a text")
        yield from wording_faults(one, wording, f"texts.{tag}.")


def wording_faults(one: Instrument, wording: Wording, prefix: str = "") -> Faults:
    """What of a text does not fit its instrument; ``prefix`` leads the keys."""
    yield from _same(f"{prefix}items", set(wording.items), set(one.item_ids()), "item")
    yield from _same(f"{prefix}answers", set(wording.answers), set(one.answers), "set of answers")
    for item_id, words in wording.items.items():
        if not words.strip() or len(words) > 1000:
            yield TableFault(f"{prefix}items.{item_id}", "this is no text of an item", "a text of 1 to 1000 characters")
    for name, labels in wording.answers.items():
        if name in one.answers and len(labels) != len(one.answers[name]):
            yield TableFault(f"{prefix}answers.{name}", "these are not the answers", f"{len(one.answers[name])} labels")
        elif not all(label.strip() for label in labels):
            yield TableFault(f"{prefix}answers.{name}", "a label is empty", "a text for each answer")


_FILLS = {Method.SUM: "prorate", Method.MEAN: "mean-of-answered"}


def _fitting(scale: Scale) -> str:
    return f'"{_FILLS[scale.method]}", or "none" and every item answered'


def _same(key: str, given: Set[str], there: Set[str], what: str) -> Faults:
    for name in sorted(given - there):
        yield TableFault(f"{key}.{name}", f"there is no such {what}", closest(name, there))
    for name in sorted(there - given):
        yield TableFault(f"{key}.{name}", f"this {what} has no text", "a text")


def _twice(place: str, ids: list[str] | tuple[str, ...], key: str = ".id") -> Faults:
    seen: Counter[str] = Counter()
    for n, one in enumerate(ids):
        seen[one] += 1
        if seen[one] == 2:
            yield TableFault(f"{place}[{n}]{key}", "it is there twice", "ids that differ from each other")


def _keyed(one: Instrument) -> list[tuple[str, Scale]]:
    total = [] if one.total is None else [("total", one.total)]
    return [*total, *((f"subscales[{n}]", scale) for n, scale in enumerate(one.subscales))]


def _values(one: Instrument, item_id: str) -> tuple[int, ...]:
    """The answers of an item, lowest first; none if its document does not say."""
    item = next(item for item in one.items if item.id == item_id)
    if not item.answers and len(one.answers) == 1:
        return tuple(sorted(next(iter(one.answers.values()))))
    return tuple(sorted(one.answers.get(item.answers, ())))


def _extremes(one: Instrument, scale: Scale, unit: Unit = Unit.SCORE) -> tuple[Fraction, Fraction] | None:
    """Least and greatest number that a scale can give, or None if its items are not as they should be."""
    members = one.members(scale)
    if not members or not set(members) <= set(one.item_ids()):
        return None
    values = [_values(one, item_id) for item_id in members]
    if not all(values):
        return None
    shared = Fraction(1, len(members)) if scale.method is Method.MEAN else Fraction(1)
    times = shared * exact(scale.factor) if unit is Unit.SCORE else shared
    return times * sum(some[0] for some in values), times * sum(some[-1] for some in values)


def _shown(number: Fraction) -> str:
    return str(number.numerator) if number.denominator == 1 else f"{float(number):g}"
