"""A questionnaire of somebody else's beside an instrument of ours: what is the same, and every difference."""

from collections.abc import Iterable, Iterator, Mapping

from attrs import frozen

from mewe_eval.fhir.drafts import Draft, DraftItem, DraftOption
from mewe_eval.fhir.known import LOINC, Links, known_of, links_of, set_name
from mewe_eval.fhir.model import Difference, Reason
from mewe_eval.instruments.model import Instrument


@frozen(kw_only=True)
class Match:
    """A draft beside an instrument. ``links``: how responses to that questionnaire are read, for ``read_response``.

    ``differences``: items that are missing or unknown, options, weights and texts that are others; not those of the draft.
    """

    instrument: Instrument
    links: Links
    differences: tuple[Difference, ...]


def known_as(draft: Draft, instruments: Iterable[Instrument]) -> Instrument | None:
    """The first of the instruments that the questionnaire is of, by its address, or its codes of LOINC; None: it is of none."""
    for one in instruments:
        known = known_of(one)
        ours = draft.url.endswith(f"/Questionnaire/{one.id}")
        if ours or (known is not None and (draft.url in known.questionnaires or set(draft.panels) & set(known.panels))):
            return one
    return None


def matched(draft: Draft, instrument: Instrument) -> Match:
    """The draft beside the instrument: items by linkId or code of LOINC, options by code or weight, texts letter by letter.

    A text is compared in the languages that both have. Where a code is known here, it decides, and a weight that contradicts
    it is reported.
    """
    own = links_of(instrument)
    paired = {one.link_id: _item_of(one, own) for one in draft.items}
    items = {link_id: item_id for link_id, item_id in paired.items() if item_id is not None}
    totals = {
        one.link_id: own.totals[found] for one in draft.numbers for found in _found((one.link_id, *one.loinc), own.totals)
    }
    differences = [*_versions(draft, instrument), *_whole(draft, instrument)]
    options = dict(own.options)
    for one in draft.items:
        if one.link_id in items:
            values, told = _options(one, items[one.link_id], instrument, own)
            options |= values
            differences += told
            differences += _texts(draft, one, items[one.link_id], instrument)
        else:
            allowed = ", ".join(instrument.item_ids())
            differences.append(Difference(Reason.UNKNOWN_LINK, one.link_id, f"{instrument.id} has no such item", allowed))
    for item_id in instrument.item_ids():
        there = [link_id for link_id, found in items.items() if found == item_id]
        if not there:
            differences.append(
                Difference(Reason.ITEM_MISSING, "", f"there is no item {item_id}", "every item of the instrument")
            )
        differences += [
            Difference(Reason.TWICE, one, f"this is item {item_id} once more", "each item once") for one in there[1:]
        ]
    addresses = own.questionnaires | ({draft.url} if draft.url else set())
    links = Links(
        items={**own.items, **items}, totals={**own.totals, **totals}, options=options, questionnaires=frozenset(addresses)
    )
    return Match(instrument=instrument, links=links, differences=tuple(differences))


def _found(names: Iterable[str], there: Mapping[str, str]) -> list[str]:
    return [name for name in names if name in there][:1]


def _item_of(one: DraftItem, own: Links) -> str | None:
    found = _found((one.link_id, *one.loinc), own.items)
    return own.items[found[0]] if found else None


def _versions(draft: Draft, instrument: Instrument) -> Iterator[Difference]:
    if draft.url.endswith(f"/Questionnaire/{instrument.id}") and draft.version != str(instrument.version):
        yield Difference(Reason.OTHER_VERSION, "", "this is another version", str(instrument.version))


def _whole(draft: Draft, instrument: Instrument) -> Iterator[Difference]:
    for tag, stated in draft.hashes.items():
        if tag in instrument.texts and stated != instrument.wording_hashes()[tag]:
            yield Difference(Reason.OTHER_TEXT, "", f"{tag}: the hash is of another text", "the hash of the instrument's text")
    for tag in sorted(set(draft.texts) & set(instrument.texts)):
        if draft.texts[tag].instruction != instrument.texts[tag].instruction:
            allowed = instrument.texts[tag].instruction or "none"
            yield Difference(Reason.OTHER_TEXT, "", f"{tag}: the text before the items is another", allowed)


def _options(
    one: DraftItem, item_id: str, instrument: Instrument, own: Links
) -> tuple[Mapping[tuple[str, str, str], int], list[Difference]]:
    """The values of an item's options by item, system and code, and in what they are not those of the instrument."""
    item = next(item for item in instrument.items if item.id == item_id)
    allowed = instrument.allowed(item)
    shown = ", ".join(map(str, allowed))
    values: dict[tuple[str, str, str], int] = {}
    told: list[Difference] = []
    unknown = False
    for option in one.options:
        value = _known_value(option, item_id, own)
        if value is not None and option.value is not None and value != option.value:
            told.append(Difference(Reason.OTHER_WEIGHT, one.link_id, "the weight of an option is not that of its code", shown))
        taken = option.value if value is None else value
        if taken in allowed and taken is not None:
            values[item_id, option.system, option.code] = taken
        else:
            unknown = True
    if one.options and (unknown or sorted(values.values()) != list(allowed)):
        told.append(Difference(Reason.OTHER_OPTIONS, one.link_id, "these are not the options of the instrument", shown))
    return values, told


def _known_value(option: DraftOption, item_id: str, own: Links) -> int | None:
    return own.options.get((item_id, option.system or LOINC, option.code))


def _texts(draft: Draft, one: DraftItem, item_id: str, instrument: Instrument) -> Iterator[Difference]:
    name = set_name(instrument, item_id)
    for tag in sorted(set(draft.texts) & set(instrument.texts)):
        theirs, ours = draft.texts[tag], instrument.texts[tag]
        if one.id in theirs.items and theirs.items[one.id] != ours.items[item_id]:
            yield Difference(Reason.OTHER_TEXT, one.link_id, f"{tag}: the text is another", ours.items[item_id])
        labels = theirs.answers.get(one.answers)
        if labels is not None and labels != ours.answers[name]:
            yield Difference(Reason.OTHER_TEXT, one.link_id, f"{tag}: the labels are others", ", ".join(ours.answers[name]))
