"""Who leaves is cut off everywhere within two seconds, on open streams as well."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.security.country import LEADER, PARTICIPANT, Country, Person
from tests.security.watching import watching_on_all_faces

TIMES = 5
SECONDS = 2.0


def leaves_the_group(country: Country, who: Person, membership_id: str) -> None:
    """A participant goes."""
    country.do(who.token, "LeaveGroup", membership_id=membership_id)


def is_sent_away(country: Country, who: Person, membership_id: str) -> None:
    """The coordinator ends a membership."""
    country.do(country.own.token("coordinator"), "EndMembership", membership_id=membership_id, reason=5)


def signs_out(country: Country, who: Person, membership_id: str) -> None:
    """The device's session is ended."""
    country.do(who.token, "EndDeviceSession", device_session_id=who.session_id)


Ending = Callable[[Country, Person, str], None]


@pytest.mark.parametrize(
    ("role", "ending", "told"),
    [
        (PARTICIPANT, leaves_the_group, "NOT_FOUND"),
        (PARTICIPANT, is_sent_away, "NOT_FOUND"),
        (PARTICIPANT, signs_out, "UNAUTHENTICATED"),
        (LEADER, leaves_the_group, "NOT_FOUND"),
        (LEADER, is_sent_away, "NOT_FOUND"),
        (LEADER, signs_out, "UNAUTHENTICATED"),
    ],
)
def test_nothing_reaches_who_has_left(country: Country, role: int, ending: Ending, told: str) -> None:
    """Streams on each face end, what is said from then on is not heard, and nothing opens any more."""
    for number in range(TIMES):
        one_leaves(country, role, ending, told, f"{ending.__name__} {role} {number}")


def one_leaves(country: Country, role: int, ending: Ending, told: str, name: str) -> Person:
    """Somebody joins, follows on each face, and loses the right; who it was."""
    by, room = country.own.token("coordinator"), country.own.ids["room_id"]
    who = country.invited(by, country.own.ids["organisation_id"])
    membership = country.do(by, "AddMember", group_id=room, person_id=who.id, role=role)
    assert country.ask(who.token, "ListMessages", room_id=room).code == "OK"
    leader = country.own.token("leader")
    with watching_on_all_faces(country, who.token, room) as followers:
        country.do(leader, "PostMessage", room_id=room, text=f"{name}: before")
        assert all(one.has(f"{name}: before") for one in followers)
        ending(country, who, membership.id)
        answered = time.monotonic()
        country.do(leader, "PostMessage", room_id=room, text=f"{name}: after")
        assert all(one.is_over(SECONDS) for one in followers), "within two seconds of the answer"
        assert {one.how for one in followers} == {"OK"}
        assert max(one.ended_at or 0 for one in followers) - answered <= SECONDS
        country.do(leader, "PostMessage", room_id=room, text=f"{name}: later")
    assert [one.texts for one in followers if f"{name}: after" in one.texts or f"{name}: later" in one.texts] == []
    for way in country.ways:
        for rpc in ("WatchMessages", "ListMessages"):
            assert (rpc, country.ask(who.token, rpc, way, room_id=room).code) == (rpc, told)
        assert country.ask(who.token, "PostMessage", way, room_id=room, text="Still here").code == told
    return who


def is_signed_out(country: Country, who: Person, membership_id: str) -> None:
    """The coordinator ends every device session of the person."""
    assert country.do(country.own.token("coordinator"), "EndSessionsOfPerson", person_id=who.id).ended == 1


@pytest.mark.parametrize("role", [PARTICIPANT, LEADER])
def test_nothing_reaches_who_is_signed_out_by_staff(country: Country, role: int) -> None:
    """The same within two seconds; the device is told why, and help is asked for all the same, as the person that they are."""
    who = one_leaves(country, role, is_signed_out, "UNAUTHENTICATED", f"{is_signed_out.__name__} {role}")
    for way in country.ways:
        refused = country.ask("", "RefreshSession", way, session_token=who.session_token)
        assert refused.reason == "SIGNED_OUT_BY_STAFF"
        assert country.ask(who.token, "AskForHelp", way).code == "OK"


def test_those_who_stay_hear_everything(country: Country) -> None:
    """Others who come and go take nothing away from them."""
    by, room = country.own.token("coordinator"), country.own.ids["room_id"]
    leader = country.own.token("leader")
    with watching_on_all_faces(country, country.own.token("participant"), room) as followers:
        for number in range(TIMES):
            who = country.invited(by, country.own.ids["organisation_id"])
            membership = country.do(by, "AddMember", group_id=room, person_id=who.id, role=PARTICIPANT)
            country.do(leader, "PostMessage", room_id=room, text=f"round {number}")
            country.do(who.token, "LeaveGroup", membership_id=membership.id)
        assert all(one.has(f"round {TIMES - 1}") for one in followers)
        heard = [[text for text in one.texts if text.startswith("round")] for one in followers]
    assert heard == [[f"round {number}" for number in range(TIMES)]] * len(followers)


QUIET = {
    "ListMessages": "room_id",
    "ListRooms": "",
    "GetGroup": "group_id",
    "ListSessions": "group_id",
    "ListMyGroups": "",
    "ListContacts": "group_id",
}
"""Everything of a group that a participant can look at."""


def test_leaving_is_quiet(country: Country) -> None:
    """Nobody who stays sees that somebody left; whoever left keeps what is theirs, and is asked for no reason."""
    by, here = country.own.token("coordinator"), country.own.ids["room_id"]
    stays, leaves = (country.invited(by, country.own.ids["organisation_id"]) for _ in range(2))
    joined = [country.do(by, "AddMember", group_id=here, person_id=one.id, role=PARTICIPANT) for one in (stays, leaves)]
    country.do(stays.token, "ListMessages", room_id=here)
    country.acknowledged(here, leaves)
    country.do(leaves.token, "PostMessage", room_id=here, text="Until then")

    def seen() -> dict[str, object]:
        asked = {rpc: {name: here} if name else {} for rpc, name in QUIET.items()}
        return {rpc: told(country.do(stays.token, rpc, **values)) for rpc, values in asked.items()}

    def own() -> dict[str, object]:
        return {rpc: country.do(leaves.token, rpc) for rpc in ("ListMyCertificates", "GetMyConsents", "GetMyCard", "GetMe")}

    before, mine = seen(), own()
    leaves_the_group(country, leaves, joined[1].id)
    assert country.ask(leaves.token, "ListMessages", room_id=here).code == "NOT_FOUND"
    assert seen() == before
    assert own() == mine
    passed = country.do(leaves.token, "AllowExport", session_token=leaves.session_token).export_pass
    for area in country.here.addresses:
        assert country.ask(leaves.token, "ExportMine", area=area, export_pass=passed).code == "OK"


def told(answer: Any) -> str:
    """What a page shows, without how many there are in the group: a number that also changes when somebody comes."""
    return re.sub(r"(?m)^\s*participants?(_count)?: \d+\n", "", str(answer))
