"""Studies of people who do not exist, for tests, demonstrations and measurements."""

import csv
import io
from collections.abc import Iterator, Mapping

import numpy as np
from attrs import frozen
from numpy.random import PCG64, Generator

from mewe_eval.instruments.model import Instrument, Respondent
from mewe_eval.protocol.definition import Protocol
from mewe_eval.study.known import Known

_GENDERS = ("girl", "boy", "another")


@frozen(kw_only=True)
class Imagined:
    """How many people a study is to have and how they answer.

    ``effect`` and ``between``: of the programme, and of groups among each other, in standard deviations of how one is.
    ``leaves``: the share of people who do not answer, at each wave after the first.
    """

    countries: Mapping[str, int]
    """Of each country, how many groups."""
    people: int = 8
    effect: float = 0.5
    between: float = 0.3
    leaves: float = 0.15
    seed: int = 1


def imagined_csv(protocol: Protocol, instruments: Mapping[str, Instrument], of: Imagined) -> bytes:
    """The file of such a study, as ``read_study`` takes it: each country's groups by turns in the protocol's arms."""
    shown = io.StringIO(newline="")
    asked = {one.instrument: instruments[one.instrument] for one in protocol.asked}
    items = [(one, item) for one in asked.values() for item in one.items]
    writer = csv.writer(shown, lineterminator="\n")
    own = ("person", "wave", "role", *Known, "sessions_held", "sessions_attended")
    writer.writerow([*own, *(f"{one.id}.{item.id}" for one, item in items)])
    for row in _rows(protocol, asked, of):
        writer.writerow([row.get(name, "") for name in own] + [row.get(f"{one.id}.{item.id}", "") for one, item in items])
    return shown.getvalue().encode()


def _rows(protocol: Protocol, asked: Mapping[str, Instrument], of: Imagined) -> Iterator[Mapping[str, object]]:
    chance = Generator(PCG64(of.seed))
    arms, waves, number = list(protocol.arms), list(protocol.waves), 0
    for country, groups in of.countries.items():
        for place in range(groups):
            arm = arms[place % len(arms)]
            shared = chance.normal(0, of.between)
            group = {
                "country": country,
                "organisation": f"{country} {place // 2 + 1}",
                "group": f"group {place + 1}",
                "arm": arm,
            }
            for _ in range(of.people):
                number += 1
                yield from _person(protocol, asked, of, chance, {**group, "person": f"{number:06d}"}, shared)
            for wave in waves:
                answers = _answers(protocol, asked, wave, Respondent.GROUP_LEADER, shared, chance)
                if answers:
                    yield {**group, "person": f"leader of {place + 1}", "wave": wave, "role": "group-leader", **answers}


def _person(
    protocol: Protocol,
    asked: Mapping[str, Instrument],
    of: Imagined,
    chance: Generator,
    known: Mapping[str, str],
    shared: float,
) -> Iterator[Mapping[str, object]]:
    own = shared + chance.normal(0, 0.8)
    held = 7 if protocol.arms[known["arm"]].programme else 0
    stays = True
    rows = list[dict[str, object]]()
    for place, wave in enumerate(protocol.waves):
        stays = stays and (place == 0 or chance.random() >= of.leaves)
        if not stays:
            break
        gain = of.effect if place and protocol.arms[known["arm"]].programme else 0.0
        state = own + gain + chance.normal(0, 0.6)
        rows.append({**known, "wave": wave, "role": "participant"})
        rows[-1] |= _answers(protocol, asked, wave, Respondent.PARTICIPANT, state, chance)
    state_of = {1: "started", 2: "completed_t1"}.get(len(rows), "completed_t2")
    about = {
        "state": state_of,
        "gender": _GENDERS[int(chance.choice(3, p=(0.6, 0.35, 0.05)))],
        "age": int(chance.integers(14, 18)),
        "sessions_held": held,
        "sessions_attended": int(chance.binomial(held, 0.8)),
    }
    yield from ({**row, **about} for row in rows)


def _answers(
    protocol: Protocol, asked: Mapping[str, Instrument], wave: str, role: Respondent, state: float, chance: Generator
) -> dict[str, object]:
    """Answers by how somebody is: further up the range the better, for items that are reversed further down."""
    given = dict[str, object]()
    for one in protocol.asked:
        if one.wave != wave or one.role is not role:
            continue
        instrument = asked[one.instrument]
        for item in instrument.items:
            if item.id in one.without or chance.random() < 0.02:
                continue
            values = instrument.allowed(item)
            turned = -1.0 if item.id in instrument.recoded_here() else 1.0
            share = 0.5 + 0.22 * (turned * state + chance.normal(0, 0.6))
            given[f"{instrument.id}.{item.id}"] = values[int(np.clip(round(share * (len(values) - 1)), 0, len(values) - 1))]
    return given
