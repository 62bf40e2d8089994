"""A protocol read from its document, with everything that is wrong at once."""

import hashlib
from collections.abc import Mapping
from importlib import resources

from attrs import evolve
from mewe_core.kit.tables import TableFault
from whenever import Date

from mewe_eval.documents import Document
from mewe_eval.instruments.licence import LicenceRecord, NotSchedulable, SignOff, may_schedule
from mewe_eval.instruments.model import Instrument, Respondent
from mewe_eval.protocol.consistency import inconsistencies
from mewe_eval.protocol.definition import Protocol

_ALLOWED = {
    NotSchedulable.REFUSED: "another instrument",
    NotSchedulable.NO_LICENCE_RECORD: "an instrument whose licence is on record",
    NotSchedulable.LICENCE_EXPIRED: "a licence that is valid",
    NotSchedulable.NO_TEXTS: "an instrument whose text is loaded",
    NotSchedulable.LANGUAGE_NOT_LICENSED: "the languages of the licence",
    NotSchedulable.AGE_NEEDS_SIGN_OFF: "ages that it was made for, or a clinician's sign-off for each of them",
}


def read_protocol(document: str, file: str, instruments: Mapping[str, Instrument]) -> Protocol:
    """The protocol in a TOML document; ``file`` is what faults call it; ``instruments``: those that there are, by id.

    Raises DocumentFaults with everything that is wrong.
    """
    read = Document.of(document, file)
    protocol = read.read(Protocol)
    faults = list(inconsistencies(protocol, instruments))
    if "sha256" in read.table:
        faults.append(TableFault("sha256", "it is computed", "no such key"))
    if faults:
        raise read.faulty(faults)
    return evolve(protocol, sha256=hashlib.sha256(document.encode()).hexdigest())


def may_begin(
    protocol: Protocol,
    instruments: Mapping[str, Instrument],
    licences: Mapping[str, LicenceRecord],
    sign_offs: Mapping[str, SignOff],
    on: Date,
) -> tuple[str, ...]:
    """Why a study may not begin on a day, a sentence for each instrument; none: it may.

    Young people of every age of the protocol must be allowed to be asked; without ages in it, that is for each person.
    """
    ages = range(protocol.ages.least, protocol.ages.most + 1) if protocol.ages else ()
    told = dict[str, str]()
    for asked in protocol.asked:
        instrument = instruments[asked.instrument]
        of_protocol = ages if asked.role is Respondent.PARTICIPANT else ()
        for age in of_protocol or (instrument.ages.least,):
            why = may_schedule(instrument, licences.get(asked.instrument), age, sign_offs.get(asked.instrument), on)
            if why is not None:
                told.setdefault(asked.instrument, f'"{asked.instrument}": {why.value}; allowed: {_ALLOWED[why]}')
    return tuple(told.values())


def shipped_protocol(instruments: Mapping[str, Instrument]) -> Protocol:
    """The follow-up that a municipality can run without a researcher."""
    file = "follow-up.toml"
    text = (resources.files("mewe_eval.protocol") / "shipped" / file).read_text("utf-8")
    return read_protocol(text, file, instruments)
