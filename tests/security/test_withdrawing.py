"""Who takes their yes back is out of the chat within two seconds, in one process and in many; help is open to them."""

import time
from collections.abc import Iterator

import pytest

from tests.security.country import LEADER, PARTICIPANT, TAKE_PART, Country, new_group, running
from tests.security.watching import watching_on_all_faces

SECONDS = 2.0
MISSING = "CONSENT_MISSING"


@pytest.fixture(scope="module", params=[False, True], ids=["one process", "a process each"])
def country(request: pytest.FixtureRequest) -> Iterator[Country]:
    """A deployment with nobody in it."""
    with running(split=request.param) as country:
        yield country
        assert country.here.faults() == []


def test_a_no_holds_everywhere_within_two_seconds(country: Country) -> None:
    """Open streams end, and the chat and the group are closed on every face; taking the no back opens them again."""
    do = country.do
    organisation = do(country.national.token, "CreateOrganisation", name="A school", kind=2).id
    by = country.invited(country.national.token, organisation, role=4).token
    leader, child = country.invited(by, organisation), country.invited(by, organisation)
    group = new_group(country, by, organisation, (20, 30, 60, 90)).id
    do(by, "AddMember", group_id=group, person_id=leader.id, role=LEADER)
    membership = do(by, "AddMember", group_id=group, person_id=child.id, role=PARTICIPANT).id
    assert country.ask(child.token, "ListMessages", room_id=group).code == "OK"
    country.acknowledged(group, leader)
    with watching_on_all_faces(country, child.token, group) as followers:
        do(leader.token, "PostMessage", room_id=group, text="before")
        assert all(one.has("before") for one in followers), [(one.texts, one.how) for one in followers]
        do(child.token, "RaiseObjection", purpose=TAKE_PART)
        answered = time.monotonic()
        assert all(one.is_over(SECONDS) for one in followers), "within two seconds of the answer"
        assert max(one.ended_at or 0 for one in followers) - answered <= SECONDS
    for way in country.ways:
        for rpc, asked in (("ListMessages", {"room_id": group}), ("GetGroup", {"group_id": group})):
            assert (rpc, country.ask(child.token, rpc, way, **asked).reason) == (rpc, MISSING)
        assert country.ask(child.token, "PostMessage", way, room_id=group, text="Hello?").reason == MISSING
    assert not do(child.token, "ListRooms").rooms
    assert [one.consent_missing for one in do(child.token, "ListMyGroups").groups] == [True]
    assert country.ask(leader.token, "ListMessages", room_id=group).code == "OK"
    do(child.token, "TakeBackObjection", purpose=TAKE_PART)
    assert country.ask(child.token, "ListMessages", room_id=group).code == "OK"
    do(child.token, "RaiseObjection", purpose=TAKE_PART)
    assert do(child.token, "LeaveGroup", membership_id=membership).id == membership


def test_nobody_is_taken_in_without_consent(country: Country) -> None:
    """The coordinator is told so; with a yes they come in."""
    do = country.do
    organisation = do(country.national.token, "CreateOrganisation", name="A school", kind=2).id
    by = country.invited(country.national.token, organisation, role=4).token
    group = new_group(country, by, organisation, (20, 30, 60, 90)).id
    child = do(by, "InvitePerson", organisation_id=organisation).person_id
    refused = country.ask(by, "AddMember", group_id=group, person_id=child, role=PARTICIPANT)
    assert refused.reason == "PARTICIPANT_WITHOUT_CONSENT"
    country.consented(by, child)
    assert do(by, "AddMember", group_id=group, person_id=child, role=PARTICIPANT).person_id == child
