"""Whoever ends the very right that a request needs is answered again: a phone with bad reception asks twice."""

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import frozen

from tests.security.contract import Rpc, sample
from tests.security.country import Circle, Country, circle, fresh, running
from tests.security.faces import Outcome

WHO = ("participant", "leader", "coordinator")
LEAST = 40
"""So many writes at least are brought to an answer here."""


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest) -> Iterator[Country]:
    """A country on a file, and one on a server."""
    url = "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    with running(database=url) as country:
        yield country
        assert country.here.faults() == []


@frozen
class Done:
    """A write that was answered: by whom, and what is asked again."""

    rpc: Rpc
    token: str
    values: dict[str, Any]
    outcome: Outcome


def own_things(country: Country, made: Circle, who: str) -> dict[str, str]:
    """The ids of what is somebody's own, under the names that requests have for it."""
    person = made.people[who]
    by, asked = made.token("coordinator"), {"page_size": 200}
    grants = country.do(by, "ListRoleGrants", organisation_id=made.ids["organisation_id"], **asked).role_grants
    members = country.do(by, "ListMembers", group_id=made.ids["group_id"], **asked).memberships
    found = {"person_id": person.id, "device_session_id": person.session_id}
    mine = [("role_grant_id", one) for one in reversed(grants)] + [("membership_id", one) for one in members]
    return found | {name: one.id for name, one in mine if one.person_id == person.id}


def tried(country: Country, made: Circle, rpc: Rpc) -> Iterator[Done]:
    """What each gets an answer to: about themselves first, then about what else there is."""
    for who in WHO:
        person = made.people[who]
        secret = {"session_token": person.session_token}
        for ids in (made.ids | own_things(country, made, who) | secret, made.ids | made.second | secret, made.ids | secret):
            values = sample(rpc.request, {**ids, "request_id": fresh()})
            outcome = country.quick.send(rpc, country.quick.encode(rpc.request, values), person.token)
            if outcome.code == "OK":
                yield Done(rpc, person.token, values, outcome)
                break


def test_whoever_ends_their_own_right_is_answered_again(here: Country) -> None:
    """Of every write there is: where the same by another id is refused now, the repeat is the first answer, to the byte.

    On every face; anybody else is told by that id what they are told by another. Whose session is over is told what nobody is.
    """
    made, service, answered, lost, signed_out = circle(here, "Exempelby"), "", set[str](), set[str](), set[str]()
    for rpc in [one for one in here.rpcs.values() if "request_id" in one.request.fields_by_name]:
        of = rpc.path.rpartition("/")[0]
        if service not in ("", of):
            made = circle(here, "Nystad")
        service = of
        for done in tried(here, made, rpc):
            answered.add(rpc.name)
            values = done.values
            another = _sent(here, done, {**values, "request_id": fresh()}, done.token)
            if another.reason == "NOT_FOUND":
                lost.add(rpc.name)
                again = [one.send(rpc, one.encode(rpc.request, values), done.token) for one in here.ways]
                expected = [(rpc.name, done.outcome.answer, done.outcome.position)] * len(again)
                assert [(rpc.name, one.answer, one.position) for one in again] == expected
                others, stranger = {**values, "request_id": fresh()}, made.token("stranger")
                assert _sent(here, done, values, stranger).exact == _sent(here, done, others, stranger).exact
            if another.reason == "SIGNED_OUT":
                signed_out.add(rpc.name)
                assert _sent(here, done, values, done.token).exact == _sent(here, done, values, "").exact
            if another.reason in ("NOT_FOUND", "SIGNED_OUT"):
                made = circle(here, "Nystad")
                break
    assert len(answered) >= LEAST, sorted(answered)
    assert lost >= {"CloseConcern", "EndRole"}, sorted(lost)
    assert signed_out >= {"EndDeviceSession", "EraseMe"}, sorted(signed_out)


def _sent(country: Country, done: Done, values: dict[str, Any], token: str) -> Outcome:
    return country.quick.send(done.rpc, country.quick.encode(done.rpc.request, values), token)
