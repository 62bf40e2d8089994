"""A write is done once: the same request gives the same answer, and its id is nobody else's and for nothing else."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import pytest

from tests.security.contract import Rpc, leaves, sample
from tests.security.country import Country, circle, fresh
from tests.security.faces import Outcome, Way

WHO = ("own coordinator", "own leader", "own participant", "national", "foreign coordinator", "nobody")
LEAST = 17
"""So many writes at least can be brought to an answer by a request made from the contract alone."""


@pytest.fixture(autouse=True)
def untouched(country: Country) -> None:
    """The own organisation is a new one in each test: what is done here changes it."""
    country.own = circle(country, "Nystad")


CLOSES = "CloseConcern"
"""What ends the role that somebody has in a concern, and with it the right to repeat what else they did there."""

PARTICIPANTS_ALONE = ("SetMuted",)
"""What a participant alone may; their membership has been ended when all else was done."""


def answered(country: Country, way: Way) -> Iterator[tuple[Rpc, str, dict[str, Any], Outcome]]:
    """Writes that somebody gets an answer to, as each is done: who it was, the request, and the answer."""
    for rpc in country.rpcs.values():
        if "request_id" in rpc.request.fields_by_name:
            for ids, who in product((country.own.ids | country.own.second, country.own.ids), WHO):
                values = sample(rpc.request, {**ids, "request_id": fresh()})
                outcome = way.send(rpc, way.encode(rpc.request, values), country.callers()[who])
                if outcome.code == "OK":
                    yield rpc, who, values, outcome
                    break


def repeated(country: Country, rpc: Rpc, who: str, values: dict[str, Any], outcome: Outcome) -> None:
    """A request is sent again, by every way, and answered as before."""
    for other in country.ways:
        again = other.send(rpc, other.encode(rpc.request, values), country.callers()[who])
        assert (rpc.name, again.reason, again.answer, again.position) == (
            rpc.name,
            outcome.reason,
            outcome.answer,
            outcome.position,
        )


def others(rpc: Rpc, values: dict[str, Any]) -> list[dict[str, Any]]:
    """The same request with another content, one field at a time."""
    found = []
    for leaf in leaves(rpc.request):
        if leaf.field.name != "request_id" and len(leaf.path) == 1 and leaf.path[0] in values and not leaf.field.is_repeated:
            old = values[leaf.path[0]]
            found.append({**values, leaf.path[0]: old + ("x" if isinstance(old, str) else 1)})
    return found


def test_the_same_again_gives_the_same_answer(country: Country, way: Way) -> None:
    """To the byte, with the same position; on the other face as well; at once, and when much else was done."""
    done = []
    for one in answered(country, way):
        repeated(country, *one)
        done.append(one)
    assert len(done) >= LEAST
    assert CLOSES in {rpc.name for rpc, *_ in done}
    for rpc, who, values, outcome in done:
        if rpc.name in PARTICIPANTS_ALONE or ("concern_id" in values and rpc.name != CLOSES):
            again = way.send(rpc, way.encode(rpc.request, values), country.callers()[who])
            assert (rpc.name, again.reason) == (rpc.name, "NOT_FOUND")
        else:
            repeated(country, rpc, who, values, outcome)


def test_the_same_id_for_something_else_is_refused(country: Country, way: Way) -> None:
    """Whatever field it is that differs; what was done before stands."""
    allowed = {"REQUEST_REUSED", "NOT_FOUND", "INVALID"}
    for rpc, who, values, outcome in answered(country, way):
        token = country.callers()[who]
        reasons = [way.send(rpc, way.encode(rpc.request, one), token).reason for one in others(rpc, values)]
        assert set(reasons) <= allowed, rpc.name
        assert way.send(rpc, way.encode(rpc.request, values), token).answer == outcome.answer


def test_only_the_content_decides(country: Country, way: Way) -> None:
    """A name that nobody has had is refused for its id alone; fields that nobody knows make no other request."""
    rpc, token = country.rpc("CreateOrganisation"), country.national.token
    values = {"request_id": fresh(), "name": "A school", "kind": 2}
    first = way.send(rpc, way.encode(rpc.request, values), token)
    another = way.send(rpc, way.encode(rpc.request, {**values, "name": "Another school"}), token)
    assert (first.code, another.code, another.reason) == ("OK", "FAILED_PRECONDITION", "REQUEST_REUSED")
    if way.name != "connect-json":
        with_more = way.send(rpc, way.encode(rpc.request, values) + b"\xfa\x3e\x01x", token)
        assert with_more.answer == first.answer


def test_an_id_is_ones_own(country: Country, way: Way) -> None:
    """Another person with the same id does something of their own; and the same person in another method as well."""
    id_ = fresh()
    made = [
        country.ask(
            circle.token("coordinator"), "InvitePerson", way, request_id=id_, organisation_id=circle.ids["organisation_id"]
        )
        for circle in (country.own, country.foreign)
    ]
    assert [one.code for one in made] == ["OK", "OK"]
    assert made[0].answer != made[1].answer
    token, organisation = country.own.token("coordinator"), country.own.ids["organisation_id"]
    other = country.ask(token, "AddCandidate", way, request_id=id_, organisation_id=organisation, programme_id="me-we", state=1)
    assert other.code == "OK"


def test_a_repeat_is_no_way_in(country: Country, way: Way) -> None:
    """Whoever has lost the right does not get the answer of before, even with the very same request."""
    by, organisation = country.own.token("coordinator"), country.own.ids["organisation_id"]
    person = country.invited(by, organisation)
    grant = country.do(by, "GrantRole", organisation_id=organisation, person_id=person.id, role=4)
    invite: dict[str, Any] = {"request_id": fresh(), "organisation_id": organisation}
    assert country.ask(person.token, "InvitePerson", way, **invite).code == "OK"
    country.do(by, "EndRole", role_grant_id=grant.id)
    assert country.ask(person.token, "InvitePerson", way, **invite).code == "NOT_FOUND"
