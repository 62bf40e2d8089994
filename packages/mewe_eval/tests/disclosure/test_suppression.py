"""What is hidden stays hidden, for whoever sees all that is shown."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_eval.disclosure.exposure import Bounds, Counts, bounds
from mewe_eval.disclosure.suppression import AlreadyExposed, exposed, suppress
from scipy.optimize import linprog

from tests.extent import extent

TABLES = extent(100, 1_000)


def test_hiding_the_small_cells_alone_hides_nothing() -> None:
    """A 3 x 4 table with margins, with four small cells hidden and no others: all four can be worked out."""
    counts = Counts.crossed(np.array([[3, 12, 20, 4], [15, 18, 9, 30], [25, 2, 14, 11]]))
    shown = [name for name, size in zip(counts.names, counts.counts, strict=True) if size >= 5]
    small = [place for place, size in enumerate(counts.counts) if size < 5]
    places = [counts.names.index(name) for name in shown]
    assert len(small) == 3
    assert any(bounds(counts, places, counts.members[place]).width == 0 for place in small)
    assert exposed(counts, shown)
    assert not exposed(counts, suppress(counts).shown)


def test_no_hidden_cell_of_many_tables_can_be_worked_out() -> None:
    """Random tables with margins: an attacker of the test's own bounds no hidden figure to within five persons."""
    chance = np.random.default_rng(20261123)
    hidden = 0
    for _ in range(TABLES):
        inner = chance.poisson(chance.choice([3, 6, 12, 30]), tuple(chance.integers(2, 5, 2)))
        counts = Counts.crossed(inner)
        result = suppress(counts)
        assert {*result.small} == {name for name, size in zip(counts.names, counts.counts, strict=True) if size < 5}
        shown = {name: size for name, size in zip(counts.names, counts.counts, strict=True) if name in result.shown}
        for name in (*result.small, *result.with_them):
            hidden += 1
            low, high = attacked(inner.shape, shown, name)
            assert high - low >= 5
    assert hidden > TABLES


def attacked(shape: tuple[int, ...], shown: dict[str, int], name: str) -> tuple[float, float]:
    """The least and the most that a figure can be, worked out from names and shown values alone."""

    def row(figure: str) -> list[float]:
        wanted = figure.split(",")
        return [
            float(all(want in ("+", str(place)) for want, place in zip(wanted, cell, strict=True)))
            for cell in np.ndindex(shape)
        ]

    given = {"A_eq": [row(one) for one in shown], "b_eq": [*shown.values()]} if shown else {}
    goal = np.array(row(name))
    least = linprog(goal, bounds=(0, None), **given)
    most = linprog(-goal, bounds=(0, None), **given)
    return round(least.fun), np.inf if most.status == 3 else round(-most.fun)


def test_a_table_without_small_cells_is_shown_whole() -> None:
    """Nothing is hidden that need not be."""
    result = suppress(Counts.crossed(np.array([[5, 9], [12, 6]])))
    assert (result.small, result.with_them) == ((), ())


def test_means_are_hidden_below_eight() -> None:
    """The same rule with another number: the people of a hidden mean cannot be told to within eight."""
    counts = Counts.crossed(np.array([[7, 30], [30, 30]]))
    assert suppress(counts, 8).small == ("0,0",)
    assert not exposed(counts, suppress(counts, 8).shown, 8)


def people(first: int, last: int) -> frozenset[str]:
    """Persons by number."""
    return frozenset(f"p{place}" for place in range(first, last))


def test_two_dates_do_not_differ_by_few_people() -> None:
    """Twenty in March and twenty-one in April: the one who came is not told, so April's figure is not shown."""
    counts = Counts.of({"march": people(0, 20), "april": people(0, 21)})
    result = suppress(counts, published=("march",))
    assert result.with_them == ("april",)
    later = Counts.of({"march": people(0, 20), "may": people(0, 26)})
    assert suppress(later, published=("march",)).shown == ("march", "may")


def test_a_report_within_another_does_not_tell_the_rest() -> None:
    """A country of two sites: the large site and the country would tell the small one, so one of the two waits."""
    sites = {"large": people(0, 30), "small": people(30, 33), "country": people(0, 33)}
    result = suppress(Counts.of(sites))
    assert result.small == ("small",)
    assert len(result.shown) == 1


def test_a_few_newcomers_of_several_sites_are_not_told_either() -> None:
    """One more person at each of three sites: each site's figure stands, and the country's would tell that three came."""
    march = {f"site {site}": people(site * 100, site * 100 + 10) for site in range(3)}
    april = {f"april {site}": people(site * 100, site * 100 + 11) for site in range(3)}
    country = {"march": people(0, 0).union(*march.values()), "april": people(0, 0).union(*april.values())}
    result = suppress(Counts.of({**march, **country}), published=(*march, "march"))
    assert (result.shown, result.with_them) == ((*march, "march"), ("april",))
    assert suppress(Counts.of({**march, **april, **country}), published=(*march, "march")).with_them == (*april, "april")


def test_what_follows_from_what_is_out_is_shown() -> None:
    """Two sites are out, so the country of both is no secret: it is shown, and a small part of it is hidden all the same."""
    sites = {"one": people(0, 20), "two": people(20, 40)}
    country = {"country": people(0, 40), "boys": people(0, 37), "girls": people(37, 40)}
    result = suppress(Counts.of({**sites, **country}), published=tuple(sites))
    assert (result.shown, result.small, result.with_them) == (("one", "two", "country"), ("girls",), ("boys",))


def test_what_is_spared_last_is_hidden_last() -> None:
    """Of two figures that would each do, the one that is named as spare is hidden; what need not be hidden is shown again."""
    counts = Counts.of({"all": people(0, 40), "most": people(0, 37)})
    assert suppress(counts, spare=("all", "most")).shown == ("most",)
    assert suppress(counts, spare=("most", "all")).shown == ("all",)


def test_what_is_out_cannot_be_taken_back() -> None:
    """Where earlier figures tell a small group already, that is said."""
    with pytest.raises(AlreadyExposed):
        suppress(Counts.of({"march": people(0, 20), "april": people(0, 21)}), published=("march", "april"))


@given(st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_nobody_and_everybody_are_no_way_around(sizes: list[int]) -> None:
    """Whatever the sizes are, what is shown exposes nothing."""
    counts = Counts.crossed(np.array(sizes).reshape(2, 2))
    assert not exposed(counts, suppress(counts).shown)


def test_what_nothing_is_known_of_has_no_bound() -> None:
    """With no figure shown anything is possible."""
    counts = Counts.crossed(np.array([[1, 2], [3, 4]]))
    assert bounds(counts, [], counts.members[0]) == Bounds(0, float("inf"))
