"""Which figures are hidden: the small ones, and as many others as it takes so that nobody can work those out."""

from collections.abc import Collection, Iterator, Sequence

import numpy as np
from attrs import frozen

from mewe_eval.disclosure.exposure import Counts, Members, bounds
from mewe_eval.disclosure.limits import FEWEST_COUNTED
from mewe_eval.disclosure.possible import Possible


class AlreadyExposed(Exception):
    """What was published earlier already tells too much about a small group; nothing that is hidden now can change that."""


@frozen
class Suppressed:
    """What is shown and what is not. ``small``: hidden for their own size; ``with_them``: hidden so that those stay hidden."""

    shown: tuple[str, ...]
    small: tuple[str, ...]
    with_them: tuple[str, ...]


def suppress(
    counts: Counts, fewest: int = FEWEST_COUNTED, published: Collection[str] = (), spare: Sequence[str] = ()
) -> Suppressed:
    """Hide each figure of fewer than ``fewest`` persons, and others until nothing hidden can be told to within ``fewest``.

    Neither may a group of 1 to ``fewest`` - 1 persons that two figures differ by (between two dates, or two reports that
    overlap). ``published``: figures that are out already; they are not hidden, nor are large ones that follow from them, and
    AlreadyExposed is raised if they tell too much of few people by themselves. ``spare``: figures that are hidden rather than
    any other, the first of them first; those that need not have been hidden are shown again, the last of them first.
    """
    places = {name: place for place, name in enumerate(counts.names)}
    out = {places[one] for one in published}
    size = counts.counts
    small = [place for place in range(len(counts.names)) if place not in out and size[place] < fewest]
    hidden, order = set(small), _cheapest(counts, [places[one] for one in spare])
    possible = Possible(counts, [place for place in range(len(counts.names)) if place not in hidden])
    follow, nearly = _following(counts, out, fewest)
    out |= follow
    differences, troubled = _small_differences(counts, fewest), list[Members]()
    while targets := list(_told_of(possible, _targets(counts, hidden - nearly, differences), fewest)):
        troubled += targets
        for target in targets:
            while (told := possible.told(target)).bounds.width < fewest:
                could = [one for one in order if one not in hidden and one not in out]
                if not could:
                    raise AlreadyExposed("figures that are out already tell the size of a small group")
                at_fault = [one for one in could if one in told.by] or [
                    one for one in could if (counts.members[one] & target).any()
                ]
                alone = () if spare else (one for one in at_fault if _is_safe(counts, hidden | {one}, target, fewest))
                victim = next(iter(alone), (at_fault or could)[0])
                hidden.add(victim)
                possible.hide(victim)
    for one in reversed([places[name] for name in spare if places[name] in hidden and places[name] not in small]):
        more = possible.show(one)
        several = (np.array(troubled), _targets(counts, hidden - nearly - {one}, differences))
        if not any(True for targets in several for _ in _told_of(more, targets, fewest)):
            hidden.discard(one)
            possible = more
    return Suppressed(
        tuple(name for place, name in enumerate(counts.names) if place not in hidden),
        tuple(counts.names[place] for place in small),
        tuple(counts.names[place] for place in sorted(hidden - {*small})),
    )


def exposed(counts: Counts, shown: Collection[str], fewest: int = FEWEST_COUNTED) -> bool:
    """Whether an outsider who sees these figures can tell a hidden one, or a small group, to within ``fewest`` persons."""
    seen = {*shown}
    hidden = {place for place, name in enumerate(counts.names) if name not in seen}
    possible = Possible(counts, [place for place in range(len(counts.names)) if place not in hidden])
    targets = _targets(counts, hidden, _small_differences(counts, fewest))
    return any(True for _ in _told_of(possible, targets, fewest))


def _following(counts: Counts, out: set[int], fewest: int) -> tuple[set[int], set[int]]:
    """Large figures that what is out tells of already: exactly, and to within ``fewest``. Nothing is won by hiding them."""
    exactly, nearly = set[int](), set[int]()
    large = [place for place, size in enumerate(counts.counts) if place not in out and size >= fewest]
    if not out or not large:
        return exactly, nearly
    possible = Possible(counts, sorted(out))
    told = {target.tobytes() for target in _told_of(possible, counts.members[large], fewest)}
    for place in large:
        if counts.members[place].tobytes() in told:
            (nearly if possible.told(counts.members[place]).bounds.width else exactly).add(place)
    return exactly, nearly


def _targets(counts: Counts, hidden: set[int], differences: Members) -> Members:
    """The groups of which nobody is to tell how many they are: (targets, groups)."""
    targets = np.concatenate([counts.members[sorted(hidden)], differences])
    return np.asarray(targets[targets.any(axis=1)])


def _told_of(possible: Possible, targets: Members, fewest: int) -> Iterator[Members]:
    """Those of them that can be told too exactly, as they are found."""
    possible.look_around(targets, fewest)
    for target in targets[~possible.open_to_doubt(targets, fewest)]:
        is_open = possible.open_to_doubt(target[None, :], fewest)[0]
        if not is_open and possible.told(target).bounds.width < fewest:
            yield target


def _small_differences(counts: Counts, fewest: int) -> Members:
    """What few people make the difference: the finest groups, and what one figure has that another within it has not."""
    found = [np.eye(len(counts.sizes), dtype=bool)[counts.sizes < fewest]]
    for outer in counts.members:
        within = counts.members[~(counts.members & ~outer).any(axis=1)]
        beside = outer & ~within
        found.append(beside[(beside @ counts.sizes) < fewest])
    whole = np.concatenate(found)
    whole = whole[(whole @ counts.sizes) > 0]
    packed = np.packbits(whole, axis=1)
    kept = {row.tobytes(): place for place, row in enumerate(packed)}
    return np.asarray(whole[sorted(kept.values())])


def _is_safe(counts: Counts, hidden: set[int], target: Members, fewest: int) -> bool:
    shown = [place for place in range(len(counts.names)) if place not in hidden]
    return bounds(counts, shown, target).width >= fewest


def _cheapest(counts: Counts, spare: Sequence[int]) -> list[int]:
    """Figures, those first whose hiding costs a reader least: the spare ones, then of the fewest groups and persons."""
    size = counts.counts
    rank = {place: number for number, place in enumerate(spare)}

    def cost(place: int) -> tuple[int, int, int, int]:
        return rank.get(place, len(rank)), int(counts.members[place].sum()), int(size[place]), place

    return sorted(range(len(counts.names)), key=cost)
