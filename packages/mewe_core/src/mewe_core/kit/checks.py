"""Validators for requests: each refusal names the field and the rule, never the value."""

import re
from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from whenever import PlainDateTime, TimeZoneNotFoundError

from mewe_core.kit.errors import Field, Invalid

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]
T = TypeVar("T")

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LANGUAGE = re.compile(r"([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?")
_LONGEST_LANGUAGE = 35
_ZONE = re.compile(r"UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z0-9_+-]*){1,2}")


def text(most: int, *, least: int = 1) -> Check:
    """A text of ``least`` to ``most`` characters, not blank unless ``least`` is 0, without control characters but line ends."""
    rule = f"a text of {least} to {most} characters"

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if not least <= len(value) <= most or (least and not value.strip()):
            raise Invalid(Field(attribute.name, rule))
        if _CONTROL.search(value):
            raise Invalid(Field(attribute.name, "a text without control characters"))

    return check


def is_identifier(value: str) -> bool:
    """Whether a text can be an id."""
    return 0 < len(value) <= 64 and value.isascii() and value.replace("-", "").replace("_", "").isalnum()


def identifier(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """An id as the platform makes them, or an empty text where the field may be left out."""
    if not is_identifier(value):
        raise Invalid(Field(attribute.name, "an id: 1 to 64 letters, digits, - or _"))


def language_tag(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """A language tag, known or not, or an empty text: no words, since it is kept as it is."""
    if len(value) > _LONGEST_LANGUAGE or not _LANGUAGE.fullmatch(value):
        raise Invalid(Field(attribute.name, "a language, such as en or de-CH"))


def between(least: float, most: float) -> Check:
    """A number from ``least`` to ``most``, both included."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if not least <= value <= most:
            raise Invalid(Field(attribute.name, f"a number from {least} to {most}"))

    return check


def few(most: int, *, least: int = 0) -> Check:
    """A list of ``least`` to ``most`` entries."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if not least <= len(value) <= most:
            raise Invalid(Field(attribute.name, f"{least} to {most} entries"))

    return check


def each(check: Check) -> Check:
    """The check, for every entry of a list; a refusal names the entry."""

    def all_of_it(instance: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        for place, one in enumerate(value):
            check(instance, attribute.evolve(name=f"{attribute.name}[{place}]"), one)

    return all_of_it


def given(check: Check) -> Check:
    """The check, for a field that may be None."""

    def maybe(instance: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if value is not None:
            check(instance, attribute, value)

    return maybe


def zone(name: str) -> str:
    """The name of a time zone as the IANA database writes it. Raises Invalid if there is no such zone."""
    try:
        known = PlainDateTime(2026, 1, 1).assume_tz(name, disambiguation="compatible").tz_id
    except (TimeZoneNotFoundError, ValueError):
        known = None
    if known is None or not _ZONE.fullmatch(known):
        raise Invalid(Field("time_zone", 'a time zone of the IANA database, such as "Europe/Stockholm"'))
    return known
