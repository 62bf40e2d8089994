"""Contact cards: written by oneself or together with a leader, opened when it is needed, told afterwards."""

from typing import Any

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.testing import ELM, NATIONAL, OAK
from mewe_core.safety.errors import ConcernClosed, NoCard
from mewe_core.safety.handlers import cards, concerns
from mewe_core.safety.model.cards import (
    Card,
    GetMyCardRequest,
    ListMyCardOpeningsRequest,
    OpenCardInEmergencyRequest,
    OpenCardRequest,
    WriteCardRequest,
)
from mewe_core.safety.model.concerns import (
    AcknowledgeConcernRequest,
    CloseConcernRequest,
    ConcernKind,
    EntryKind,
    ListConcernEntriesRequest,
    OpenConcernRequest,
    Outcome,
)
from mewe_core.safety.store.tables import CARD
from mewe_core.safety.testing import Watch
from sqlalchemy import select

LENA, LARS = OAK.leaders
WORDS = {"name": "Ada A", "phone": "070-123", "safe_way": "A text, never before six", "never_call": "My father"}


def write(watch: Watch, person: str = "ada", by: str = "ada", group_id: str | None = None) -> None:
    """Write a card."""
    watch.stage.call(cards.write_card, WriteCardRequest(request_id="r", person_id=person, group_id=group_id, **WORDS), by=by)


def opened(watch: Watch, by: str, **asked: Any) -> Card:
    """Open a card, for a concern or in an emergency."""
    if "person_id" in asked:
        return watch.stage.call(cards.open_card_in_emergency, OpenCardInEmergencyRequest("r", **asked), by=by)
    return watch.stage.call(cards.open_card, OpenCardRequest("r", **asked), by=by)


def openings(watch: Watch, person: str = "ada") -> list[str]:
    """Who has opened it, as far as somebody is told."""
    found = watch.stage.call(cards.list_my_card_openings, ListMyCardOpeningsRequest(), by=person).openings
    return [one.opened_by_id for one in found]


def test_one_writes_and_reads_ones_own_card(watch: Watch) -> None:
    """It stands sealed, and is written anew in place of what was there."""
    assert watch.stage.call(cards.get_my_card, GetMyCardRequest(), by="ada").card is None
    write(watch)
    write(watch)
    assert watch.stage.call(cards.get_my_card, GetMyCardRequest(), by="ada").card == Card(
        person_id="ada", change_time=watch.stage.clock.now(), **WORDS
    )
    for column in (CARD.c.sealed_name, CARD.c.sealed_phone, CARD.c.sealed_safe_way, CARD.c.sealed_never_call):
        [sealed] = watch.stage.all(select(column), bytes)
        assert not any(word.encode() in sealed for word in WORDS.values())


@pytest.mark.parametrize(
    ("person", "by", "group_id"),
    [
        ("ada", "bo", None),
        ("ada", LENA, None),
        ("ada", "bo", OAK.group_id),
        ("ada", OAK.coordinator, OAK.group_id),
        ("ada", NATIONAL, OAK.group_id),
        ("ada", ELM.leaders[0], OAK.group_id),
        ("ada", ELM.leaders[0], ELM.group_id),
        ("dina", LENA, OAK.group_id),
        (LARS, LENA, OAK.group_id),
        ("ada", LENA, "never-told-of"),
    ],
)
def test_nobody_writes_a_card_for_others_but_their_leaders(watch: Watch, person: str, by: str, group_id: str | None) -> None:
    """Only of a participant of the group that one leads."""
    with pytest.raises(NotFound):
        write(watch, person, by, group_id)


def test_a_leader_writes_it_with_them_and_does_not_read_it(watch: Watch) -> None:
    """The young person does."""
    write(watch, "ada", LENA, OAK.group_id)
    read = watch.stage.call(cards.get_my_card, GetMyCardRequest(), by="ada").card
    assert read is not None
    assert read.name == "Ada A"
    for asked in ({"person_id": "ada"}, {"concern_id": "nothing"}):
        with pytest.raises(NotFound):
            opened(watch, LENA, **asked)


@pytest.mark.parametrize("who", [LARS, OAK.coordinator, NATIONAL, "ada", "bo", ELM.leaders[0]])
def test_only_who_has_the_concern_opens_the_card_and_the_person_is_told(watch: Watch, who: str) -> None:
    """It is in the log too."""
    watch.guard()
    write(watch)
    answer = watch.help("ada")
    with pytest.raises(NotFound):
        opened(watch, who, concern_id=answer.id)
    with pytest.raises(NotFound):
        opened(watch, who, person_id="ada")
    assert opened(watch, LENA, concern_id=answer.id).never_call == "My father"
    assert openings(watch) == [LENA]
    assert openings(watch, "bo") == []
    entries = watch.stage.call(concerns.list_concern_entries, ListConcernEntriesRequest(answer.id), by=LENA).entries
    assert entries[-1].kind is EntryKind.CARD_OPENED


def test_a_card_is_closed_with_the_concern(watch: Watch) -> None:
    """Whoever had it does not get at it any more."""
    watch.guard()
    write(watch)
    answer = watch.help("ada")
    watch.stage.call(concerns.acknowledge_concern, AcknowledgeConcernRequest("r", answer.id), by=LENA)
    watch.stage.call(concerns.close_concern, CloseConcernRequest("r", answer.id, Outcome.SUPPORTED), by=LENA)
    with pytest.raises(NotFound):
        opened(watch, LENA, concern_id=answer.id)
    watch.stage.give("late", Role.CONTACT, ScopeKind.CONCERN, answer.id)
    with pytest.raises(ConcernClosed):
        opened(watch, "late", concern_id=answer.id)
    assert openings(watch) == []


def test_there_may_be_no_card(watch: Watch) -> None:
    """Of somebody who wrote none, or of nobody; nothing is told of it."""
    watch.guard()
    with pytest.raises(NoCard):
        opened(watch, LENA, concern_id=watch.help("ada").id)
    with pytest.raises(NoCard):
        opened(watch, NATIONAL, concern_id=watch.help(None).id)
    assert openings(watch) == []


def test_where_telling_is_unsafe_another_adult_sees_it(watch: Watch) -> None:
    """Whoever else has the concern is asked to look; the reason stands in the log; the young person is not told."""
    watch.guard()
    write(watch)
    answer = watch.help("ada")
    watch.later(minutes=15)
    watch.later(minutes=15)
    watch.alerted()
    opened(watch, LENA, concern_id=answer.id, untold=True, reason="Her father reads her phone")
    assert watch.alerted() == [("emergency_reading", LARS)]
    assert openings(watch) == []
    entries = watch.stage.call(concerns.list_concern_entries, ListConcernEntriesRequest(answer.id), by=LARS).entries
    assert (entries[-1].kind, entries[-1].text) == (EntryKind.CARD_OPENED_UNTOLD, "Her father reads her phone")


def test_where_nobody_else_has_it_the_next_gets_it(watch: Watch) -> None:
    """There is always a second adult."""
    watch.guard()
    write(watch)
    answer = watch.help("ada")
    watch.alerted()
    opened(watch, LENA, concern_id=answer.id, untold=True, reason="unsafe")
    assert watch.alerted() == [("emergency_reading", LARS)]
    assert [one.id for one in watch.has(LARS)] == [answer.id]


def test_an_emergency_opens_one_persons_card(watch: Watch) -> None:
    """Of somebody in the group that is read; they are told, or the country's contacts see that they are not."""
    write(watch)
    write(watch, "dina", "dina")
    write(watch, "sigrid", "sigrid")
    watch.country(1, NATIONAL)
    watch.stage.give("erik", Role.EMERGENCY_READER, ScopeKind.GROUP, OAK.group_id)
    watch.stage.give("erik", Role.EMERGENCY_READER, ScopeKind.PERSON, "sigrid")
    assert opened(watch, "erik", person_id="sigrid").person_id == "sigrid"
    assert opened(watch, "erik", person_id="ada").phone == "070-123"
    assert openings(watch) == ["erik"]
    assert watch.has(NATIONAL) == []
    with pytest.raises(NotFound):
        opened(watch, "erik", person_id="dina")
    opened(watch, "erik", person_id="ada", untold=True, reason="unsafe to tell")
    assert openings(watch) == ["erik"]
    [seen] = watch.has(NATIONAL)
    assert (seen.kind, seen.about_id, seen.raised_by_id) == (ConcernKind.CARD_OPENED, "ada", "erik")
    read = watch.stage.call(concerns.open_concern, OpenConcernRequest("r", seen.id), by=NATIONAL)
    assert read.text == "unsafe to tell"


@pytest.mark.parametrize("reason", ["", " ", "\n"])
def test_silence_needs_a_reason(watch: Watch, reason: str) -> None:
    """Why the person is not told."""
    with pytest.raises(Invalid):
        opened(watch, LENA, concern_id="a", untold=True, reason=reason)
    with pytest.raises(Invalid):
        opened(watch, LENA, person_id="a", untold=True, reason=reason)
