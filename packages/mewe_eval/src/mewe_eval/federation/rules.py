"""Which sums may be told: pure decisions, each country's for itself, before anything but a masked count has left it."""

from collections.abc import Mapping

FEWEST_CLUSTERS = 3
"""Of fewer clusters of one size, their sums would tell one group's totals."""


def agreed(totals: Mapping[int, int], own: Mapping[int, int]) -> bool:
    """Whether a country agrees that the sums of these clusters are told.

    ``totals``: of each size how many clusters all countries have; ``own``: how many this one has. Of each size, all together
    have none or at least three, and so have all others together: else a total, or a total minus one's own, is one group's.
    """
    return all(_enough(total) and _enough(total - own.get(size, 0)) for size, total in totals.items())


def _enough(clusters: int) -> bool:
    return clusters == 0 or clusters >= FEWEST_CLUSTERS
