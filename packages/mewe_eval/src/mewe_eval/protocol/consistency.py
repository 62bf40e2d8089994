"""What a protocol must not say, though each of its keys is right by itself."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from mewe_core.kit.tables import TableFault, closest

from mewe_eval.instruments.model import Instrument, Respondent
from mewe_eval.protocol.definition import Asked, Importance, MissingData, Model, Protocol, Unit, Window

KNOWN_OF_PEOPLE = ("gender", "age", "organisation", "country", "cared_for")
"""What is known of people besides their answers; covariates, strata and equality are of these."""


TOLD_BY_PEOPLE = ("gender", "age", "cared_for")
"""What of it people can be asked themselves."""


def inconsistencies(protocol: Protocol, instruments: Mapping[str, Instrument]) -> Iterator[TableFault]:
    """Everything that does not fit together; ``instruments``: those that there are, by id."""
    yield from _arms(protocol)
    yield from _waves(protocol)
    yield from _asked(protocol, instruments)
    yield from _told(protocol, instruments)
    yield from _outcomes(protocol, instruments)
    yield from _analysis(protocol)
    if protocol.ages is not None and protocol.ages.least > protocol.ages.most:
        yield TableFault("ages.most", "it is below ages.least", f"{protocol.ages.least} or more")


def _arms(protocol: Protocol) -> Iterator[TableFault]:
    if not protocol.arms:
        yield TableFault("arms", "there is none", "a section [arms.NAME] for each, one at least")
    assignment = protocol.assignment
    if assignment.unit is Unit.NONE:
        if len(protocol.arms) > 1:
            yield TableFault("assignment.unit", "nothing says which arm somebody is in", "group, person; or one arm alone")
        return
    if len(protocol.arms) < 2:
        yield TableFault("assignment.unit", "there is nothing to assign", "none, or two arms at least")
    if {*assignment.ratio} != {*protocol.arms}:
        yield TableFault("assignment.ratio", "it does not name each arm once", f"a number for each of: {_list(protocol.arms)}")
    if any(not 1 <= one <= 20 for one in assignment.ratio.values()):
        yield TableFault("assignment.ratio", "a number is out of range", "whole numbers from 1 to 20")
    if any(not 1 <= one <= 10 for one in assignment.blocks):
        yield TableFault("assignment.blocks", "a number is out of range", "whole numbers from 1 to 10")
    yield from _known("assignment.strata", assignment.strata)


def _waves(protocol: Protocol) -> Iterator[TableFault]:
    if not protocol.waves:
        yield TableFault("waves", "there is none", "a section [waves.NAME] for each, one at least")
    for name, wave in protocol.waves.items():
        for n, window in enumerate(wave.windows):
            yield from _window(protocol, f"waves.{name}.windows[{n}]", window)
        for arm in protocol.arms:
            several = [n for n, one in enumerate(wave.windows) if not one.arms or arm in one.arms]
            if not several:
                yield TableFault(f"waves.{name}.windows", f'arm "{arm}" has none', "one window for each arm")
            for n in several[1:]:
                yield TableFault(f"waves.{name}.windows[{n}].arms", f'arm "{arm}" has one already', "one window for each arm")
    names = list(protocol.waves)
    for arm in protocol.arms:
        for earlier, later in pairwise(names):
            first, second = protocol.window(earlier, arm), protocol.window(later, arm)
            if first is not None and second is not None and first.after == second.after and _overlap(first, second):
                place = protocol.waves[later].windows.index(second)
                yield TableFault(
                    f"waves.{later}.windows[{place}].days",
                    f'for arm "{arm}" it opens before {earlier} has closed',
                    f"more than {first.days + first.closes + second.opens} days after {second.after}",
                )


def _window(protocol: Protocol, key: str, window: Window) -> Iterator[TableFault]:
    for arm in window.arms:
        if arm not in protocol.arms:
            yield TableFault(f"{key}.arms", "there is no such arm", closest(arm, protocol.arms))
    if any(not -window.opens <= day <= window.closes for day in window.reminders):
        yield TableFault(
            f"{key}.reminders", "somebody is reminded while it is not open", f"days from {-window.opens} to {window.closes}"
        )
    if len({*window.reminders}) < len(window.reminders):
        yield TableFault(f"{key}.reminders", "a day is there twice", "each day once")


def _overlap(first: Window, second: Window) -> bool:
    return second.days - second.opens <= first.days + first.closes


def _asked(protocol: Protocol, instruments: Mapping[str, Instrument]) -> Iterator[TableFault]:
    seen = set[tuple[str, str, str]]()
    for n, asked in enumerate(protocol.asked):
        key = f"asked[{n}]"
        if asked.wave not in protocol.waves:
            yield TableFault(f"{key}.wave", "there is no such wave", closest(asked.wave, protocol.waves))
        same = (asked.wave, asked.instrument, asked.role.value)
        if same in seen:
            yield TableFault(f"{key}.instrument", "it is asked twice at this wave", "each instrument once a wave and role")
        seen.add(same)
        instrument = instruments.get(asked.instrument)
        if instrument is None:
            yield TableFault(f"{key}.instrument", "there is no such instrument", closest(asked.instrument, instruments))
            continue
        if asked.version != instrument.version:
            yield TableFault(f"{key}.version", "there is no such version", f"{instrument.version}")
        if asked.role not in instrument.respondents:
            yield TableFault(f"{key}.role", "it is not for them", ", ".join(one.value for one in instrument.respondents))
        if unknown := [one for one in asked.without if one not in instrument.item_ids()]:
            yield TableFault(f"{key}.without", "there is no such item", closest(unknown[0], instrument.item_ids()))
        elif len({*asked.without}) >= len(instrument.items):
            yield TableFault(f"{key}.without", "nothing is left to ask", "some of the items")


def _told(protocol: Protocol, instruments: Mapping[str, Instrument]) -> Iterator[TableFault]:
    for name, told in protocol.known.items():
        key = f"known.{name}"
        if name not in TOLD_BY_PEOPLE:
            yield TableFault(key, "that is not what people are asked of themselves", closest(name, TOLD_BY_PEOPLE))
        asked = [one for one in protocol.asked if one.instrument == told.instrument and one.role is Respondent.PARTICIPANT]
        instrument = instruments.get(told.instrument)
        if instrument is None or not asked:
            there = {one.instrument for one in protocol.asked if one.role is Respondent.PARTICIPANT}
            yield TableFault(f"{key}.instrument", "no participant is asked it", closest(told.instrument, there))
            continue
        item = next((one for one in instrument.items if one.id == told.item), None)
        if item is None or all(told.item in one.without for one in asked):
            there = {one for one in instrument.item_ids() if any(one not in asking.without for asking in asked)}
            yield TableFault(f"{key}.item", "no such item is asked", closest(told.item, there))
            continue
        answers = instrument.allowed(item)
        if name == "age" and told.words:
            yield TableFault(f"{key}.words", "an age is told by its number", "left out")
        elif name != "age" and len({*told.words}) != len(answers):
            listed = ", ".join(map(str, answers))
            yield TableFault(f"{key}.words", "they do not fit its answers", f"{len(answers)} words, one for each of {listed}")


def _outcomes(protocol: Protocol, instruments: Mapping[str, Instrument]) -> Iterator[TableFault]:
    for name, outcome in protocol.outcomes.items():
        key = f"outcomes.{name}"
        asked = [one for one in protocol.asked if one.instrument == outcome.instrument]
        instrument = instruments.get(outcome.instrument)
        if instrument is None or not asked:
            there = {one.instrument for one in protocol.asked}
            yield TableFault(f"{key}.instrument", "nobody is asked it", closest(outcome.instrument, there))
            continue
        scales = [scale.id for scale in instrument.scales()]
        if outcome.scale is not None and outcome.scale not in scales:
            yield TableFault(f"{key}.scale", "there is no such scale", closest(outcome.scale, scales))
        elif outcome.scale is not None and (out := _left_out(instrument, outcome.scale, asked)):
            yield TableFault(f"{key}.scale", f'it wants item "{out}", which is left out', "a scale whose items are all asked")
        if outcome.item is not None and outcome.item not in instrument.item_ids():
            yield TableFault(f"{key}.item", "there is no such item", closest(outcome.item, instrument.item_ids()))
        waves = {one.wave for one in asked}
        compared = outcome.importance is not Importance.PROCESS and protocol.analysis.model is not Model.DESCRIPTION
        if compared and protocol.analysis.baseline in protocol.waves and protocol.analysis.baseline not in waves:
            yield TableFault(f"{key}.instrument", "it is not asked at the baseline", "an instrument that is; or process")
        if compared and waves <= {protocol.analysis.baseline}:
            yield TableFault(f"{key}.instrument", "it is asked at the baseline alone", "an instrument that is asked later too")


def _left_out(instrument: Instrument, scale: str, asked: list[Asked]) -> str | None:
    members = instrument.members(instrument.scale(scale))
    without = {item for one in asked for item in one.without}
    return next((item for item in members if item in without), None)


def _analysis(protocol: Protocol) -> Iterator[TableFault]:
    analysis = protocol.analysis
    if analysis.baseline not in protocol.waves:
        yield TableFault("analysis.baseline", "there is no such wave", closest(analysis.baseline, protocol.waves))
    elif next(iter(protocol.waves)) != analysis.baseline:
        yield TableFault("analysis.baseline", "it is not the first wave", next(iter(protocol.waves)))
    compares = analysis.model is not Model.DESCRIPTION
    if compares and len(protocol.arms) < 2:
        yield TableFault("analysis.model", "there is nothing to compare with", f"{Model.DESCRIPTION.value}; or two arms")
    if compares and not any(one.importance is Importance.PRIMARY for one in protocol.outcomes.values()):
        yield TableFault("outcomes", "none is primary", 'importance = "primary" for one at least')
    if analysis.missing is MissingData.IMPUTATION and analysis.model is not Model.COVARIANCE:
        yield TableFault("analysis.missing", "it is for the covariance analysis", "complete")
    if analysis.deltas and analysis.missing is not MissingData.IMPUTATION:
        yield TableFault("analysis.deltas", "nothing is imputed that they could be added to", 'missing = "imputation"')
    yield from _known("analysis.covariates", analysis.covariates)
    yield from _known("analysis.equality", analysis.equality)


def _known(key: str, columns: tuple[str, ...]) -> Iterator[TableFault]:
    for one in columns:
        if one not in KNOWN_OF_PEOPLE:
            yield TableFault(key, "that is not known of people", closest(one, KNOWN_OF_PEOPLE))


def _list(names: Mapping[str, object]) -> str:
    return ", ".join(names)
