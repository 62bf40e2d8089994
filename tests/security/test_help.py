"""Help and reporting on what really runs: whatever the token, and with the feature that takes it down."""

import os
import signal
from collections.abc import Callable, Iterator
from typing import Any

import psutil
import pytest
from mewe_host.identity.keys import FileKeys
from whenever import Instant, TimeDelta

from tests.security.country import COORDINATOR, LEADER, PARTICIPANT, Country, Person, contact, fresh, new_group, running
from tests.security.deployment import HAS_CHAT
from tests.security.faces import POSITION
from tests.waiting import eventually

PATIENCE = 30.0


def about(country: Country, who: Person) -> list[str]:
    """Whom the concerns are about that were brought to somebody."""
    found, token = list[str](), ""
    while True:
        page = country.do(who.token, "ListConcerns", page_size=200, page_token=token)
        found += [one.about_id for one in page.concerns]
        token = page.next_page_token
        if not token:
            return found


@pytest.fixture
def member(country: Country) -> Person:
    """Somebody new in the group."""
    by = country.own.token("coordinator")
    person = country.invited(by, country.own.ids["organisation_id"])
    country.do(by, "AddMember", group_id=country.own.ids["group_id"], person_id=person.id, role=PARTICIPANT)
    return person


def ended(country: Country, person: Person) -> str:
    """The token of a session that the person has ended."""
    country.do(person.token, "EndDeviceSession", device_session_id=person.session_id)
    assert country.ask(person.token, "GetMe").reason == "SIGNED_OUT"
    return person.token


def expired(country: Country, person: Person) -> str:
    """A token whose time is over."""
    now = Instant.now()
    keys = FileKeys.of(country.here.keys, "SE")
    token = keys.access_token(person.id, person.session_id, now - TimeDelta(minutes=4), now - TimeDelta(minutes=2))
    assert country.ask(token, "GetMe").reason == "SIGNED_OUT"
    return token


@pytest.mark.parametrize("token", [ended, expired])
def test_help_comes_from_whoever_the_token_once_named(
    country: Country, member: Person, token: Callable[[Country, Person], str]
) -> None:
    """An ended session, an expired token: it is brought to the contact of the group, as this person's."""
    answer = country.do(token(country, member), "AskForHelp", text="please")
    assert [one.person_id for one in answer.readers] == [country.own.people["leader"].id]
    assert [one.number for one in answer.lines][:1] == ["112"]
    assert member.id in about(country, country.own.people["leader"])


def test_help_of_who_has_left_reaches_the_country(country: Country, member: Person) -> None:
    """Whoever belongs to no group any more is brought to the centre, under their own id."""
    by = country.own.token("coordinator")
    there = country.do(by, "ListMembers", group_id=country.own.ids["group_id"], page_size=200).memberships
    mine = next(one.id for one in there if one.person_id == member.id)
    country.do(by, "EndMembership", membership_id=mine, reason=5)
    answer = country.do(member.token, "AskForHelp")
    assert [one.person_id for one in answer.readers] == [country.national.id]
    assert member.id in about(country, country.national)


@pytest.mark.parametrize("token", ["", "x", "x.y.z", "Bearer", "é", "A" * 3000])
def test_help_of_nobody_reaches_the_country(country: Country, token: str) -> None:
    """No token, nonsense for a token: nobody, and not lost."""
    before = len(about(country, country.national))
    outcome = country.ask(token.encode("ascii", "ignore").decode(), "AskForHelp", text="please")
    assert outcome.answer is not None
    assert len(about(country, country.national)) == before + 1


@pytest.mark.parametrize("position", ["people/x/1", "x", "people.standing_changed/x/9", "programme.standing_changed/x/9"])
def test_help_waits_for_no_position_for_ever(country: Country, member: Person, position: str) -> None:
    """What the device did elsewhere is not known here, or what it kept is no position any more: help is taken in, as theirs."""
    for name in ("AskForHelp", "AskToTalk"):
        rpc = country.rpc(name)
        for way in country.ways:
            body = way.encode(rpc.request, {"request_id": fresh(), "text": "please"})
            assert way.send(rpc, body, member.token, headers=[(POSITION, position)]).code == "OK"
    assert len(country.do(member.token, "ListMyConcerns").concerns) == len(country.ways)


def test_sending_again_is_safe(country: Country, member: Person) -> None:
    """A client that had no answer sends the same again: one concern."""
    same = fresh()
    first, second = (country.do(member.token, "AskForHelp", request_id=same, text="please") for _ in range(2))
    assert first.id == second.id
    assert about(country, country.own.people["leader"]).count(member.id) == 1


@pytest.fixture(scope="module")
def apart() -> Iterator[Country]:
    """Each feature in a process of its own, and a group with a chat."""
    with running(split=True) as country:
        yield country


def process_of(country: Country, feature: str) -> psutil.Process:
    """The process that serves a feature."""
    children = psutil.Process(country.here.process.pid).children(recursive=True)
    return next(one for one in children if "serve" in one.cmdline() and feature in one.cmdline())


@pytest.mark.skipif(not HAS_CHAT, reason="without a chat there is nothing to report here")
def test_a_report_is_not_lost_while_safety_is_down(apart: Country) -> None:
    """Told to the chat while safety stands still and is then killed: it is brought to the contact all the same."""
    do = apart.do
    organisation = do(apart.national.token, "CreateOrganisation", name="Exempelby", kind=1).id
    coordinator = apart.invited(apart.national.token, organisation, role=COORDINATOR)
    leader, young = (apart.invited(coordinator.token, organisation) for _ in range(2))
    group = new_group(apart, coordinator.token, organisation, (-2, 30, 60, 90))
    do(coordinator.token, "AddMember", group_id=group.id, person_id=leader.id, role=LEADER)
    do(coordinator.token, "AddMember", group_id=group.id, person_id=young.id, role=PARTICIPANT)
    do(coordinator.token, "StartGroup", group_id=group.id)
    contact(apart, coordinator.token, group.id, 1, leader.id)
    apart.acknowledged(group.id, young)
    said = do(young.token, "PostMessage", room_id=group.id, text="I cannot go on").message
    safety = process_of(apart, "safety")
    os.kill(safety.pid, signal.SIGSTOP)
    report = do(young.token, "ReportMessage", room_id=group.id, message_id=said.id, text="worried")
    os.kill(safety.pid, signal.SIGKILL)

    def brought() -> bool:
        answer: Any = apart.ask(leader.token, "ListConcerns", shown=False).answer
        return answer is not None and [one.id for one in answer.concerns] == [report.report_id]

    eventually(brought, PATIENCE)
    eventually(lambda: apart.ask(leader.token, "OpenReportedMessage", report_id=report.report_id).code == "OK", PATIENCE)
