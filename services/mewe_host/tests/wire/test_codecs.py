"""What goes over the wire comes back as it was, and what cannot be is refused with its place and without its value."""

from enum import StrEnum
from typing import TypeVar

import pytest
from attrs import evolve, field, frozen
from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mewe_core.kit.checks import between, few
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.events import Event, Hexadecimal
from mewe_core.kit.standing import SessionEnded
from mewe_host.parts import Codec
from mewe_host.wire.codecs import Codecs
from mewe_host.wire.contracts import Contracts, contracts_of
from whenever import Date, Instant

T = TypeVar("T")

EARLIEST = Instant.from_utc(1, 1, 1)
LATEST = Instant.from_timestamp(253402300799_999999, unit="microsecond")


class Colour(StrEnum):
    RED = "red"
    DARK_BLUE = "dark_blue"


class Code(str):
    __slots__ = ()


@frozen
class Stamp:
    worth: int = field(validator=between(0, 1000))
    colour: Colour | None = None
    printed_at: Instant | None = None


@frozen
class Wish:
    text: str | None = None


@frozen
class Letter:
    id: str
    colour: Colour
    ribbon: Colour | None
    weight: int
    height: float
    registered: bool
    seal: bytes
    posted_on: Date
    answer_by: Date | None
    sent_at: Instant
    first: Stamp
    second: Stamp | None
    stamps: tuple[Stamp, ...] = field(validator=few(3))
    lines: tuple[str, ...]
    colours: tuple[Colour, ...]
    moments: tuple[Instant, ...]
    days: tuple[Date, ...]
    rating: int | None
    box: str | None
    abroad: Stamp | None
    digest: Hexadecimal
    code: Code
    wish: Wish


@frozen
class SendLetter:
    request_id: str
    letter: Letter


@frozen
class LetterSent(Event):
    letter_id: str
    colour: Colour
    ribbon: Colour | None


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.integers(-62135596800_000000, 253402300799_999999).map(lambda n: Instant.from_timestamp(n, unit="microsecond"))
days = st.dates().map(lambda day: Date(day.year, day.month, day.day))
colours = st.sampled_from(Colour)
stamps = st.builds(Stamp, st.integers(0, 1000), st.none() | colours, st.none() | moments)


def _list(values: st.SearchStrategy[T], most: int = 4) -> st.SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=most).map(tuple)


@st.composite
def letters_(draw: st.DrawFn) -> Letter:
    """Letters of every shape."""
    box, abroad = draw(st.one_of(st.tuples(texts, st.none()), st.tuples(st.none(), stamps), st.just((None, None))))
    return Letter(
        draw(texts),
        draw(colours),
        draw(st.none() | colours),
        draw(st.integers(-(2**63), 2**63 - 1)),
        draw(st.floats(allow_nan=False)),
        draw(st.booleans()),
        draw(st.binary(max_size=20)),
        draw(days),
        draw(st.none() | days),
        draw(moments),
        draw(stamps),
        draw(st.none() | stamps),
        draw(_list(stamps, 3)),
        draw(_list(texts)),
        draw(_list(colours)),
        draw(_list(moments)),
        draw(_list(days)),
        draw(st.none() | st.integers(-(2**31), 2**31 - 1)),
        box,
        abroad,
        Hexadecimal(draw(texts)),
        Code(draw(texts)),
        Wish(draw(st.none() | texts)),
    )


PLAIN = Letter(
    "l1",
    Colour.RED,
    None,
    7,
    1.5,
    True,
    b"x",
    Date(2026, 2, 28),
    None,
    Instant.from_utc(2026, 1, 1),
    Stamp(5),
    None,
    (Stamp(1), Stamp(2)),
    ("a",),
    (Colour.RED, Colour.DARK_BLUE),
    (Instant.from_utc(2026, 1, 2),),
    (Date(2026, 1, 1), Date(2026, 1, 2)),
    0,
    None,
    None,
    Hexadecimal("ab"),
    Code("c"),
    Wish(),
)


@pytest.fixture(scope="module")
def codec(letters: Contracts) -> Codec[SendLetter]:
    """The codec of a request with everything in it."""
    codecs = Codecs(letters)
    message = letters.descriptor("mewe.letters.v1.SendLetterRequest")
    assert message is not None
    found = codecs.codec(SendLetter, message, "letters")
    assert (codecs.problems, found is not None) == ([], True)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def event(letters: Contracts) -> Codec[Event]:
    """The codec of an event."""
    codecs = Codecs(letters)
    found = codecs.event(LetterSent, "letters")
    assert codecs.problems == []
    assert found is not None
    return found


def _fault(codec: Codec[SendLetter], message: Message) -> Field:
    with pytest.raises(Invalid) as caught:
        codec.load(codec.parse(message.SerializeToString()))
    (fault,) = caught.value.fields
    return fault


def _is_refused_with_a_place(codec: Codec[SendLetter], data: bytes) -> bool:
    try:
        codec.load(codec.parse(data))
    except Invalid as fault:
        return bool(fault.fields) or pytest.fail("Invalid without a field")
    return False


@given(letter=letters_(), request_id=texts)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_sent_arrives_as_it_was(codec: Codec[SendLetter], letter: Letter, request_id: str) -> None:
    """Any instance that can be made is the same after it was dumped, encoded, parsed and loaded."""
    sent = SendLetter(request_id, letter)
    arrived = codec.load(codec.parse(codec.dump(sent).SerializeToString()))
    assert arrived == sent
    assert type(arrived.letter.code) is Code


@given(data=st.binary(max_size=200))
@settings(max_examples=300, deadline=None)
def test_random_bytes_are_a_request_or_invalid(codec: Codec[SendLetter], data: bytes) -> None:
    """Bytes that nobody made on purpose never cause anything but Invalid."""
    assert _is_refused_with_a_place(codec, data) in (True, False)


@given(letter=letters_(), places=st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), min_size=1, max_size=4))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_bytes_with_faults_are_a_request_or_invalid(
    codec: Codec[SendLetter], letter: Letter, places: list[tuple[int, int]]
) -> None:
    """A true request with some bytes changed never causes anything but Invalid."""
    data = bytearray(codec.dump(SendLetter("r", letter)).SerializeToString())
    for place, value in places:
        data[place % len(data)] = value
    assert _is_refused_with_a_place(codec, bytes(data)) in (True, False)


@given(number=st.integers(3, 2**31 - 1) | st.integers(-(2**31), 0))
@settings(max_examples=30, deadline=None)
def test_an_unknown_enum_value_in_a_request_is_refused(codec: Codec[SendLetter], number: int) -> None:
    """A number that no member has, and none at all, is Invalid with the path and the allowed names, not the number."""
    message = codec.dump(SendLetter("r", PLAIN))
    message.letter.colour = number  # type: ignore[attr-defined]
    assert _fault(codec, message) == Field("letter.colour", "one of RED, DARK_BLUE")


def test_an_enum_that_may_be_left_out_is_none_when_it_is(codec: Codec[SendLetter]) -> None:
    """Unspecified is None where None is allowed; an unknown number is still refused."""
    message = codec.dump(SendLetter("r", PLAIN))
    message.letter.ribbon = 0  # type: ignore[attr-defined]
    assert codec.load(message).letter.ribbon is None
    message.letter.ribbon = 9  # type: ignore[attr-defined]
    assert _fault(codec, message) == Field("letter.ribbon", "one of RED, DARK_BLUE")


def test_an_answer_of_zero_is_not_an_answer_left_out(codec: Codec[SendLetter]) -> None:
    """An optional number that is 0 arrives as 0, one that was not given as None."""
    for rating in (0, None):
        sent = SendLetter("r", evolve(PLAIN, rating=rating))
        assert codec.load(codec.parse(codec.dump(sent).SerializeToString())).letter.rating == rating


@pytest.mark.parametrize("moment", [EARLIEST, LATEST, Instant.from_utc(1969, 12, 31, 23, 59, 59, nanosecond=999_999_000)])
def test_moments_keep_their_microseconds(codec: Codec[SendLetter], moment: Instant) -> None:
    """The first and the last moment there is, and one before 1970, arrive as they were."""
    sent = SendLetter("r", evolve(PLAIN, sent_at=moment))
    assert codec.load(codec.dump(sent)).letter.sent_at == moment


@pytest.mark.parametrize(
    ("seconds", "nanos"), [(253402300800, 0), (-62135596801, 0), (2**62, 0), (-(2**63), 0), (0, -1), (0, 1_000_000_000)]
)
def test_a_moment_out_of_range_is_refused(codec: Codec[SendLetter], seconds: int, nanos: int) -> None:
    """A timestamp outside the years 1 to 9999, or with impossible nanoseconds, is Invalid at its place in a list."""
    message = codec.dump(SendLetter("r", PLAIN))
    stamp = message.letter.moments[0]  # type: ignore[attr-defined]
    stamp.seconds, stamp.nanos = seconds, nanos
    assert _fault(codec, message) == Field("letter.moments[0]", "a moment from year 1 to year 9999")


@pytest.mark.parametrize(
    "text", ["", "20260101", "2026-02-30", "2026-1-1", "2026-01-01T00:00", "2026-W01-1", "x" * 10, "٢٠٢٦-٠١-٠١"]
)
def test_a_date_that_is_none_is_refused(codec: Codec[SendLetter], text: str) -> None:
    """A text that is not a date as YYYY-MM-DD is Invalid with its place, not with the text."""
    message = codec.dump(SendLetter("r", PLAIN))
    message.letter.days[1] = text  # type: ignore[attr-defined]
    assert _fault(codec, message) == Field("letter.days[1]", "a date as YYYY-MM-DD")


def test_a_rule_of_the_class_names_the_whole_path(codec: Codec[SendLetter]) -> None:
    """A validator deep inside is told with the path from the request's top."""
    message = codec.dump(SendLetter("r", PLAIN))
    message.letter.stamps[1].worth = 4242  # type: ignore[attr-defined]
    assert _fault(codec, message) == Field("letter.stamps[1].worth", "a number from 0 to 1000")


def test_too_many_entries_name_the_list(codec: Codec[SendLetter]) -> None:
    """A validator of the list itself is told with the list's path."""
    message = codec.dump(SendLetter("r", PLAIN))
    for _ in range(2):
        message.letter.stamps.add().worth = 1  # type: ignore[attr-defined]
    assert _fault(codec, message) == Field("letter.stamps", "0 to 3 entries")


@pytest.mark.parametrize("name", ["first", "sent_at"])
def test_what_has_to_be_given_is_missed(codec: Codec[SendLetter], name: str) -> None:
    """A message or moment that must be there and is not is Invalid with its path."""
    message = codec.dump(SendLetter("r", PLAIN))
    message.letter.ClearField(name)  # type: ignore[attr-defined]
    assert _fault(codec, message) == Field(f"letter.{name}", "must be given")


def test_an_empty_message_that_was_given_is_there(codec: Codec[SendLetter]) -> None:
    """A nested message with nothing but defaults arrives as such, not as missing."""
    sent = SendLetter("r", evolve(PLAIN, first=Stamp(0), second=Stamp(0), abroad=Stamp(0)))
    assert codec.load(codec.parse(codec.dump(sent).SerializeToString())) == sent


def test_two_of_one_choice_cannot_be_sent(codec: Codec[SendLetter]) -> None:
    """An instance with two members of a oneof set is a mistake of the code: TypeError."""
    with pytest.raises(TypeError, match="only one of box, abroad"):
        codec.dump(SendLetter("r", evolve(PLAIN, box="b", abroad=Stamp(1))))


def test_a_text_that_is_not_utf8_is_invalid(codec: Codec[SendLetter]) -> None:
    """Bytes that are no UTF-8 in a text field are Invalid."""
    with pytest.raises(Invalid):
        codec.parse(b"\x0a\x02\xff\xfe")


def test_fields_from_a_later_contract_are_ignored(codec: Codec[SendLetter]) -> None:
    """A field that this contract does not have changes nothing."""
    sent = SendLetter("r", PLAIN)
    assert codec.load(codec.parse(codec.dump(sent).SerializeToString() + b"\xfa\x7f\x03new")) == sent


def test_an_event_with_a_later_enum_value_can_be_read(event: Codec[Event]) -> None:
    """In an event, an enum value that this code does not know is None where None is allowed."""
    message = event.dump(LetterSent("l", Colour.RED, Colour.RED))
    message.ribbon = 77  # type: ignore[attr-defined]
    assert event.load(message) == LetterSent("l", Colour.RED, None)


def test_an_event_that_cannot_be_read_says_so(event: Codec[Event]) -> None:
    """Where None is not allowed, it is a ValueError that names the field and not the value, so that it can be parked."""
    message = event.dump(LetterSent("l", Colour.RED, None))
    message.colour = 77  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match=r"LetterSent cannot be read here: colour: one of RED, DARK_BLUE$"):
        event.load(message)


def test_an_event_of_the_kit_has_its_message_there() -> None:
    """An event that the feature's own contract does not have is found in the kit's."""
    codecs = Codecs(contracts_of([]))
    codec = codecs.event(SessionEnded, "people")
    ended = SessionEnded("s1", Instant.from_utc(2026, 1, 1))
    assert codec is not None
    assert codec.load(codec.parse(codec.dump(ended).SerializeToString())) == ended


def test_an_event_without_a_message_is_a_problem(letters: Contracts) -> None:
    """An event that no contract has is a problem that names the feature and the message."""
    codecs = Codecs(letters)

    @frozen
    class Unheard(Event):
        letter_id: str

    assert codecs.event(Unheard, "letters") is None
    assert codecs.problems == ["feature letters: the event Unheard has no message mewe.letters.v1.Unheard"]
