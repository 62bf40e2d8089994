"""Invited for a group, signed in by its leader, a member: over the network, between services that know each other by events."""

from typing import Any

from tests.security.country import COORDINATOR, LEADER, Country, new_group


def test_whoever_is_invited_for_a_group_is_in_it_once_its_leader_confirms(country: Country) -> None:
    """Not when the code is made, nor when it is redeemed; leaders of other groups do not see them."""
    by, organisation, do = country.own.token("coordinator"), country.own.ids["organisation_id"], country.do
    group = new_group(country, by, organisation, (20, 30, 60, 90)).id
    leader = country.own.people["leader"]
    do(by, "AddMember", group_id=group, person_id=leader.id, role=LEADER)
    invitation = do(by, "InvitePerson", organisation_id=organisation, group_id=group)
    session = do("", "RedeemInvitation", code=invitation.link)

    def members() -> set[str]:
        return {one.person_id for one in do(by, "ListMembers", group_id=group).memberships}

    assert members() == {leader.id}
    assert country.ask("", "RefreshSession", session_token=session.session_token).reason == "NOT_YET_CONFIRMED"
    said: dict[str, Any] = {"person_id": session.person_id, "words": session.words, "group_id": group}
    assert country.ask(country.foreign.token("leader"), "ConfirmPerson", **said).code == "NOT_FOUND"
    do(leader.token, "ConfirmPerson", **said)
    assert members() == {leader.id, session.person_id}
    token = do("", "RefreshSession", session_token=session.session_token).token
    assert [one.group.id for one in do(token, "ListMyGroups").groups] == [group]


def test_a_person_of_another_organisation_is_taken_into_no_group(country: Country) -> None:
    """By nobody, though their id is known: it looks as if there was no such person."""
    by, stranger = country.own.token("coordinator"), country.foreign.people["stranger"].id
    asked: dict[str, Any] = {"group_id": country.own.ids["group_id"], "role": 1}
    known = country.ask(by, "AddMember", person_id=stranger, **asked)
    unknown = country.ask(by, "AddMember", person_id="f00d" * 8, **asked)
    assert (known.code, known.exact) == ("NOT_FOUND", unknown.exact)


def test_a_lost_device_is_signed_out_when_its_person_is_back(country: Country) -> None:
    """With its access token, on every service, at once for the one that was told, and the new device goes on."""
    by, organisation, do = country.own.token("coordinator"), country.own.ids["organisation_id"], country.do
    second = country.invited(country.national.token, organisation, role=COORDINATOR)
    lost = country.invited(by, organisation)
    do(by, "AskForReturn", person_id=lost.id, reason=1)
    assert do(lost.token, "GetMe").HasField("return_ask_time")
    code = do(second.token, "AgreeToReturn", person_id=lost.id).code
    session = do("", "RedeemInvitation", code=code)
    assert country.ask(second.token, "ConfirmPerson", person_id=lost.id, words=session.words).reason == "ANOTHER_ADULT_NEEDED"
    do(by, "ConfirmPerson", person_id=lost.id, words=session.words)
    assert country.ask(lost.token, "GetMe").code == "UNAUTHENTICATED"
    assert country.ask(lost.token, "ListMyGroups").code == "UNAUTHENTICATED"
    assert country.ask("", "RefreshSession", session_token=lost.session_token).reason == "SESSION_OVER"
    token = do("", "RefreshSession", session_token=session.session_token).token
    assert do(token, "GetMe").HasField("closed_before")
