"""What every report has around its sections: title, language, footnotes, and where its numbers come from."""

from mewe_eval.protocol.definition import Protocol
from mewe_eval.reports.model import Figure, Report, Section, State, Style
from mewe_eval.reports.wording import Wording
from mewe_eval.study.data import Study


def framed(kind: str, of: str, study: Study, words: Wording, sections: tuple[Section, ...]) -> Report:
    """The report of a study, with its notes."""
    protocol = study.protocol
    return Report(
        kind=kind,
        of=of,
        title=words.say(f"{kind}-title", of=of),
        lead=words.say(f"{kind}-lead", of=of, study=words.of(protocol.title, protocol.id), cut=study.cut),
        language=words.language,
        asked=words.asked,
        sections=sections,
        notes=(*words.unread(), hidden_note(protocol, words), *not_validated(study, words)),
        plan=f"{words.of(protocol.title, protocol.id)} {protocol.version}",
        plan_sha256=protocol.sha256,
        data_sha256=(study.sha256,),
        cut=study.cut,
    )


def hidden_note(protocol: Protocol, words: Wording) -> str:
    """Why some numbers are not shown."""
    limits = protocol.publication
    counted, averaged = words.number(limits.fewest_counted), words.number(limits.fewest_averaged)
    return words.say("note-hidden", counted=counted, averaged=averaged)


def not_validated(study: Study, words: Wording) -> tuple[str, ...]:
    """Which of the questionnaires that outcomes are of nobody has validated."""
    measured = {one.instrument for one in study.protocol.outcomes.values()}
    titles = [words.of(one.title, one.id) for one in study.instruments.values() if not one.validated and one.id in measured]
    return (words.say("note-not-validated", instruments=", ".join(titles)),) if titles else ()


def share(part: Figure, whole: Figure) -> Figure:
    """The percentage that one number of persons is of another; hidden where one of them is."""
    state = State.SHOWN if part.is_shown and whole.is_shown and whole.value else State.HIDDEN
    value = 100 * (part.value or 0) / (whole.value or 1) if state is State.SHOWN else None
    return Figure(
        section=part.section,
        name=f"{part.name}, % of {whole.name}",
        group=part.group,
        wave=part.wave,
        value=value,
        style=Style.PERCENT,
        state=state,
    )
