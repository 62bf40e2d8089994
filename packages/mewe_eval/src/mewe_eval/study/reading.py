"""A study read from a CSV file, strictly: everything that is wrong at once, each with its line and column."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from mewe_core.kit.tables import closest
from numpy.typing import NDArray

from mewe_eval.analysis.table import NoSuchColumn, Table, TableUnreadable, read_table
from mewe_eval.instruments.model import Instrument, Respondent
from mewe_eval.protocol.definition import Protocol, ToldOfOneself
from mewe_eval.statistics.results import Vector
from mewe_eval.study.data import Answered, Study, Words
from mewe_eval.study.known import STATES, Known

_MOST_FAULTS = 40
_SESSIONS = ("sessions_held", "sessions_attended")
_OWN = ("person", "wave", "role", *Known, *_SESSIONS)


class StudyFaults(Exception):
    """The file cannot be used; each line of the message is a fault, with its line, its column and what is allowed."""

    def __init__(self, *lines: str) -> None:
        told = lines[:_MOST_FAULTS]
        more = len(lines) - len(told)
        super().__init__("\n".join((*told, *((f"and {more} more",) if more else ()))))
        self.lines = told


def read_study(protocol: Protocol, instruments: Mapping[str, Instrument], content: bytes, cut: str) -> Study:
    """The study in a CSV file. ``cut``: as of when its data are. Raises StudyFaults with everything that is wrong."""
    try:
        table = read_table(content)
        return _study(protocol, instruments, table, cut)
    except (TableUnreadable, NoSuchColumn) as fault:
        raise StudyFaults(str(fault)) from None


def _study(protocol: Protocol, instruments: Mapping[str, Instrument], table: Table, cut: str) -> Study:
    asked = {one.instrument: instruments[one.instrument] for one in protocol.asked}
    items = {f"{one.id}.{item}": (one.id, item) for one in asked.values() for item in one.item_ids()}
    faults = [
        f'column "{name}": it is no item that is asked, nor known of people; allowed: {closest(name, [*_OWN, *items])}'
        for name in table.columns
        if name not in _OWN and name not in items
    ]
    faults += [
        f'column "{name}": it is not there; allowed: a column of that name, with a value in every row'
        for name in ("person", "wave")
        if not table.has(name)
    ]
    if faults:
        raise StudyFaults(*faults)
    roles = np.array([one or Respondent.PARTICIPANT.value for one in _words(table, "role")])
    waves = np.array([one or "" for one in _words(table, "wave")])
    faults += _wrong_words(protocol, table, roles, waves)
    mine = roles == Respondent.PARTICIPANT.value
    where = [
        (country or "", place or "")
        for country, place in zip(_words(table, Known.COUNTRY), _words(table, Known.ORGANISATION), strict=True)
    ]
    index, place = _numbered(where, _words(table, "person"), mine)
    groups, group = _numbered(where, _words(table, Known.GROUP), np.ones(table.rows, dtype=bool))
    faults += _twice(place, waves, mine)
    known, more = _known(table, place, len(index))
    faults += more
    for row in np.flatnonzero(~mine & (group < 0)).tolist():
        faults.append(f'line {row + 2}: column "group": whose leader is this?; allowed: the group that they lead')
    answers = dict[tuple[str, str, Respondent], Answered]()
    for instrument in asked.values():
        values, wrong = _answers(table, instrument)
        faults += wrong
        for one in protocol.asked:
            if one.instrument != instrument.id:
                continue
            rows = (waves == one.wave) & (roles == one.role.value) & np.isfinite(values).any(axis=1)
            whose = place if one.role is Respondent.PARTICIPANT else group
            answers[(one.wave, one.instrument, one.role)] = Answered(whose[rows], values[rows])
    if faults:
        raise StudyFaults(*faults)
    known |= {
        Known(name): _told(known.get(Known(name)), told, protocol, asked[told.instrument], answers, len(index))
        for name, told in protocol.known.items()
    }
    group_of = np.full(len(index), -1)
    group_of[place[place >= 0]] = group[place >= 0]
    sessions = _sessions(table, place, len(index))
    names = tuple(person for _, _, person in index)
    return Study(protocol, asked, names, known, sessions, groups, group_of, answers, cut, table.sha256)


def _numbered(
    where: Sequence[tuple[str, str]], names: Words, rows: NDArray[np.bool_]
) -> tuple[tuple[tuple[str, str, str], ...], NDArray[np.int64]]:
    """Everybody, or every group, of some rows, by country, organisation and name; and for each row which, -1: none."""
    keys = [(*of, one) if one is not None and there else None for of, one, there in zip(where, names, rows, strict=True)]
    index = {key: number for number, key in enumerate(dict.fromkeys(key for key in keys if key is not None))}
    return tuple(index), np.array([-1 if key is None else index[key] for key in keys], dtype=np.int64)


def _words(table: Table, name: str) -> tuple[str | None, ...]:
    return table.columns.get(name, (None,) * table.rows)


def _wrong_words(protocol: Protocol, table: Table, roles: NDArray[np.str_], waves: NDArray[np.str_]) -> Iterator[str]:
    allowed: Mapping[str, tuple[Sequence[str | None], Sequence[str]]] = {
        "wave": (waves.tolist(), list(protocol.waves)),
        "role": (roles.tolist(), [one.value for one in Respondent]),
        Known.ARM: (_words(table, Known.ARM), list(protocol.arms)),
        Known.STATE: (_words(table, Known.STATE), STATES),
    }
    for name, (column, words) in allowed.items():
        for row, one in enumerate(column, 2):
            if one is not None and one not in words:
                yield f'line {row}: column "{name}": there is no such {name}; allowed: {", ".join(words)}'
    for row, one in enumerate(_words(table, "person"), 2):
        if one is None and roles[row - 2] == Respondent.PARTICIPANT.value:
            yield f'line {row}: column "person": it is empty; allowed: a pseudonym, the same in every row of that person'


def _twice(place: NDArray[np.int64], waves: NDArray[np.str_], mine: NDArray[np.bool_]) -> Iterator[str]:
    seen = dict[tuple[int, str], int]()
    for row in np.flatnonzero(mine).tolist():
        key = (int(place[row]), str(waves[row]))
        if key in seen:
            yield f"line {row + 2}: the same person and wave as line {seen[key] + 2}; allowed: one row for each person and wave"
        seen.setdefault(key, row)


def _known(table: Table, place: NDArray[np.int64], people: int) -> tuple[dict[Known, Words], list[str]]:
    """What is known of each person, from the first row that says it; two rows must not say two things."""
    known, faults = dict[Known, Words](), list[str]()
    for name in Known:
        if not table.has(name):
            continue
        found: list[str | None] = [None] * people
        for row, one in enumerate(table.columns[name]):
            whose = int(place[row])
            if one is None or whose < 0:
                continue
            if found[whose] not in (None, one):
                faults.append(
                    f'line {row + 2}: column "{name}": another row says otherwise of this person; allowed: one of them'
                )
            found[whose] = one
        known[name] = tuple(found)
    return known, faults


def _told(
    there: Words | None,
    told: ToldOfOneself,
    protocol: Protocol,
    instrument: Instrument,
    answers: Mapping[tuple[str, str, Respondent], Answered],
    people: int,
) -> Words:
    """What people said of themselves, where the file does not say it of them already: what they said first."""
    found: list[str | None] = list(there) if there is not None else [None] * people
    place = instrument.item_ids().index(told.item)
    allowed = instrument.allowed(instrument.items[place])
    for wave in protocol.waves:
        answered = answers.get((wave, told.instrument, Respondent.PARTICIPANT))
        if answered is None:
            continue
        for whose, value in zip(answered.rows.tolist(), answered.values[:, place].tolist(), strict=True):
            if found[whose] is None and np.isfinite(value):
                found[whose] = told.words[allowed.index(int(value))] if told.words else str(int(value))
    return tuple(found)


def _sessions(table: Table, place: NDArray[np.int64], people: int) -> Vector:
    found = np.full((people, 2), np.nan)
    for column, name in enumerate(_SESSIONS):
        if table.has(name):
            values = table.numbers(name)
            there = (place >= 0) & np.isfinite(values)
            found[place[there], column] = values[there]
    return found


def _answers(table: Table, instrument: Instrument) -> tuple[Vector, list[str]]:
    """All answers to an instrument: (rows, items), NaN where there is none, and those that are not allowed."""
    values, faults = np.full((table.rows, len(instrument.items)), np.nan), list[str]()
    for column, item in enumerate(instrument.items):
        name = f"{instrument.id}.{item.id}"
        if not table.has(name):
            continue
        values[:, column] = table.numbers(name)
        allowed = instrument.allowed(item)
        wrong = np.isfinite(values[:, column]) & ~np.isin(values[:, column], allowed)
        listed = ", ".join(map(str, allowed))
        places = np.flatnonzero(wrong).tolist()
        faults += [f'line {row + 2}: column "{name}": that is no answer to it; allowed: {listed}' for row in places]
    return values, faults
