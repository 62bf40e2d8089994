"""What the compiled converters call for single values: moments, dates, and where in a request a fault is."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from google.protobuf.timestamp_pb2 import Timestamp
from mewe_core.kit.errors import Field, Invalid
from whenever import Date, Instant

T = TypeVar("T")
U = TypeVar("U")

MOMENT_RULE = "a moment from year 1 to year 9999"
DATE_RULE = "a date as YYYY-MM-DD"
GIVEN_RULE = "must be given"


def moment(stamp: Timestamp) -> Instant:
    """The moment of a timestamp, in whole microseconds; what is finer is cut off. Raises Invalid out of range."""
    nanos = stamp.nanos
    if not 0 <= nanos <= 999_999_999:
        raise Invalid(Field("", MOMENT_RULE))
    try:
        return Instant.from_timestamp(stamp.seconds * 1_000_000 + nanos // 1000, unit="microsecond")
    except (ValueError, OverflowError):
        raise Invalid(Field("", MOMENT_RULE)) from None


def put_moment(stamp: Timestamp, value: Instant) -> None:
    """Write a moment into a timestamp that is part of a message."""
    seconds, micros = divmod(value.timestamp(unit="microsecond"), 1_000_000)
    stamp.seconds = seconds
    stamp.nanos = micros * 1000


def date(text: str) -> Date:
    """The date that a text names. Raises Invalid if it is not written YYYY-MM-DD."""
    if len(text) != 10:
        raise Invalid(Field("", DATE_RULE))
    try:
        return Date.parse_iso(text)
    except ValueError:
        raise Invalid(Field("", DATE_RULE)) from None


def within(name: str, fault: Invalid) -> Invalid:
    """The same fault as the message around it sees it: ``value`` in ``answers[2]`` is ``answers[2].value``."""
    return type(fault)(*(Field(_joined(name, one.path), one.rule) for one in fault.fields))


def missing(name: str) -> Invalid:
    """What to raise when a field has to be there and is not."""
    return Invalid(Field(name, GIVEN_RULE))


def first_fault(name: str, load: Callable[[T], U], items: Iterable[T]) -> Invalid:
    """Which entry of a list it was that could not be loaded."""
    for index, item in enumerate(items):
        try:
            load(item)
        except Invalid as fault:
            return within(f"{name}[{index}]", fault)
    raise AssertionError(f"every entry of {name} can be loaded")


def _joined(name: str, path: str) -> str:
    if not path:
        return name
    return f"{name}{path}" if path.startswith("[") else f"{name}.{path}"
