"""Somebody takes what is theirs and is erased: by every feature, also by one that was down; nothing of it is left on disk."""

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from mewe_core.kit.privacy import receipts
from mewe_host.identity.keys import FileKeys

from tests.security.canaries import contents
from tests.security.country import Country, circle, running
from tests.waiting import eventually

pytest.importorskip("mewe_chat")

HOURS = 3_600_000_000
COMPLETED, DECIDED = 4, 3
EXPORT = "/mewe.kit.v1.ExportService/ExportMine"
CANARY = "kanariefagel-7f3e"


def asked(country: Country) -> tuple[str, Any]:
    """The participant of a group has said something in the chat, and asks to be erased; their id, and the erasure."""
    country.own = circle(country, "Exempelby")
    kim = country.own.people["participant"]
    country.do(kim.token, "PostMessage", room_id=country.own.ids["room_id"], text=f"{CANARY} in the chat")
    return kim.id, country.do(kim.token, "EraseMe", session_token=kim.session_token)


def status(country: Country, erasure: Any) -> Any:
    """How far it is."""
    return country.do("", "GetErasure", erasure_id=erasure.id, receipt_token=erasure.receipt_token)


def outbox(folder: Path, area: str, needle: str) -> list[str]:
    """The events in a feature's outbox that hold some bytes."""
    with closing(sqlite3.connect(f"file:{folder / 'var/data' / area}.db?mode=ro", uri=True)) as file:
        found = file.execute("SELECT name FROM kit_outbox WHERE instr(payload, ?) > 0", (needle.encode(),))
        return [str(name) for (name,) in found]


def holding(folder: Path, needle: str) -> list[str]:
    """Every file of the deployment, whatever it is, that holds some bytes."""
    files = contents(folder)
    assert len(files) > 10
    return sorted(str(one.relative_to(folder)) for one, content in files.items() if needle.encode() in content)


def checked(country: Country, person: str, erasure: Any) -> dict[str, Any]:
    """The receipt, signed by every feature of the country."""
    made: dict[str, Any] = json.loads(status(country, erasure).receipt)
    assert receipts.verified(made, FileKeys.of(country.here.keys, "SE")) is None
    assert {one["feature"] for one in made["features"]} >= {"people", "programme", "chat", "safety"}
    assert made["person"] == person
    return made


def mine(country: Country, token: str, export_pass: str, area: str) -> httpx.Response:
    """A page of what one feature keeps about whoever asks."""
    said = {"area": area, "exportPass": export_pass}
    around = {"connect-timeout-ms": "5000", "authorization": f"Bearer {token}" if token else ""}
    return httpx.post(country.here.health[0] + EXPORT, json=said, headers=around)


def test_everything_of_ones_own_is_shown_and_nothing_of_others() -> None:
    """By each feature for itself, with a pass that is one's own."""
    with running() as country:
        country.own = circle(country, "Exempelby")
        kim, lena = country.own.people["participant"], country.own.people["leader"]
        room = country.own.ids["room_id"]
        country.do(kim.token, "PostMessage", room_id=room, text=f"{CANARY} of Kim")
        country.do(lena.token, "PostMessage", room_id=room, text=f"{CANARY} of Lena")
        given = country.do(kim.token, "AllowExport", session_token=kim.session_token)
        assert set(given.areas) >= {"people", "programme", "chat", "safety"}
        shown = {area: mine(country, kim.token, given.export_pass, area) for area in given.areas}
        assert {one.status_code for one in shown.values()} == {200}
        chat = shown["chat"].json()["tables"]
        assert f"{CANARY} of Kim" in chat
        assert f"{CANARY} of Lena" not in "".join(one.text for one in shown.values())
        assert "people_device_session" in shown["people"].json()["tables"]
        refused = (
            mine(country, lena.token, given.export_pass, "chat"),
            mine(country, kim.token, "a-guess", "chat"),
            mine(country, "", given.export_pass, "chat"),
            mine(country, kim.token, given.export_pass, "nowhere"),
            mine(country, "", given.export_pass, "nowhere"),
        )
        codes = ["permission_denied", "permission_denied", "unauthenticated", "not_found", "unauthenticated"]
        assert [one.json()["code"] for one in refused] == codes
        assert country.here.faults() == []


def test_everything_goes_and_the_receipt_says_what() -> None:
    """Access ends at once, the rest after 72 hours; keys, rows, log and streams."""
    with running() as country:
        person, erasure = asked(country)
        kim, folder = country.own.people["participant"], country.here.folder
        digest = FileKeys.of(country.here.keys, "SE").digest("people.session.token", kim.session_token.encode())
        assert holding(folder, digest) != []
        eventually(lambda: country.ask(kim.token, "GetMe").answer is None, 2)
        country.here.clock.advance(73 * HOURS)
        eventually(lambda: status(country, erasure).state == COMPLETED, 60)
        made = checked(country, person, erasure)
        done = {(feature["feature"], row["table"], row["done"]) for feature in made["features"] for row in feature["rows"]}
        assert ("chat", "chat_message", "cleared") in done
        assert ("people", "people_device_session", "deleted") in done
        assert next(one["keys_destroyed"] for one in made["features"] if one["feature"] == "chat") > 0
        areas = [one["feature"] for one in made["features"]]
        left = {"erasure_decided"}
        eventually(lambda: {name for area in areas for name in outbox(folder, area, person)} <= left, 60)
        assert holding(folder, CANARY) == []
        assert [one for one in holding(folder, person) if "nats" in one] == []
        assert holding(folder, digest) == []
        assert country.here.faults() == []


def test_a_feature_that_was_down_erases_when_it_is_back() -> None:
    """Within a minute; the receipt waits for it."""
    with running(split=True) as country:
        person, erasure = asked(country)
        chat = next(
            one
            for one in psutil.Process(country.here.process.pid).children(recursive=True)
            if "serve" in one.cmdline() and "chat" in one.cmdline()
        )
        chat.send_signal(signal.SIGSTOP)
        country.here.clock.advance(73 * HOURS)
        eventually(lambda: status(country, erasure).state == DECIDED, 60)
        time_to_answer = time.monotonic() + 3
        eventually(lambda: time.monotonic() > time_to_answer, 60)
        assert status(country, erasure).state == DECIDED
        chat.kill()
        assert eventually(lambda: status(country, erasure).state == COMPLETED, 60) < 60
        checked(country, person, erasure)
        assert holding(country.here.folder, CANARY) == []
