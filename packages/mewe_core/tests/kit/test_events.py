"""Events hold no text, and the catalogue knows every one of them."""

from enum import StrEnum

import pytest
from attrs import frozen
from mewe_core.kit.events import Event, Hexadecimal, Published, catalogue, faults, snake
from mewe_core.kit.standing import KIT_EVENTS
from whenever import Date, Instant


class Colour(StrEnum):
    """A closed list of words."""

    RED = "red"


@frozen
class LeafFallen(Event):
    """Everything that an event may hold."""

    id: str
    leaf_id: str
    tree_id: str | None
    colour: Colour
    number: int
    dry: bool
    at: Instant
    day: Date | None
    key: Hexadecimal


@frozen
class LeafNamed(Event):
    """Everything that it may not."""

    leaf_id: str
    name: str
    note: str | None
    score: float
    picture: bytes
    names: tuple[str, ...]
    anything: object


class NoAttrs(Event):
    """Not an attrs class."""


def test_an_event_holds_ids_enums_whole_numbers_booleans_and_moments() -> None:
    """And keys that a machine made."""
    assert faults(LeafFallen) == []


def test_whatever_could_hold_somebodys_words_is_named() -> None:
    """Text, numbers with a fraction, bytes, lists, and what may be anything."""
    assert [fault.split(" ")[0] for fault in faults(LeafNamed)] == [
        f"LeafNamed.{name}" for name in ("name", "note", "score", "picture", "names", "anything")
    ]
    assert faults(NoAttrs) == ["NoAttrs is not an attrs class"]


@pytest.mark.parametrize("kind", KIT_EVENTS)
def test_the_kits_own_events_keep_the_rule(kind: type[Event]) -> None:
    """Standing, sessions and keys are told without a word about anybody."""
    assert faults(kind) == []


def test_the_catalogue_refuses_every_fault_at_once() -> None:
    """Text in an event, and an aggregate that is no field."""
    with pytest.raises(ValueError, match=r"LeafNamed.name.*LeafFallen has no field branch_id"):
        catalogue(
            [
                ("tree", [Published(LeafNamed, aggregate="leaf_id", meaning="Named.")]),
                ("wood", [Published(LeafFallen, aggregate="branch_id", meaning="Fallen.")]),
            ]
        )


def test_the_catalogue_finds_by_feature_name_and_kind() -> None:
    """By the two words of a subject, and by class."""
    fallen = Published(LeafFallen, aggregate="leaf_id", meaning="Fallen.")
    known = catalogue([("tree", [fallen]), ("wood", [])])
    found = known.find("tree", "leaf_fallen")
    assert found is not None
    assert (found.area, found.published, found.name) == ("tree", fallen, "leaf_fallen")
    assert known.find("wood", "leaf_fallen") is None
    assert known.of("tree") == (found,)
    assert known.tellers(LeafFallen) == ("tree",)
    assert known.tellers(LeafNamed) == ()


@pytest.mark.parametrize(("name", "words"), [("MessagePosted", "message_posted"), ("A", "a"), ("AtoB", "ato_b")])
def test_a_class_name_as_words(name: str, words: str) -> None:
    """As it stands in a subject."""
    assert snake(name) == words
