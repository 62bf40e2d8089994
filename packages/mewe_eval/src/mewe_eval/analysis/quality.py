"""What a plan asks of the quality of a table: rows to look at before anybody relies on a figure. Lines are told, no values."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from mewe_eval.analysis import definition as asked
from mewe_eval.analysis.found import Figure, Found
from mewe_eval.analysis.shaping import answers, items, score
from mewe_eval.analysis.table import NoSuchColumn, Table
from mewe_eval.statistics import screening
from mewe_eval.statistics.reliability import reliability
from mewe_eval.statistics.results import NotEstimable, Vector

_MOST_LINES = 20
_FEWEST_OF_SITE = 8
_FEWEST_OF_COPY = 20
_LEAST_OF_QUESTION = 0.0
"""Of one question by itself less is to be expected than of a scale; that it turns round is not."""

Said: TypeAlias = Iterator[Figure | str]
"""Figures and notes, in the order in which they are shown."""


def quality(wanted: asked.Quality, table: Table, scales: Mapping[str, asked.Scale]) -> Found:
    """Every check that the plan has columns for. Raises NoSuchColumn."""
    for name in (*wanted.scales, *wanted.stored):
        if name not in scales:
            raise NoSuchColumn(name, "there is no such scale in this plan", ", ".join(scales) or "none is declared")
    chosen = {name: scales[name] for name in wanted.scales}
    told: list[Figure | str] = [Figure("rows", table.rows)]
    told += _linked(wanted, table)
    told += _copies(wanted, table, chosen)
    for name, scale in chosen.items():
        told += _straight(name, scale, table)
        told += _against(name, scale, table)
    told += _fast(wanted, table, chosen)
    for name, column in wanted.stored.items():
        told += _stored(name, column, table, scales[name])
    told += _again(wanted, table, chosen)
    figures = tuple(one for one in told if isinstance(one, Figure))
    notes = tuple(one for one in told if isinstance(one, str))
    method = "Rows to look at; whoever did so may have meant what they answered"
    return Found("quality", "", method, figures, table.rows, notes=notes)


def _linked(wanted: asked.Quality, table: Table) -> Said:
    """Who is there twice, and whose name is another's elsewhere."""
    if wanted.person is None:
        return
    people, waves = _people(wanted, table), _column(wanted.wave, table)
    yield Figure("people", len({one for one in people if one is not None}))
    if nobody := _lines([one is None for one in people]):
        yield from _counted("rows that say nobody's", nobody, "whose are they?")
    twice = screening.repeated([None if one is None else (one, wave) for one, wave in zip(people, waves, strict=True)])
    yield Figure("rows of the same person and wave as another", sum(len(one) - 1 for one in twice))
    if twice:
        yield f"The same person{' and wave' if wanted.wave else ''} more than once: {_together(twice)}."
    if wanted.site:
        sites = dict[str, set[str]]()
        for one in people:
            if one is not None:
                sites.setdefault(one[1], set()).add(one[0])
        shared = sum(len(several) > 1 for several in sites.values())
        yield Figure("names of people at more than one site", shared)
        if shared:
            yield "A name that is there at several sites is taken for several people: they are linked by site and person."


def _copies(wanted: asked.Quality, table: Table, scales: Mapping[str, asked.Scale]) -> Said:
    """Rows with the very answers of another person: of twenty items and more, all answered, not all alike."""
    names = _items(scales)
    if wanted.person is None or len(names) < _FEWEST_OF_COPY:
        return
    given = np.stack([table.numbers(item) for item in names], axis=1)
    whole = np.isfinite(given).all(axis=1) & (given != given[:, :1]).any(axis=1)
    waves, people = _column(wanted.wave, table), _people(wanted, table)
    keys = [
        (wave, tuple(row)) if there else None for wave, row, there in zip(waves, given.tolist(), whole.tolist(), strict=True)
    ]
    copies = [places for places in screening.repeated(keys) if len({people[place] for place in places}) > 1]
    yield Figure("rows with all answers of another person", sum(len(one) - 1 for one in copies))
    if copies:
        yield f"All {len(names)} answers are those of another person: {_together(copies)}."


def _straight(name: str, scale: asked.Scale, table: Table) -> Said:
    if len(scale.items) < screening.FEWEST_IN_LINE:
        return
    lines = _lines(screening.straight_lines(answers(scale, table)))
    said = "some of these items run against the others" if scale.reverse else "no item runs against the others: it may be meant"
    yield from _counted(f"{name}: one answer to all items", lines, said)


def _against(name: str, scale: asked.Scale, table: Table) -> Said:
    """Items that go against the others once those that are to be reversed are."""
    if len(scale.items) == 1:
        return
    try:
        rest = reliability(items(scale, table)).rest
    except NotEstimable as refused:
        yield f"{name}: whether its items agree cannot be told. {refused.detail}"
        return
    against = [item for item, one in zip(scale.items, rest, strict=True) if one < 0]
    yield Figure(f"{name}: items that go against the others", len(against))
    for item in against:
        reason = "was it reversed before it came here?" if item in scale.reverse else "is it to be reversed?"
        yield f"{name}: {item} goes against the other items: {reason}"


def _fast(wanted: asked.Quality, table: Table, scales: Mapping[str, asked.Scale]) -> Said:
    if wanted.seconds is None:
        return
    answered = np.stack([np.isfinite(table.numbers(item)) for item in _items(scales)], axis=1).sum(axis=1)
    lines = _lines(screening.too_fast(table.numbers(wanted.seconds), answered, wanted.fastest))
    yield from _counted(f"answered in less than {wanted.fastest:g} seconds an item", lines, "")


def _stored(name: str, column: str, table: Table, scale: asked.Scale) -> Said:
    differ, unfounded = screening.wrong_totals(table.numbers(column), score(scale, table))
    yield from _counted(f"{name}: totals in {column} that are not those of the answers", _lines(differ), "")
    yield from _counted(f"{name}: totals in {column} of too few answers", _lines(unfounded), "")


def _again(wanted: asked.Quality, table: Table, scales: Mapping[str, asked.Scale]) -> Said:
    """What is measured again, one time and the next: of columns side by side, and of scales where a row is a wave."""
    for first, second in zip(wanted.again, wanted.again[1:], strict=False):
        least = wanted.least_correlation
        pair = (table.numbers(first), table.numbers(second))
        yield from _correlated(wanted, f"{first} and {second}", pair, _sites(wanted, table), least)
    if wanted.wave is None or wanted.person is None:
        return
    people, waves = _people(wanted, table), table.words(wanted.wave)
    known = list(dict.fromkeys(one for one in people if one is not None))
    places = {one: place for place, one in enumerate(known)}
    rows = np.array([-1 if one is None else places[one] for one in people], dtype=np.int64)
    sites = [site for site, _ in known]
    for name, scale in scales.items():
        values = score(scale, table)
        of_waves = [_by_person(values, rows, waves.codes == place, len(known)) for place in range(len(waves.levels))]
        least = wanted.least_correlation if len(scale.items) > 1 else _LEAST_OF_QUESTION
        for place in range(len(waves.levels) - 1):
            pair = (of_waves[place], of_waves[place + 1])
            if all(np.isfinite(one).any() for one in pair):
                said = f"{name} at {waves.levels[place]} and {waves.levels[place + 1]}"
                yield from _correlated(wanted, said, pair, sites, least)


def _by_person(values: Vector, rows: NDArray[np.int64], there: NDArray[np.bool_], people: int) -> Vector:
    found = np.full(people, np.nan)
    chosen = there & (rows >= 0) & np.isfinite(values)
    found[rows[chosen]] = values[chosen]
    return found


def _correlated(wanted: asked.Quality, said: str, pair: tuple[Vector, Vector], sites: Sequence[str], least: float) -> Said:
    """The correlation of all, and where it is surely low: of all, or of one site with pairs enough."""
    try:
        found = screening.correlation(*pair, wanted.level)
    except NotEstimable as refused:
        yield f"{said}: {refused.detail}"
        return
    yield Figure(f"{said}: pairs", found.n)
    yield Figure.within(f"{said}: correlation", found.value, found.interval)
    if found.interval.high < least:
        yield f"{said}: correlated less than {least:g}. Are both of the same people?"
    if not wanted.site:
        return
    for site in sorted({one for one in sites if one}):
        there = np.array([one == site for one in sites], dtype=bool)
        if (there & np.isfinite(pair[0]) & np.isfinite(pair[1])).sum() < _FEWEST_OF_SITE:
            continue
        try:
            own = screening.correlation(pair[0][there], pair[1][there], wanted.level)
        except NotEstimable:
            continue
        if own.interval.high < least:
            yield f"{said}: at {site} correlated less than {least:g}. Are both of the same people there?"


def _people(wanted: asked.Quality, table: Table) -> list[tuple[str, str] | None]:
    """For each row the site and the name of its person; None where the name is missing."""
    sites, names = _sites(wanted, table), _column(wanted.person, table)
    return [None if name is None else (site, name) for site, name in zip(sites, names, strict=True)]


def _sites(wanted: asked.Quality, table: Table) -> list[str]:
    """For each row where it is from; nothing where nobody says."""
    columns = [_column(name, table) for name in wanted.site]
    return ["/".join(one[row] or "" for one in columns) for row in range(table.rows)]


def _column(name: str | None, table: Table) -> Sequence[str | None]:
    if name is None:
        return (None,) * table.rows
    words = table.words(name)
    return [None if code < 0 else words.levels[code] for code in words.codes.tolist()]


def _counted(named: str, lines: list[int], said: str) -> Said:
    yield Figure(named, len(lines))
    if lines:
        shown = f"{_listed(lines[:_MOST_LINES])}{_more(len(lines))}"
        yield f"{named}: line{'s' if len(lines) > 1 else ''} {shown}{f'; {said}' if said else ''}."


def _items(scales: Mapping[str, asked.Scale]) -> list[str]:
    return list(dict.fromkeys(item for scale in scales.values() for item in scale.items))


def _together(several: Sequence[Sequence[int]]) -> str:
    """The lines of rows that belong together, each few of them."""
    shown = "; ".join("lines " + _listed([place + 2 for place in places]) for places in several[:_MOST_LINES])
    return f"{shown}{_more(len(several))}"


def _lines(there: Sequence[bool] | NDArray[np.bool_]) -> list[int]:
    """The lines of the file that these rows stand in; the first names the columns."""
    return [place + 2 for place, one in enumerate(there) if one]


def _listed(numbers: Sequence[int]) -> str:
    shown = [str(one) for one in numbers]
    return " and ".join(shown) if len(shown) < 3 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _more(several: int) -> str:
    return f", and {several - _MOST_LINES} more" if several > _MOST_LINES else ""
