"""What the kit finds wrong in a table is told with the file it stands in."""

from typing import Any

import pytest
from attrs import frozen
from mewe_host.mix import Fault, MixFaults
from mewe_host.mix.structure import structured


@frozen
class Settings:
    """What a feature may ask for."""

    count: int = 1
    on: bool = False


def test_a_table_that_is_right_is_read() -> None:
    """What stands in the file, and what is not there as the class has it."""
    assert structured({"count": 3}, Settings, file="x.toml") == Settings(count=3, on=False)


def test_every_fault_has_its_file_and_its_whole_key() -> None:
    """Below the key of the section, in words for whoever wrote the file."""
    with pytest.raises(MixFaults) as caught:
        structured({"count": "3", "onn": True}, Settings, file="x.toml", key="features.groups")
    assert set(caught.value.faults) == {
        Fault("x.toml", "features.groups.count", "this value is of another kind", "a whole number"),
        Fault("x.toml", "features.groups.onn", "this key is not known", 'count, on (did you mean "on"?)'),
    }
    assert "x.toml, features.groups.count: this value is of another kind. Allowed: a whole number." in str(caught.value)


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
