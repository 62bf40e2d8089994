"""One person's answers as a FHIR QuestionnaireResponse, the same in both releases, with the scores that we compute of them."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from whenever import Instant

from mewe_eval.fhir.elements import Element, raised_if_any
from mewe_eval.fhir.known import set_name, total_link
from mewe_eval.fhir.model import Difference, Pseudonym, Reason, Status, canonical, escaped
from mewe_eval.fhir.questionnaires import answer_system, wording_hashes
from mewe_eval.instruments.model import Instrument, LicenceKind
from mewe_eval.instruments.reading import ConversionTable
from mewe_eval.instruments.scoring import Answers, ScaleScore, Scored, is_given, score

DECIMALS = 6
"""A decimal of FHIR has no fractions: a score is written to so many decimals, and compared so."""


def response(
    instrument: Instrument,
    answers: Answers,
    *,
    base: str,
    status: Status,
    subject: Pseudonym,
    authored: Instant,
    language: str | None = None,
    tables: Sequence[ConversionTable] = (),
) -> Element:
    """The answers as a QuestionnaireResponse; ``to_json`` checks it by a release and makes bytes of it.

    ``base``: as for the questionnaire. ``status``: completed (or amended), with every score that there is, or in progress,
    without; the other two have no answers of ours. ``subject`` is written as an identifier alone, never as a reference or a
    name. ``authored``: to the second, in UTC. ``language``: in which the text was read; its hash goes along, and labels, unless
    the text is licensed. ``tables``: the owners', for scales that want one.

    Raises FhirFault with every answer that is none of the options, every item that there is not, and a language without text.
    """
    raised_if_any(list(_wrong(instrument, answers, status, language)))
    address = canonical(base, "Questionnaire", escaped(instrument.id))
    given = {item_id: int(answer) for item_id, answer in answers.items() if answer is not None and is_given(answer)}
    done = status in (Status.COMPLETED, Status.AMENDED)
    head: Element = {"resourceType": "QuestionnaireResponse"}
    if language is not None:
        head |= {"extension": wording_hashes(instrument, base, [language]), "language": language}
    items = [
        {"linkId": item_id, "answer": [{"valueCoding": _coding(instrument, item_id, given[item_id], base, language)}]}
        for item_id in instrument.item_ids()
        if item_id in given
    ]
    totals = _totals(instrument, answers, tables) if done else ()
    every = [*items, *totals]
    return {
        **head,
        "questionnaire": f"{address}|{instrument.version}",
        "status": status.value,
        "subject": {"identifier": {"system": subject.system, "value": subject.value}},
        "authored": authored.round("second", mode="floor").format_iso(),
        **({"item": every} if every else {}),
    }


def _wrong(instrument: Instrument, answers: Answers, status: Status, language: str | None) -> Iterator[Difference]:
    if status not in (Status.COMPLETED, Status.AMENDED, Status.IN_PROGRESS):
        yield Difference(Reason.STRUCTURE, "", "status: answers are not written so", "completed, amended, in-progress")
    if language is not None and language not in instrument.languages:
        allowed = ", ".join(instrument.languages) or "no language, since there is no text"
        yield Difference(Reason.NO_TEXTS, "", "there is no text in this language", allowed)
    items = {item.id: item for item in instrument.items}
    for item_id, answer in answers.items():
        if item_id not in items:
            yield Difference(Reason.UNKNOWN_LINK, item_id, "there is no such item", ", ".join(items))
        elif is_given(answer) and (isinstance(answer, bool) or answer not in instrument.allowed(items[item_id])):
            allowed = ", ".join(map(str, instrument.allowed(items[item_id])))
            yield Difference(Reason.NOT_AN_OPTION, item_id, "this answer is none of the options", allowed)


def _coding(instrument: Instrument, item_id: str, value: int, base: str, language: str | None) -> Element:
    name = set_name(instrument, item_id)
    coding: Element = {"system": answer_system(base, instrument, name), "code": str(value)}
    if language is not None and instrument.licence.kind is LicenceKind.FREE:
        coding["display"] = instrument.texts[language].answers[name][instrument.answers[name].index(value)]
    return coding


def _totals(instrument: Instrument, answers: Answers, tables: Sequence[ConversionTable]) -> Iterator[Element]:
    found = score(instrument, answers, tables)
    total = (found.total,) if isinstance(found, Scored) else ()
    for one in (*total, *found.subscales.values()):
        if isinstance(one, ScaleScore):
            value = one.score if one.converted is None else one.converted
            yield {"linkId": total_link(one.scale), "answer": [{"valueDecimal": _decimal(value)}]}


def _decimal(value: Fraction) -> int | float:
    near = round(value, DECIMALS)
    return int(near) if near.denominator == 1 else float(near)
