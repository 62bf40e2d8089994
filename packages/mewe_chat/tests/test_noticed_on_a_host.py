"""From what somebody posts to what a push service is given for the others, on what really runs."""

from attrs import frozen

from tests.security.country import COORDINATOR, LEADER, PARTICIPANT, Country, Person, new_group, running
from tests.security.deployment import PLENTY
from tests.security.push_service import PUSH, browser, wants
from tests.waiting import eventually

PATIENCE = 40.0
"""Seconds until a notice has left that waits for ten."""

MINUTES = 24 * 60
HOUR = 3600 * 1_000_000


@frozen
class Group:
    """A running group: its room, and who is in it."""

    room_id: str
    leader: Person
    young: tuple[Person, ...]


def gathered(country: Country) -> Group:
    """A leader and three young people, who may write."""
    do = country.do
    organisation = do(country.national.token, "CreateOrganisation", name="Exempelby", kind=1)
    coordinator = country.invited(country.national.token, organisation.id, role=COORDINATOR)
    leader, *young = (country.invited(coordinator.token, organisation.id) for _ in range(4))
    group = new_group(country, coordinator.token, organisation.id, (-2, 30, 60, 90))
    for one, role in ((leader, LEADER), *((one, PARTICIPANT) for one in young)):
        do(coordinator.token, "AddMember", group_id=group.id, person_id=one.id, role=role)
    do(coordinator.token, "StartGroup", group_id=group.id)
    country.acknowledged(group.id, leader, *young)
    return Group(group.id, leader, tuple(young))


def test_who_wants_notices_gets_one_until_they_have_looked_and_nobody_else_any() -> None:
    """One push for two messages, and one more after reading; in quiet hours none; it says the same whatever was said."""
    with running(limits=PLENTY + PUSH) as country, browser() as his, browser() as hers:
        group = gathered(country)
        ada, bo, cleo = (one.token for one in group.young)
        now = country.here.clock.now().to_tz("Europe/Stockholm")
        minute = now.hour * 60 + now.minute
        wants(country, bo)
        wants(country, group.leader.token, quiet_from_minute=minute, quiet_to_minute=(minute + 120) % MINUTES)
        country.do(bo, "AddDevice", **his.subscription("bo"))
        country.do(group.leader.token, "AddDevice", **hers.subscription("leader"))
        assert country.ask(cleo, "AddDevice", **his.subscription("cleo")).reason == "NOTICES_NOT_WANTED"

        def said(text: str) -> int:
            return int(country.do(ada, "PostMessage", room_id=group.room_id, text=text).message.sequence)

        said("canary of the first")
        second = said("canary of the second")
        eventually(lambda: len(his.came) > 0, PATIENCE)
        country.do(bo, "MarkRead", room_id=group.room_id, sequence=second)
        said("canary of the third")
        eventually(lambda: len(his.came) > 1, PATIENCE)
        assert his.read() == [b'{"key":"new"}'.ljust(64)] * 2
        assert {path for path, _ in his.came} == {"/bo"}
        assert len({len(body) for _, body in his.came}) == 1
        assert hers.came == []
        country.here.clock.advance(2 * HOUR)
        eventually(lambda: len(hers.came) > 0, PATIENCE)
        assert (len(his.came), len(hers.came), country.here.faults()) == (2, 1, [])
        assert "canary of" not in country.here.log()


def test_the_chat_runs_where_nobody_sends_notices() -> None:
    """Without the feature: one posts and reads as anywhere, and no fault is written down."""
    with running(notices=False) as country:
        group = gathered(country)
        ada, bo, _ = (one.token for one in group.young)
        sequence = country.do(ada, "PostMessage", room_id=group.room_id, text="Hej").message.sequence
        assert country.do(bo, "MarkRead", room_id=group.room_id, sequence=sequence).read_sequence == sequence
        assert country.here.is_ready()
        assert country.here.faults() == []
