"""Who may do what, tried against what runs: each RPC by each role in each relation with each kind of token."""

import re
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.security.contract import Rpc, contracts
from tests.security.country import Country, fresh
from tests.security.deployment import HAS_CHAT
from tests.security.faces import Outcome, Way
from tests.security.policy import Rule, of_nothing, policy
from tests.security.standings import HOLDS, NOBODY, STATES, Scene, furnish

PROTO = Path(__file__).parents[2] / "proto"
RULES = tuple(rule for rule in policy() if HAS_CHAT or rule.service != "ChatService")
SIGNED_IN = tuple(who for who in HOLDS if who != NOBODY)
ALTOGETHER = len(RULES) * (3 * len(HOLDS) + len(SIGNED_IN) * len(STATES))
"""How many cells there are: with a good token by each way, with none that is good by one way after the other."""


@pytest.fixture(scope="module")
def scene(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A country in which everybody is that a rule can meet."""
    return furnish(country, tmp_path_factory.mktemp("keys"))


def called(scene: Scene, way: Way, rpc: Rpc, token: str, values: Mapping[str, Any]) -> Outcome:
    """A call with a request_id of its own."""
    own = {"request_id": fresh()} if "request_id" in rpc.request.fields_by_name else {}
    return way.send(rpc, way.encode(rpc.request, {**values, **own}), token)


def told(outcome: Outcome) -> str:
    """``OK``, or the reason of a refusal."""
    return outcome.reason or outcome.code


def test_every_rpc_has_its_row() -> None:
    """What is served and what the policy speaks of are the same."""
    assert {f"{rule.service}/{rule.name}" for rule in policy()} == {path.rpartition(".")[2] for path in contracts()}


def test_each_row_says_what_its_contract_promises() -> None:
    """The words that a row stands on are in the contract: where they change, the row is read again."""
    files = [re.sub(r"\s*//\s*|\s+", " ", one.read_text()).lower() for one in PROTO.rglob("*.proto")]
    contract = {service: one for one in files for service in re.findall(r"service (\w+) {", one)}
    promised = {(rule.service, rule.name, rule.says) for rule in policy()}
    assert {one for one in promised if one[2].rstrip(".").lower() not in contract[one[0].lower()]} == set()


def test_everybody_appears_in_thousands_of_cells() -> None:
    """The policy is tried in all its breadth."""
    assert ALTOGETHER >= 10_000, f"{ALTOGETHER} cells"


@pytest.mark.parametrize("who", HOLDS)
def test_each_may_what_the_policy_says_and_nothing_else(scene: Scene, way: Way, who: str) -> None:
    """Who may gets behind the access rule; to who may not, what is there looks to the byte like what is not, on any RPC."""
    cells, different = count(), list[object]()
    token, refusal = scene.tokens[who]["good"], "SIGNED_OUT" if who == NOBODY else "NOT_FOUND"
    nothing = called(scene, way, scene.country.rpc("GetGroup"), token, {"group_id": fresh()})
    for rule in RULES:
        rpc = scene.country.rpc(rule.name)
        for values in rule.requests(rpc, scene, who):
            next(cells)
            outcome = called(scene, way, rpc, token, values)
            expected = rule.tells(who) if rule.lets(who) else refusal
            if told(outcome) != expected:
                different.append((rule.name, values, expected, told(outcome), outcome.paths))
            elif not rule.lets(who):
                missing = called(scene, way, rpc, token, of_nothing(values))
                if any(one.exact != outcome.exact for one in ((missing,) if rpc.streams else (missing, nothing))):
                    different.append((rule.name, values, nothing.exact, missing.exact, outcome.exact))
    assert different == [], f"{len(different)} of {next(cells)} cells for {who}"


@pytest.mark.parametrize("state", STATES)
def test_with_a_token_that_is_not_good_everybody_is_nobody(scene: Scene, state: str) -> None:
    """Whoever they are, and whatever they ask for, they are told to the byte what nobody is told; an answer has its own ids."""
    different, ways = list[object](), scene.country.ways
    for number, rule in enumerate(RULES):
        rpc, values = scene.country.rpc(rule.name), rule.requests(scene.country.rpc(rule.name), scene, NOBODY)[-1]
        nobody = [called(scene, way, rpc, "", values) for way in ways]
        expected = rule.tells(NOBODY) if rule.lets(NOBODY) else "SIGNED_OUT"
        for turn, who in enumerate(SIGNED_IN, number):
            way, none = ways[turn % len(ways)], nobody[turn % len(ways)]
            outcome = called(scene, way, rpc, scene.tokens[who][state], values)
            alike = outcome.code == none.code if expected == "OK" else (outcome.code, outcome.exact) == (none.code, none.exact)
            if told(outcome) != expected or not alike:
                different.append((rule.name, who, expected, told(outcome)))
    assert different == [], f"{len(different)} of {len(RULES) * len(SIGNED_IN)} cells with a token {state}"


@pytest.mark.parametrize("who", SIGNED_IN)
def test_an_answer_shows_only_what_one_may_know(scene: Scene, way: Way, who: str) -> None:
    """Lists hold what belongs to one now and nothing else; where a group meets is told to those who meet."""
    shown = {}
    rules: list[Rule] = [rule for rule in RULES if rule.shows and rule.lets(who)]
    for rule in rules:
        rpc = scene.country.rpc(rule.name)
        outcome = called(scene, way, rpc, scene.tokens[who]["good"], rule.requests(rpc, scene, who)[0])
        shown[rule.name] = scene.things[rule.shows["what"]] in str(outcome.answer)
    assert shown == {rule.name: rule.shown_to(who) for rule in rules}
