"""``mewe eval check``: whether documents can be used, with everything that is wrong in them."""

from collections.abc import Callable, Mapping

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given

from mewe_eval.analysis.plans import PlanFaults, read_plan
from mewe_eval.documents import Document, DocumentFault, DocumentFaults
from mewe_eval.instruments import Instrument, read_instrument, shipped_instruments
from mewe_eval.protocol.reading import read_protocol


def text_of(given: Given) -> str:
    """The text of a file. Raises CommandFault if it is no UTF-8."""
    try:
        return (given.content or b"").decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CommandFault(f"{given.word}: this is no text; allowed: a TOML document saved as UTF-8") from None


def checked(asked: Asked) -> Answer:
    """One line for each document that is fine, and one for each fault of the others."""
    files = asked.arguments["FILE"]
    instruments = dict(shipped_instruments())
    told = dict[str, str]()
    for look in (_instruments, _others):
        for given in files:
            if given.word not in told:
                told |= look(given, instruments)
    lines = [told[one.word] for one in files]
    return Answer("\n".join(lines) + "\n", well=all(told[one.word].startswith(f"{one.word}: fine: ") for one in files))


def _instruments(given: Given, instruments: dict[str, Instrument]) -> Mapping[str, str]:
    """What is said of a questionnaire, which the studies of the same call may name; nothing for what is none."""
    return _said(given, "items", lambda text: _of_instrument(text, given.word, instruments))


def _others(given: Given, instruments: dict[str, Instrument]) -> Mapping[str, str]:
    """What is said of a study's protocol, or of anything else as a plan of analysis."""
    text = text_of(given)
    told = _said(given, "asked", lambda text: _of_protocol(text, given.word, instruments))
    if told:
        return told
    try:
        plan = read_plan(text.encode())
    except PlanFaults as fault:
        return {given.word: "\n".join(f"{given.word}: {line}" for line in fault.lines)}
    return {given.word: f'{given.word}: fine: plan of analysis "{plan.plan.title}", version {plan.plan.version}.'}


def _said(given: Given, key: str, read: Callable[[str], str]) -> Mapping[str, str]:
    text = text_of(given)
    try:
        if key not in Document.of(text, given.word).table:
            return {}
        return {given.word: f"{given.word}: fine: {read(text)}"}
    except DocumentFaults as fault:
        return {given.word: "\n".join(map(str, fault.faults))}


def _of_instrument(text: str, file: str, instruments: dict[str, Instrument]) -> str:
    one = read_instrument(text, file)
    if one.id in instruments and instruments[one.id] != one:
        fault = DocumentFault(file, None, "id", "an instrument of the catalogue is called so", "an id of its own")
        raise DocumentFaults(fault)
    instruments[one.id] = one
    scales = ", ".join(scale.id for scale in one.scales()) or "none, its items are read one by one"
    words = ", ".join(one.languages) or "none, it is a shell"
    return f'questionnaire "{one.id}", version {one.version}: {len(one.items)} items; scales: {scales}; languages: {words}.'


def _of_protocol(text: str, file: str, instruments: Mapping[str, Instrument]) -> str:
    one = read_protocol(text, file, instruments)
    return (
        f'study "{one.id}", version {one.version}: {len(one.arms)} arms, waves {", ".join(one.waves)}, '
        f"{len(one.outcomes)} outcomes; SHA-256 {one.sha256}."
    )


CHECK = Command(
    "check",
    "Check questionnaires, studies and plans of analysis: everything that is wrong in them, with its line.",
    checked,
    (Argument("FILE", "A document, in TOML. A study may name questionnaires that are given with it.", several=True),),
)
