"""Who is asked what, and which answers are taken: pure decisions."""

from collections.abc import Mapping, Sequence

from attrs import frozen

from mewe_eval.instruments import Instrument
from mewe_eval.instruments.model import Item, ItemAlert, Wording
from mewe_eval.model import Answer, AnswerRefused

Answers = Mapping[str, int | None]
"""By item what was answered; None: it was skipped. An item that is not there was not answered yet."""


@frozen
class Taken:
    """What became of some answers. ``alerts``: rules that a new answer raises."""

    answers: Answers
    refused: tuple[AnswerRefused, ...]
    alerts: tuple[ItemAlert, ...]


def asked_items(instrument: Instrument, without: Sequence[str], *, staffed: bool) -> tuple[Item, ...]:
    """The items of a form. Those that a person has to look at are asked only while somebody does: ``staffed``."""
    alarming = {one.item for one in instrument.alerts}
    return tuple(one for one in instrument.items if one.id not in without and (staffed or one.id not in alarming))


def taken(instrument: Instrument, without: Sequence[str], before: Answers, given: Sequence[Answer]) -> Taken:
    """What is kept of new answers beside those before: each by itself, so that nothing is lost for another's fault.

    An answer to an item that is asked only while somebody looks is taken at any time, and so is its alert: it may have been
    shown a moment before. An alert is raised once for an item, whatever it is changed to. The same item twice is refused: which
    one was meant is not for us to say, but an alert is raised by either.
    """
    kept, refused, alerts = dict(before), dict[str, AnswerRefused](), dict[str, ItemAlert]()
    items = {one.id: one for one in instrument.items if one.id not in without}
    counted = [one.item for one in given]
    for one in given:
        item = items.get(one.item)
        if item is None:
            refused[one.item] = AnswerRefused(one.item, f"one of {', '.join(items)}")
            continue
        if one.value is not None and one.value not in instrument.allowed(item):
            allowed = instrument.allowed(item)
            refused[one.item] = AnswerRefused(one.item, f"{', '.join(map(str, allowed[:-1]))} or {allowed[-1]}")
            continue
        raised = [rule for rule in instrument.alerts if rule.item == one.item and raises(rule, one.value)]
        if raised and not any(raises(rule, before.get(one.item)) for rule in raised):
            alerts[one.item] = raised[0]
        if counted.count(one.item) > 1:
            refused[one.item] = AnswerRefused(one.item, "each item once")
        else:
            kept[one.item] = one.value
    return Taken(kept, tuple(refused.values()), tuple(alerts.values()))


def raises(rule: ItemAlert, value: int | None) -> bool:
    """Whether an answer raises an alert; what was skipped raises none."""
    return value is not None and rule.is_raised(value)


def language_of(instrument: Instrument, asked: str) -> str:
    """The language in which somebody reads an instrument: theirs, its plain form, English, or the first that there is."""
    wanted = (asked, asked.split("-")[0], "en")
    return next((one for one in wanted if one in instrument.texts), instrument.languages[0])


def choice(instrument: Instrument, wording: Wording, item: Item, value: int) -> str:
    """What an answer says in words."""
    name = item.answers or next(iter(instrument.answers))
    return wording.answers[name][instrument.allowed(item).index(value)]
