"""Very many reports of nobody in particular: they are gathered, bounded, and nothing joins what somebody has seen."""

from collections.abc import Iterator

import pytest
from mewe_chat import report_store, reports
from mewe_chat.model import (
    Message,
    OpenReportedMessageRequest,
    ReportedMessage,
    ReportMessageRequest,
    ReportMessageResponse,
)
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import OAK, Stage
from mewe_core.safety.events import ConcernChanged, ConcernState, Reported, ReportedKind
from sqlalchemy import func, select

from .talking import gathered, post

CONTACT = "carin"


@pytest.fixture
def stage() -> Iterator[Stage]:
    """A group that runs."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK)
        yield stage


@pytest.fixture
def said(stage: Stage) -> list[Message]:
    """What its young people said in turn."""
    return [post(stage, f"canary {n}", by=OAK.participants[n % 3]) for n in range(13)]


def report(stage: Stage, message_id: str, *, by: str | None, room: str = OAK.group_id, text: str = "") -> ReportMessageResponse:
    """Report a message."""
    return stage.call(reports.report_message, ReportMessageRequest(stage.ids.new(), room, message_id, text), by=by)


def brought(stage: Stage, report_id: str, to: str = CONTACT) -> None:
    """Let the chat hear whom a concern was brought to."""
    stage.give(to, Role.CONTACT, ScopeKind.CONCERN, report_id)


def opened(stage: Stage, report_id: str, *, by: str | None = CONTACT) -> ReportedMessage:
    """Open what was frozen."""
    return stage.call(reports.open_reported_message, OpenReportedMessageRequest(stage.ids.new(), report_id), by=by)


def frozen(stage: Stage, report_id: str) -> list[str]:
    """The words that were frozen, as somebody reads them whom it was brought to."""
    brought(stage, report_id)
    return [one.text for one in opened(stage, report_id).messages]


def concern(stage: Stage, report_id: str, state: ConcernState) -> None:
    """Let the chat hear where a concern stands."""
    stage.hear(ConcernChanged(report_id, state))


def test_very_many_of_nobody_are_one_report(stage: Stage, said: list[Message]) -> None:
    """Twenty an hour are told each; of those beyond only the first, and whoever it is brought to reads what all of them say."""
    count, told = 30, len(stage.events)
    answers = [report(stage, said[0].id, by=None, text=f"word {number}") for number in range(reports.AN_HOUR + count)]
    assert len({one.report_id for one in answers}) == len(answers)
    [*each, gathered] = [one for one in stage.events[told:] if isinstance(one, Reported)]
    assert len(each) == reports.AN_HOUR
    assert {(one.group_id, one.author_id) for one in each} == {(OAK.group_id, "ada")}
    assert gathered == Reported(gathered.report_id, ReportedKind.MESSAGE, "gathered", None, None, None)
    brought(stage, gathered.report_id)
    shown = opened(stage, gathered.report_id)
    assert shown.text.splitlines() == [f"{said[0].id}: word {number}" for number in range(reports.AN_HOUR, len(answers))]
    assert (shown.message_id, shown.messages) == ("gathered", ())
    with pytest.raises(NotFound):
        opened(stage, answers[-1].report_id)


def test_what_a_flood_of_reports_leaves_is_bounded(stage: Stage, said: list[Message]) -> None:
    """A full one is followed by a next, a few an hour; a report beyond them all is answered, and its words are not kept."""
    line = len(f"{said[0].id}: \n") + reports.LONGEST_GATHERED
    each = reports.MOST_GATHERED // line
    answers = [
        report(stage, said[0].id, by=None, text="x" * 2000) for _ in range(reports.AN_HOUR + reports.MOST_UNSEEN * each + 9)
    ]
    assert all(one.report_time == stage.clock.now() for one in answers)
    gathered = [one for one in stage.events if isinstance(one, Reported) and one.thing_id == "gathered"]
    assert len(gathered) == reports.MOST_UNSEEN
    assert stage.all(select(func.count()).select_from(report_store.REPORT), int) == [reports.AN_HOUR + reports.MOST_UNSEEN]
    for one in gathered:
        brought(stage, one.report_id)
        assert len(opened(stage, one.report_id).text) == each * line


@pytest.mark.parametrize("how", ["opened", *(one for one in ConcernState if one is not ConcernState.RAISED)])
def test_nothing_joins_what_somebody_has_seen(stage: Stage, said: list[Message], how: str | ConcernState) -> None:
    """Once it was acknowledged or read, what is reported next is told anew, and the rest of its hour joins that."""
    for _ in range(reports.AN_HOUR + 1):
        report(stage, said[0].id, by=None, text="spam")
    first = stage.events[-1]
    assert isinstance(first, Reported)
    if isinstance(how, ConcernState):
        concern(stage, first.report_id, how)
    else:
        brought(stage, first.report_id)
        opened(stage, first.report_id)
    told = len(stage.events)
    for text in ("he is hitting us now", "still"):
        report(stage, said[0].id, by=None, text=text)
    [new] = [one for one in stage.events[told:] if isinstance(one, Reported)]
    brought(stage, new.report_id)
    assert [line.split(": ")[1] for line in opened(stage, new.report_id).text.splitlines()] == ["he is hitting us now", "still"]


def test_a_report_of_somebody_is_never_gathered(stage: Stage, said: list[Message]) -> None:
    """Whoever has a name is told of by themselves, with the frozen copy, whatever else comes; so is the next hour's."""
    for _ in range(reports.AN_HOUR + 5):
        report(stage, said[0].id, by=None)
    one = report(stage, said[6].id, by="bo", text="I am worried")
    assert stage.events[-1] == Reported(one.report_id, ReportedKind.MESSAGE, said[6].id, OAK.group_id, "ada", "bo")
    assert len(frozen(stage, one.report_id)) == 11
    stage.clock.advance(hours=1)
    later = report(stage, said[0].id, by=None)
    assert stage.events[-1].report_id == later.report_id


def test_what_was_closed_is_not_added_to(stage: Stage, said: list[Message]) -> None:
    """Once somebody has closed what was gathered, the next begins anew, and is told."""
    for _ in range(reports.AN_HOUR + 1):
        report(stage, said[0].id, by=None)
    first = stage.events[-1]
    assert isinstance(first, Reported)
    concern(stage, first.report_id, ConcernState.CLOSED)
    report(stage, said[0].id, by=None, text="again")
    assert isinstance(stage.events[-1], Reported)
    assert (stage.events[-1].thing_id, stage.events[-1].report_id != first.report_id) == ("gathered", True)
