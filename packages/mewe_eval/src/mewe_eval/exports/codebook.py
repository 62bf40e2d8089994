"""What each column of a study's file holds: in words, and by value."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import field, frozen

from mewe_eval.instruments.model import Instrument, Item
from mewe_eval.protocol.definition import Protocol
from mewe_eval.study.known import Known

if TYPE_CHECKING:
    from mewe_eval.study.data import Study

_OWN: Mapping[str, tuple[str, str]] = {
    "person": ("A pseudonym: the same in all rows of a person of one organisation", "text"),
    "wave": ("When: a wave of the protocol", "text"),
    "role": ("Who answers", "text"),
    Known.COUNTRY: ("Country", "text"),
    Known.ORGANISATION: ("Organisation", "text"),
    Known.GROUP: ("The group that people are clustered in", "text"),
    Known.ARM: ("Arm of the study", "text"),
    Known.STATE: ("How far they have come on the way through the programme", "text"),
    Known.GENDER: ("Gender, as they said", "text"),
    Known.AGE: ("Age in whole years", "number"),
    Known.CARED_FOR: ("Whom they help", "text"),
    "sessions_held": ("How many sessions their group has held", "number"),
    "sessions_attended": ("How many of these they were at", "number"),
}
"""The columns that are no answers, in the order of the file."""

LONGEST = 28
"""Characters of a short name. Stata allows 32; pyreadstat needs some of them for sets of labels."""


@frozen
class Variable:
    """One column. ``kind``: "text", "number" or "answer"; ``values``: what each answer says, by value.

    ``short``: its name where a program allows few letters, digits and _ alone. ``instrument``, ``version`` and ``wording``:
    of an answer; the wording is the SHA-256 of the text in this language, empty for a shell.
    """

    name: str
    short: str
    about: str
    kind: str
    values: Mapping[int, str] = field(factory=dict)
    instrument: str = ""
    version: int = 0
    wording: str = ""


def variables(instruments: Iterable[Instrument], language: str = "en") -> tuple[Variable, ...]:
    """Every column of a study's file, in order. The words are those of ``language``, where there are any."""
    taken = set[str]()
    found = [Variable(name, _short(name, taken), about, kind) for name, (about, kind) in _OWN.items()]
    for instrument in instruments:
        found += [_of_item(instrument, item, language, taken) for item in instrument.items]
    return tuple(found)


def codebook_csv(study: "Study", language: str = "en") -> bytes:
    """The codebook as CSV: a line for each column, values as ``0=Never; 1=Seldom``; the study's protocol in the last lines."""
    return codebook_of(study.protocol, study.instruments.values(), study.cut, language)


def codebook_of(protocol: Protocol, instruments: Iterable[Instrument], cut: str, language: str = "en") -> bytes:
    """The codebook of a study's file before anybody is in it."""
    rows: list[Sequence[object]] = [("column", "short", "about", "kind", "values", "instrument", "version", "wording")]
    for one in variables(instruments, language):
        values = "; ".join(f"{value}={text}" if text else str(value) for value, text in one.values.items())
        rows.append((one.name, one.short, one.about, one.kind, values, one.instrument, one.version or "", one.wording))
    rows.append(("", "", f'Study "{protocol.id}", version {protocol.version}, SHA-256 {protocol.sha256}', *[""] * 5))
    rows.append(("", "", f"Data as of {cut}", *[""] * 5))
    shown = io.StringIO(newline="")
    csv.writer(shown, lineterminator="\n").writerows(rows)
    return shown.getvalue().encode()


def _of_item(instrument: Instrument, item: Item, language: str, taken: set[str]) -> Variable:
    tag = next((one for one in (language, language.split("-")[0], "en") if one in instrument.texts), None)
    wording = None if tag is None else instrument.texts[tag]
    allowed = instrument.allowed(item)
    labels = [""] * len(allowed) if wording is None else wording.answers[item.answers or next(iter(instrument.answers))]
    name = f"{instrument.id}.{item.id}"
    about = f"{instrument.id}: item {item.id}" if wording is None else wording.items[item.id]
    hashed = "" if tag is None else instrument.wording_hashes()[tag]
    values = dict(zip(allowed, labels, strict=True))
    return Variable(name, _short(name, taken), about, "answer", values, instrument.id, instrument.version, hashed)


def _short(name: str, taken: set[str]) -> str:
    """A name of at most ``LONGEST`` letters, digits and _, that no other column has."""
    plain = "".join(one if one.isascii() and one.isalnum() else "_" for one in name)
    plain = plain if plain[0].isalpha() else f"v_{plain}"
    short, number = plain[:LONGEST], 1
    while short.lower() in taken:
        number += 1
        short = f"{plain[: LONGEST - 1 - len(str(number))]}_{number}"
    taken.add(short.lower())
    return short
