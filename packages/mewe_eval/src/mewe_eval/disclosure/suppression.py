"""Which figures are hidden: the small ones, and as many others as it takes so that nobody can work those out."""

from collections.abc import Collection

import numpy as np
from attrs import frozen

from mewe_eval.disclosure.exposure import Counts, Members, bounds
from mewe_eval.disclosure.limits import FEWEST_COUNTED


class AlreadyExposed(Exception):
    """What was published earlier already tells too much about a small group; nothing that is hidden now can change that."""


@frozen
class Suppressed:
    """What is shown and what is not. ``small``: hidden for their own size; ``with_them``: hidden so that those stay hidden."""

    shown: tuple[str, ...]
    small: tuple[str, ...]
    with_them: tuple[str, ...]


def suppress(counts: Counts, fewest: int = FEWEST_COUNTED, published: Collection[str] = ()) -> Suppressed:
    """Hide each figure of fewer than ``fewest`` persons, and others until nothing hidden can be told to within ``fewest``.

    Neither may a group of 1 to ``fewest`` - 1 persons that two figures differ by (between two dates, or two reports that
    overlap). ``published``: figures that are out already; they are not hidden, and AlreadyExposed is raised if they tell too
    much by themselves.
    """
    out = {counts.names.index(one) for one in published}
    size = counts.counts
    small = [place for place in range(len(counts.names)) if place not in out and size[place] < fewest]
    hidden, order = set(small), _cheapest(counts)
    while (target := _exposed(counts, hidden, fewest)) is not None:
        could = [one for one in order if one not in hidden and one not in out and (counts.members[one] & target).any()]
        if not could:
            could = [one for one in order if one not in hidden and one not in out]
        if not could:
            raise AlreadyExposed("figures that are out already tell the size of a small group")
        hidden.add(next((one for one in could if _is_safe(counts, hidden | {one}, target, fewest)), could[0]))
    return Suppressed(
        tuple(name for place, name in enumerate(counts.names) if place not in hidden),
        tuple(counts.names[place] for place in small),
        tuple(counts.names[place] for place in sorted(hidden - {*small})),
    )


def exposed(counts: Counts, shown: Collection[str], fewest: int = FEWEST_COUNTED) -> bool:
    """Whether an outsider who sees these figures can tell a hidden one, or a small group, to within ``fewest`` persons."""
    hidden = {place for place, name in enumerate(counts.names) if name not in shown}
    return _exposed(counts, hidden, fewest) is not None


def _exposed(counts: Counts, hidden: set[int], fewest: int) -> Members | None:
    """The groups of something that can be told too exactly; None if there is nothing of the kind."""
    targets = [*(counts.members[place] for place in sorted(hidden)), *_small_differences(counts, fewest)]
    return next((one for one in targets if one.any() and not _is_safe(counts, hidden, one, fewest)), None)


def _small_differences(counts: Counts, fewest: int) -> list[Members]:
    """What few people make the difference: the finest groups, and what one figure has that another within it has not."""
    alone = np.eye(len(counts.sizes), dtype=bool)
    found = {one.tobytes(): one for one in alone}
    for outer in counts.members:
        within = counts.members[~(counts.members & ~outer).any(axis=1)]
        found |= {(outer & ~inner).tobytes(): outer & ~inner for inner in within}
    return [one for one in found.values() if 0 < counts.sizes[one].sum() < fewest]


def _is_safe(counts: Counts, hidden: set[int], target: Members, fewest: int) -> bool:
    shown = [place for place in range(len(counts.names)) if place not in hidden]
    return bounds(counts, shown, target).width >= fewest


def _cheapest(counts: Counts) -> list[int]:
    """Figures, those first whose hiding costs a reader least: of the fewest groups, then of the fewest persons."""
    size = counts.counts
    return sorted(range(len(counts.names)), key=lambda place: (int(counts.members[place].sum()), int(size[place]), place))
