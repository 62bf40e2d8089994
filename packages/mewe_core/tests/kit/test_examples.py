"""A well-formed request can be made from its class alone."""

from enum import StrEnum
from typing import Any

import pytest
from attrs import field, frozen
from mewe_core.kit.checks import between, few, identifier, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.examples import NoExample, example
from whenever import Date, Instant


class Colour(StrEnum):
    """A closed list."""

    RED = "red"


def is_time_zone(_: Any, attribute: Any, value: str) -> None:
    """A name with a slash."""
    if "/" not in value:
        raise Invalid(Field(attribute.name, "a time zone"))


def impossible(_: Any, attribute: Any, value: str) -> None:
    """Refuses all."""
    raise Invalid(Field(attribute.name, "something that is not"))


@frozen
class Part:
    """Something inside."""

    part_id: str = field(validator=identifier)


@frozen
class Request:
    """One field of every kind."""

    request_id: str = field(validator=identifier)
    zone: str = field(validator=is_time_zone)
    number: int = field(validator=between(5, 20))
    share: float
    yes: bool
    at: Instant
    day: Date
    colour: Colour
    part: Part
    parts: tuple[Part, ...] = field(validator=few(3, least=1))
    later: Instant | None
    data: bytes
    left_out: str = "left out"
    group_id: str = ""


@frozen
class Impossible:
    """No value pleases its validator."""

    word: str = field(validator=impossible)


@frozen
class Long:
    """Wants a long text."""

    words: str = field(validator=text(100, least=40))


def test_each_field_gets_what_its_validator_takes() -> None:
    """And every id is the one that was asked for, also where it may be left out."""
    made = example(Request, "oak")
    assert isinstance(made, Request)
    assert (made.request_id, made.group_id, made.part, made.parts) == ("oak", "oak", Part("oak"), (Part("oak"),))
    assert made.left_out == "left out"
    assert len(example(Long, "oak").words) >= 40


def test_what_cannot_be_made_is_named() -> None:
    """With the fields that refuse."""
    with pytest.raises(NoExample, match=r"Impossible.*word"):
        example(Impossible, "oak")
