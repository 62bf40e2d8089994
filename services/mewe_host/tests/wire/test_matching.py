"""A class and its message are compared at the start, and whatever does not fit is said by name."""

from collections.abc import Callable
from enum import StrEnum

import pytest
from attrs import field, frozen
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mewe_host.wire.codecs import Codecs
from mewe_host.wire.contracts import Contracts
from whenever import Date, Instant


class Colour(StrEnum):
    RED = "red"
    DARK_BLUE = "dark_blue"


class Faded(StrEnum):
    RED = "red"
    PINK = "pink"


@frozen
class Fits:
    worth: int
    colour: Colour | None
    printed_at: Instant | None


@frozen
class Lacks:
    worth: int
    colour: Colour | None


@frozen
class HasMore:
    worth: int
    colour: Colour | None
    printed_at: Instant | None
    glue: str


@frozen
class OtherType:
    worth: str
    colour: Colour | None
    printed_at: Instant | None


@frozen
class TextForMoment:
    worth: int
    colour: Colour | None
    printed_at: str | None


@frozen
class Mandatory:
    worth: int
    colour: Colour
    printed_at: Instant | None


@frozen
class MayBeNone:
    worth: int | None
    colour: Colour | None
    printed_at: Instant | None


@frozen
class OtherColours:
    worth: int
    colour: Faded | None
    printed_at: Instant | None


@frozen
class AList:
    worth: tuple[int, ...]
    colour: Colour | None
    printed_at: Instant | None


@frozen
class Computed:
    worth: int = field(init=False, default=1)
    colour: Colour | None = None
    printed_at: Instant | None = None


@frozen
class Either:
    worth: int | str
    colour: Colour | None
    printed_at: Date | None


class NotAttrs:
    worth: int


CASES = [
    (Fits, []),
    (Lacks, ["printed_at: only in the contract"]),
    (HasMore, ["glue: not in the contract"]),
    (OtherType, ["worth: str in the class, int32 in the contract"]),
    (TextForMoment, ["printed_at: str in the class, google.protobuf.Timestamp in the contract"]),
    (Mandatory, ["colour: optional in the contract, cannot be None in the class"]),
    (MayBeNone, ["worth: may be None in the class, not optional in the contract"]),
    (
        OtherColours,
        [
            "colour: Faded has PINK, mewe.letters.v1.Colour has no COLOUR_PINK",
            "colour: mewe.letters.v1.Colour has COLOUR_DARK_BLUE, Faded has no DARK_BLUE",
        ],
    ),
    (AList, ["worth: a tuple, not repeated in the contract"]),
    (Computed, ["worth: cannot be set when the class is made (init=False)"]),
    (
        Either,
        [
            "worth: int | str in the class, int32 in the contract",
            "printed_at: Date in the class, google.protobuf.Timestamp in the contract",
        ],
    ),
    (NotAttrs, ["is not an attrs class"]),
]


@pytest.mark.parametrize(("kind", "expected"), CASES, ids=[kind.__name__ for kind, _ in CASES])
def test_every_misfit_is_named(letters: Contracts, kind: type, expected: list[str]) -> None:
    """Missing and extra fields, other types, optional or not, other enum members: feature, class, message, field, what."""
    codecs = Codecs(letters)
    message = letters.descriptor("mewe.letters.v1.Stamp")
    assert message is not None
    codecs.codec(kind, message, "letters")
    assert codecs.problems == [f"feature letters: {kind.__name__} (mewe.letters.v1.Stamp): {one}" for one in expected]


@frozen
class Inner:
    request_id: str
    letter: Lacks


def test_a_misfit_deep_inside_is_named(letters: Contracts) -> None:
    """A nested class is compared as well, and what contains it cannot be used either."""
    codecs = Codecs(letters)
    message = letters.descriptor("mewe.letters.v1.SendLetterRequest")
    assert message is not None
    assert codecs.codec(Inner, message, "letters") is None
    assert "feature letters: Lacks (mewe.letters.v1.Letter): worth: not in the contract" in codecs.problems


MAPS = """
syntax = "proto3";
package mewe.maps.v1;
message Shelf { map<string, int32> books = 1; }
"""


@frozen
class Shelf:
    books: tuple[Fits, ...]


def test_a_map_is_refused_at_the_start(compile_contract: Callable[[str, str], FileDescriptorSet]) -> None:
    """Maps are not supported, and the problem says what to use."""
    contracts = Contracts({"maps": compile_contract(MAPS, "maps")})
    codecs = Codecs(contracts)
    message = contracts.descriptor("mewe.maps.v1.Shelf")
    assert message is not None
    codecs.codec(Shelf, message, "maps")
    assert codecs.problems == [
        "feature maps: Shelf (mewe.maps.v1.Shelf): books: maps are not supported; use a repeated message"
    ]
