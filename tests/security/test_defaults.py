"""What holds where a deployment says nothing is the most private there is: every default, in one file, with its reason."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
from mewe_core.kit.plugins import installed, load
from mewe_host.mix.model import Mix

FILE = Path(__file__).resolve().parents[2] / "security/defaults.toml"
EMPTY = "nothing"
"""What stands for a default that is no value: None, and what is empty."""


def defaults(kind: type[Any], above: str = "") -> Iterator[tuple[str, object]]:
    """Every setting that has a default, by its key, those of settings inside settings too."""
    for one in attrs.fields(kind):
        default = one.default.factory() if isinstance(one.default, attrs.Factory) else one.default  # type: ignore[arg-type]
        if default is attrs.NOTHING or not one.init:
            continue
        key = above + one.name
        if attrs.has(type(default)):
            for inner in (inner for inner in attrs.fields(type(default)) if inner.init):
                yield f"{key}.{inner.name}", plain(getattr(default, inner.name))
        else:
            yield key, plain(default)


def plain(value: object) -> object:
    """As the file can hold it."""
    if isinstance(value, bool | int | str) and value != "":
        return value
    if isinstance(value, tuple) and value:
        return [plain(one) for one in value]
    return EMPTY if not value else str(value)


def there() -> dict[str, dict[str, object]]:
    """The defaults of the host, and of every feature of this checkout."""
    features = load(tuple(sorted(installed())))[0]
    return {"host": dict(defaults(Mix)), **{one.name: dict(defaults(one.settings)) for one in features}}


def written() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    """The file."""
    return tomllib.loads(FILE.read_text())


@pytest.mark.parametrize("part", there())
def test_the_defaults_are_these(part: str) -> None:
    """A default that is changed, added or taken away is changed here too, where somebody reads it with the others."""
    assert there()[part] == {key: said["is"] for key, said in written().get(part, {}).items()}


def test_every_default_says_why() -> None:
    """In a sentence."""
    assert [key for part in written().values() for key, said in part.items() if not str(said["why"]).endswith(".")] == []
