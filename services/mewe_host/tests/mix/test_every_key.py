"""The table of every key of a mix in docs/country.md is the mix: the same keys, with the defaults that they have."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import attrs
from mewe_core.kit.pushing import KNOWN_SERVICES
from mewe_host.mix.model import Mix

PAGE = Path(__file__).parents[4] / "docs/country.md"

SAID_OTHERWISE = {1 << 20: "1 MiB", ("en",): '["en"]', KNOWN_SERVICES: "those of the browsers that have one"}
"""Defaults that the page words for people."""


def told() -> dict[str, str]:
    """What the page says: each key, and its default as it stands there."""
    table = PAGE.read_text().partition("Every key, with its default:")[2].partition("\nSettings of the features")[0]
    found: dict[str, str] = {}
    for row in re.findall(r"^\| (`.*?) \|.*\| (.*?) \|$", table, re.MULTILINE):
        keys, default = re.findall(r"`([^`]+)`", row[0]), row[1]
        defaults = default.split(", ") if default.count(", ") == len(keys) - 1 else [default] * len(keys)
        section = ""
        for key, one in zip(keys, defaults, strict=True):
            name = section + key if key.startswith(".") else key.strip("[]")
            section = name.partition(".")[0]
            found[name.replace("features.NAME", "features")] = one.strip("`")
    return found


def there(cls: Any = Mix, section: str = "", within: Any = None) -> Iterator[tuple[str, Any]]:
    """Each key that the mix knows, with its default."""
    for one in attrs.fields(cls):
        kind = get_type_hints(cls)[one.name]
        default = one.default if within is None else getattr(within, one.name)
        if attrs.has(kind):
            yield from there(kind, f"{section}{one.name}.", default)
        else:
            yield f"{section}{one.name}", default


def shown(default: Any, said: str) -> str:
    """How the page is to say a default; what is empty is said in words, which hold no value."""
    if default is attrs.NOTHING or default is None or default in ((), False):
        return said if not re.search(r"\d|/|:", said) else "a word without a value"
    return SAID_OTHERWISE.get(default, str(default))


def test_every_key_is_told_with_its_default() -> None:
    """None is missing, none is told that there is not, and no default is another."""
    page, keys = told(), dict(there())
    keys |= {"features": attrs.NOTHING}
    urls = {f"{one}.url": f"{one}.url_env" for one in ("database", "nats")}
    assert sorted(page) == sorted(keys)
    wrong = {
        key: (page[key], default)
        for key, default in keys.items()
        if key not in urls.values() and page[key] != shown(default, page[key])
    }
    assert wrong == {}
