"""What a column holds, and the class a row becomes."""

from enum import Enum, StrEnum

import pytest
from attrs import evolve, frozen
from hypothesis import given
from mewe_core.kit.strategies import moments, texts
from mewe_core.kit.values import columns, micros, moment, reader, stored
from whenever import Date, Instant


class Colour(StrEnum):
    """An enum as features have them."""

    RED = "red"


class Number(Enum):
    """An enum that no column can hold."""

    ONE = 1


@frozen
class Row:
    """One field of every kind."""

    id: str
    number: int
    share: float
    yes: bool
    data: bytes
    at: Instant
    day: Date
    colour: Colour
    names: tuple[str, ...]
    days: tuple[Date, ...]
    later: Instant | None
    maybe: str | None


FULL = Row(
    "a",
    1,
    0.5,
    True,
    b"\x00",
    Instant.from_utc(2026, 9, 1, 14),
    Date(2026, 9, 1),
    Colour.RED,
    ("x", "ü"),
    (Date(2026, 9, 1), Date(2026, 9, 8)),
    Instant.from_utc(2026, 10, 1),
    "b",
)


@given(at=moments())
def test_a_moment_comes_back_to_the_microsecond(at: Instant) -> None:
    """Kept as an integer: microseconds since 1970 UTC."""
    assert moment(micros(at)) == at


def test_what_is_finer_than_a_microsecond_is_cut() -> None:
    """Also before 1970, towards the past."""
    assert micros(Instant.from_timestamp(1_999, unit="nanosecond")) == 1
    assert micros(Instant.from_timestamp(-1, unit="nanosecond")) == -1


def test_a_row_becomes_what_was_stored() -> None:
    """Every kind of field, there and back."""
    kept = columns(FULL)
    assert list(kept) == [field.name for field in Row.__attrs_attrs__]
    assert reader(Row)([stored(value) for value in kept.values()]) == FULL


def test_a_database_may_keep_a_boolean_as_a_number() -> None:
    """SQLite answers 0 and 1."""
    assert reader(bool)((1,)) is True
    assert reader(bool)((0,)) is False


def test_nothing_stays_nothing() -> None:
    """NULL is None, in a class and as a bare value."""
    kept = columns(evolve(FULL, days=(), later=None, maybe=None))
    row = reader(Row)([stored(value) for value in kept.values()])
    assert (row.later, row.maybe, row.days) == (None, None, ())
    assert reader(str)((None,)) is None


@given(text=texts())
def test_a_bare_value_is_read_as_it_is(text: str) -> None:
    """A query of one column needs no class."""
    assert reader(str)((text,)) == text


@pytest.mark.parametrize("thing", [Number.ONE, {"a": 1}, object()])
def test_what_no_column_holds_is_refused(thing: object) -> None:
    """Rather than kept in a form that nobody can read."""
    with pytest.raises(TypeError, match="a column cannot hold"):
        stored(thing)  # type: ignore[arg-type]


def test_a_list_of_texts_is_kept_as_one_text() -> None:
    """For ``one_of``, and for columns with several texts."""
    assert stored(("a", '"')) == '["a", "\\""]'
