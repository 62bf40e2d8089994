"""Instruments, texts and tables read strictly from TOML documents, with everything that is wrong at once."""

from collections.abc import Iterator, Mapping, Set
from typing import cast

import attrs
from attrs import evolve, field, frozen
from mewe_core.kit.checks import few, text
from mewe_core.kit.tables import TableFault, TableFaults, structured

from mewe_eval.documents import Document
from mewe_eval.documents.faults_within import faults_within
from mewe_eval.instruments.consistency import inconsistencies, wording_faults
from mewe_eval.instruments.model import Instrument, LicenceKind, TablePoint, Wording, code
from mewe_eval.instruments.refused import refusal_of


@frozen(kw_only=True)
class LoadedWording:
    """A text that a deployment loads for a shell, in one language, under its licence record."""

    instrument: str = field(validator=code)
    version: int
    language: str = field(validator=text(35))
    wording: Wording


@frozen(kw_only=True)
class ConversionTable:
    """A table of the owner's, loaded under a licence: which score becomes which value. ``reference``: which licence."""

    instrument: str = field(validator=code)
    version: int
    scale: str = field(default="total", validator=code)
    reference: str = field(validator=text(300))
    points: tuple[TablePoint, ...] = field(validator=few(10_000, least=1))


def read_instrument(document: str, file: str) -> Instrument:
    """The instrument in a TOML document; ``file`` is what faults call it.

    Raises DocumentFaults with everything that is wrong, also if the instrument is one that is refused.
    """
    read = Document.of(document, file)
    table = read.table
    refused = refusal_of(table)
    if refused is not None:
        allowed = f"another instrument; {refused.instead}" if refused.instead else "another instrument"
        raise read.faulty([TableFault("id", f"it must not be loaded: {refused.reason}", allowed)])
    try:
        one = structured(table, Instrument)
    except TableFaults as fault:
        faults = [*fault.faults, *faults_within(table, Instrument)]
        unread = frozenset(_first(one.key) for one in faults)
        draft = _draft({key: value for key, value in table.items() if key not in unread})
        raise read.faulty([*faults, *inconsistencies(draft, unread)]) from None
    faults = list(inconsistencies(one))
    if faults:
        raise read.faulty(faults)
    return one


def read_wording(document: str, file: str, instrument: Instrument) -> Instrument:
    """The shell with the text of one more language, from a document of ``instrument``, ``version``, ``language``, ``wording``.

    Raises DocumentFaults if something is wrong, or the document is about another instrument or version, or one whose text is
    shipped. Nobody may be asked before ``may_schedule`` has looked at the licence record.
    """
    read = Document.of(document, file)
    loaded = read.read(LoadedWording)
    faults = [*_about(loaded, instrument), *wording_faults(instrument, loaded.wording, "wording.")]
    if instrument.licence.kind is not LicenceKind.SHELL:
        faults.append(TableFault("instrument", "its text is here already", "an instrument that is a shell"))
    if faults:
        raise read.faulty(faults)
    return evolve(instrument, texts={**instrument.texts, loaded.language: loaded.wording})


def read_conversion(document: str, file: str, instrument: Instrument) -> ConversionTable:
    """The owner's table in a TOML document. Raises DocumentFaults if something is wrong, or no scale wants it."""
    read = Document.of(document, file)
    loaded = read.read(ConversionTable)
    faults = list(_about(loaded, instrument))
    wanted = [scale.id for scale in instrument.scales() if scale.conversion is not None]
    if loaded.scale not in wanted:
        faults.append(TableFault("scale", "this scale wants no table", ", ".join(wanted) or "nothing"))
    scores = [point.score for point in loaded.points]
    for n, score in enumerate(scores):
        if score in scores[:n]:
            faults.append(TableFault(f"points[{n}].score", "it is there twice", "each score once"))
    if faults:
        raise read.faulty(faults)
    return loaded


def _about(loaded: LoadedWording | ConversionTable, instrument: Instrument) -> Iterator[TableFault]:
    if loaded.instrument != instrument.id:
        yield TableFault("instrument", "this is another instrument", f'"{instrument.id}"')
    elif loaded.version != instrument.version:
        yield TableFault("version", "this is another version", f"{instrument.version}")


def _first(key: str) -> str:
    return key.partition(".")[0].partition("[")[0]


_NEEDED: Set[str] = frozenset(one.name for one in attrs.fields(Instrument) if one.default is attrs.NOTHING)

_Draft = attrs.make_class(
    "_Draft",
    {
        one.name: attrs.field(type=one.type, default=None if one.name in _NEEDED else one.default)
        for one in attrs.fields(Instrument)
    },
    bases=(Instrument,),
    frozen=True,
    slots=True,
    kw_only=True,
)


def _draft(table: Mapping[str, object]) -> Instrument:
    """What could be read of an instrument; parts that could not must not be looked at."""
    return cast(Instrument, structured(table, _Draft))
