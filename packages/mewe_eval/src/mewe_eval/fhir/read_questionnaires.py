"""A FHIR Questionnaire, of ours or of others, as a draft: all that an instrument has words for, and what was left out."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set

from attrs import define, field, frozen

from mewe_eval.fhir.drafts import Draft, DraftItem, DraftNumber, DraftOption
from mewe_eval.fhir.elements import (
    CALCULATED,
    Element,
    NotADocument,
    by_language,
    extensions,
    loaded,
    part,
    parts,
    weights,
    whole,
    word,
)
from mewe_eval.fhir.known import LOINC
from mewe_eval.fhir.model import Difference, FhirFault, Reason, Release, unescaped
from mewe_eval.fhir.questionnaires import INSTRUCTION, WORDING_HASH
from mewe_eval.fhir.structure import release_of, structural_differences
from mewe_eval.instruments.model import Wording
from mewe_eval.instruments.refused import refusal_of

UNDETERMINED = "und"
"""The language of a text of which nobody says in which it is (BCP 47)."""

_CHOICES = ("choice", "open-choice", "coding")
_NUMBERS = ("decimal", "integer", "quantity")


def read_questionnaire(content: bytes, *, language: str | None = None, release: Release | None = None) -> Draft:
    """What the Questionnaire in a JSON document says; ``differences`` has all that is wrong with it and all that is left out.

    ``language``: in which it is where it does not say so itself. ``release``: for which it was written; found out if left out.
    Raises FhirFault if it is no Questionnaire, or of an instrument that must not be here; ExtraMissing without the extra fhir.
    """
    try:
        resource = loaded(content, "Questionnaire")
    except NotADocument as fault:
        raise FhirFault(fault.difference) from None
    tag = word(resource, "language") or language or UNDETERMINED
    title = by_language(resource, "title", tag) or {tag: word(resource, "name") or _last_step(word(resource, "url")) or "?"}
    _refused(resource, title)
    written_for = release or release_of(resource)
    reading = _Reading(resource=resource, tag=tag)
    reading.differences += structural_differences(resource, written_for)
    if tag == UNDETERMINED:
        reading.tell(
            Reason.NO_LANGUAGE, "", "it does not say in which language it is", "language, or the language named by who reads"
        )
    reading.take(resource)
    return Draft(
        release=written_for,
        id=_code(_last_step(word(resource, "url")) or next(iter(title.values())), frozenset()),
        url=word(resource, "url"),
        version=word(resource, "version"),
        language=tag,
        title=title,
        copyright=word(resource, "copyright"),
        panels=_loinc(resource)
        + tuple(word(one, "value") for one in parts(resource, "identifier") if word(one, "system") == LOINC),
        hashes=dict(stated_hashes(resource)),
        items=tuple(reading.named()),
        numbers=tuple(reading.numbers),
        answers={name: one.values for one, name in reading.sets.items()},
        texts={tag: reading.wording(tag) for tag in reading.languages()},
        differences=tuple(reading.differences),
    )


def stated_hashes(resource: Element) -> Iterator[tuple[str, str]]:
    """Language and hash of each of our extensions that say one."""
    for one in parts(resource, "extension"):
        if word(one, "url").endswith(f"/StructureDefinition/{WORDING_HASH}"):
            said = {word(each, "url"): each for each in parts(one, "extension")}
            yield word(said.get("lang"), "valueCode"), word(said.get("sha256"), "valueString")


@frozen
class _AnswerSet:
    """Options that items may share: their values, lowest first, and their labels by language. ``name``: if it is ours."""

    name: str
    values: tuple[int, ...]
    labels: tuple[tuple[str, tuple[str, ...]], ...]


@frozen
class _Item:
    link_id: str
    loinc: tuple[str, ...]
    options: tuple[DraftOption, ...]
    texts: Mapping[str, str]
    answers: _AnswerSet | None


@define(kw_only=True)
class _Reading:
    """What was read so far."""

    resource: Element
    tag: str
    items: list[_Item] = field(factory=list)
    numbers: list[DraftNumber] = field(factory=list)
    differences: list[Difference] = field(factory=list)
    sets: dict[_AnswerSet, str] = field(factory=dict)
    instruction: Mapping[str, str] = field(factory=dict)
    seen: set[str] = field(factory=set)

    def tell(self, reason: Reason, link_id: str, problem: str, allowed: str) -> None:
        """Keep a difference."""
        self.differences.append(Difference(reason, link_id, problem, allowed))

    def take(self, element: Element) -> None:
        """Read the items within an element, in their order."""
        for item in parts(element, "item"):
            link_id, kind = word(item, "linkId"), word(item, "type")
            if link_id in self.seen:
                self.tell(Reason.TWICE, link_id, "this linkId is there twice; the first counts", "each linkId once")
                continue
            self.seen.add(link_id)
            if kind in _CHOICES:
                self._question(item, link_id, kind)
            elif kind in _NUMBERS:
                self._number(item, link_id)
            elif kind in ("group", "display"):
                self._heading(item, link_id)
            else:
                self.tell(Reason.OTHER_TYPE, link_id, "it is not answered by one of some options; left out", "choice, coding")
            self.take(item)

    def _heading(self, item: Element, link_id: str) -> None:
        texts = by_language(item, "text", self.tag)
        if texts and (link_id == INSTRUCTION or not self.instruction):
            self.instruction = texts
        elif texts:
            self.tell(Reason.NOT_KEPT, link_id, "there is a place for one text before the items; left out", "one heading")

    def _number(self, item: Element, link_id: str) -> None:
        computed = item.get("readOnly") is True or any(extensions(item, CALCULATED))
        self.numbers.append(DraftNumber(link_id=link_id, loinc=_loinc(item), computed=computed))
        if not computed:
            self.tell(
                Reason.OTHER_TYPE, link_id, "it is not answered by one of some options; left out", "choice, coding, or a total"
            )

    def _question(self, item: Element, link_id: str, kind: str) -> None:
        kept = {
            "free answers": kind == "open-choice",
            "several answers": item.get("repeats") is True,
            "a condition": bool(parts(item, "enableWhen")),
        }
        for what in (what for what, there in kept.items() if there):
            self.tell(Reason.NOT_KEPT, link_id, f"it has {what}, which is not kept", "one answer of the options, always asked")
        options = tuple(self._options(item))
        if not options:
            self.tell(
                Reason.NO_OPTIONS, link_id, "its options are not in the file", "answerOption, or a value set contained in it"
            )
        usable = self._weighed(link_id, options) if options else False
        ordered = tuple(sorted(options, key=lambda one: one.value or 0)) if usable else tuple(map(_unweighed, options))
        answers = self._answer_set(ordered) if options else None
        if answers is not None:
            self._name(answers)
        self.items.append(_Item(link_id, _loinc(item), ordered, by_language(item, "text", self.tag), answers))

    def _options(self, item: Element) -> Iterator[DraftOption]:
        for option in parts(item, "answerOption"):
            number, said = whole(option.get("valueInteger")), word(option, "valueString")
            if number is not None or said:
                label = said if number is None else str(number)
                yield DraftOption(system="", code=label, value=_value(weights(option), number), labels={self.tag: label})
            else:
                coding = part(option, "valueCoding")
                yield self._coded(coding, word(coding, "system"), weights(option, coding))
        value_set = word(item, "answerValueSet")
        if value_set.startswith("#"):
            for one in parts(self.resource, "contained"):
                if one.get("id") == value_set[1:] and one.get("resourceType") == "ValueSet":
                    yield from self._of_value_set(one)

    def _of_value_set(self, value_set: Element) -> Iterator[DraftOption]:
        for include in parts(part(value_set, "compose"), "include"):
            for concept in parts(include, "concept"):
                yield self._coded(concept, word(include, "system"), weights(concept))
        if not parts(part(value_set, "compose"), "include"):
            for concept in parts(part(value_set, "expansion"), "contains"):
                yield self._coded(concept, word(concept, "system"), weights(concept))

    def _coded(self, coding: Element, system: str, weighed: Set[object]) -> DraftOption:
        labels = by_language(coding, "display", self.tag) or {self.tag: word(coding, "code")}
        for one in parts(coding, "designation"):
            labels.setdefault(word(one, "language"), word(one, "value"))
        return DraftOption(system=system, code=word(coding, "code"), value=_value(weighed, None), labels=labels)

    def _weighed(self, link_id: str, options: Sequence[DraftOption]) -> bool:
        values = [one.value for one in options]
        if None in values or len(set(values)) < len(values):
            self.tell(
                Reason.NO_WEIGHTS,
                link_id,
                "its options have no usable weights; in a document they are numbered from 0 as they stand: check",
                "ordinalValue or itemWeight of each option: whole numbers, each once; if both, the same",
            )
            return False
        return True

    def _answer_set(self, options: Sequence[DraftOption]) -> _AnswerSet:
        tags = [tag for tag in options[0].labels if all(one.labels.get(tag) for one in options)]
        labels = tuple((tag, tuple(one.labels[tag] for one in options)) for tag in sorted(tags))
        values = tuple(place if one.value is None else one.value for place, one in enumerate(options))
        systems = {one.system for one in options}
        ours = f"/CodeSystem/{_last_step(word(self.resource, 'url'))}-"
        [system, *others] = systems
        return _AnswerSet(unescaped(system.partition(ours)[2]) if not others else "", values, labels)

    def _name(self, answers: _AnswerSet) -> None:
        if answers not in self.sets:
            taken = set(self.sets.values())
            numbered = (f"answers-{n}" for n in range(1, len(taken) + 2))
            free = (name for name in (answers.name, *numbered) if name and name not in taken)
            self.sets[answers] = next(free)

    def named(self) -> Iterator[DraftItem]:
        """The items, each with an id of its own."""
        taken: set[str] = set()
        for one in self.items:
            item_id = _code(one.link_id, taken)
            taken.add(item_id)
            answers = "" if one.answers is None else self.sets[one.answers]
            yield DraftItem(id=item_id, link_id=one.link_id, answers=answers, loinc=one.loinc, options=one.options)

    def languages(self) -> list[str]:
        """The languages that an item has a text in, sorted."""
        return sorted({tag for one in self.items for tag in one.texts})

    def wording(self, tag: str) -> Wording:
        """The text in a language, as far as there is any."""
        named = zip(self.named(), self.items, strict=True)
        return Wording(
            instruction=self.instruction.get(tag, ""),
            items={item.id: one.texts[tag] for item, one in named if tag in one.texts},
            answers={name: dict(one.labels)[tag] for one, name in self.sets.items() if tag in dict(one.labels)},
        )


def _refused(resource: Element, title: Mapping[str, str]) -> None:
    names = [word(resource, "name"), word(resource, "description"), word(resource, "copyright")]
    names += [word(one, "display") for one in parts(resource, "code")]
    said = {str(place): one for place, one in enumerate([*title.values(), *names])}
    for one in (_last_step(word(resource, "url")), word(resource, "id")):
        refused = refusal_of({"id": one, "title": said})
        if refused is not None:
            raise FhirFault(Difference(Reason.REFUSED, "", f"it must not be loaded: {refused.reason}", "another instrument"))


def _loinc(element: Element) -> tuple[str, ...]:
    return tuple(word(one, "code") for one in parts(element, "code") if word(one, "system") == LOINC)


def _value(weighed: Set[object], otherwise: int | None) -> int | None:
    if not weighed:
        return otherwise
    [one, *others] = weighed
    return None if others else whole(one)


def _unweighed(option: DraftOption) -> DraftOption:
    return DraftOption(system=option.system, code=option.code, value=None, labels=option.labels)


def _last_step(url: str) -> str:
    return url.rstrip("/").rpartition("/")[2]


def _code(said: str, taken: Iterable[str]) -> str:
    """A text as a code that is not taken: lower-case letters, digits, hyphens, at most 40."""
    plain = re.sub(r"[^a-z0-9]+", "-", said.lower()).strip("-")[:40].strip("-") or "item"
    others = set(taken)
    numbered = (f"{plain[:36].strip('-')}-{n}" for n in range(2, len(others) + 3))
    return next(one for one in (plain, *numbered) if one not in others)
