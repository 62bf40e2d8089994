"""Very many calls of nobody in particular: all are taken in, and they bury nobody's."""

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import NotFound
from mewe_core.kit.testing import NATIONAL, OAK
from mewe_core.safety.events import ConcernState
from mewe_core.safety.handlers import concerns, gathering, help
from mewe_core.safety.model.concerns import (
    AcknowledgeConcernRequest,
    CloseConcernRequest,
    Concern,
    ConcernKind,
    EntryKind,
    ListConcernEntriesRequest,
    ListConcernsRequest,
    OpenConcernRequest,
    Outcome,
)
from mewe_core.safety.model.help import AskToTalkRequest
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.store.tables import CONCERN, ENTRY, RECIPIENT
from mewe_core.safety.testing import Watch
from sqlalchemy import func, select

EACH = SafetySettings().nobodys_an_hour
FLOOD = 120
OTHER = "nora"


def flood(watch: Watch, calls: int, text: str = "") -> None:
    """So many calls of nobody, one a second."""
    for _ in range(calls):
        watch.stage.clock.advance(seconds=1)
        assert watch.help(None, text).readers


def kept(watch: Watch) -> list[int]:
    """How many rows there are of each kind."""
    return [watch.stage.all(select(func.count()).select_from(one), int)[0] for one in (CONCERN, RECIPIENT, ENTRY)]


def by_kind(there: list[Concern]) -> dict[ConcernKind, int]:
    """How many of each."""
    return {kind: sum(one.kind is kind for one in there) for kind in {one.kind for one in there}}


def entries(watch: Watch, concern_id: str) -> list[str]:
    """The words in the log of a concern, page by page."""
    found, token = list[str](), ""
    while True:
        asked = ListConcernEntriesRequest(concern_id, 200, token)
        page = watch.stage.call(concerns.list_concern_entries, asked, by=NATIONAL)
        found += [one.text for one in page.entries if one.kind is EntryKind.JOINED]
        token = page.next_page_token
        if not token:
            return found


def test_beyond_some_an_hour_all_are_one_concern(watch: Watch) -> None:
    """One alert for all of them, one row that says how many, and no word is lost."""
    watch.country(1, NATIONAL)
    watch.alerted()
    flood(watch, EACH)
    assert watch.alerted() == [("concern", NATIONAL)] * EACH
    assert by_kind(watch.has(NATIONAL)) == {ConcernKind.HELP: EACH}
    for number in range(FLOOD):
        watch.stage.clock.advance(seconds=1)
        watch.help(None, f"word {number}")
    assert watch.alerted() == [("concern", NATIONAL)]
    [gathered] = [one for one in watch.has(NATIONAL) if one.kind is ConcernKind.GATHERED]
    assert (gathered.calls, gathered.about_id, gathered.state) == (FLOOD, None, ConcernState.RAISED)
    assert entries(watch, gathered.id) == [f"word {number}" for number in range(FLOOD)]


def test_what_one_flood_leaves_is_bounded(watch: Watch) -> None:
    """A full one is followed by a next, with an alert each; beyond them all a call more is counted, and answered."""
    each = gathering.MOST_KEPT
    watch.country(1, NATIONAL)
    flood(watch, EACH)
    watch.alerted()
    flood(watch, gathering.MOST_UNSEEN * each, "x" * 9000)
    assert watch.alerted() == [("concern", NATIONAL)] * gathering.MOST_UNSEEN
    rows = kept(watch)
    flood(watch, EACH, "one more")
    assert kept(watch) == rows
    gathered = [one for one in watch.has(NATIONAL) if one.kind is ConcernKind.GATHERED]
    assert sorted(one.calls for one in gathered) == [each, each, each, each + EACH]
    for one in gathered:
        assert [len(words) for words in entries(watch, one.id)] == [gathering.LONGEST] * each


def test_nothing_joins_what_somebody_has_seen(watch: Watch) -> None:
    """One alert more for each time that somebody has acknowledged what was gathered: the next call is not found in a week."""
    watch.country(1, NATIONAL)
    flood(watch, EACH + 1, "spam")
    for _ in range(gathering.MOST_UNSEEN + 2):
        [gathered] = [
            one for one in watch.has(NATIONAL) if one.kind is ConcernKind.GATHERED and one.state is ConcernState.RAISED
        ]
        request = AcknowledgeConcernRequest(watch.stage.ids.new(), gathered.id)
        watch.stage.call(concerns.acknowledge_concern, request, by=NATIONAL)
        watch.alerted()
        flood(watch, 1, "he is hitting us now")
        assert watch.alerted() == [("concern", NATIONAL)]
        flood(watch, 1, "still")
        assert watch.alerted() == []
        newest = max(watch.has(NATIONAL), key=lambda one: one.create_time)
        assert (newest.state, newest.calls) == (ConcernState.RAISED, 2)
        assert entries(watch, newest.id) == ["he is hitting us now", "still"]


def test_whoever_is_signed_in_is_never_one_of_them(watch: Watch) -> None:
    """In the middle of a flood: a concern of their own, an alert at once, and the first place in the list, on every page."""
    watch.country(1, NATIONAL)
    flood(watch, EACH + FLOOD)
    watch.alerted()
    answer = watch.help("stranger", "please")
    assert watch.alerted() == [("concern", NATIONAL)]
    flood(watch, FLOOD)
    there = watch.has(NATIONAL)
    assert there[0].id == answer.id
    assert len(there) == EACH + 2
    paged, token = list[Concern](), ""
    while True:
        page = watch.stage.call(concerns.list_concerns, ListConcernsRequest(3, token), by=NATIONAL)
        paged += page.concerns
        token = page.next_page_token
        if not token:
            break
    assert paged == there


def test_a_group_hears_nothing_of_a_flood(watch: Watch) -> None:
    """The calls of nobody reach the country's contacts; those of a group are asked for its own young people alone."""
    watch.guard()
    watch.country(1, NATIONAL)
    flood(watch, EACH + FLOOD)
    watch.alerted()
    assert watch.has(OAK.leaders[0]) == []
    watch.help("ada")
    assert watch.alerted() == [("concern", OAK.leaders[0])]


def test_the_next_hour_is_alerted_anew(watch: Watch) -> None:
    """An hour later the calls become concerns of their own again; and what was closed is not added to."""
    watch.country(1, NATIONAL)
    flood(watch, EACH + 2)
    [gathered] = [one for one in watch.has(NATIONAL) if one.kind is ConcernKind.GATHERED]
    ask, ids = watch.stage.call, watch.stage.ids
    ask(concerns.acknowledge_concern, AcknowledgeConcernRequest(ids.new(), gathered.id), by=NATIONAL)
    ask(concerns.close_concern, CloseConcernRequest(ids.new(), gathered.id, Outcome.NO_NEED), by=NATIONAL)
    watch.alerted()
    flood(watch, 1)
    assert watch.alerted() == [("concern", NATIONAL)]
    [another] = [one for one in watch.has(NATIONAL) if one.kind is ConcernKind.GATHERED]
    assert (another.id != gathered.id, another.calls) == (True, 1)
    watch.stage.clock.advance(hours=1)
    watch.alerted()
    flood(watch, 1)
    assert by_kind(watch.has(NATIONAL)) == {ConcernKind.HELP: EACH + 1, ConcernKind.GATHERED: 1}


def test_what_is_kept_from_somebody_is_gathered_without_them(watch: Watch) -> None:
    """Whoever would read it and is named does not; a name that nobody there has makes no concern of its own."""
    watch.country(1, NATIONAL)
    watch.stage.give(OTHER, Role.NATIONAL, ScopeKind.COUNTRY, watch.stage.country)
    watch.country(2, OTHER)
    flood(watch, EACH)
    for name in (NATIONAL, *(f"{number:032x}" for number in range(30)), NATIONAL):
        watch.help(None, "about one of you" if name == NATIONAL else "", kept_from=name)
    theirs = [one for one in watch.has(OTHER) if one.kind is ConcernKind.GATHERED]
    assert sorted(one.calls for one in theirs) == [2, 30]
    [hidden] = [one for one in theirs if one.calls == 2]
    assert hidden.id not in {one.id for one in watch.has(NATIONAL)}
    with pytest.raises(NotFound):
        watch.stage.call(concerns.open_concern, OpenConcernRequest(watch.stage.ids.new(), hidden.id), by=NATIONAL)


def test_a_wish_to_talk_of_nobody_is_gathered_too(watch: Watch) -> None:
    """Both doors count together: neither is a way around the other."""
    watch.country(1, NATIONAL)
    flood(watch, EACH)
    for _ in range(FLOOD):
        watch.stage.call(help.ask_to_talk, AskToTalkRequest(watch.stage.ids.new(), "hello"), by=None)
    assert by_kind(watch.has(NATIONAL)) == {ConcernKind.HELP: EACH, ConcernKind.GATHERED: 1}


def test_where_the_country_has_nobody_it_is_kept_and_found(watch: Watch) -> None:
    """Nobody stands there: the flood is kept as one concern, which the clock brings to whoever comes."""
    for _ in range(EACH + FLOOD):
        watch.stage.clock.advance(seconds=1)
        watch.help(None)
    assert {one.calls for one in watch.has(NATIONAL)} == {1, FLOOD}
