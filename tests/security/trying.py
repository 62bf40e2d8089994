"""The policy, tried cell by cell: what differs between what is written and what runs."""

import re
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import cache, partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from attrs import define, field

from tests.security.cast import HOLDS, NOBODY, SIGNED_OUT, STATES, Scene
from tests.security.contract import Rpc
from tests.security.country import fresh
from tests.security.deployment import HAS_CHAT, HAS_DIARY, HAS_EVAL
from tests.security.faces import Outcome, Way
from tests.security.policy import Rule, of_nothing, policy

PROTO = Path(__file__).parents[2] / "proto"
_OWN = {"ChatService": HAS_CHAT, "DiaryService": HAS_DIARY, "EvaluationService": HAS_EVAL, "StudyService": HAS_EVAL}
LEFT_OUT = {name for name, there in _OWN.items() if not there}
RULES = tuple(rule for rule in policy() if rule.service not in LEFT_OUT)
CALLERS = tuple(who for who in HOLDS if who != NOBODY)
"""Everybody who has a token to send."""

ALTOGETHER = len(RULES) * (3 * len(HOLDS) + len(CALLERS) * len(STATES))
"""How many cells there are: with a good token by each way, with none that is good by one way after the other."""


Cells = Sequence[tuple[Rule, str]]
"""What is tried: a rule, and who calls."""


@define
class Tried:
    """Cells of the policy, of which one in ``every`` is tried; ``different``: where what runs is not what is written."""

    every: int = 1
    cells: int = 0
    different: list[object] = field(factory=list)

    def skips(self, number: int) -> bool:
        """Whether a cell is left out; counts it otherwise."""
        if number % self.every:
            return True
        self.cells += 1
        return False


@cache
def said(service: str) -> str:
    """The words of a service's contract, in one line."""
    files = [one.read_text() for one in PROTO.rglob("*.proto")]
    return next(re.sub(r"\s*//\s*|\s+", " ", one).lower() for one in files if re.search(rf"service {service} {{", one))


def called(scene: Scene, way: Way, rpc: Rpc, token: str, values: Mapping[str, Any]) -> Outcome:
    """A call with a request_id of its own."""
    own = {"request_id": fresh()} if "request_id" in rpc.request.fields_by_name else {}
    return way.send(rpc, way.encode(rpc.request, {**values, **own}), token)


def told(outcome: Outcome) -> str:
    """``OK``, or the reason of a refusal."""
    return outcome.reason or outcome.code


def try_everything(scene: Scene, way: Way, who: str, every: int = 1) -> Tried:
    """Somebody calls every RPC with a good token: who may gets behind the access rule, to others it looks like nothing."""
    tried, turn = Tried(every), tuple(HOLDS).index(who)
    token, refusal = scene.tokens[who]["good"], "SIGNED_OUT" if who in SIGNED_OUT else "NOT_FOUND"
    nothing = called(scene, way, scene.country.rpc("GetGroup"), token, {"group_id": fresh()})
    for number, rule in enumerate(RULES, turn):
        if tried.skips(number):
            continue
        rpc, lets = scene.country.rpc(rule.name), rule.lets(who)
        for values in rule.requests(rpc, scene, who):
            outcome = called(scene, way, rpc, token, values)
            expected = rule.tells(who) if lets else refusal
            if told(outcome) != expected:
                tried.different.append((rule.name, values, expected, told(outcome), outcome.paths))
            elif not lets:
                missing = called(scene, way, rpc, token, of_nothing(values))
                if any(one.exact != outcome.exact for one in ((missing,) if rpc.streams else (missing, nothing))):
                    tried.different.append((rule.name, values, nothing.exact, missing.exact, outcome.exact))
    return tried


def try_as_nobody(scene: Scene, state: str, every: int = 1) -> Tried:
    """Everybody calls every RPC with a token that is not good, and is told what nobody is told; an answer has its own ids.

    One way after the other from cell to cell, and all ways at once: nobody changes what another asks for.
    """
    tried, ways, cells = Tried(every), scene.country.ways, list[tuple[int, Rule, str]]()
    for number, rule in enumerate(RULES):
        turns = enumerate(CALLERS, number)
        cells += [(turn % len(ways), rule, who) for turn, who in turns if not tried.skips(turn + number * len(CALLERS))]
    with ThreadPoolExecutor(len(ways)) as pool:
        parts = [[(rule, who) for turn, rule, who in cells if turn == one] for one in range(len(ways))]
        for different in pool.map(partial(_apart, partial(_as_nobody, scene, state)), ways, parts):
            tried.different += different
    return tried


def _apart(tried: Callable[[Way, Cells], list[object]], way: Way, cells: Cells) -> list[object]:
    """The same in a thread of its own, which leaves nothing open behind it."""
    with closing(way):
        return tried(way, cells)


def _as_nobody(scene: Scene, state: str, way: Way, cells: Cells) -> list[object]:
    """What differs in these cells, by one way; they are in the order of their rules."""
    different = list[object]()
    for rule, several in groupby(cells, key=itemgetter(0)):
        rpc = scene.country.rpc(rule.name)
        values = rule.requests(rpc, scene, NOBODY)[-1]
        none = called(scene, way, rpc, "", values)
        expected = rule.tells(NOBODY) if rule.lets(NOBODY) else "SIGNED_OUT"
        for _, who in several:
            outcome = called(scene, way, rpc, scene.tokens[who][state], values)
            alike = outcome.code == none.code if expected == "OK" else (outcome.code, outcome.exact) == (none.code, none.exact)
            if told(outcome) != expected or not alike:
                different.append((rule.name, who, expected, told(outcome)))
    return different


def shown_and_expected(scene: Scene, way: Way, who: str) -> tuple[Mapping[str, bool], Mapping[str, bool]]:
    """For each list that shows people different things: whether somebody is shown that thing, and whether they may be."""
    shown, rules = dict[str, bool](), [rule for rule in RULES if rule.shows and rule.lets(who)]
    for rule in rules:
        if rule.tells(who) != "OK":
            continue
        rpc = scene.country.rpc(rule.name)
        outcome = called(scene, way, rpc, scene.tokens[who]["good"], rule.requests(rpc, scene, who)[0])
        shown[_cell(rule)] = scene.things[rule.shows["what"]] in str(outcome.answer)
    return shown, {_cell(rule): rule.shown_to(who) for rule in rules if rule.tells(who) == "OK"}


def _cell(rule: Rule) -> str:
    return f"{rule.name}: {rule.shows['what']}"


def names(rules: Sequence[Rule]) -> set[str]:
    """What rules are about."""
    return {f"{rule.service}/{rule.name}" for rule in rules}
