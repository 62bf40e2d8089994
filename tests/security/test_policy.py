"""Who may do what, tried against what runs: each RPC by each role in each relation with each kind of token."""

from collections.abc import Iterator

import pytest

from tests.extent import extent
from tests.security.cast import HOLDS, STATES, Scene
from tests.security.contract import contracts
from tests.security.country import Country, furnished
from tests.security.faces import Way
from tests.security.policy import policy
from tests.security.recorded import OPEN, accesses, missing, open_to_everybody, reads
from tests.security.standings import furnish
from tests.security.trying import (
    ALTOGETHER,
    CALLERS,
    RULES,
    names,
    said,
    shown_and_expected,
    try_as_nobody,
    try_everything,
)

EVERY = extent(17, 1)
"""Of how many cells one is tried where each feature runs in a process of its own."""


@pytest.fixture(scope="module")
def scene(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A country in which everybody is that a rule can meet."""
    return furnish(country, tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """The same, each feature in a process of its own."""
    with furnished(split=True) as country:
        yield furnish(country, tmp_path_factory.mktemp("keys"))
        assert country.here.faults() == []


def test_every_rpc_has_its_row() -> None:
    """What is served and what the policy speaks of are the same."""
    assert names(policy()) == {path.rpartition(".")[2] for path in contracts()}


def test_each_row_says_what_its_contract_promises() -> None:
    """The words that a row stands on are in the contract: where they change, the row is read again."""
    promised = {(rule.service, rule.name, rule.says) for rule in policy()}
    assert {one for one in promised if one[2].rstrip(".").lower() not in said(one[0])} == set()


def test_everybody_appears_in_thousands_of_cells() -> None:
    """The policy is tried in all its breadth."""
    assert ALTOGETHER >= 50_000, f"{ALTOGETHER} cells"


@pytest.mark.parametrize("who", HOLDS)
def test_each_may_what_the_policy_says_and_nothing_else(scene: Scene, way: Way, who: str) -> None:
    """Who may gets behind the access rule; to who may not, what is there looks to the byte like what is not, on any RPC."""
    tried = try_everything(scene, way, who)
    assert tried.different == [], f"{len(tried.different)} of {tried.cells} cells for {who}"
    assert tried.cells == len(RULES)


@pytest.mark.parametrize("state", STATES)
def test_with_a_token_that_is_not_good_everybody_is_nobody(scene: Scene, state: str) -> None:
    """Whoever they are, and whatever they ask for, they are told to the byte what nobody is told."""
    tried = try_as_nobody(scene, state)
    assert tried.different == [], f"{len(tried.different)} of {tried.cells} cells with a token {state}"
    assert tried.cells == len(RULES) * len(CALLERS)


@pytest.mark.parametrize("who", CALLERS)
def test_an_answer_shows_only_what_one_may_know(scene: Scene, way: Way, who: str) -> None:
    """Lists hold what belongs to one now and nothing else; where a group meets is told to those who meet."""
    shown, expected = shown_and_expected(scene, way, who)
    assert shown == expected


def test_each_read_that_is_not_open_leaves_a_record_answered_or_refused(scene: Scene) -> None:
    """Found by descriptor, streams and calendars among them: what is open, so that nobody is recorded, is named by hand."""
    assert open_to_everybody() == OPEN
    expected, unanswered = accesses(scene)
    assert unanswered == set(), "somebody has to be let in, or nothing is shown of its record"
    assert len({path for _, path, outcome in expected if outcome == "READ"}) >= len(reads()) - len(OPEN) - 1
    assert missing(scene, expected) == set()


def test_the_same_holds_where_each_feature_runs_apart(apart: Scene) -> None:
    """With a good token: every cell in the long form, some of all of them in every run."""
    ways, different, cells = apart.country.ways, list[object](), 0
    for number, who in enumerate(HOLDS):
        for way in ways if EVERY == 1 else (ways[number % len(ways)],):
            tried = try_everything(apart, way, who, EVERY)
            different += [(who, way.name, one) for one in tried.different]
            cells += tried.cells
    assert different == [], f"{len(different)} of {cells} cells"
    assert cells >= len(RULES) * len(HOLDS) // (EVERY + 1)


@pytest.mark.parametrize("state", STATES)
def test_apart_everybody_without_a_good_token_is_nobody(apart: Scene, state: str) -> None:
    """Each process knows for itself whose token is good."""
    tried = try_as_nobody(apart, state, EVERY)
    assert tried.different == [], f"{len(tried.different)} of {tried.cells} cells with a token {state}"
    assert tried.cells >= len(RULES) * len(CALLERS) // (EVERY + 1)


@pytest.mark.parametrize("who", CALLERS)
def test_apart_an_answer_shows_only_what_one_may_know(apart: Scene, who: str) -> None:
    """What one feature has heard of another is what the other knows."""
    shown, expected = shown_and_expected(apart, apart.country.ways[CALLERS.index(who) % 3], who)
    assert shown == expected
