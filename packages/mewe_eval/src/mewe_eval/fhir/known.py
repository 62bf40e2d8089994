"""What others call the items, options and totals of our instruments: a table for each instrument, in the folder ``known``."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from attrs import field, frozen
from mewe_core.kit.checks import each, few, text
from mewe_core.kit.tables import structured
from whenever import Date

from mewe_eval.instruments.model import TOTAL, Instrument, code

LOINC = "http://loinc.org"


@frozen(kw_only=True)
class KnownItem:
    """What others call an item: ``loinc``: its codes of LOINC; ``links``: linkIds in the questionnaires that are named."""

    item: str
    loinc: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@frozen(kw_only=True)
class KnownTotal:
    """What others call the score of a scale, as for an item."""

    scale: str = TOTAL
    loinc: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


@frozen(kw_only=True)
class KnownOption:
    """What others call an answer: the code of a code system, for a value of one of the instrument's sets of answers."""

    answers: str
    value: int
    system: str = LOINC
    code: str


@frozen(kw_only=True)
class Known:
    """What others call the parts of an instrument in one version. ``panels``: codes of LOINC of the whole.

    ``questionnaires``: canonical addresses, without a version, of what others publish of it.
    """

    instrument: str = field(validator=code)
    version: int
    source: str = field(validator=text(1000))
    checked_on: Date
    panels: tuple[str, ...] = ()
    questionnaires: tuple[str, ...] = field(default=(), validator=each(text(300)))
    items: tuple[KnownItem, ...] = field(validator=few(200, least=1))
    totals: tuple[KnownTotal, ...] = ()
    options: tuple[KnownOption, ...] = ()


@frozen(kw_only=True)
class Links:
    """How to read responses to an instrument. ``items``, ``totals``: by linkId or code of LOINC, the id of the item or scale.

    ``options``: by id of the item, system and code, the value. ``questionnaires``: whose responses are read so, besides ours.
    """

    items: Mapping[str, str]
    totals: Mapping[str, str]
    options: Mapping[tuple[str, str, str], int]
    questionnaires: frozenset[str] = frozenset()


@cache
def known_tables() -> Mapping[str, Known]:
    """The tables that come with the library, by the id of the instrument. Raises TableFaults if one is wrong."""
    folder = files("mewe_eval.fhir") / "known"
    names = sorted(one.name for one in folder.iterdir() if one.name.endswith(".toml"))
    read = (structured(tomllib.loads((folder / name).read_text("utf-8")), Known) for name in names)
    return {one.instrument: one for one in read}


def known_of(instrument: Instrument) -> Known | None:
    """The table of an instrument; None if there is none for this version of it."""
    one = known_tables().get(instrument.id)
    return one if one is not None and one.version == instrument.version else None


def total_link(scale_id: str) -> str:
    """Our linkId of the score of a scale. No item can have it, since the id of an item has no slash."""
    return f"score/{scale_id}"


def links_of(instrument: Instrument) -> Links:
    """How responses to the instrument are read: by our own linkIds, and by what others call its parts."""
    items = {item_id: item_id for item_id in instrument.item_ids()}
    totals = {total_link(scale.id): scale.id for scale in instrument.scales()}
    options: dict[tuple[str, str, str], int] = {}
    known = known_of(instrument)
    if known is None:
        return Links(items=items, totals=totals, options=options)
    for one in known.items:
        items |= dict.fromkeys((*one.links, *_loinc_links(one.loinc)), one.item)
    for total in known.totals:
        totals |= dict.fromkeys((*total.links, *_loinc_links(total.loinc)), total.scale)
    for option in known.options:
        for item in instrument.items:
            if option.answers == set_name(instrument, item.id):
                options[item.id, option.system, option.code] = option.value
    return Links(items=items, totals=totals, options=options, questionnaires=frozenset(known.questionnaires))


def set_name(instrument: Instrument, item_id: str) -> str:
    """The name of the set of answers of an item. Raises StopIteration if there is no such item."""
    item = next(item for item in instrument.items if item.id == item_id)
    return item.answers or next(iter(instrument.answers))


def _loinc_links(codes: tuple[str, ...]) -> tuple[str, ...]:
    """The linkIds that a code of LOINC becomes: itself, and as LForms of the NLM writes it."""
    return (*codes, *(f"/{one}" for one in codes))
