"""Breaking the glass: for a reason, for a short time, and never without a second person who knows."""

from itertools import product

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.ports import AlertKind
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import BEGINNING, STRANGER, Stage, drive
from mewe_core.programme.emergency import handlers, rules, store
from mewe_core.programme.emergency.model import (
    BeginEmergencyReadingRequest,
    EmergencyReading,
    EndEmergencyReadingRequest,
    ListEmergencyReadingsRequest,
    SetEmergencyAddressRequest,
)
from mewe_core.programme.errors import EmergencyReadingEnded, EmergencyReadingOpen, NoSecondPerson
from mewe_core.programme.model.groups import Group
from mewe_core.programme.offer import ProgrammeSettings
from mewe_core.programme.plugin import mewe_feature, mewe_programmes
from mewe_core.programme.testing import School
from sqlalchemy import func, select, update
from whenever import Instant, TimeDelta

REASON = "canary: somebody may be in danger"


@pytest.fixture
def group(school: School) -> Group:
    """A group of the school, whose coordinator is Karin and whose supervisor Sven; Nils is of the national centre."""
    school.stage.give("nils", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
    return school.group()


def begin(school: School, group: Group, *, by: str, minutes: int = 0) -> EmergencyReading:
    """Break the glass."""
    request = BeginEmergencyReadingRequest(school.stage.ids.new(), group.id, REASON, minutes)
    return school.stage.call(handlers.begin_emergency_reading, request, by=by)


def end(school: School, reading: EmergencyReading, *, by: str) -> EmergencyReading:
    """End a reading."""
    request = EndEmergencyReadingRequest(school.stage.ids.new(), reading.id)
    return school.stage.call(handlers.end_emergency_reading, request, by=by)


def listed(school: School, *, by: str, page_size: int = 0) -> list[EmergencyReading]:
    """The readings that somebody has to know of, all pages."""
    found, token = list[EmergencyReading](), ""
    while True:
        request = ListEmergencyReadingsRequest(page_size, token)
        page = school.stage.call(handlers.list_emergency_readings, request, by=by)
        found += page.emergency_readings
        token = page.next_page_token
        if not token:
            return found


def address(school: School, who: str, to: str, language: str = "") -> None:
    """Say where somebody is told."""
    request = SetEmergencyAddressRequest(school.stage.ids.new(), "school", to, language)
    school.stage.call(handlers.set_emergency_address, request, by=who)


def readers(stage: Stage) -> list[StandingChanged]:
    """What was told of readers, in order."""
    told = [one for one in stage.events if isinstance(one, StandingChanged)]
    return [one for one in told if one.role is Role.EMERGENCY_READER]


@pytest.mark.parametrize("who", ["karin", "sven", "nils"])
@pytest.mark.parametrize(("minutes", "lasts"), [(0, 60), (1, 1), (60, 60)])
def test_it_is_a_role_in_the_group_until_a_moment(school: School, group: Group, who: str, minutes: int, lasts: int) -> None:
    """A coordinator, a supervisor, somebody national: as long as they ask for, or as the deployment has it."""
    now = school.stage.clock.now()
    one = begin(school, group, by=who, minutes=minutes)
    until = now.add(minutes=lasts)
    assert one == EmergencyReading(one.id, group.id, "school", who, REASON, now, until, None, None)
    assert readers(school.stage) == [StandingChanged(one.id, who, Role.EMERGENCY_READER, ScopeKind.GROUP, group.id, now, until)]


@pytest.mark.parametrize("minutes", [-1, 241, 10**9])
def test_nobody_asks_for_longer_than_is_allowed_anywhere(minutes: int) -> None:
    """Four hours."""
    with pytest.raises(Invalid):
        BeginEmergencyReadingRequest("r", "group", REASON, minutes)


def test_a_deployment_decides_how_long(school: School, group: Group) -> None:
    """More than the setting is refused, and nothing is kept; a setting of more than four hours is none."""
    with pytest.raises(Invalid):
        begin(school, group, by="karin", minutes=61)
    assert (readers(school.stage), listed(school, by="nils")) == ([], [])
    for minutes in (0, -1, 241):
        with pytest.raises(Invalid):
            ProgrammeSettings(emergency_minutes=minutes)
    with Stage(mewe_feature(), settings=ProgrammeSettings(emergency_minutes=240), programmes=tuple(mewe_programmes())) as stage:
        elsewhere = School(stage)
        one = begin(elsewhere, elsewhere.group(), by="sven")
        assert one.until - one.begin_time == TimeDelta(hours=4)


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "bell \x07"])
def test_there_is_no_reading_without_a_reason(reason: str) -> None:
    """In words."""
    with pytest.raises(Invalid):
        BeginEmergencyReadingRequest("r", "group", reason)


@pytest.mark.parametrize("who", ["kerstin", "ada", "lena", "edith", "rut", STRANGER])
def test_others_cannot(school: School, group: Group, who: str) -> None:
    """Not the coordinator of another organisation, no participant, leader, editor or researcher: there is no such group."""
    school.join(group, "ada")
    school.train("lena")
    school.join(group, "lena", role=Role.LEADER)
    school.stage.give("edith", Role.EDITOR, ScopeKind.ORGANISATION, "school")
    school.stage.give("rut", Role.RESEARCHER, ScopeKind.COUNTRY, "SE")
    with pytest.raises(NotFound):
        begin(school, group, by=who)


def test_nobody_reads_if_nobody_else_would_know(school: School) -> None:
    """The only coordinator, with nobody national there: refused, with the reason; another supervisor is no second person."""
    group = school.group()
    school.stage.give("sara", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school")
    with pytest.raises(NoSecondPerson):
        begin(school, group, by="karin")
    assert begin(school, group, by="sven").reader_id == "sven"


SECONDS = [(Role.COORDINATOR, ScopeKind.ORGANISATION, "school"), (Role.NATIONAL, ScopeKind.COUNTRY, "SE")]
SCOPES = [
    (ScopeKind.ORGANISATION, "school"),
    (ScopeKind.ORGANISATION, "other-school"),
    (ScopeKind.COUNTRY, "SE"),
    (ScopeKind.COUNTRY, "NL"),
    (ScopeKind.GROUP, "school"),
]


@pytest.mark.parametrize(("role", "scope"), list(product(Role, SCOPES)))
def test_a_second_person_coordinates_the_organisation_or_is_national(
    school: School, role: Role, scope: tuple[ScopeKind, str]
) -> None:
    """Somebody with any other role in any other scope lets the only coordinator begin nothing."""
    group = school.group()
    school.stage.give("tom", role, *scope)
    if (role, *scope) in SECONDS:
        begin(school, group, by="karin")
        assert [one.reader_id for one in listed(school, by="tom")] == ["karin"]
    else:
        with pytest.raises(NoSecondPerson):
            begin(school, group, by="karin")


def test_whoever_was_or_will_be_one_is_no_second_person(school: School) -> None:
    """It counts who holds the role now; oneself in two roles is one person."""
    group, now = school.group(), school.stage.clock.now()
    kind, id_ = ScopeKind.ORGANISATION, "school"
    school.stage.give("was", Role.COORDINATOR, kind, id_, since=now.add(hours=-2), until=now)
    school.stage.give("will", Role.COORDINATOR, kind, id_, since=now.add(seconds=1))
    school.stage.give("karin", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
    with pytest.raises(NoSecondPerson):
        begin(school, group, by="karin")


def test_those_who_have_to_know_are_told_at_once_and_see_it_in_their_list(school: School, group: Group) -> None:
    """Whoever gave an address is alerted, without content, once each; everybody sees it, with the reason."""
    school.stage.give("kim", Role.COORDINATOR, ScopeKind.ORGANISATION, "school")
    school.stage.give("nils", Role.COORDINATOR, ScopeKind.ORGANISATION, "school")
    address(school, "karin", "mailto:karin@example.org", "sv")
    address(school, "nils", "tel:+46101234567")
    one = begin(school, group, by="sven")
    assert {(alert.kind, alert.to, alert.language, alert.person_id) for alert in school.stage.alerts} == {
        (AlertKind.EMERGENCY_READING, "mailto:karin@example.org", "sv", "karin"),
        (AlertKind.EMERGENCY_READING, "tel:+46101234567", "en", "nils"),
    }
    assert len({alert.id for alert in school.stage.alerts}) == len(school.stage.alerts) == 2
    assert all(listed(school, by=who) == [one] for who in ("karin", "kim", "nils", "sven"))
    assert all(listed(school, by=who) == [] for who in ("kerstin", "ada", STRANGER))


def test_whoever_reads_is_not_alerted_of_themselves(school: School, group: Group) -> None:
    """And whoever has taken their address back is not, nor one whose address can be opened no more: the list is enough."""
    for who in ("karin", "nils"):
        address(school, who, f"mailto:{who}@example.org")
    begin(school, group, by="karin")
    assert [alert.to for alert in school.stage.alerts] == ["mailto:nils@example.org"]
    address(school, "nils", "")
    drive(school.stage.sealing.destroy("karin"))
    begin(school, group, by="sven")
    assert len(school.stage.alerts) == 1


def test_an_address_that_was_put_into_another_row_stops_nothing(school: School, group: Group) -> None:
    """It is not used, and the reading begins."""
    address(school, "karin", "mailto:karin@example.org")
    address(school, "nils", "mailto:nils@example.org")
    hers = school.stage.all(select(store.ADDRESS.c.sealed_address).where(store.ADDRESS.c.person_id == "karin"), bytes)[0]
    change = update(store.ADDRESS).where(store.ADDRESS.c.person_id == "nils").values(sealed_address=hers)
    drive(school.stage.database.execute(change))
    begin(school, group, by="karin")
    assert school.stage.alerts == []


@pytest.mark.parametrize("to", ["a@example.org", "mailto:", "mailto:a b@c", "http://example.org", "tel:112", "mailto:a@b\n"])
def test_what_is_no_address_is_refused(to: str) -> None:
    """The refusal does not repeat it."""
    with pytest.raises(Invalid) as refused:
        SetEmergencyAddressRequest("r", "school", to)
    assert [one.path for one in refused.value.fields] == ["address"]
    assert "example" not in str(refused.value.fields)


def test_neither_reason_nor_address_stands_in_the_database(school: School, group: Group) -> None:
    """Nor where a request or an answer is written down."""
    address(school, "karin", "mailto:canary@example.org")
    one = begin(school, group, by="sven")
    kept = school.stage.all(select(store.READING.c.sealed_reason), bytes)
    kept += school.stage.all(select(store.ADDRESS.c.sealed_address), bytes)
    assert len(kept) == 2
    assert all(b"canary" not in words for words in kept)
    requests = BeginEmergencyReadingRequest("r", "g", REASON), SetEmergencyAddressRequest("r", "o", "mailto:canary@b")
    assert "canary" not in repr((one, *requests))


@pytest.mark.parametrize("who", ["karin", "nils", "sven"])
def test_it_can_be_ended_early(school: School, group: Group, who: str) -> None:
    """By a second person, and by whoever reads; ending it again changes nothing."""
    one = begin(school, group, by="sven")
    now = school.stage.clock.advance(minutes=5)
    ended = end(school, one, by=who)
    assert (ended.end_time, ended.ended_by_id, ended.until) == (now, who, one.until)
    assert readers(school.stage)[-1].until == now
    school.stage.clock.advance(minutes=1)
    assert end(school, one, by="karin") == ended
    assert len(readers(school.stage)) == 2
    assert listed(school, by="karin") == [ended]


@pytest.mark.parametrize("who", ["kerstin", "sara", "lena", STRANGER])
def test_nobody_else_ends_it(school: School, group: Group, who: str) -> None:
    """Not another supervisor either; a reading that never was looks the same."""
    school.stage.give("sara", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school")
    one = begin(school, group, by="sven")
    with pytest.raises(NotFound):
        end(school, one, by=who)
    with pytest.raises(NotFound):
        school.stage.call(handlers.end_emergency_reading, EndEmergencyReadingRequest("r", "nothing"), by="karin")


def test_one_that_is_over_stays_as_it_is(school: School, group: Group) -> None:
    """It was not ended early, and nothing more is told."""
    one = begin(school, group, by="sven")
    school.stage.clock.advance(minutes=60)
    assert end(school, one, by="karin") == one
    assert len(readers(school.stage)) == 1


def test_whoever_reads_begins_no_second_one(school: School, group: Group) -> None:
    """Not in that group; in another one, and when it is over, they may, each with its reason."""
    begin(school, group, by="sven")
    with pytest.raises(EmergencyReadingOpen):
        begin(school, group, by="sven")
    begin(school, school.group(), by="sven")
    begin(school, group, by="nils")
    school.stage.clock.advance(minutes=60)
    begin(school, group, by="sven")


def test_whoever_was_stopped_does_not_begin_again_that_day(school: School, group: Group) -> None:
    """Whoever ended it themselves may, and so may others; in another group one may as well."""
    end(school, begin(school, group, by="sven"), by="sven")
    end(school, begin(school, group, by="sven"), by="karin")
    school.stage.clock.advance(hours=24, seconds=-1)
    with pytest.raises(EmergencyReadingEnded):
        begin(school, group, by="sven")
    begin(school, group, by="nils")
    begin(school, school.group(), by="sven")
    school.stage.clock.advance(seconds=1)
    begin(school, group, by="sven")


def test_it_ends_with_the_role_that_allowed_it(school: School, group: Group) -> None:
    """Whoever is supervisor no more reads no more, a second later; the others read on."""
    stage, since = school.stage, school.stage.clock.now()
    role = stage.give("sara", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school")
    hers, his = begin(school, group, by="sara"), begin(school, group, by="sven")
    stage.do_jobs()
    assert len(readers(stage)) == 2
    now = stage.clock.advance(minutes=1)
    stage.give("sara", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school", since=since, until=now, standing_id=role)
    stage.do_jobs()
    stage.do_jobs()
    assert [(one.id, one.until) for one in readers(stage)[2:]] == [(hers.id, now)]
    ended = {one.id: (one.end_time, one.ended_by_id) for one in listed(school, by="karin")}
    assert ended == {hers.id: (now, None), his.id: (None, None)}


def test_being_reader_is_no_reason_to_go_on_reading(school: School, group: Group) -> None:
    """Neither is another role in the group: what let them begin has to hold."""
    held = school.stage.give("sara", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school")
    begin(school, group, by="sara")
    school.join(group, "sara")
    now = school.stage.clock.now()
    school.stage.give("sara", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school", since=now, until=now, standing_id=held)
    school.stage.do_jobs()
    assert readers(school.stage)[-1].until == now


def test_a_clock_set_back_prolongs_nothing(school: School, group: Group) -> None:
    """The end is a moment; what is told of it never moves on."""
    one = begin(school, group, by="sven")
    school.stage.clock.advance(hours=-3)
    school.stage.do_jobs()
    assert max(told.until for told in readers(school.stage) if told.until) == one.until


def test_all_readings_are_kept_and_listed_by_page(school: School, group: Group) -> None:
    """Newest first, each once, also where several began at the same moment."""
    begun = []
    for n in range(7):
        school.stage.give(f"s{n}", Role.SUPERVISOR, ScopeKind.ORGANISATION, "school")
        begun.append(begin(school, group, by=f"s{n}").id)
        if n % 2:
            school.stage.clock.advance(minutes=1)
    for page_size in (1, 2, 3, 7, 0):
        found = listed(school, by="karin", page_size=page_size)
        assert sorted(one.id for one in found) == sorted(begun)
        assert [one.begin_time for one in found] == sorted((one.begin_time for one in found), reverse=True)
    assert school.stage.all(select(func.count()).select_from(store.READING), int) == [7]
    request = ListEmergencyReadingsRequest(0, "bm90aGluZw")
    with pytest.raises(Invalid):
        school.stage.call(handlers.list_emergency_readings, request, by="karin")


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("hours_ago", [None, 0, 23, 24, 48])
@pytest.mark.parametrize("seconds", [0, 1, 5])
def test_when_a_reading_may_begin(*, is_open: bool, hours_ago: int | None, seconds: int) -> None:
    """Every case: none is open, none was stopped within a day, and somebody else knows."""
    now: Instant = BEGINNING
    stopped = None if hours_ago is None else now.add(hours=-hours_ago)
    people = [f"person-{n}" for n in range(seconds)]
    refusals = (
        (is_open, EmergencyReadingOpen),
        (hours_ago in (0, 23), EmergencyReadingEnded),
        (not seconds, NoSecondPerson),
    )
    refusal = next((error for applies, error in refusals if applies), None)
    if refusal is None:
        rules.may_begin(is_open=is_open, stopped=stopped, seconds=people, now=now)
    else:
        with pytest.raises(refusal):
            rules.may_begin(is_open=is_open, stopped=stopped, seconds=people, now=now)
