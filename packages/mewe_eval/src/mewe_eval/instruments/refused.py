"""Instruments that must not be here, not even as an electronic form, and why. Their entries stand in the catalogue."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import cast

from attrs import field, frozen
from mewe_core.kit.checks import few, text
from mewe_core.kit.tables import structured

from mewe_eval.instruments.model import Licence, LicenceKind, code

REFUSED = ("mbi", "sdq", "zbi")
"""The entries of the catalogue that say what is refused."""


@frozen(kw_only=True)
class Refusal:
    """An instrument that is refused. ``names``: what it is known by; ``instead``: what to do, if there is anything."""

    id: str = field(validator=code)
    names: tuple[str, ...] = field(validator=few(20, least=1))
    reason: str = field(validator=text(1000))
    instead: str = field(default="", validator=text(500, least=0))
    licence: Licence

    def is_named(self, id: object, title: Iterable[object]) -> bool:
        """Whether an id or a title is one of its names: the name is there in whole words, whatever the case."""
        said = [_words(one) for one in (id, *title) if isinstance(one, str)]
        return any(f" {_words(name).strip()} " in one for name in self.names for one in said)


@cache
def refusals() -> tuple[Refusal, ...]:
    """Everything that is refused, by id."""
    folder = files("mewe_eval.instruments") / "catalogue"
    return tuple(read_refusal((folder / f"{name}.toml").read_text("utf-8")) for name in REFUSED)


def read_refusal(document: str) -> Refusal:
    """The refusal in a TOML document. Raises TableFaults, or ValueError if its licence says something else."""
    one = structured(tomllib.loads(document), Refusal)
    if one.licence.kind is not LicenceKind.REFUSED:
        raise ValueError(f'{one.id}: licence.kind; allowed: "refused"')
    return one


def refusal_of(table: Mapping[str, object]) -> Refusal | None:
    """What refuses the instrument in a table, by its id or its title in any language; None: nothing does."""
    title = table.get("title")
    titles = cast(Mapping[str, object], title).values() if isinstance(title, dict) else (title,)
    return next((one for one in refusals() if one.is_named(table.get("id"), titles)), None)


def _words(said: str) -> str:
    return f" {' '.join(re.findall(r'[a-z]+|[0-9]+', said.casefold()))} "
