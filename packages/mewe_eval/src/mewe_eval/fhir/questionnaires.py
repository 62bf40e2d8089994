"""An instrument as a FHIR Questionnaire: items, options with their weights, and the text in every language asked for."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve
from whenever import Date

from mewe_eval.fhir.elements import ITEM_WEIGHT, ORDINAL_VALUE, Element, not_texts, raised_if_any, translated
from mewe_eval.fhir.known import set_name, total_link
from mewe_eval.fhir.model import Difference, Reason, Release, canonical, escaped
from mewe_eval.instruments.licence import LicenceRecord, NotSchedulable, may_schedule
from mewe_eval.instruments.model import Ages, Instrument, LicenceKind
from mewe_eval.instruments.refused import refusal_of

INSTRUCTION = "text/instruction"
"""Our linkId of the sentence before the items; the id of an item has no slash."""

WORDING_HASH = "wording-hash"
"""The name of our extension with the SHA-256 of a text: ``lang`` and ``sha256``, once for each language."""

_WHY = {
    NotSchedulable.NO_LICENCE_RECORD: "its text is licensed, and there is no record of a licence for it",
    NotSchedulable.LICENCE_EXPIRED: "its licence has expired",
    NotSchedulable.LANGUAGE_NOT_LICENSED: "its licence is not for this language",
}


def questionnaire(
    instrument: Instrument,
    *,
    release: Release,
    base: str,
    languages: Sequence[str] = (),
    licence: LicenceRecord | None = None,
    on: Date | None = None,
) -> Element:
    """The instrument as a Questionnaire of that release; ``to_json`` checks it and makes bytes of it.

    ``base``: what its canonical addresses begin with. ``languages``: the first is that of the document, the others are
    translations; all there are if left out. ``licence`` and ``on``: for a shell whose text was loaded, the record and the day.
    What an instrument says of scores (reverse items, rules, bands, alerts) is not in it: FHIR has no place for it.

    Raises FhirFault with everything that stands against it: no text, no licence, a text that FHIR cannot hold.
    """
    address = canonical(base, "Questionnaire", escaped(instrument.id))
    tags = tuple(dict.fromkeys(languages)) or instrument.languages
    raised_if_any([*_forbidden(instrument, tags, licence, on), *_unwritable(instrument, tags)])
    titles = {tag: instrument.title.get(tag, "") for tag in tags}
    return {
        "resourceType": "Questionnaire",
        "extension": wording_hashes(instrument, base, tags),
        "language": tags[0],
        "url": address,
        "version": str(instrument.version),
        **translated("title", titles, tags),
        "status": "active",
        "copyright": _copyright(instrument, licence),
        "item": [
            *_instruction(instrument, tags),
            *(_item(instrument, item_id, release, base, tags) for item_id in instrument.item_ids()),
            *(_score(scale.id) for scale in instrument.scales()),
        ],
    }


def wording_hashes(instrument: Instrument, base: str, languages: Sequence[str]) -> list[Element]:
    """Our extension with the hash of the text, once for each language. Raises KeyError if there is no text in one."""
    hashes = instrument.wording_hashes()
    return [
        {
            "url": canonical(base, "StructureDefinition", WORDING_HASH),
            "extension": [{"url": "lang", "valueCode": tag}, {"url": "sha256", "valueString": hashes[tag]}],
        }
        for tag in languages
    ]


def answer_system(base: str, instrument: Instrument, answers: str) -> str:
    """The address of the code system of a set of answers; its codes are the values as whole numbers."""
    return canonical(base, "CodeSystem", f"{escaped(instrument.id)}-{escaped(answers)}")


def _forbidden(
    instrument: Instrument, tags: Sequence[str], licence: LicenceRecord | None, on: Date | None
) -> Iterator[Difference]:
    refused = refusal_of({"id": instrument.id, "title": dict(instrument.title)})
    if refused is not None or instrument.licence.kind is LicenceKind.REFUSED:
        why = "" if refused is None else f": {refused.reason}"
        yield Difference(Reason.REFUSED, "", f"it must not be here in any form{why}", "another instrument")
        return
    shell = instrument.licence.kind is LicenceKind.SHELL
    if not instrument.languages:
        terms = f"; whose it is: {instrument.licence.holder}, {instrument.licence.terms}" if shell else ""
        allowed = "an instrument whose text was loaded under a licence (read_wording)" if shell else "an instrument with a text"
        yield Difference(Reason.NO_TEXTS, "", f"there is no text of {instrument.id}, only its shell{terms}", allowed)
        return
    there = ", ".join(instrument.languages)
    for tag in tags:
        if tag not in instrument.languages:
            yield Difference(Reason.NO_TEXTS, "", f"there is no text in {tag}", there)
            continue
        of_any_age = evolve(instrument, ages=Ages())
        record = licence if on is not None or not shell else None
        why_not = may_schedule(of_any_age, record, None, None, on or Date.MIN, language=tag)
        if why_not is not None:
            yield Difference(
                Reason.LICENCE, "", f"{tag}: {_WHY.get(why_not, why_not.value)}", "a licence record that is valid on the day"
            )


def _unwritable(instrument: Instrument, tags: Sequence[str]) -> Iterator[Difference]:
    for tag in tags:
        wording = instrument.texts.get(tag)
        if wording is not None:
            yield from not_texts({INSTRUCTION: wording.instruction, **wording.items, "": instrument.title.get(tag, "")})
            for item_id in instrument.item_ids():
                labels = wording.answers[set_name(instrument, item_id)]
                yield from not_texts({item_id: "".join(labels)})


def _copyright(instrument: Instrument, licence: LicenceRecord | None) -> str:
    one = instrument.licence
    under = "" if licence is None or one.kind is LicenceKind.FREE else f" Licence: {licence.reference}."
    return f"{one.holder}: {one.terms} Source: {one.source} Checked on {one.checked_on.format_iso()}.{under}"


def _instruction(instrument: Instrument, tags: Sequence[str]) -> list[Element]:
    texts = {tag: instrument.texts[tag].instruction for tag in tags}
    return [{"linkId": INSTRUCTION, **translated("text", texts, tags), "type": "display"}] if any(texts.values()) else []


def _item(instrument: Instrument, item_id: str, release: Release, base: str, tags: Sequence[str]) -> Element:
    name = set_name(instrument, item_id)
    labels = {tag: instrument.texts[tag].answers[name] for tag in tags}
    system = answer_system(base, instrument, name)
    return {
        "linkId": item_id,
        **translated("text", {tag: instrument.texts[tag].items[item_id] for tag in tags}, tags),
        "type": release.choice,
        "answerOption": [
            _option(system, value, {tag: labels[tag][place] for tag in tags}, tags)
            for place, value in enumerate(instrument.answers[name])
        ],
    }


def _option(system: str, value: int, labels: Mapping[str, str], tags: Sequence[str]) -> Element:
    return {
        "extension": [{"url": url, "valueDecimal": value} for url in (ORDINAL_VALUE, ITEM_WEIGHT)],
        "valueCoding": {"system": system, "code": str(value), **translated("display", labels, tags)},
    }


def _score(scale_id: str) -> Element:
    return {"linkId": total_link(scale_id), "text": scale_id, "type": "decimal", "readOnly": True}
