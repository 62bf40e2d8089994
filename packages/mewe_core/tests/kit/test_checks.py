"""Validators of requests name the field and the rule, never the value."""

from typing import Any

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.checks import Check, between, each, few, identifier, text
from mewe_core.kit.checks import given as if_given
from mewe_core.kit.errors import Invalid
from mewe_core.kit.strategies import NASTY, ids, texts


def accepts(check: Check, value: Any) -> bool:
    """Whether a class with one field and this check can be made; a refusal must name the field alone."""

    @frozen
    class One:
        some_field: Any = field(validator=check)

    try:
        One(value)
    except Invalid as refusal:
        refused = refusal.fields
    else:
        return True
    assert [one.path for one in refused] == ["some_field"]
    assert len(str(value)) < 4 or str(value) not in refused[0].rule
    return False


@given(value=ids())
def test_ids_are_accepted(value: str) -> None:
    """Those that the platform makes, and those of others."""
    assert accepts(identifier, value)


@pytest.mark.parametrize("value", ["", "-", "a b", "å", "a/b", "a.b", "../x", "a\n", "a" * 65, "'", "\x00", "１"])
def test_what_is_no_id_is_refused(value: str) -> None:
    """Nothing that means something in a path, a subject or a statement."""
    assert not accepts(identifier, value)


@given(value=texts(100))
def test_texts_of_people_are_accepted(value: str) -> None:
    """Whatever people write, nasty or not."""
    assert accepts(text(100), value)


def test_nasty_texts_are_texts() -> None:
    """Every one of them may be written."""
    assert [one for one in NASTY if not accepts(text(100), one)] == []


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("", False),
        (" ", False),
        ("\n", False),
        ("a", True),
        ("a" * 5, True),
        ("a" * 6, False),
        ("a\x00", False),
        ("\x7fa", False),
    ],
)
def test_a_text_has_bounds_and_no_control_characters(value: str, fits: bool) -> None:
    """One to five characters here, not blank."""
    assert accepts(text(5), value) == fits


def test_a_text_may_be_allowed_to_be_empty() -> None:
    """With ``least=0`` blank is fine."""
    assert accepts(text(5, least=0), "")
    assert accepts(text(5, least=0), "  ")


@given(value=draw.integers(-10, 10))
def test_a_number_has_bounds(value: int) -> None:
    """Both included."""
    assert accepts(between(-3, 3), value) == (-3 <= value <= 3)


def test_what_is_no_number_is_between_nothing() -> None:
    """NaN is refused."""
    assert not accepts(between(0, 1), float("nan"))


@given(count=draw.integers(0, 6))
def test_a_list_has_bounds(count: int) -> None:
    """Two to four entries here."""
    assert accepts(few(4, least=2), ("a",) * count) == (2 <= count <= 4)


@pytest.mark.parametrize(("value", "fits"), [(None, True), ("a", True), ("", False)])
def test_a_field_may_be_left_out(value: str | None, fits: bool) -> None:
    """None passes; what is given is checked."""
    assert accepts(if_given(text(5)), value) == fits


@pytest.mark.parametrize(("given", "path"), [((), None), ((1, 2), None), ((1, 0), "numbers[1]"), ((9, 1), "numbers[0]")])
def test_each_entry_is_held_to_a_rule_and_named(given: tuple[int, ...], path: str | None) -> None:
    """The first that breaks it, by its place."""

    @frozen
    class Several:
        numbers: tuple[int, ...] = field(validator=each(between(1, 3)))

    if path is None:
        assert Several(given).numbers == given
    else:
        with pytest.raises(Invalid) as refused:
            Several(given)
        assert [one.path for one in refused.value.fields] == [path]
