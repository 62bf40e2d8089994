"""What becomes of what is held about a person: every kind of declaration under every archive rule, at every edge."""

from itertools import permutations, product

import pytest
from mewe_core.kit.personal import Basis, Erasure, Personal
from mewe_core.kit.privacy.rules import Archive, Done, Fate, Outcome, Purposes, fate, purposes, summed
from mewe_core.kit.testing import BEGINNING

NOW = BEGINNING.add(hours=24 * 10)
"""Ten days after it was decided."""


def line(erasure: Erasure = Erasure.DELETE_ROW, *, sealed: str | None = None, about: str | None = None) -> Personal:
    """A declaration of a leaf, found by its author."""
    return Personal(
        "leaf",
        ("author_id",),
        found_by="author_id",
        purpose="Shade.",
        basis=Basis.PUBLIC_TASK,
        retention_days=None,
        erasure=erasure,
        sealed=sealed,
        about=about,
    )


RUNS_OUT = Archive("runs out", ("leaf",), 10)
RUNS = Archive("runs", ("tree", "leaf"), 11)
RUNS_LONGER = Archive("lasts longer", ("leaf",), 365)
OTHER = Archive("of another table", ("tree",), 1000)


@pytest.mark.parametrize(("erasure", "n"), list(product(Erasure, range(16))))
def test_what_becomes_of_it(erasure: Erasure, n: int) -> None:
    """Kept is kept; else the longest rule of its table that still runs holds it; else what the declaration says."""
    there = [one for bit, one in enumerate((RUNS_OUT, RUNS, RUNS_LONGER, OTHER)) if n >> bit & 1]
    if erasure is Erasure.KEEP_PSEUDONYM:
        expected = Fate(Done.KEPT, "public_task", None)
    elif RUNS_LONGER in there:
        expected = Fate(Done.HELD, "lasts longer", BEGINNING.add(hours=24 * 365))
    elif RUNS in there:
        expected = Fate(Done.HELD, "runs", BEGINNING.add(hours=24 * 11))
    else:
        expected = Fate({Erasure.DELETE_ROW: Done.DELETED, Erasure.CLEAR: Done.CLEARED}[erasure], None, None)
    for archives in permutations(there):
        assert fate(line(erasure), archives, BEGINNING, NOW) == expected


@pytest.mark.parametrize("names", [("first", "second"), ("second", "first")])
def test_of_two_rules_that_end_together_the_first_one_holds(names: tuple[str, str]) -> None:
    """As the organisation wrote them down, whatever they are called."""
    archives = [Archive(name, ("leaf",), 30) for name in names]
    assert fate(line(), archives, BEGINNING, NOW).rule == names[0]


CHAT, DIARY, LETTER, OTHERS = (
    line(sealed="chat"),
    line(sealed="diary", about="author_id"),
    line(sealed="letter"),
    line(sealed="note", about="reader_id"),
)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((), Purposes(every=True)),
        (((line(), Done.DELETED), (CHAT, Done.DELETED), (DIARY, Done.KEPT)), Purposes(every=True)),
        (((line(), Done.HELD), (OTHERS, Done.HELD), (CHAT, Done.CLEARED)), Purposes(every=True)),
        (((CHAT, Done.HELD), (DIARY, Done.DELETED), (LETTER, Done.CLEARED)), Purposes(every=False, named=("diary", "letter"))),
        (((LETTER, Done.DELETED), (CHAT, Done.DELETED), (DIARY, Done.HELD)), Purposes(every=False, named=("chat", "letter"))),
        (((CHAT, Done.HELD), (CHAT, Done.DELETED), (OTHERS, Done.DELETED), (line(), Done.DELETED)), Purposes(every=False)),
    ],
)
def test_the_keys_of_what_is_held_stay_and_all_others_go(lines: tuple[tuple[Personal, Done], ...], expected: Purposes) -> None:
    """Only the person's own keys count: what is sealed for somebody else, or not at all, keeps none."""
    for order in permutations(lines):
        assert purposes(order) == expected


def test_outcomes_are_summed_by_table_end_rule_and_moment() -> None:
    """In a fixed order; what came to no rows is not told."""
    parts = (
        Outcome("tree", Done.DELETED, 1),
        Outcome("leaf", Done.HELD, 2, "runs", NOW),
        Outcome("leaf", Done.HELD, 3, "runs", NOW),
        Outcome("leaf", Done.HELD, 4, "runs", NOW.add(hours=1)),
        Outcome("leaf", Done.HELD, 5, "a rule", NOW),
        Outcome("leaf", Done.DELETED, 6),
        Outcome("leaf", Done.DELETED, 1),
        Outcome("leaf", Done.KEPT, 0, "consent"),
        Outcome("leaf", Done.KEPT, 7),
        Outcome("leaf", Done.KEPT, 8, "consent"),
        Outcome("leaf", Done.KEPT, 9, "1. paper"),
    )
    expected = (
        Outcome("leaf", Done.DELETED, 7),
        Outcome("leaf", Done.HELD, 5, "a rule", NOW),
        Outcome("leaf", Done.HELD, 5, "runs", NOW),
        Outcome("leaf", Done.HELD, 4, "runs", NOW.add(hours=1)),
        Outcome("leaf", Done.KEPT, 7),
        Outcome("leaf", Done.KEPT, 9, "1. paper"),
        Outcome("leaf", Done.KEPT, 8, "consent"),
        Outcome("tree", Done.DELETED, 1),
    )
    assert summed(parts) == summed(reversed(parts)) == expected
    assert summed(()) == ()
