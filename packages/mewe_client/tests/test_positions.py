"""Positions: the newest of each aggregate, no more than a service takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_client.positions import MOST, Positions

ENTRIES = draw.lists(
    draw.tuples(draw.sampled_from(["people", "chat"]), draw.integers(0, 40), draw.integers(0, 10**6)), max_size=60
)


def header(entries: list[tuple[str, int, int]]) -> str:
    """Entries as a service sends them."""
    return ",".join(f"{area}/{aggregate}/{sequence}" for area, aggregate, sequence in entries)


@given(draw.lists(ENTRIES, max_size=5))
def test_the_newest_of_each_of_the_last_sixteen_aggregates_is_shown(answers: list[list[tuple[str, int, int]]]) -> None:
    """Whatever came in which order: the highest sequence of an aggregate, and those told of last."""
    positions = Positions()
    newest: dict[str, int] = {}
    for answer in answers:
        positions.keep(header(answer))
        for area, aggregate, sequence in answer:
            name = f"{area}/{aggregate}"
            newest[name] = max(newest.pop(name, 0), sequence)
        newest = dict(list(newest.items())[-MOST:])
    assert positions.shown() == ",".join(f"{name}/{sequence}" for name, sequence in newest.items())


@pytest.mark.parametrize("junk", ["", ",", "people", "people/a/", "people/a/-1", "people/a/x", "/", "people/a/²", "people/a/٣"])
def test_what_is_no_position_is_left_out(junk: str) -> None:
    """A client does not stumble over what something in between has put there."""
    positions = Positions()
    positions.keep(junk)
    assert positions.shown() == ""


def test_nothing_is_shown_before_anything_was_told() -> None:
    """A new client waits for nothing."""
    assert Positions().shown() == ""
