"""``mewe eval fhir-write``, ``fhir-read`` and ``fhir-score``: questionnaires and answers as other systems exchange them."""

import json
from collections.abc import Callable, Mapping, Sequence

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given

from mewe_eval.commands.scoring import instrument_of
from mewe_eval.fhir import (
    Difference,
    ExtraMissing,
    FhirFault,
    ReadResponse,
    Release,
    as_document,
    known_as,
    matched,
    questionnaire,
    read_questionnaire,
    read_response,
    to_json,
)
from mewe_eval.fhir.model import shown
from mewe_eval.instruments import Instrument, NotScorable, ScaleScore, shipped_instruments


def written(asked: Asked) -> Answer:
    """A questionnaire as a FHIR Questionnaire. Raises CommandFault with everything that stands against it."""
    instrument, release = instrument_of(asked.one("INSTRUMENT")), _release(asked)
    base, languages = asked.option("BASE"), [one.word for one in asked.arguments.get("LANGUAGE", ())]
    if base is None:
        raise CommandFault("--base is missing: what your canonical addresses begin with, such as https://example.org/fhir")
    try:
        resource = questionnaire(instrument, release=release or Release.R5, base=base.word, languages=languages)
        return Answer(to_json(resource, release or Release.R5))
    except FhirFault as fault:
        raise CommandFault(*(f"{instrument.id}, {one}" for one in fault.differences)) from None
    except ExtraMissing as fault:
        raise CommandFault(str(fault)) from None


def drafted(asked: Asked) -> Answer:
    """A FHIR Questionnaire as a document of ours to complete, with everything that differs as comments. Raises CommandFault."""
    given, language = asked.one("QUESTIONNAIRE"), asked.option("LANGUAGE")
    try:
        draft = read_questionnaire(
            given.content or b"", language=None if language is None else language.word, release=_release(asked)
        )
    except FhirFault as fault:
        raise CommandFault(*(f"{given.word}, {one}" for one in fault.differences)) from None
    except ExtraMissing as fault:
        raise CommandFault(str(fault)) from None
    known = known_as(draft, shipped_instruments().values())
    lines = [] if known is None else _beside(known, matched(draft, known).differences)
    return Answer("".join(f"# {one}\n" for one in lines) + as_document(draft))


def scored(asked: Asked) -> Answer:
    """Responses scored anew, with everything in which they are not what they should be. Raises CommandFault."""
    instrument, release = instrument_of(asked.one("INSTRUMENT")), _release(asked)
    try:
        found = {given.word: read_response(given.content or b"", instrument, release=release) for given in _each_once(asked)}
    except ExtraMissing as fault:
        raise CommandFault(str(fault)) from None
    return Answer(_SHOWN[asked.form](instrument, found), well=not any(one.differences for one in found.values()))


def as_text(instrument: Instrument, found: Mapping[str, ReadResponse]) -> str:
    """A few lines a response."""
    lines = [f"{next(iter(instrument.title.values()))} ({instrument.id}, version {instrument.version})"]
    for file, read in found.items():
        lines += ["", f"{file} ({read.release}): {len(read.answers)} of {len(instrument.items)} items are answered"]
        lines += [
            f"  {name}: {value if isinstance(value, str) else format(value, '.10g')}" for name, value in _scores(read).items()
        ]
        lines += [f"  alert of item {alert.item}" for alert in read.alerts]
        lines += [f"! {difference}" for difference in read.differences]
    return "\n".join(lines) + "\n"


def as_json(instrument: Instrument, found: Mapping[str, ReadResponse]) -> str:
    """The same for programs: an object a response."""
    told = [
        {
            "file": file,
            "instrument": instrument.id,
            "version": instrument.version,
            "release": one.release.value,
            "scores": _scores(one),
            "alerts": [alert.item for alert in one.alerts],
            "totals": [
                {
                    "link_id": total.link_id,
                    "scale": total.scale,
                    "stored": float(total.comparison.stored),
                    "agrees": total.comparison.agrees,
                }
                for total in one.totals
            ],
            "differences": [
                {"reason": each.reason.value, "link_id": each.link_id, "problem": each.problem, "allowed": each.allowed}
                for each in one.differences
            ],
        }
        for file, one in found.items()
    ]
    return json.dumps(told, ensure_ascii=False, indent=1) + "\n"


def _scores(one: ReadResponse) -> dict[str, float | str]:
    """Each scale with its score, or why it has none; of the whole, if nothing is scored."""
    if one.found is None:
        return {"score": "none: it is not known to be of this questionnaire, or was taken back"}
    if isinstance(one.found, NotScorable):
        return {"score": f"none: {one.found.reason.value}"}
    scales = ({"total": one.found.total} if one.found.total is not None else {}) | dict(one.found.subscales)
    return {name: _score(scale) for name, scale in scales.items()}


def _score(scale: object) -> float | str:
    if isinstance(scale, ScaleScore):
        return float(scale.score if scale.converted is None else scale.converted)
    return f"none: {scale.reason.value}" if isinstance(scale, NotScorable) else "none"


def _beside(known: Instrument, differences: Sequence[Difference]) -> list[str]:
    lines = [f'This is "{known.id}" of the catalogue: score its responses by that (mewe eval fhir-score {known.id}).']
    return [*lines, *(f"Beside it, {one.reason}: {shown(str(one))}" for one in differences)]


def _each_once(asked: Asked) -> tuple[Given, ...]:
    return tuple({one.word: one for one in asked.arguments["RESPONSE"]}.values())


def _release(asked: Asked) -> Release | None:
    given = asked.option("RELEASE")
    if given is None:
        return None
    try:
        return Release(given.word)
    except ValueError:
        raise CommandFault(f"--release {given.word}: allowed: {', '.join(Release)}") from None


_SHOWN: Mapping[str, Callable[[Instrument, Mapping[str, ReadResponse]], str]] = {"text": as_text, "json": as_json}

_INSTRUMENT = Argument(
    "INSTRUMENT", "A questionnaire of the catalogue, or one of your own in TOML (docs/instruments.md).", named=True
)
_RELEASE = Argument(
    "RELEASE", "Of FHIR: R4B, R5. It is found out where it can be; what is written is R5.", word=True, option=True
)

FHIR_WRITE = Command(
    "fhir-write",
    "Write a questionnaire as a FHIR Questionnaire, with its weights and its translations.",
    written,
    (
        _INSTRUMENT,
        Argument("BASE", "What canonical addresses begin with: https://example.org/fhir.", word=True, option=True),
        Argument("LANGUAGE", "A language, once for each; the first is its own.", word=True, several=True, option=True),
        _RELEASE,
    ),
    ("json",),
)
FHIR_READ = Command(
    "fhir-read",
    "Read a FHIR Questionnaire: a document of ours to complete, and everything that differs.",
    drafted,
    (
        Argument("QUESTIONNAIRE", "The Questionnaire, as JSON."),
        Argument("LANGUAGE", "In which it is, where it does not say so.", word=True, option=True),
        _RELEASE,
    ),
    ("toml",),
)
FHIR_SCORE = Command(
    "fhir-score",
    "Score FHIR QuestionnaireResponses anew: totals that they hold are compared, never used.",
    scored,
    (_INSTRUMENT, Argument("RESPONSE", "A QuestionnaireResponse, as JSON.", several=True), _RELEASE),
    tuple(_SHOWN),
)
