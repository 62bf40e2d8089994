"""The two doors: open to everybody, and what they answer at once."""

import pytest
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import ELM, NATIONAL, OAK, Stage
from mewe_core.safety.duty import DutyHours
from mewe_core.safety.events import ConcernState
from mewe_core.safety.handlers import concerns, help
from mewe_core.safety.model.concerns import (
    AcknowledgeConcernRequest,
    CloseConcernRequest,
    ConcernKind,
    OpenConcernRequest,
    Outcome,
)
from mewe_core.safety.model.help import (
    LONGEST,
    AnswerTalkRequestRequest,
    AskForHelpRequest,
    AskToTalkRequest,
    HelpAnswer,
    ListMyConcernsRequest,
    ListTalkRequestsRequest,
    MyConcern,
    Reader,
    TalkRequest,
)
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.plugin import mewe_feature
from mewe_core.safety.store.tables import CONCERN, TALK
from mewe_core.safety.testing import Watch
from sqlalchemy import select

LENA, LARS = OAK.leaders
OFFICE = tuple(DutyHours(day, 8 * 60, 16 * 60) for day in range(1, 6))


def mine(watch: Watch, person: str) -> list[MyConcern]:
    """What became of what somebody has asked."""
    return list(watch.stage.call(help.list_my_concerns, ListMyConcernsRequest(), by=person).concerns)


def talk(watch: Watch, by: str | None, text: str = "") -> HelpAnswer:
    """I want to talk to a leader."""
    return watch.stage.call(help.ask_to_talk, AskToTalkRequest(watch.stage.ids.new(), text), by=by)


def talks(watch: Watch, by: str, group_id: str = OAK.group_id) -> list[TalkRequest]:
    """Who of a group wants to talk."""
    request = ListTalkRequestsRequest(group_id)
    return list(watch.stage.call(help.list_talk_requests, request, by=by).talk_requests)


def test_who_asks_for_help_is_told_who_reads_it_and_since_when(watch: Watch) -> None:
    """The contact on duty; the emergency number; and the alert says nothing but that there is something."""
    watch.guard()
    watch.alerted()
    answer = watch.help("ada", "I am afraid at home")
    now = watch.stage.clock.now()
    assert (answer.readers, answer.next_time) == ((Reader(LENA, now),), now)
    assert answer.lines[0].number == "112"
    assert answer.lines[0].open_now
    assert watch.alerted() == [("concern", LENA)]
    [concern] = watch.has(LENA)
    assert (concern.id, concern.kind, concern.state) == (answer.id, ConcernKind.HELP, ConcernState.RAISED)
    assert (concern.about_id, concern.group_id) == ("ada", OAK.group_id)


def test_at_night_one_is_told_when_somebody_looks(watch: Watch) -> None:
    """Next at 08:00, by whoever of the two comes first."""
    watch.contact(1, LENA, hours=OFFICE)
    watch.contact(2, LARS, hours=(DutyHours(3, 7 * 60, 9 * 60),))
    watch.stage.clock.advance(hours=6)
    answer = watch.help("ada")
    morning = watch.stage.clock.now().add(hours=9)
    assert answer.next_time == morning
    assert answer.readers == (Reader(LARS, morning),)


def test_what_somebody_wrote_stands_sealed(watch: Watch) -> None:
    """In the concern and in the request to talk."""
    watch.guard()
    watch.help("ada", "He hits me")
    talk(watch, "bo", "Can we talk?")
    for sealed in [*watch.stage.all(select(CONCERN.c.sealed_text), bytes), *watch.stage.all(select(TALK.c.sealed_text), bytes)]:
        assert b"hits" not in sealed
        assert b"talk" not in sealed


@pytest.mark.parametrize("who", [None, "nobody-we-know", "sigrid", "dina"])
def test_who_has_no_group_with_contacts_reaches_the_country(watch: Watch, who: str | None) -> None:
    """Nobody's token, somebody unknown, somebody without a group, a group of which nobody looks after."""
    watch.country(1, NATIONAL)
    watch.stage.give(ELM.coordinator, Role.COORDINATOR, ScopeKind.ORGANISATION, ELM.organisation_id, standing_id="standing-9")
    answer = watch.help(who, "help")
    expected = ELM.coordinator if who == "dina" else NATIONAL
    assert [one.person_id for one in answer.readers] == [expected]
    assert [one.id for one in watch.has(expected)] == [answer.id]


def test_where_the_country_has_no_contacts_everybody_of_the_centre_gets_it(watch: Watch) -> None:
    """They see it when they look: nobody knows when that is."""
    answer = watch.help(None)
    assert answer.readers == (Reader(NATIONAL, None),)
    assert answer.next_time is None


def test_where_nobody_is_there_it_is_kept_and_found_later() -> None:
    """The country's addresses are alerted, and whoever comes to the centre afterwards gets it."""
    settings = SafetySettings(country_alerts=("mailto:duty@example.org",))
    with Stage(mewe_feature(), settings=settings) as stage:
        asked = AskForHelpRequest("r", "is anybody there?")
        answer = stage.call(help.ask_for_help, asked)
        assert answer.readers == ()
        assert [(one.to, one.person_id) for one in stage.alerts] == [("mailto:duty@example.org", None)]
        stage.clock.advance(hours=5)
        stage.do_jobs()
        assert len(stage.alerts) > 1
        stage.give("nina", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
        stage.clock.advance(hours=1)
        stage.do_jobs()
        watch = Watch.__new__(Watch)
        watch.stage = stage
        assert [one.id for one in watch.has("nina")] == [answer.id]


def test_no_state_of_the_one_who_asks_closes_the_door(watch: Watch) -> None:
    """Consent withdrawn, group left, role to come, erased: each time it is kept and brought to somebody."""
    watch.guard()
    watch.country(1, NATIONAL)
    for purpose in Purpose:
        watch.stage.consent("ada", purpose, covered=False)
    assert [one.person_id for one in watch.help("ada").readers] == [LENA]
    now = watch.stage.clock.now()
    watch.stage.give("bo", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, until=now, standing_id="standing-2")
    assert [one.person_id for one in watch.help("bo").readers] == [NATIONAL]
    watch.stage.give("tove", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, since=now.add(hours=1))
    assert [one.person_id for one in watch.help("tove").readers] == [NATIONAL]
    watch.stage.give("ulf", Role.PARTICIPANT, ScopeKind.GROUP, "group-that-nobody-told-of")
    assert [one.person_id for one in watch.help("ulf").readers] == [NATIONAL]


@pytest.mark.parametrize(
    "text", ["", " ", "x" * 50_000, "\x00\x01\x1b", "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16")]
)
def test_nothing_that_is_written_is_refused(watch: Watch, text: str) -> None:
    """Empty, far too long (cut), characters that nobody can see."""
    watch.guard()
    answer = watch.help("ada", text, kept_from="x" * 1000)
    talk(watch, "ada", text)
    read = watch.stage.call(concerns.open_concern, OpenConcernRequest("r", answer.id), by=LENA)
    assert read.text == (text[:LONGEST] if text.strip() else "")


def test_of_two_groups_the_last_one_counts(watch: Watch) -> None:
    """Whoever moved to another group reaches that one's contacts."""
    watch.guard(OAK)
    watch.guard(ELM)
    watch.stage.clock.advance(hours=1)
    watch.stage.give("ada", Role.PARTICIPANT, ScopeKind.GROUP, ELM.group_id)
    assert [one.person_id for one in watch.help("ada").readers] == [ELM.leaders[0]]


@pytest.mark.parametrize("kept_from", [LENA, None])
def test_it_is_not_brought_to_whom_it_must_be_kept_from(watch: Watch, kept_from: str | None) -> None:
    """A leader who is named does not get it, not at the end either."""
    watch.guard()
    answer = watch.help("ada", "she frightens me", kept_from)
    assert [one.person_id for one in answer.readers] == [LARS if kept_from else LENA]
    for _ in range(20):
        watch.later(hours=1)
    assert bool(watch.has(LENA)) is (kept_from is None)
    assert watch.has(OAK.coordinator)


def test_the_young_person_sees_what_became_of_it(watch: Watch) -> None:
    """Who has it, when, and in the end what came of it in plain words; no notes, and nobody else's."""
    watch.guard()
    answer = watch.help("ada", "please")
    [begun] = mine(watch, "ada")
    assert (begun.id, begun.state, begun.acknowledged_by_id) == (answer.id, ConcernState.RAISED, None)
    watch.stage.clock.advance(minutes=5)
    watch.stage.call(concerns.acknowledge_concern, AcknowledgeConcernRequest("r", answer.id), by=LENA)
    [taken] = mine(watch, "ada")
    assert (taken.acknowledged_by_id, taken.acknowledge_time) == (LENA, watch.stage.clock.now())
    request = CloseConcernRequest("r", answer.id, Outcome.SUPPORTED, "We talked. You can always come back.")
    watch.stage.call(concerns.close_concern, request, by=LENA)
    [closed] = mine(watch, "ada")
    assert (closed.state, closed.outcome) == (ConcernState.CLOSED, Outcome.SUPPORTED)
    assert closed.words == "We talked. You can always come back."
    assert mine(watch, "bo") == []


def test_who_reported_sees_what_became_of_it_too(watch: Watch) -> None:
    """Under the id of the report."""
    watch.guard()
    watch.reported("report-1", author="bo", reporter="ada")
    assert [one.id for one in mine(watch, "ada")] == ["report-1"]
    assert mine(watch, "bo") == []


def test_pages_follow_each_other(watch: Watch) -> None:
    """By time and id, each once."""
    watch.guard()
    asked = [watch.help("ada").id for _ in range(5)]
    seen, token = list[str](), ""
    while True:
        page = watch.stage.call(help.list_my_concerns, ListMyConcernsRequest(2, token), by="ada")
        seen += [one.id for one in page.concerns]
        token = page.next_page_token
        if not token:
            break
    assert seen == sorted(asked)


def test_a_wish_to_talk_goes_to_the_leaders_and_is_no_concern(watch: Watch) -> None:
    """They are alerted if their address is known, reminded each day, and the first who answers is kept."""
    watch.guard()
    watch.alerted()
    answer = talk(watch, "ada", "Can we talk on Tuesday?")
    assert [one.person_id for one in answer.readers] == sorted([LENA, LARS])
    assert answer.lines[0].number == "112"
    assert sorted(watch.alerted()) == [("concern", LARS), ("concern", LENA)]
    assert watch.has(LENA) == []
    [asked] = talks(watch, LARS)
    assert (asked.id, asked.person_id, asked.text) == (answer.id, "ada", "Can we talk on Tuesday?")
    watch.later(hours=24)
    assert sorted(watch.alerted()) == [("reminder", LARS), ("reminder", LENA)]
    done = AnswerTalkRequestRequest("r", answer.id)
    watch.stage.call(help.answer_talk_request, done, by=LENA)
    assert watch.stage.call(help.answer_talk_request, done, by=LARS).answered_by_id == LENA
    watch.later(hours=72)
    assert watch.alerted() == []


@pytest.mark.parametrize("who", ["ada", OAK.coordinator, NATIONAL, *ELM.leaders, "sigrid"])
def test_only_leaders_of_the_group_see_who_wants_to_talk(watch: Watch, who: str) -> None:
    """No role around the group reaches in."""
    answer = talk(watch, "bo")
    with pytest.raises(NotFound):
        talks(watch, who)
    with pytest.raises(NotFound):
        watch.stage.call(help.answer_talk_request, AnswerTalkRequestRequest("r", answer.id), by=who)


@pytest.mark.parametrize("who", [None, "sigrid", "ada"])
def test_who_has_no_leader_to_talk_to_is_not_lost(watch: Watch, who: str | None) -> None:
    """The country's contacts take it; where the group has nobody to lead it, whoever is nearest."""
    watch.country(1, NATIONAL)
    for number, one in enumerate(OAK.leaders, start=4):
        now = watch.stage.clock.now()
        watch.stage.give(one, Role.LEADER, ScopeKind.GROUP, OAK.group_id, until=now, standing_id=f"standing-{number}")
    answer = talk(watch, who, "anybody?")
    expected = OAK.coordinator if who == "ada" else NATIONAL
    assert [one.person_id for one in answer.readers] == [expected]
    assert [one.kind for one in watch.has(expected)] == [ConcernKind.TALK]


def test_a_leader_can_ask_too(watch: Watch) -> None:
    """For help, brought to the other contact; for a talk, with the other leader."""
    watch.guard()
    assert [one.person_id for one in watch.help(LENA).readers] == [LARS]
    assert [one.person_id for one in talk(watch, LENA).readers] == [LARS]
