"""Somebody writes in a group's chat that they do not want to live: what happens then, in what runs; also where checks fail."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.security.country import Country, circle, running
from tests.security.watching import watching_on_all_faces
from tests.waiting import eventually

pytest.importorskip("mewe_chat")

CRISIS, NOT_CHECKED = 1, 2

PLUGIN = """
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.message_checks import NOTHING, MessageCheck

def look(draft):
    while "hang" in draft.text:
        pass
    if "crash" in draft.text:
        raise RuntimeError(draft.text)
    return NOTHING

@hookimpl
def mewe_message_checks():
    danger = MessageCheck(name="danger", order=5, package="failing_checks", look=look, crisis=True)
    manners = MessageCheck(name="manners", order=5, package="failing_checks", look=manner)
    return (danger, manners)

def manner(draft):
    while "rude" in draft.text:
        pass
    return NOTHING
"""


@pytest.fixture
def failing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A plugin whose checks hang and crash, installed for what is started from here."""
    package, facts = tmp_path / "failing_checks", tmp_path / "failing_checks-1.dist-info"
    (package / "locale").mkdir(parents=True)
    (package / "__init__.py").write_text(PLUGIN)
    (package / "locale" / "en.ftl").write_text("check-danger = It looks for danger.\ncheck-manners = It looks for manners.\n")
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: failing_checks\nVersion: 1\n")
    (facts / "entry_points.txt").write_text("[mewe]\nfailing_checks = failing_checks\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "failing_checks"


def furnished(country: Country) -> str:
    """A group that talks; its room."""
    country.own = circle(country, "Exempelby")
    return country.own.ids["room_id"]


@pytest.fixture(params=[False, True], ids=["one process", "each feature in its own"])
def country(request: pytest.FixtureRequest) -> Iterator[Country]:
    """A deployment with such a group."""
    with running(split=request.param) as country:
        furnished(country)
        yield country


def test_help_comes_at_once_peers_see_nothing_and_leaders_decide(country: Country) -> None:
    """The concern reaches the adults who look after everybody's safety, who open what was said; a leader delivers it."""
    do, room, own = country.do, country.own.ids["room_id"], country.own
    ada, lena = own.token("participant"), own.token("leader")
    with watching_on_all_faces(country, ada, room) as followers:
        answer = do(ada, "PostMessage", room_id=room, text="Jag vill inte leva längre")
        assert answer.show_help
        assert answer.held_id
        assert not answer.HasField("message")
        do(lena, "PostMessage", room_id=room, text="How is everybody?")
        assert all(one.has("How is everybody?") for one in followers)
        assert not any("Jag vill inte leva längre" in one.texts for one in followers)
        *_, held = do(lena, "ListHeldMessages", room_id=room).held_messages
        assert (held.id, held.text, held.cause) == (answer.held_id, "Jag vill inte leva längre", CRISIS)
        eventually(lambda: _opens(country, lena, answer.held_id))
        do(lena, "DecideHeldMessage", room_id=room, held_id=answer.held_id, deliver=True)
        assert all(one.has("Jag vill inte leva längre") for one in followers)
    texts = [one.text for one in do(ada, "ListMessages", room_id=room).messages]
    assert texts[-2:] == ["How is everybody?", "Jag vill inte leva längre"]
    assert country.ask(lena, "DecideHeldMessage", room_id=room, held_id=held.id, deliver=False).reason == "ALREADY_DECIDED"


def _opens(country: Country, token: str, report_id: str) -> bool:
    """Whether somebody whom the concern was brought to opens what was said."""
    opened = country.ask(token, "OpenReportedMessage", report_id=report_id)
    answer: Any = opened.answer
    return opened.code == "OK" and bool(answer.messages)


def test_checks_that_hang_and_crash_take_nothing_down_and_keep_nobody_from_help(failing: str) -> None:
    """The writer gets help and leaders the text; what another check does not finish is refused; everybody else goes on."""
    with running(plugins=(failing,)) as country:
        room = furnished(country)
        do, ada, lena = country.do, country.own.token("participant"), country.own.token("leader")
        names = [one.name for one in do("", "ListChecks").checks]
        assert names == ["danger", "crisis-words", "manners", "contact-details", "links"]
        for text in ("crash", "hang"):
            began = time.monotonic()
            assert do(ada, "PostMessage", room_id=room, text=text).show_help
            assert time.monotonic() - began < 3
        *_, crashed, hung = do(lena, "ListHeldMessages", room_id=room).held_messages
        assert [(one.text, one.cause) for one in (crashed, hung)] == [("crash", NOT_CHECKED), ("hang", NOT_CHECKED)]
        eventually(lambda: bool(do(ada, "PostMessage", room_id=room, text="all is well").message.id))
        assert country.ask(ada, "PostMessage", room_id=room, text="rude").reason == "NOT_CHECKED"
        assert country.here.is_ready()
