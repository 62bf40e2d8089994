"""A FHIR QuestionnaireResponse as answers to an instrument, with everything in which it is not what it should be."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

from attrs import define, evolve, field, frozen
from mewe_core.kit.errors import Invalid
from whenever import Instant, OffsetDateTime

from mewe_eval.fhir.elements import Element, NotADocument, loaded, number, part, parts, weights, whole, word
from mewe_eval.fhir.known import LOINC, Links, links_of, set_name
from mewe_eval.fhir.matching import Match
from mewe_eval.fhir.model import Difference, Pseudonym, Reason, Release, Status, canonical, escaped
from mewe_eval.fhir.read_questionnaires import stated_hashes
from mewe_eval.fhir.responses import DECIMALS
from mewe_eval.fhir.structure import every_item, release_of, structural_differences
from mewe_eval.instruments.model import Instrument, Item, exact
from mewe_eval.instruments.reading import ConversionTable
from mewe_eval.instruments.scoring import Alert, Comparison, NoScore, NotScorable, Scored, alerts, compare_stored, score


@frozen(kw_only=True)
class StoredTotal:
    """A total that the response holds, beside the one that its answers give. It is never used as a score."""

    link_id: str
    scale: str
    comparison: Comparison


@frozen(kw_only=True)
class ReadResponse:
    """What a response says, as far as it can be read.

    ``questionnaire``: the canonical address with its version, as it stands there. ``status``: None if it is none. ``subject``:
    None unless it is an identifier with its system: who is named by a reference or a name is not taken over. ``authored``: None
    if it is not said to the second. ``answers``: by the id of the item, as given; those that could not be read are not there.

    ``found``: the scores of the answers; NotScorable if items are missing, or the response is in progress; None where a
    difference bars it (``Reason.bars_score``). ``alerts``: of every answer that was found, also one that was not kept because
    it is there twice; an answer that cannot be read raises the alert of its item.
    """

    release: Release
    questionnaire: str
    status: Status | None
    subject: Pseudonym | None
    authored: Instant | None
    language: str
    answers: Mapping[str, int]
    found: Scored | NotScorable | None
    alerts: tuple[Alert, ...]
    totals: tuple[StoredTotal, ...]
    differences: tuple[Difference, ...]


def read_response(
    content: bytes,
    instrument: Instrument,
    *,
    base: str | None = None,
    match: Match | None = None,
    accepted: Sequence[str] = (),
    tables: Sequence[ConversionTable] = (),
    release: Release | None = None,
) -> ReadResponse:
    """The answers in the bytes of a QuestionnaireResponse, scored anew, with every difference; nothing of it raises.

    ``base``: where our questionnaires are; left out: any address that ends with our id is ours. ``match``: how a questionnaire
    of somebody else's fits, if there is one. ``accepted``: further canonical addresses, without version, that the instrument is
    published under. ``tables``: the owners'. ``release``: for which it was written; found out if left out.

    Raises ExtraMissing without the extra fhir, FhirFault if ``base`` is no address, ValueError if ``match`` is of another
    instrument.
    """
    if match is not None and match.instrument.id != instrument.id:
        raise ValueError("match: of another instrument")
    address = None if base is None else canonical(base, "Questionnaire", escaped(instrument.id))
    try:
        resource = loaded(content, "QuestionnaireResponse")
    except NotADocument as fault:
        return _nothing(release or Release.R4B, fault.difference)
    written_for = release or release_of(resource)
    links = links_of(instrument) if match is None else match.links
    links = evolve(links, questionnaires=links.questionnaires | set(accepted))
    reading = _Reading(instrument=instrument, links=links)
    reading.differences += structural_differences(resource, written_for)
    reading.differences += _about(resource, instrument, links, address)
    for item in every_item(resource):
        reading.take(item)
    status = next((one for one in Status if one.value == word(resource, "status")), None)
    answers = reading.kept()
    found = _scored(instrument, answers, status, reading.differences, tables)
    totals = () if found is None else tuple(_totals(reading, answers, found, tables))
    return ReadResponse(
        release=written_for,
        questionnaire=word(resource, "questionnaire"),
        status=status,
        subject=_subject(resource),
        authored=_authored(resource, reading.differences),
        language=word(resource, "language"),
        answers=answers,
        found=found,
        alerts=tuple(reading.raised()),
        totals=totals,
        differences=(*reading.differences, *_of_totals(totals)),
    )


@define(kw_only=True)
class _Reading:
    """What was read so far. ``given``: the answers found for each item, None for one that cannot be read."""

    instrument: Instrument
    links: Links
    given: dict[str, list[int | None]] = field(factory=dict)
    places: dict[str, str] = field(factory=dict)
    stored: list[tuple[str, str, Decimal]] = field(factory=list)
    differences: list[Difference] = field(factory=list)

    def tell(self, reason: Reason, link_id: str, problem: str, allowed: str) -> None:
        """Keep a difference."""
        self.differences.append(Difference(reason, link_id, problem, allowed))

    def take(self, item: Element) -> None:
        """Read the answers of one item."""
        link_id, answers = word(item, "linkId"), item.get("answer")
        if not answers:
            return
        if link_id in self.links.totals:
            self._total(link_id, parts(item, "answer"))
        elif link_id in self.links.items:
            self._answers(link_id, self.links.items[link_id], answers if isinstance(answers, list) else [answers])
        else:
            self.tell(Reason.UNKNOWN_LINK, link_id, f"{self.instrument.id} has no such item", _listed(self.links.items))

    def _answers(self, link_id: str, item_id: str, answers: Sequence[object]) -> None:
        seen = self.given.setdefault(item_id, [])
        if seen or len(answers) > 1:
            self.tell(Reason.TWICE, link_id, f"item {item_id} has more than one answer; none is kept", "one answer")
        item = next(item for item in self.instrument.items if item.id == item_id)
        for answer in answers:
            value = self._value(link_id, item, answer)
            if value is None:
                allowed = f"one of {', '.join(map(str, self.instrument.allowed(item)))}, or its code"
                self.tell(Reason.NOT_AN_OPTION, link_id, "this answer is none of the options", allowed)
            seen.append(value)

    def _value(self, link_id: str, item: Item, answer: object) -> int | None:
        if not isinstance(answer, dict):
            return None
        allowed = self.instrument.allowed(item)
        said = [key for key in answer if key.startswith("value")]
        if said in (["valueInteger"], ["valueDecimal"]):
            value = whole(answer[said[0]])
        elif said == ["valueCoding"]:
            value = self._coded(link_id, item, part(answer, "valueCoding"))
        else:
            return None
        weighed = weights(answer, part(answer, "valueCoding"))
        if value is not None and weighed and weighed != {Decimal(value)}:
            self.tell(
                Reason.OTHER_WEIGHT, link_id, "its weight is not that of the option; the option counts", "the option's weight"
            )
        return value if value in allowed else None

    def _coded(self, link_id: str, item: Item, coding: Element) -> int | None:
        """The value of a coding: by system and code; by its weight alone only if it has no code."""
        system, code = word(coding, "system"), word(coding, "code")
        if not code:
            [weight, *others] = weights(coding) or {None}
            return None if others else whole(weight)
        known = self.links.options.get((item.id, system or LOINC, code), self.links.options.get((item.id, system, code)))
        if known is not None:
            return known
        own = f"/CodeSystem/{escaped(self.instrument.id)}-{escaped(set_name(self.instrument, item.id))}"
        if not system or system.endswith(own):
            return next((value for value in self.instrument.allowed(item) if code == str(value)), None)
        elsewhere = {value for (one, _, name), value in self.links.options.items() if (one, name) == (item.id, code)}
        if len(elsewhere) != 1 or code.isdecimal():
            return None
        self.tell(Reason.OTHER_SYSTEM, link_id, "its code is known, its code system is not", "a code system that is known")
        return elsewhere.pop()

    def _total(self, link_id: str, answers: Sequence[Element]) -> None:
        for answer in answers:
            quantity = part(answer, "valueQuantity")
            value = number(answer.get("valueDecimal", answer.get("valueInteger", quantity.get("value"))))
            if value is None:
                self.tell(Reason.TOTAL, link_id, "this total is no number", "a number within a million, or no total")
            else:
                self.stored.append((link_id, self.links.totals[link_id], value))

    def kept(self) -> dict[str, int]:
        """The answers of items that have exactly one that can be read, in the order of the instrument."""
        alone = {item_id: values[0] for item_id, values in self.given.items() if len(values) == 1}
        return {item_id: alone[item_id] for item_id in self.instrument.item_ids() if alone.get(item_id) is not None}  # type: ignore[misc]

    def raised(self) -> Iterator[Alert]:
        """The alerts of all answers, in the order of the rules; one that cannot be read raises those of its item."""
        for rule in self.instrument.alerts:
            values = self.given.get(rule.item, [])
            if any(value is None or rule.is_raised(value) for value in values):
                yield Alert(rule.item, rule.when, rule.value, rule.source, rule.inferred)


def _nothing(release: Release, difference: Difference) -> ReadResponse:
    return ReadResponse(
        release=release,
        questionnaire="",
        status=None,
        subject=None,
        authored=None,
        language="",
        answers={},
        found=None,
        alerts=(),
        totals=(),
        differences=(difference,),
    )


def _about(resource: Element, instrument: Instrument, links: Links, address: str | None) -> Iterator[Difference]:
    """Whether the response is one to the instrument, in its version and wording, and not taken back."""
    there, _, version = word(resource, "questionnaire").partition("|")
    ours = there.endswith(f"/Questionnaire/{escaped(instrument.id)}") if address is None else there == address
    wanted = address or f"…/Questionnaire/{escaped(instrument.id)}"
    named = f"{wanted}|{instrument.version}"
    if not there:
        yield Difference(Reason.NO_QUESTIONNAIRE, "", "it does not say which questionnaire it answers", named)
    elif ours and there not in links.questionnaires:
        if not version:
            yield Difference(Reason.NO_VERSION, "", "it does not say which version it answers", named)
        elif version != str(instrument.version):
            yield Difference(Reason.OTHER_VERSION, "", "it answers another version", named)
    elif there not in links.questionnaires:
        allowed = ", ".join([named, *sorted(links.questionnaires)])
        yield Difference(Reason.OTHER_QUESTIONNAIRE, "", "it answers another questionnaire", allowed)
    for tag, stated in stated_hashes(resource):
        if tag in instrument.texts and stated != instrument.wording_hashes()[tag]:
            yield Difference(Reason.OTHER_TEXT, "", f"{tag}: another text was answered", "the text of the instrument")
    if word(resource, "status") == Status.ENTERED_IN_ERROR.value:
        yield Difference(Reason.ENTERED_IN_ERROR, "", "whoever made it has taken it back", "completed, amended")
    elif word(resource, "status") == Status.IN_PROGRESS.value:
        yield Difference(Reason.UNFINISHED, "", "it is still in progress", "completed, amended")


def _scored(
    instrument: Instrument,
    answers: Mapping[str, int],
    status: Status | None,
    differences: Sequence[Difference],
    tables: Sequence[ConversionTable],
) -> Scored | NotScorable | None:
    if any(one.reason.bars_score for one in differences):
        return None
    if status is Status.IN_PROGRESS:
        missing = tuple(item_id for item_id in instrument.item_ids() if item_id not in answers)
        return NotScorable(reason=NoScore.UNFINISHED, items=missing, alerts=alerts(instrument, answers))
    return score(instrument, answers, tables)


def _totals(
    reading: _Reading, answers: Mapping[str, int], found: Scored | NotScorable, tables: Sequence[ConversionTable]
) -> Iterator[StoredTotal]:
    unfinished = isinstance(found, NotScorable) and not found.subscales
    for link_id, scale, value in reading.stored:
        if unfinished and isinstance(found, NotScorable):
            one = Comparison(stored=exact(float(value)), recomputed=None, difference=None, agrees=False, reason=found.reason)
        else:
            one = compare_stored(reading.instrument, answers, float(value), scale, tables)
        if one.difference is not None and abs(one.difference) <= Fraction(1, 2 * 10**DECIMALS):
            one = evolve(one, agrees=True)
        yield StoredTotal(link_id=link_id, scale=scale, comparison=one)


def _of_totals(totals: Sequence[StoredTotal]) -> Iterator[Difference]:
    for one in totals:
        stored, mine = float(one.comparison.stored), one.comparison.recomputed
        if mine is None:
            problem = f"it says {stored:g}, and the answers give no score ({one.comparison.reason})"
            yield Difference(Reason.TOTAL, one.link_id, problem, "no total, or all answers")
        elif not one.comparison.agrees:
            problem = f"it says {stored:g}, and the answers give {float(mine):g}"
            yield Difference(Reason.TOTAL, one.link_id, problem, f"{float(mine):g}")


def _subject(resource: Element) -> Pseudonym | None:
    found = part(part(resource, "subject"), "identifier")
    try:
        return Pseudonym(system=word(found, "system"), value=word(found, "value"))
    except Invalid:
        return None


def _authored(resource: Element, differences: list[Difference]) -> Instant | None:
    said = resource.get("authored")
    if said is None:
        return None
    try:
        return OffsetDateTime.parse_iso(said).to_instant() if isinstance(said, str) else None
    except ValueError:
        differences.append(Difference(Reason.NOT_A_TIME, "", "authored: it is not said to the second", "2026-11-23T16:00:00Z"))
        return None


def _listed(items: Mapping[str, str]) -> str:
    return ", ".join(items)
