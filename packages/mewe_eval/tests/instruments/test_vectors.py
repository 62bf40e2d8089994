"""Scores that somebody else worked out, or published, come out the same here."""

from fractions import Fraction

import numpy as np
import pytest
from mewe_eval.instruments import (
    Instrument,
    NoScore,
    NotScorable,
    ScaleScore,
    Scored,
    compare_stored,
    score,
    shipped_instruments,
)
from mewe_eval.instruments.scored_tables import score_many

SHIPPED = shipped_instruments()

HL7_PHQ_9 = [0, 0, 0, 1, 2, 1, 3, 2, 1]
"""The answers of HL7's example response (hl7_sdc_phq9_response.fsh): not at all three times, several days, more than half the
days, several days, nearly every day, more than half the days, several days. It states a total of 13."""

MII_PHQ_9 = [3, 3, 3, 3, 3, 3, 3, 3, 3]
"""The answers of the German Medical Informatics Initiative's example: LA6571-9, nearly every day, nine times. It states 27."""


def whole(instrument: Instrument, given: list[int], prefix: str = "") -> Scored:
    """The score of answers to the first items, or to those whose id begins so."""
    ids = [item_id for item_id in instrument.item_ids() if item_id.startswith(prefix)]
    found = score(instrument, dict(zip(ids, given, strict=False)))
    assert isinstance(found, Scored)
    return found


@pytest.mark.parametrize(
    ("instrument", "given", "expected"),
    [
        ("brs", [4, 2, 4, 2, 3, 1], 4),
        ("who-5", [3, 2, 3, 2, 2], 48),
        ("maca-yc18", [1] * 18, 18),
        ("phq-9", HL7_PHQ_9, 10),
        ("phq-9", [*MII_PHQ_9, 0], 27),
    ],
)
def test_a_total_is_what_it_should_be(instrument: str, given: list[int], expected: int) -> None:
    """The check vectors of the project, and what published example responses give."""
    total = whole(SHIPPED[instrument], given).total
    assert total is not None
    assert total.score == expected


def test_the_last_work_item_of_the_burnout_inventory_is_reversed() -> None:
    """A mean of 50; the two scales that nobody answered have no score, and there is no total."""
    found = whole(SHIPPED["cbi"], [75, 50, 50, 75, 50, 25, 75], "work-")
    work = found.subscales["work"]
    assert isinstance(work, ScaleScore)
    assert work.score == 50
    assert found.total is None
    assert isinstance(found.subscales["personal"], NotScorable)


def test_no_other_item_of_the_burnout_inventory_is_reversed() -> None:
    """The best answer to each is 0, but for the last on work, where it is 100."""
    best = {item_id: 100 if item_id == "work-7" else 0 for item_id in SHIPPED["cbi"].item_ids()}
    found = score(SHIPPED["cbi"], best)
    assert isinstance(found, Scored)
    assert [one.score for one in found.subscales.values() if isinstance(one, ScaleScore)] == [0, 0, 0]


def test_a_lot_of_everything_is_twenty_and_twenty() -> None:
    """The two scales of PANOC are counted apart."""
    found = whole(SHIPPED["panoc-yc20"], [2] * 20)
    assert [one.score for one in found.subscales.values() if isinstance(one, ScaleScore)] == [20, 20]


def test_an_unfinished_form_about_caring_has_no_score() -> None:
    """Not 0, which would say that somebody does nothing; what is complete is there all the same."""
    found = score(SHIPPED["maca-yc18"], {str(n): 1 for n in range(1, 18)})
    assert isinstance(found, NotScorable)
    assert (found.reason, found.items) == (NoScore.UNFINISHED, ("18",))
    domestic = found.subscales["domestic-tasks"]
    assert isinstance(domestic, ScaleScore)
    assert domestic.score == 3


def test_a_stored_total_is_not_believed() -> None:
    """HL7's response states 13 and its answers give 10."""
    answers = dict(zip(SHIPPED["phq-9"].item_ids(), HL7_PHQ_9, strict=False))
    found = compare_stored(SHIPPED["phq-9"], answers, 13)
    assert (found.recomputed, found.difference, found.agrees) == (Fraction(10), Fraction(3), False)
    assert compare_stored(SHIPPED["phq-9"], answers, 10).agrees


def test_a_stored_total_of_an_unfinished_form_agrees_with_nothing() -> None:
    """Not even 0 does."""
    found = compare_stored(SHIPPED["maca-yc18"], {}, 0)
    assert (found.recomputed, found.agrees, found.reason) == (None, False, NoScore.UNFINISHED)


def test_a_stored_subscale_is_compared_by_its_name() -> None:
    """A scale that there is not is a mistake of who asks."""
    answers = {f"work-{n}": 50 for n in range(1, 8)}
    assert compare_stored(SHIPPED["cbi"], answers, 50, "work").agrees
    assert compare_stored(SHIPPED["cbi"], answers, 50, "client").reason is NoScore.UNFINISHED
    assert compare_stored(SHIPPED["cbi"], {"work-1": 7}, 50, "work").reason is NoScore.OUT_OF_RANGE
    with pytest.raises(LookupError):
        compare_stored(SHIPPED["cbi"], answers, 50, "total")


def test_a_table_of_people_has_the_same_scores() -> None:
    """The check vectors once more, as rows."""
    rows = np.array([[4, 2, 4, 2, 3, 1], [1, 5, 1, 5, 1, 5], [5, 1, 5, 1, 5, 1]])
    assert score_many(SHIPPED["brs"], rows).columns["total"].score.tolist() == [4.0, 1.0, 5.0]


@pytest.mark.parametrize(
    ("given", "cut_offs", "band"),
    [(9, (), "mild"), (10, (), "moderate"), (20, (), "severe"), (27, (), "severe"), (0, (), "minimal")],
)
def test_the_bands_of_phq_9_begin_at_5_10_15_and_20(given: int, cut_offs: tuple[str, ...], band: str) -> None:
    """A band reaches up to the next one."""
    answers = [3] * (given // 3) + [given % 3] * (given < 27)
    total = whole(SHIPPED["phq-9"], (answers + [0] * 9)[:9]).total
    assert total is not None
    assert (total.cut_offs, total.band) == (cut_offs, band)


@pytest.mark.parametrize(
    ("given", "reached"),
    [([3, 3, 3, 2, 2], ()), ([3, 3, 2, 2, 2], ("low",)), ([2, 2, 1, 1, 1], ("low", "follow-up")), ([2, 2, 2, 1, 1], ("low",))],
)
def test_the_cut_offs_of_who_5(given: list[int], reached: tuple[str, ...]) -> None:
    """A raw sum below 13 is low, a score of 28 or less is followed up."""
    total = whole(SHIPPED["who-5"], given).total
    assert total is not None
    assert total.cut_offs == reached
    assert total.raw == Fraction(sum(given))
