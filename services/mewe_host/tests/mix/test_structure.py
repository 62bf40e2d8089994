"""Tables become attrs classes strictly: each kind of value, and each way in which it can be wrong."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs import field, frozen
from mewe_core.kit.checks import between
from mewe_host.mix import MixFaults
from mewe_host.mix.structure import structured
from whenever import Date, Time


class Day(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    SUNDAY = "sunday"


@frozen
class Texts:
    """What an overlay says in one language."""

    title: str
    hints: tuple[str, ...] = ()


@frozen(kw_only=True)
class Settings:
    """One key of every kind that settings may have."""

    count: int = field(default=1, validator=between(1, 9))
    share: float = 0.5
    on: bool = False
    day: Day = Day.MONDAY
    since: Date | None = None
    at: Time | None = None
    zone: ZoneInfo | None = None
    texts: Mapping[str, Texts] = attrs.Factory(dict)
    skipped: tuple[Date, ...] = ()
    size: int | None = field(default=None, validator=attrs.validators.optional(attrs.validators.ge(2)))


def read(text: str) -> Settings:
    """The settings of a feature, as they would stand in a mix."""
    import tomllib

    return structured(tomllib.loads(text), Settings, file="x.toml", key="features.groups")


def test_every_kind_of_value_is_read() -> None:
    """What TOML can say becomes what the class wants."""
    expected = Settings(
        count=3,
        share=1.0,
        on=True,
        day=Day.SUNDAY,
        since=Date(2026, 3, 1),
        at=Time(16),
        zone=ZoneInfo("Europe/Stockholm"),
        texts={"sv": Texts("Grupp", ("a", "b"))},
        skipped=(Date(2026, 12, 24),),
        size=2,
    )
    actual = read(
        """
        count = 3
        share = 1
        on = true
        day = "sunday"
        since = 2026-03-01
        at = 16:00:00
        zone = "Europe/Stockholm"
        texts.sv = { title = "Grupp", hints = ["a", "b"] }
        skipped = [2026-12-24]
        size = 2
        """
    )
    assert expected == actual


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("count = 1.5", "count", "a whole number"),
        ("count = 10", "count", "a number from 1 to 9"),
        ('share = "x"', "share", "a number"),
        ('on = "yes"', "on", "true or false"),
        ('day = "tuesday"', "day", 'one of "monday", "sunday"'),
        ("since = 2026-03-01T00:00:00", "since", "a date, such as"),
        ('at = "16"', "at", "a time of day"),
        ('zone = "Europe/Stokholm"', "zone", "a time zone, such as"),
        ('zone = "../etc/passwd"', "zone", "a time zone, such as"),
        ("texts = 3", "texts", "a section"),
        ("texts.sv = 3", "texts.sv", "a section with title, hints"),
        ("texts.sv = {}", "texts.sv.title", "a text in quotes"),
        ('texts.sv = { title = "x", hint = [] }', "texts.sv.hint", 'did you mean "hints"?'),
        ('texts.sv = { title = "x", hints = ["a", 2] }', "texts.sv.hints[1]", "a text in quotes"),
        ('skipped = ["x"]', "skipped[0]", "a date, such as"),
        ("size = 1", "size", "a value >= 2"),
        ("cuont = 1", "cuont", 'did you mean "count"?'),
    ],
)
def test_each_wrong_value_is_named_by_its_path(text: str, key: str, allowed: str) -> None:
    """The path leads to the very value, and what is allowed is said in words."""
    with pytest.raises(MixFaults) as caught:
        read(text)
    (fault,) = caught.value.faults
    assert fault.key == f"features.groups.{key}"
    assert allowed in fault.allowed


def test_a_class_that_cannot_be_read_is_the_authors_fault() -> None:
    """A key of a kind that TOML does not know is a mistake in the code, and is not told as one of the mix."""

    @frozen
    class Odd:
        """Settings nobody could write."""

        thing: complex = 0j

    def attempt() -> Any:
        return structured({"thing": 1}, Odd, file="x.toml")

    with pytest.raises(Exception, match="complex"):
        attempt()
