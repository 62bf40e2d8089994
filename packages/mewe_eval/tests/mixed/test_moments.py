"""What is kept of a table, and that it adds up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mewe_eval.statistics.mixed import fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import NotEstimable

from .clustered import trial

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(6, 20), st.integers(2, 4))
@settings(max_examples=40, deadline=None)
def test_moments_of_parts_add_up_to_the_moments_of_the_whole(seed: int, clusters: int, parts: int) -> None:
    """However clusters are dealt out and rows are ordered, the sums and the model are the same within 1e-9."""
    generator = np.random.default_rng(seed)
    data = trial(generator, clusters, 0.2, (1, 6), slope=0.5)
    data.cluster[:2] = 0  # at least one cluster has two rows
    whole = Moments.of(data.design, data.outcome, data.cluster)
    place = generator.integers(0, parts, clusters)[data.cluster]
    order = generator.permutation(len(data.outcome))
    dealt = [order[place[order] == part] for part in range(parts)]
    pieces = [Moments.of(data.design[rows], data.outcome[rows], data.cluster[rows]) for rows in dealt if len(rows)]
    merged = sum(pieces[1:], pieces[0])
    assert (merged.n, merged.clusters, merged.names) == (whole.n, whole.clusters, whole.names)
    assert list(merged.sizes) == list(whole.sizes)
    np.testing.assert_allclose(merged.cross, whole.cross, rtol=1e-12, atol=1e-12)
    for size, of_size in whole.sizes.items():
        assert merged.sizes[size].count == of_size.count
        np.testing.assert_allclose(merged.sizes[size].outer, of_size.outer, rtol=1e-12, atol=1e-11)
    try:
        expected = fit(whole)
    except NotEstimable as refusal:
        with pytest.raises(NotEstimable, match=refusal.reason):
            fit(merged)
        return
    np.testing.assert_allclose(fit(merged).coefficients, expected.coefficients, rtol=1e-9, atol=1e-9)
    assert fit(merged).deviance == pytest.approx(expected.deviance, rel=1e-9)


def test_moments_hold_nothing_but_sums() -> None:
    """Their size does not grow with the rows: q x q numbers for the table and for each cluster size."""
    data = trial(np.random.default_rng(1), 60, 0.1, (3, 4), slope=0.5)
    moments = Moments.of(data.design, data.outcome, data.cluster)
    assert {3, 4} == set(moments.sizes)
    assert {(4, 4)} == {moments.cross.shape, *(of_size.outer.shape for of_size in moments.sizes.values())}


def test_moments_are_the_sums_they_are_said_to_be() -> None:
    """Z'Z, and for each size the number of clusters and the outer products of their column sums."""
    moments = Moments.of(np.ones((5, 1)), np.array([1.0, 2, 3, 4, 5]), np.array(["b", "a", "b", "a", "c"]))
    assert moments.cross.tolist() == [[5, 15], [15, 55]]
    assert {size: (of_size.count, of_size.outer.tolist()) for size, of_size in moments.sizes.items()} == {
        1: (1, [[1, 5], [5, 25]]),
        2: (2, [[8, 20], [20, 52]]),
    }


def test_a_smaller_model_needs_no_second_message() -> None:
    """The moments of some columns are those of a table with these columns alone."""
    data = trial(np.random.default_rng(1), 9, 0.1, slope=0.5)
    kept = Moments.of(data.design, data.outcome, data.cluster).keeping(["x1", "x3", "y"])
    direct = Moments.of(data.design[:, [0, 2]], data.outcome, data.cluster, ["x1", "x3", "y"])
    np.testing.assert_allclose(kept.cross, direct.cross)
    assert fit(kept).deviance == pytest.approx(fit(direct).deviance, rel=1e-12)


@pytest.mark.parametrize("hole", [np.nan, np.inf])
def test_a_missing_or_infinite_number_is_refused(hole: float) -> None:
    """In the design, the outcome or the labels of clusters alike."""
    data = trial(np.random.default_rng(1), 8, 0.1)
    for place in range(3):
        columns = [data.design.copy(), data.outcome.copy(), data.cluster.astype(float)]
        columns[place][-1] = hole
        with pytest.raises(NotEstimable, match="NOT_FINITE"):
            Moments.of(*columns)


def test_other_shapes_and_names_are_refused() -> None:
    """Rows that do not fit, names that repeat or are too few, and columns that differ when adding."""
    data = trial(np.random.default_rng(1), 8, 0.1)
    with pytest.raises(ValueError, match="n entries"):
        Moments.of(data.design, data.outcome[1:], data.cluster)
    with pytest.raises(ValueError, match="different names"):
        Moments.of(data.design, data.outcome, data.cluster, ["one", "one", "y"])
    moments = Moments.of(data.design, data.outcome, data.cluster)
    with pytest.raises(ValueError, match="cannot be added"):
        moments + Moments.of(data.design, data.outcome, data.cluster, ["one", "arm", "y"])
