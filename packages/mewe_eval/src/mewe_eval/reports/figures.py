"""What leaves a country: numbers that may be shown, and what the country declares; nothing of any person."""

import json
from collections.abc import Mapping

from attrs import field, frozen
from mewe_core.kit.checks import between, few, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.tables import TableFaults, structured, unstructured

from mewe_eval.documents import Document
from mewe_eval.protocol.definition import Importance
from mewe_eval.reports.baseline import levels
from mewe_eval.reports.counting import People
from mewe_eval.reports.country import ask_dose, ask_flow, part_of
from mewe_eval.reports.deciding import DECIMALS, Drafts
from mewe_eval.reports.effects import Effects
from mewe_eval.reports.ledger import Ledger
from mewe_eval.reports.model import Figure
from mewe_eval.reports.wording import Wording
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known

LANGUAGES = ("en", "sv")
_told = field(default="", validator=text(1000, least=0))


class FiguresUnreadable(Exception):
    """These are no figures of a country; the message says what is wrong."""


@frozen(kw_only=True)
class Declared:
    """What a country says of how the programme was delivered there, by the TIDieR checklist; empty: not told.

    Source: Hoffmann et al. 2014, BMJ 348:g1687.
    """

    materials: str = _told
    procedures: str = _told
    leaders: str = _told
    mode: str = _told
    place: str = _told
    schedule: str = _told
    tailoring: str = _told
    modifications: str = _told
    planned_fidelity: str = _told
    maintenance: str = _told


@frozen(kw_only=True)
class CountryCount:
    """A number of people, groups, sites or sessions; None: not shown. Named as in the country's report."""

    name: str = field(validator=text(200))
    group: str = ""
    wave: str = ""
    value: float | None = None


@frozen(kw_only=True)
class CountryEffect:
    """An effect by the protocol's model, in units of the outcome, with its standard error. ``n``: None if not shown."""

    outcome: str
    wave: str
    arm: str
    value: float
    error: float = field(validator=between(1e-12, 1e12))
    low: float
    high: float
    n: int | None = None
    clusters: int | None = None
    icc: float | None = None
    instrument: str = ""
    method: str = ""


@frozen(kw_only=True)
class CountryFigures:
    """What leaves a country. ``plan``: id and version of the protocol, ``plan_sha256`` of its bytes: figures of other plans are
    not put together. ``names``: of outcomes, waves and arms by language.
    """

    country: str = field(validator=text(60))
    plan: str = field(validator=text(100))
    plan_sha256: str = field(validator=text(64))
    data_sha256: str = field(validator=text(64))
    cut: str = field(validator=text(40))
    level: float = field(validator=between(0.5, 0.999))
    first: str
    primary: tuple[str, ...] = field(validator=few(100))
    names: Mapping[str, Mapping[str, str]]
    counts: tuple[CountryCount, ...]
    effects: tuple[CountryEffect, ...]
    declared: Declared = Declared()

    def __attrs_post_init__(self) -> None:
        if any(one.value is not None and one.value < 0 for one in self.counts):
            raise Invalid(Field("counts", "numbers from 0"))

    def count(self, name: str, group: str = "", wave: str = "") -> float | None:
        """One of the counts; None if it is not there, or not shown."""
        found = (one.value for one in self.counts if (one.name, one.group, one.wave) == (name, group, wave))
        return next(found, None)

    def to_json(self) -> str:
        """What to send, as one JSON object."""
        return json.dumps(unstructured(self), ensure_ascii=False, indent=1, allow_nan=False) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "CountryFigures":
        """Figures that were sent. Raises FiguresUnreadable with everything that is wrong."""
        try:
            return structured(json.loads(text), cls)
        except json.JSONDecodeError as fault:
            raise FiguresUnreadable(f"line {fault.lineno}: this is not JSON; allowed: figures as they were written") from None
        except TableFaults as fault:
            raise FiguresUnreadable(str(fault)) from None


def read_declared(document: str, file: str) -> Declared:
    """What a country declares, in TOML; ``file`` is what faults call it. Raises DocumentFaults."""
    return Document.of(document, file).read(Declared)


def country_figures(
    study: Study, country: str, ledger: Ledger, declared: Declared | None = None
) -> tuple[CountryFigures, Ledger]:
    """What may leave a country, and the ledger with it. Raises NoSuchPart, AlreadyExposed."""
    part = part_of(study, country)
    people, protocol = People(part), part.protocol
    drafts, effects = Drafts(part, protocol.publication), Effects(people, equality=False)
    drafts.count(Figure(section="reach", name="contact"), people.everybody)
    drafts.count(Figure(section="reach", name="enrolled"), people.enrolled())
    drafts.known(Figure(section="adoption", name="sites", value=len(levels(people, Known.ORGANISATION))))
    ask_flow(drafts, people)
    ask_dose(drafts, people)
    effects.ask(drafts)
    decided, told = drafts.decide(ledger, f"figures {country}")
    counts = tuple(
        CountryCount(name=f"{section} {one.name}", group=one.group, wave=one.wave, value=one.value)
        for section in ("reach", "adoption", "flow", "dose")
        for one in decided.all(section)
    )
    found = list[CountryEffect]()
    for effect in effects.effects():
        one = decided[effect.figure.key]
        if one.value is None or one.low is None or one.high is None or not one.is_shown:
            continue
        icc = decided[f"icc|{one.name}||{one.wave}"]
        found.append(
            CountryEffect(
                outcome=one.name,
                wave=one.wave,
                arm=one.group,
                value=one.value,
                error=round(effect.error, DECIMALS + 2),
                low=one.low,
                high=one.high,
                n=one.n,
                clusters=one.clusters,
                icc=None if icc.value is None else float(icc.value),
                instrument=one.instrument,
                method=one.method,
            )
        )
    importance = {name: one.importance for name, one in protocol.outcomes.items()}
    primary = tuple(name for name, one in importance.items() if one is Importance.PRIMARY)
    figures = CountryFigures(
        country=country,
        plan=f"{protocol.id} {protocol.version}",
        plan_sha256=protocol.sha256,
        data_sha256=part.sha256,
        cut=part.cut,
        level=protocol.analysis.level,
        first=next((name for name, _ in people.arms()), ""),
        primary=primary or tuple(people.measured(process=False))[:1],
        names=_names(part),
        counts=counts,
        effects=tuple(found),
        declared=declared or Declared(),
    )
    return figures, told


def _names(study: Study) -> dict[str, dict[str, str]]:
    """What outcomes, waves and arms are called, by language."""
    named = dict[str, dict[str, str]]()
    for tag in LANGUAGES:
        words, protocol = Wording(tag), study.protocol
        named[tag] = {"": words.of(protocol.title, protocol.id)}
        for name, outcome in protocol.outcomes.items():
            named[tag][f"outcome {name}"] = words.outcome(name, outcome, study.instruments[outcome.instrument])
        named[tag] |= {f"wave {name}": words.of(one.title, name) for name, one in protocol.waves.items()}
        named[tag] |= {f"arm {name}": words.of(one.title, name) for name, one in protocol.arms.items()}
    return named
