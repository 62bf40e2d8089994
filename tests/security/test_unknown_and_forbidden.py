"""What one may not know of looks exactly like what does not exist: to the byte, on every RPC that names something."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.security.contract import Leaf, Rpc, leaves, sample
from tests.security.country import PARTICIPANT, Country, fresh
from tests.security.faces import Way
from tests.security.policy import policy

OUTSIDERS = (
    "nobody",
    "foreign stranger",
    "foreign participant",
    "foreign who left",
    "foreign leader",
    "foreign supervisor",
    "foreign coordinator",
    "own who left",
    "own stranger",
)
"""Nobody; those of another organisation; those of the same who are not in the group (any more)."""

OF_ITS_OWN_MAKING = {("AdoptDiary", "diary_id")}
"""What a device has made at random, and is looked up among one's own things alone."""

OF_THE_COUNTRY = {("AssignArm", "study_id"), ("PublishSiteReport", "study_id")}
"""What belongs to no organisation, beside something that does: whoever may ask learns whether there is such a study."""

WHO_LEFT_MAY = {"MakeComplaint"}
"""What somebody may who has left the group, by its contract."""

NOTHING_THERE = ("NOT_FOUND", "UNAUTHENTICATED")


def naming(country: Country) -> list[tuple[Rpc, list[Leaf]]]:
    """Every RPC that names something and is not for everybody, and the fields that do."""
    everybodys = {rule.name for rule in policy() if rule.may == "everybody"}
    found = [
        (
            rpc,
            [
                one
                for one in leaves(rpc.request)
                if one.is_id and (rpc.name, one.field.name) not in OF_ITS_OWN_MAKING | OF_THE_COUNTRY
            ],
        )
        for rpc in country.rpcs.values()
        if rpc.name not in everybodys
    ]
    return [(rpc, ids) for rpc, ids in found if ids]


def sent(country: Country, way: Way, rpc: Rpc, who: str, values: Mapping[str, Any]) -> tuple[str, object]:
    """The code and all that the caller could compare; of what is answered, the code alone."""
    own = {"request_id": fresh()} if "request_id" in rpc.request.fields_by_name else {}
    if "session_token" in rpc.request.fields_by_name and (secret := secret_of(country, who)):
        own["session_token"] = secret
    outcome = way.send(rpc, way.encode(rpc.request, {**values, **own}), country.callers()[who])
    return outcome.code, None if outcome.code == "OK" else outcome.exact


def secret_of(country: Country, who: str) -> str:
    """The secret of somebody's device, for what asks for it before it looks for anything; empty for nobody."""
    whose, _, name = who.partition(" ")
    circle = {"own": country.own, "foreign": country.foreign}.get(whose)
    return "" if circle is None else circle.people[name].session_token


def asked(country: Country, ids: list[Leaf]) -> list[dict[str, str]]:
    """What is there of the own organisation; where a person is named, also with one who has lost their device."""
    names = {leaf.field.name for leaf in ids}
    return [country.own.ids, *([country.own.ids | country.own.returning] if names & country.own.returning.keys() else [])]


def theirs(country: Country, name: str) -> str:
    """The id of a thing of the own organisation; of a person, one whom nobody asked about before, with all that ties them."""
    if name != "person_id":
        return country.own.ids[name]
    by, organisation = country.own.token("coordinator"), country.own.ids["organisation_id"]
    person = country.do(by, "InvitePerson", organisation_id=organisation).person_id
    country.consented(by, person)
    country.do(by, "AddMember", group_id=country.own.ids["group_id"], person_id=person, role=PARTICIPANT)
    country.do(by, "AddCandidate", organisation_id=organisation, programme_id="me-we", state=1, person_id=person)
    return str(person)


@pytest.mark.parametrize("who", OUTSIDERS)
def test_things_of_others_are_not_there(country: Country, way: Way, who: str) -> None:
    """Whoever has no right is told of everything in a group or organisation what they are told of nothing at all."""
    different, seen = [], []
    for rpc, ids in naming(country):
        if who == "own who left" and rpc.name in WHO_LEFT_MAY:
            continue
        if not {one.path[0] for one in ids} & sample(rpc.request, country.own.ids).keys():
            continue  # it names something only if one wants to, and is about all that is one's own otherwise
        nothing = sent(country, way, rpc, who, sample(rpc.request, {name: fresh() for name in country.own.ids}))
        for things in asked(country, ids):
            of_theirs = sent(country, way, rpc, who, sample(rpc.request, things))
            if nothing != of_theirs:
                different.append((rpc.name, nothing, of_theirs))
            if of_theirs[0] not in NOTHING_THERE:
                seen.append((rpc.name, of_theirs[0]))
    assert different == []
    assert seen == []


@pytest.mark.parametrize("who", ["foreign coordinator", "foreign supervisor", "foreign leader", "foreign participant"])
def test_things_of_others_beside_ones_own_are_not_there(country: Country, way: Way, who: str) -> None:
    """Where a request names several things, one of others among one's own looks like one that nobody has.

    What is asked before and after it is asked with ids that nothing has: the answer in between is one of those two.
    """
    different = []
    for rpc, ids in naming(country):
        for leaf in ids:
            values = [fresh(), theirs(country, leaf.field.name), fresh()]
            requests = [sample(rpc.request, country.foreign.ids, leaf.path, value) for value in values]
            before, between, after = (sent(country, way, rpc, who, one) for one in requests)
            if between not in (before, after):
                different.append((rpc.name, leaf.shown, before, between, after))
    assert different == []


def test_there_is_something_to_be_seen(country: Country, way: Way) -> None:
    """Those who belong there see each of these things; else the tests above would say nothing."""
    insiders = ("own coordinator", "own leader", "own participant", "own supervisor", "national")
    invisible = []
    for rpc, ids in naming(country):
        if rpc.reads:
            requests = [sample(rpc.request, things) for things in asked(country, ids)]
            codes = {sent(country, way, rpc, who, one)[0] for one in requests for who in insiders}
            if "OK" not in codes:
                invisible.append((rpc.name, codes))
    assert invisible == []
