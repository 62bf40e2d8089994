"""Tables become attrs classes strictly: each kind of value, and each way in which it can be wrong."""

import json
import tomllib
from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest
from attrs import field, frozen
from cattrs.errors import StructureHandlerNotFoundError
from mewe_core.kit.checks import between
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.tables import TableFault, TableFaults, closest, structured, unstructured
from whenever import Date, Time


class Day(StrEnum):
    """A day of the week."""

    MONDAY = "monday"
    SUNDAY = "sunday"


class Floor(IntEnum):
    """Where a room is."""

    GROUND = 0
    FIRST = 1


@frozen
class Texts:
    """What an overlay says in one language."""

    title: str
    hints: tuple[str, ...] = ()


def not_too_much(instance: "Settings", _: object, value: int) -> None:
    """A rule in words of its own, which hold the value."""
    if value > instance.count * 100:
        raise ValueError(f"{value} is too much")


@frozen(kw_only=True)
class Settings:
    """One key of every kind that a table may have."""

    count: int = field(default=1, validator=between(1, 9))
    share: float = 0.5
    on: bool = False
    day: Day = Day.MONDAY
    floor: Floor = Floor.GROUND
    since: Date | None = None
    at: Time | None = None
    zone: ZoneInfo | None = None
    texts: Mapping[str, Texts] = attrs.Factory(dict)
    skipped: tuple[Date, ...] = ()
    rooms: list[Texts] = attrs.Factory(list)
    first: Texts | None = None
    size: int | None = field(default=None, validator=attrs.validators.optional(attrs.validators.ge(2)))
    tag: str = field(default="a", validator=attrs.validators.matches_re(r"[a-z: (]+"))
    tone: str = field(default="low", validator=attrs.validators.in_(["low", "high"]))
    name: str = field(default="Oak", validator=attrs.validators.min_len(3))
    seats: int = field(default=1, validator=not_too_much)


def read(text: str) -> Settings:
    """The settings of a feature, as they would stand in a file, below their key."""
    return structured(tomllib.loads(text), Settings, key="features.groups")


def test_every_kind_of_value_is_read() -> None:
    """What TOML can say becomes what the class wants."""
    expected = Settings(
        count=3,
        share=1.0,
        on=True,
        day=Day.SUNDAY,
        floor=Floor.FIRST,
        since=Date(2026, 3, 1),
        at=Time(16),
        zone=ZoneInfo("Europe/Stockholm"),
        texts={"sv": Texts("Grupp", ("a", "b"))},
        skipped=(Date(2026, 12, 24),),
        rooms=[Texts("Blue")],
        first=Texts("Red"),
        size=2,
    )
    actual = read(
        """
        count = 3
        share = 1
        on = true
        day = "sunday"
        floor = 1
        since = 2026-03-01
        at = 16:00:00
        zone = "Europe/Stockholm"
        texts.sv = { title = "Grupp", hints = ["a", "b"] }
        skipped = [2026-12-24]
        rooms = [{ title = "Blue" }]
        first.title = "Red"
        size = 2
        """
    )
    assert expected == actual


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("count = 1.5", "count", "a whole number"),
        ("count = true", "count", "a whole number"),
        ('share = "x"', "share", "a number"),
        (f"share = 1{'0' * 400}", "share", "a number"),
        ('on = "yes"', "on", "true or false"),
        ("on = 1", "on", "true or false"),
        ('day = "tuesday"', "day", 'one of "monday", "sunday"'),
        ("day = []", "day", 'one of "monday", "sunday"'),
        ("floor = true", "floor", "one of 0, 1"),
        ("since = 2026-03-01T00:00:00", "since", "a date, such as 2026-03-01"),
        ('at = "16"', "at", "a time of day, such as 16:00:00"),
        ('zone = "Europe/Stokholm"', "zone", 'a time zone, such as "Europe/Stockholm"'),
        ('zone = "../etc/passwd"', "zone", 'a time zone, such as "Europe/Stockholm"'),
        ("texts = 3", "texts", "a section"),
        ("texts.sv = 3", "texts.sv", "a section with title, hints"),
        ('texts.sv = { title = "x", hints = ["a", 2] }', "texts.sv.hints[1]", 'a text in quotes ("...")'),
        ('texts.sv = { title = "x", hints = "ab" }', "texts.sv.hints", "a list"),
        ('skipped = ["x"]', "skipped[0]", "a date, such as 2026-03-01"),
        ("rooms = {}", "rooms", "a list"),
        ('rooms = [{ title = "x" }, 3]', "rooms[1]", "a section with title, hints"),
        ("first = []", "first", "a section with title, hints"),
    ],
)
def test_a_value_of_another_kind_is_named_by_its_path(text: str, key: str, allowed: str) -> None:
    """The path leads to the very value, nothing is turned into what was wanted, and what is allowed is said in words."""
    with pytest.raises(TableFaults) as caught:
        read(text)
    assert caught.value.faults == (TableFault(f"features.groups.{key}", "this value is of another kind", allowed),)


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("count = 10", "count", "a number from 1 to 9"),
        ("size = 1", "size", "a value >= 2"),
        ('tag = "hunter2: (x"', "tag", "a value that matches '[a-z: (]+'"),
        ('tone = "hunter2: (got it)"', "tone", "a value in ['low', 'high']"),
        ('name = "h2"', "name", "a length >= 3"),
    ],
)
def test_a_value_that_breaks_a_rule_is_told_the_rule(text: str, key: str, allowed: str) -> None:
    """Validators of ours and of attrs alike; the value stays out."""
    with pytest.raises(TableFaults) as caught:
        read(text)
    assert "hunter2" not in str(caught.value)
    (fault,) = caught.value.faults
    assert fault == TableFault(f"features.groups.{key}", "this value cannot be used", allowed)


def test_the_words_of_another_error_are_not_told() -> None:
    """They may hold the value; what the section may have is said instead."""
    with pytest.raises(TableFaults) as caught:
        read("seats = 4711")
    assert "4711" not in str(caught.value)
    (fault,) = caught.value.faults
    assert (fault.key, fault.problem) == ("features.groups", "this value cannot be used")
    assert fault.allowed.startswith("a section with count, share, on")


def test_a_missing_key_is_told_with_what_it_wants() -> None:
    """Whoever left it out learns what to write."""
    with pytest.raises(TableFaults) as caught:
        read("texts.sv = {}")
    assert caught.value.faults == (
        TableFault("features.groups.texts.sv.title", "this key is missing", 'a text in quotes ("...")'),
    )


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("cuont = 1", "cuont", '(did you mean "count"?)'),
        ('texts.sv = { title = "x", hint = [] }', "texts.sv.hint", 'hints, title (did you mean "hints"?)'),
        ("zzz = 1", "zzz", "tone, zone"),
    ],
)
def test_a_key_that_is_not_known_is_refused_with_the_closest(text: str, key: str, near: str) -> None:
    """A typing error is never read over."""
    with pytest.raises(TableFaults) as caught:
        read(text)
    (fault,) = caught.value.faults
    assert (fault.key, fault.problem) == (f"features.groups.{key}", "this key is not known")
    assert fault.allowed.endswith(near)


def test_everything_that_is_wrong_is_told_at_once() -> None:
    """One reading, all faults, at every depth."""
    with pytest.raises(TableFaults) as caught:
        structured({"cuont": 1, "on": 3, "rooms": [{"title": 1}, {}]}, Settings)
    assert {one.key for one in caught.value.faults} == {"cuont", "on", "rooms[0].title", "rooms[1].title"}
    assert "on: this value is of another kind; allowed: true or false" in str(caught.value)


@pytest.mark.parametrize("text", ["[]", "3", "null", '"count"'])
def test_what_is_no_table_is_refused(text: str) -> None:
    """JSON may hold anything; the whole has an empty key."""
    with pytest.raises(TableFaults) as caught:
        structured(json.loads(text), Texts)
    assert caught.value.faults == (TableFault("", "this value is of another kind", "a section with title, hints"),)


def test_a_rule_of_the_whole_names_the_key_below() -> None:
    """Invalid of a class with nested parts leads to the part."""

    @frozen
    class Pair:
        """Two numbers that differ."""

        one: int
        two: int

        def __attrs_post_init__(self) -> None:
            if self.one == self.two:
                raise Invalid(Field("two", "another number than one"))

    @frozen
    class Pairs:
        """Some pairs."""

        pairs: tuple[Pair, ...]

    with pytest.raises(TableFaults) as caught:
        structured({"pairs": [{"one": 1, "two": 2}, {"one": 1, "two": 1}]}, Pairs)
    assert caught.value.faults == (TableFault("pairs[1].two", "this value cannot be used", "another number than one"),)


def test_a_table_comes_back_through_json() -> None:
    """What JSON can say is kept and taken back whole."""
    there = Texts("Grupp", ("a", "b"))
    assert structured(json.loads(json.dumps(unstructured(there))), Texts) == there


def test_a_class_that_cannot_be_read_is_the_authors_fault() -> None:
    """A field of a kind that no table holds is a mistake in the code, and is not told as one of the table."""

    @frozen
    class Odd:
        """Settings nobody could write."""

        thing: complex = 0j

    with pytest.raises(StructureHandlerNotFoundError, match="complex"):
        structured({"thing": 1}, Odd)


def test_a_mistake_in_a_validator_is_let_through() -> None:
    """It is not hidden behind the faults of the table that stand beside it."""

    def broken(_: object, __: object, value: Any) -> None:
        raise LookupError("no such rule")

    @frozen
    class Broken:
        """A class whose rule fails by itself."""

        thing: int = field(default=1, validator=broken)

    @frozen
    class Both:
        """It and a wrong value."""

        one: Broken
        on: bool

    with pytest.raises(LookupError, match="no such rule"):
        structured({"one": {"thing": 1}, "on": 3}, Both)


@pytest.mark.parametrize(
    ("word", "words", "said"),
    [
        ("contry", ["languages", "country"], 'country, languages (did you mean "country"?)'),
        ("zzz", ["languages", "country"], "country, languages"),
        ("zzz", [], "nothing"),
    ],
)
def test_the_closest_word_is_named_beside_all_others(word: str, words: list[str], said: str) -> None:
    """Sorted, so that the same fault has the same words."""
    assert closest(word, words) == said
