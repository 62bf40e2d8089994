"""Page tokens lead on, and nowhere else."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as draw
from mewe_core.kit.errors import Invalid
from mewe_core.kit.paging import LARGEST, USUAL, after, size, token


@given(
    name=draw.text(),
    position=draw.integers(1 - 2**63, 2**63 - 1) | draw.text(draw.characters(exclude_characters="\x00", codec="utf-8")),
)
def test_a_token_leads_on_in_its_own_list(name: str, position: int | str) -> None:
    """What was put in comes out, whole number or text."""
    assert after(name, token(name, position), type(position)()) == position


@given(name=draw.text(), other=draw.text(), position=draw.integers())
def test_a_token_is_worth_nothing_in_another_list(name: str, other: str, position: int) -> None:
    """Each list has its own tokens."""
    if name != other:
        with pytest.raises(Invalid):
            after(other, token(name, position), 0)


@given(text=draw.text(min_size=1))
def test_any_other_text_is_refused_by_its_field(text: str) -> None:
    """Never an exception that is not ours, and never the text in the message."""
    with pytest.raises(Invalid) as refused:
        after("list", text, 0)
    assert [one.path for one in refused.value.fields] == ["page_token"]


@pytest.mark.parametrize("content", [["list", "1"], ["list", None], ["list", True], ["list", 1.5], [1], "list", {"a": 1}, 7])
def test_a_token_made_by_hand_is_refused(content: object) -> None:
    """A position of another kind is no position."""
    forged = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    with pytest.raises(Invalid):
        after("list", forged, 0)


@pytest.mark.parametrize("place", [10**30, -(10**30), 2**63, "\x00", "a\x00", "\ud800", "x" * 4000])
def test_a_place_that_no_database_holds_is_refused(place: int | str) -> None:
    """A number of more than 64 bits, half a character, or the one character that PostgreSQL does not keep."""
    with pytest.raises(Invalid):
        after("list", token("list", place), type(place)())


def test_a_token_nested_without_end_is_refused() -> None:
    """However deep it is."""
    with pytest.raises(Invalid):
        after("list", base64.urlsafe_b64encode(b"[" * 2900).decode(), 0)


def test_the_longest_name_a_list_sorts_by_fits_into_a_token() -> None:
    """Two hundred characters of any script, behind an id."""
    place = "f" * 32 + "/" + "\U0001f600" * 200
    assert after("organisations", token("organisations", place), "") == place


def test_no_token_is_the_first_page() -> None:
    """It starts where the list says."""
    assert after("list", "", 0) == 0
    assert after("list", "", "") == ""


@pytest.mark.parametrize(("asked", "given"), [(0, USUAL), (1, 1), (LARGEST, LARGEST), (LARGEST + 1, LARGEST), (10**9, LARGEST)])
def test_a_page_has_a_size_within_bounds(asked: int, given: int) -> None:
    """The usual size for 0; never more than the largest."""
    assert size(asked) == given


def test_a_page_cannot_have_less_than_nothing() -> None:
    """Refused by its field."""
    with pytest.raises(Invalid) as refused:
        size(-1)
    assert [one.path for one in refused.value.fields] == ["page_size"]
