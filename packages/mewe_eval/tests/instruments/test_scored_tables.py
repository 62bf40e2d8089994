"""Many people at once: the same scores as one by one, whatever the instrument and the answers."""

import math
from typing import Any

import numpy as np
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.instruments import (
    NotScorable,
    ScaleScore,
    Scored,
    alerts,
    read_conversion,
    score,
    shipped_instruments,
)
from mewe_eval.instruments.model import (
    AlertWhen,
    Band,
    Conversion,
    CutOff,
    Instrument,
    Item,
    ItemAlert,
    Method,
    Missing,
    Operator,
    Polarity,
    Reverse,
    ReverseAnswers,
    Rounding,
    Scale,
    TablePoint,
    Unit,
)
from mewe_eval.instruments.reading import ConversionTable
from mewe_eval.instruments.scored_tables import REASONS, ScoredColumn, alerts_many, score_many
from numpy.typing import NDArray

SHIPPED = shipped_instruments()
SETS = {"few": (0, 1, 2), "wide": (-3, -2, -1, 0, 1), "steps": (0, 25, 50, 75, 100), "uneven": (0, 1, 3, 7)}
ANSWERS = st.sampled_from([math.nan, math.nan, math.inf, 0.5, 8.0, *(float(one) for some in SETS.values() for one in some)])


@st.composite
def scales(draw: st.DrawFn, ids: list[str], name: str) -> Scale:
    """A scale of any rule over some of the items."""
    items = draw(st.just(ids) | st.lists(st.sampled_from(ids), min_size=1, unique=True))
    method = draw(st.sampled_from(Method))
    least = draw(st.none() | st.integers(1, len(items)))
    fill = Missing.PRORATE if method is Method.SUM else Missing.MEAN_OF_ANSWERED
    rounding = draw(st.sampled_from(Rounding))
    return Scale(
        id=name,
        items=tuple(items),
        method=method,
        factor=draw(st.sampled_from([1.0, 4.0, 0.5, 0.1, 2.5])),
        low=-1000,
        high=1000,
        least=least,
        missing=Missing.NONE if least is None else fill,
        rounding=rounding,
        decimals=0 if rounding is Rounding.NONE else draw(st.integers(0, 2)),
        polarity=Polarity.NEITHER,
        conversion=draw(st.none() | st.just(Conversion(to="T", source="test"))),
        source="test",
    )


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """An instrument with a total, subscales, thresholds and alerts of any kind."""
    ids = [f"i{n}" for n in range(draw(st.integers(1, 6)))]
    items = tuple(Item(id=one, answers=draw(st.sampled_from(sorted(SETS)[: draw(st.integers(1, 4))]))) for one in ids)
    even = [item.id for item in items if item.answers != "uneven"]
    turned = draw(st.lists(st.sampled_from(even), unique=True)) if even else []
    total = draw(st.none() | scales(ids, "total"))
    subscales = tuple(draw(scales(ids, f"s{n}")) for n in range(draw(st.integers(0, 2))))
    names = [scale.id for scale in ((total,) if total else ()) + subscales]
    thresholds = st.floats(-20, 200).map(lambda value: round(value, 1))
    cuts, bands = [], []
    for n in range(draw(st.integers(0, 3)) if names else 0):
        scale = draw(st.sampled_from(names))
        operator, unit = draw(st.sampled_from(Operator)), draw(st.sampled_from(Unit))
        value = draw(thresholds)
        cuts.append(CutOff(id=f"c{n}", scale=scale, operator=operator, value=value, unit=unit, label="c", source="test"))
        bands.append(Band(id=f"b{n}", scale=scale, at_least=value + n, label="b", source="test"))
    alert = ItemAlert(item=ids[0], when=draw(st.sampled_from(AlertWhen)), value=draw(st.integers(-1, 3)), source="test")
    reverse = Reverse(items=tuple(turned), answers=draw(st.sampled_from(ReverseAnswers))) if turned else None
    return evolve(
        SHIPPED["brs"],
        answers=SETS,
        items=items,
        reverse=reverse,
        total=total,
        subscales=subscales,
        cut_offs=tuple(cuts),
        bands=tuple(bands),
        alerts=(alert,),
    )


@st.composite
def cases(draw: st.DrawFn) -> tuple[Instrument, NDArray[np.float64], list[ConversionTable]]:
    """An instrument, the answers of some people, many of whom have answered as they should, and perhaps a table."""
    one = draw(instruments())
    people = []
    for _ in range(draw(st.integers(1, 5))):
        whole = [float(draw(st.sampled_from(one.allowed(item)))) for item in one.items]
        people.append([draw(ANSWERS) if draw(st.integers(0, 5)) == 0 else answer for answer in whole])
    points = tuple(TablePoint(score=float(n), value=n / 4) for n in range(0, 12))
    tables = [
        ConversionTable(instrument=one.id, version=one.version, scale=scale.id, reference="test", points=points)
        for scale in one.scales()
        if draw(st.booleans())
    ]
    return one, np.array(people), tables


def told(one: ScaleScore | NotScorable, cut_offs: list[str]) -> tuple[Any, ...]:
    """What is said of one scale of one person, as plain values."""
    if isinstance(one, NotScorable):
        return (one.reason,)
    converted = None if one.converted is None else float(one.converted)
    assert set(one.cut_offs) <= set(cut_offs)
    return float(one.raw), float(one.score), converted, one.answered, one.prorated, one.band, one.cut_offs


def told_of(column: ScoredColumn, row: int) -> tuple[Any, ...]:
    """The same, of a row of a column."""
    reason = REASONS[column.reasons[row]]
    scored = np.isnan(column.score[row] if column.converted is None else column.converted[row])
    assert bool(scored) == (reason is not None)
    if reason is not None:
        assert column.bands()[row] == -1
        assert not any(column.reached(cut)[row] for cut in column.instrument.cut_offs)
        return (reason,)
    bands = sorted((b for b in column.instrument.bands if b.scale == column.scale.id), key=lambda band: band.at_least)
    place = column.bands()[row]
    reached = tuple(cut.id for cut in column.instrument.cut_offs if cut.scale == column.scale.id and column.reached(cut)[row])
    return (
        float(column.raw[row]),
        float(column.score[row]),
        None if column.converted is None else float(column.converted[row]),
        int(column.answered[row]),
        bool(column.prorated[row]),
        None if place < 0 else bands[place].id,
        reached,
    )


@settings(max_examples=300, deadline=None)
@given(cases())
def test_a_row_says_what_the_person_alone_would_be_told(
    case: tuple[Instrument, NDArray[np.float64], list[ConversionTable]],
) -> None:
    """Raw, score, converted, answered, scaled up, band, cut-offs, and why there is no score: all the same."""
    one, people, tables = case
    many = score_many(one, people, tables)
    raised = alerts_many(one, people)
    for row, person in enumerate(people):
        answers = dict(zip(one.item_ids(), person.tolist(), strict=True))
        assert [alert.item for alert in alerts(one, answers)] == [
            rule.item for rule, there in zip(one.alerts, raised[row], strict=True) if there
        ]
        found = score(one, answers, tables)
        alone: dict[str, ScaleScore | NotScorable] = dict(found.subscales)
        if one.total is not None:
            alone["total"] = found if isinstance(found, NotScorable) else found.total  # type: ignore[assignment]
        if isinstance(found, NotScorable) and not found.subscales:
            alone = dict.fromkeys(many.columns, found)
        cuts = [cut.id for cut in one.cut_offs]
        assert {name: told_of(column, row) for name, column in many.columns.items()} == {
            name: told(there, cuts) for name, there in alone.items()
        }
        assert isinstance(found, Scored) == any(
            told_of(column, row)[0] not in REASONS
            for name, column in many.columns.items()
            if one.total is None or name == "total"
        )


@pytest.mark.parametrize("kind", [np.int8, np.uint8, np.int64, np.float32, np.float64])
def test_any_kind_of_number_will_do(kind: type[np.generic]) -> None:
    """And either order in memory."""
    rows = np.array([[4, 2, 4, 2, 3, 1], [5, 1, 5, 1, 5, 1]]).astype(kind)
    for given_ in (rows, np.asfortranarray(rows), rows[::-1][::-1]):
        assert score_many(SHIPPED["brs"], given_).columns["total"].score.tolist() == [4.0, 5.0]


def test_the_answers_stay_as_they_were() -> None:
    """Whoever handed them over still has them."""
    rows = np.array([[4.0, 2, 4, 2, 3, 1], [9, 2, 4, 2, 3, math.nan]])
    before = rows.copy()
    score_many(SHIPPED["brs"], rows)
    np.testing.assert_array_equal(rows, before)


@pytest.mark.parametrize("rows", [np.zeros((2, 5)), np.zeros(6), np.array([["1"] * 6]), np.ones((2, 6), np.bool_)])
def test_a_table_of_another_shape_is_refused(rows: NDArray[Any]) -> None:
    """Rather than scored by guessing which columns are meant."""
    with pytest.raises(ValueError, match="6 columns"):
        score_many(SHIPPED["brs"], rows)


def test_nobody_is_a_table_too() -> None:
    """No rows in, no rows out."""
    assert score_many(SHIPPED["brs"], np.empty((0, 6))).columns["total"].score.shape == (0,)


def test_a_table_of_many_blocks_is_one_table() -> None:
    """Rows beyond the first block, with gaps and answers out of range in some, come out in their places."""
    one = SHIPPED["kidscreen-10"]
    table = read_conversion(
        'instrument = "kidscreen-10"\nversion = 1\nreference = "test"\npoints = [{ score = 30, value = 50 }]',
        "table.toml",
        one,
    )
    rows = np.full((20_000, 10), 3.0)
    rows[7_777, :2] = math.nan
    rows[15_000, 4] = 17
    rows[19_999] = 1
    column = score_many(one, rows, [table]).columns["total"]
    names = {7_777: "UNFINISHED", 15_000: "OUT_OF_RANGE", 19_999: "NOT_IN_TABLE"}
    assert {int(row): REASONS[column.reasons[row]] for row in np.flatnonzero(column.reasons)} == names
    assert column.converted is not None
    assert np.nansum(column.converted) == 50 * 19_997


@pytest.mark.parametrize("name", ["panoc-yc20", "maca-yc18", "cbi", "phq-9"])
@pytest.mark.parametrize("gaps", [0.0, 0.05])
def test_every_block_of_several_scales_is_in_its_place(name: str, gaps: float) -> None:
    """Taken a row at a time, or all 5,000 at once: the same columns, with answers missing and without."""
    one, chance = SHIPPED[name], np.random.default_rng(5)
    rows = np.column_stack([chance.choice(one.allowed(item), 5_000) for item in one.items]).astype(np.float64)
    rows[chance.random(rows.shape) < gaps] = math.nan
    whole = score_many(one, rows)
    for place in chance.integers(0, 5_000, 50):
        for scale, column in score_many(one, rows[place : place + 1]).columns.items():
            np.testing.assert_array_equal(whole.columns[scale].score[place], column.score[0])
            assert whole.columns[scale].answered[place] == column.answered[0]
