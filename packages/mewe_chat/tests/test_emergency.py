"""What somebody may do in the chat who broke the glass: list what was said, until a moment, and nothing else."""

from collections.abc import Iterator

import pytest
from mewe_chat import handlers, reports
from mewe_chat.model import (
    ListMessagesRequest,
    ListRoomsRequest,
    OpenReportedMessageRequest,
    PostMessageRequest,
    WatchMessagesRequest,
)
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import ELM, NATIONAL, OAK, Stage

from .talking import gathered, post

READER = OAK.coordinator


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups that have talked for a day; the coordinator of one reads it for an hour from now."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK, ELM)
        for party in (OAK, ELM):
            post(stage, "yesterday", by=party.participants[0], room=party.group_id)
        now = stage.clock.advance(days=1)
        stage.give(READER, Role.EMERGENCY_READER, ScopeKind.GROUP, OAK.group_id, until=now.add(minutes=60))
        yield stage


def read(stage: Stage, *, by: str, room: str = OAK.group_id) -> list[str]:
    """What somebody reads."""
    return [one.text for one in stage.call(handlers.list_messages, ListMessagesRequest(room), by=by).messages]


def test_what_was_said_before_is_read(stage: Stage) -> None:
    """From the first message on, and what is said meanwhile; consent is not asked of whoever reads in an emergency."""
    stage.consent(READER, Purpose.CHAT, covered=False)
    post(stage, "now", by="ada")
    assert read(stage, by=READER) == ["yesterday", "now"]


def test_it_ends_at_its_moment(stage: Stage) -> None:
    """To the second; and a clock set back before it began opens nothing."""
    began = stage.clock.now()
    stage.clock.advance(minutes=60, seconds=-1)
    assert read(stage, by=READER) == ["yesterday"]
    stage.clock.advance(seconds=1)
    with pytest.raises(NotFound):
        read(stage, by=READER)
    stage.clock.advance(minutes=-61)
    assert stage.clock.now() < began
    with pytest.raises(NotFound):
        read(stage, by=READER)


def test_nothing_else_is_open(stage: Stage) -> None:
    """Not another room, no writing, no following, no list of rooms, no report."""
    with pytest.raises(NotFound):
        read(stage, by=READER, room=ELM.group_id)
    with pytest.raises(NotFound):
        stage.call(handlers.post_message, PostMessageRequest("r", OAK.group_id, "Hello"), by=READER)
    with pytest.raises(NotFound):
        stage.follow(handlers.watch_messages, WatchMessagesRequest(OAK.group_id), by=READER)
    assert stage.call(handlers.list_rooms, ListRoomsRequest(), by=READER).rooms == ()
    with pytest.raises(NotFound):
        stage.call(reports.open_reported_message, OpenReportedMessageRequest("r", "report"), by=READER)


@pytest.mark.parametrize("who", [NATIONAL, ELM.coordinator, "sven"])
def test_nobody_else_reads(stage: Stage, who: str) -> None:
    """The glass is broken for one person: to those around, the supervisor included, there is still no such room."""
    stage.give("sven", Role.SUPERVISOR, ScopeKind.ORGANISATION, OAK.organisation_id)
    with pytest.raises(NotFound):
        read(stage, by=who)


@pytest.mark.parametrize("kind", [one for one in ScopeKind if one is not ScopeKind.GROUP])
def test_it_is_for_one_group(stage: Stage, kind: ScopeKind) -> None:
    """Nobody is a reader of a whole organisation or country, whatever is told."""
    for scope_id in (OAK.group_id, OAK.organisation_id, "SE"):
        stage.give("rut", Role.EMERGENCY_READER, kind, scope_id)
    with pytest.raises(NotFound):
        read(stage, by="rut")


def test_one_rule_alone_names_whoever_reads_in_an_emergency() -> None:
    """Listing messages: no other RPC of the chat has them in its rule."""
    named = [rpc.handler.__name__ for rpc in mewe_feature().rpcs if Role.EMERGENCY_READER in rpc.access.roles]
    assert named == ["list_messages"]
