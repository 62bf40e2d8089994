"""Help and reporting are refused to nobody: in every standing, with every token, with consent and without."""

import sqlite3
from contextlib import closing
from itertools import count

import pytest

from tests.security.cast import HOLDS, NOBODY, STATES, Scene
from tests.security.country import Country
from tests.security.deployment import HAS_CHAT
from tests.security.policy import policy
from tests.security.standings import furnish
from tests.security.trying import called
from tests.waiting import eventually

HELP = ("AskForHelp", "AskToTalk") + ("ReportMessage",) * HAS_CHAT
KNOWN = ("good", "expired", "of an ended session")
"""Tokens that this country once signed for this country."""

KEPT = {
    "AskForHelp": ("safety", "SELECT raised_by_id FROM safety_concern WHERE id = ?"),
    "AskToTalk": (
        "safety",
        "SELECT raised_by_id FROM safety_concern WHERE id = ?1 UNION SELECT person_id FROM safety_talk WHERE id = ?1",
    ),
    "ReportMessage": ("safety", "SELECT raised_by_id FROM safety_concern WHERE id = ?"),
}
"""Where it is kept who asked."""

GATHERED = {
    "AskForHelp": "SELECT coalesce(sum(calls), 0) FROM safety_concern WHERE kind = 'gathered'",
    "AskToTalk": "SELECT coalesce(sum(calls), 0) FROM safety_concern WHERE kind = 'gathered'",
}
"""How many calls of nobody in particular were taken in as one, beyond those an hour that are kept each for itself."""


@pytest.fixture(scope="module")
def scene(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A country in which everybody is that a rule can meet."""
    return furnish(country, tmp_path_factory.mktemp("keys"))


def asked(scene: Scene, name: str) -> dict[tuple[str, str], tuple[str, str]]:
    """By who called with which token: what they were told, and the id of what they asked for."""
    turn, rpc = count(), scene.country.rpc(name)
    values = {"room_id": scene.ids["group_id"], "message_id": scene.things["the message"]} if name == "ReportMessage" else {}
    found = {}
    for who, tokens in scene.tokens.items():
        for state, token in tokens.items():
            way = scene.country.ways[next(turn) % len(scene.country.ways)]
            outcome = called(scene, way, rpc, token, values)
            answer = outcome.answer
            found[who, state] = (outcome.code, str(getattr(answer, "report_id", "") or getattr(answer, "id", "")))
    return found


@pytest.mark.parametrize("name", HELP)
def test_nobody_is_refused_and_whoever_was_ever_signed_in_here_is_known(scene: Scene, name: str) -> None:
    """The answer is OK in every cell, and it is kept as that person's if this country ever signed the token.

    Of nobody in particular so many are kept each for itself, and the others as one that counts them.
    """
    area, statement = KEPT[name]
    with closing(sqlite3.connect(f"file:{scene.country.here.folder / 'var/data' / area}.db?mode=ro", uri=True)) as file:

        def gathered() -> int:
            (calls,) = file.execute(GATHERED[name]).fetchone()
            return int(calls)

        before = gathered() if name in GATHERED else 0
        found = asked(scene, name)
        assert len(found) == (len(HOLDS) - 1) * (len(STATES) + 1) + 1
        assert {cell: code for cell, (code, _) in found.items() if code != "OK"} == {}
        known = {(who, state) for who, state in found if state in KNOWN and who != NOBODY}

        def kept() -> dict[tuple[str, str], list[str | None]]:
            return {cell: [one for (one,) in file.execute(statement, (key,))] for cell, (_, key) in found.items()}

        def left_out() -> list[tuple[str, str]]:
            return [cell for cell, one in kept().items() if not one]

        eventually(lambda: known.isdisjoint(left_out()))
        if name in GATHERED:
            assert gathered() - before == len(left_out())
        expected = {cell: [scene.people[cell[0]].id] if cell in known else [None] for cell in found}
        assert {cell: one for cell, one in kept().items() if one and one != expected[cell]} == {}


def test_help_is_everybodys_in_the_policy_too() -> None:
    """No row of it lets anybody be refused, or asks for consent."""
    rows = [rule for rule in policy() if rule.name in ("AskForHelp", "AskToTalk", "ReportMessage")]
    assert len(rows) >= 3
    assert {(rule.may, rule.gets, rule.consent, rule.earlier) for rule in rows} == {("everybody", "OK", "", False)}
