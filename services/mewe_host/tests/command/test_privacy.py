"""``mewe privacy``: the register, an export, an erasure with its receipt, a backup from before it, a retention run."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]
REDEEM = "/mewe.people.v1.PeopleService/RedeemInvitation"


class Host(Protocol):
    """A host that runs (``conftest.Host``)."""

    ready: dict[str, Any]

    @property
    def http(self) -> str: ...

    def stop(self) -> int: ...


Start = Callable[..., Host]


@pytest.fixture
def nina(mix: Path, start: Start) -> str:
    """Somebody who has signed in, on a host that has stopped again."""
    host = start("up", mix)
    said = {"requestId": "a-request-of-the-first-person", "code": str(host.ready["notes"][0]).rpartition(" ")[2]}
    answer = httpx.post(host.http + REDEEM, json=said, headers={"connect-timeout-ms": "5000"})
    assert answer.status_code == 200, answer.text
    assert host.stop() == 0
    return str(answer.json()["personId"])


def tables(mewe: Run, mix: Path, person: str, folder: Path) -> dict[str, int]:
    """How many entries of each table an export has."""
    done = mewe("privacy", "export", mix, person, "--to", folder)
    assert done.returncode == 0, done.stderr
    found = json.loads((folder / "export.json").read_text())
    return {one["table"]: len(one["rows"]) for tables in found["features"].values() for one in tables}


def test_the_register_names_every_column_in_words_and_for_machines(mix: Path, mewe: Run, tmp_path: Path) -> None:
    """With purpose, basis, retention and safeguards; in capitals what the organisation fills in."""
    done = mewe("privacy", "register", mix)
    assert done.returncode == 0, done.stderr
    assert "| Controller | NAME" in done.stdout
    assert "`people_device_session`" in done.stdout
    assert mewe("privacy", "register", mix, "--json", "--to", tmp_path / "register.json").returncode == 0
    features = json.loads((tmp_path / "register.json").read_text())["features"]
    assert {one["table"] for one in features["people"]} >= {"people_person", "people_erasure"}


def test_an_export_is_for_machines_and_for_people(mix: Path, nina: str, mewe: Run, tmp_path: Path) -> None:
    """One file of JSON and one page that needs nothing else, readable by their owner alone."""
    assert tables(mewe, mix, nina, tmp_path / "out")["people_device_session"] == 1
    assert mewe("privacy", "export", mix, nina, "--to", tmp_path / "out", "--language", "sv").returncode == 0
    page = (tmp_path / "out/export.html").read_text()
    assert "Allt som finns sparat om dig" in page
    assert not any(word in page for word in ("<script", "http://", "https://", "src="))
    assert (tmp_path / "out/export.json").stat().st_mode & 0o077 == 0
    assert "token" not in (tmp_path / "out/export.json").read_text()


def test_an_erasure_gives_a_receipt_that_can_be_verified(mix: Path, nina: str, mewe: Run, tmp_path: Path) -> None:
    """Whoever changes a number is found out; a second erasure says that nothing more is held than the bare id."""
    receipt = tmp_path / "receipt.json"
    assert mewe("privacy", "erase", mix, nina, "--to", receipt).returncode == 0
    assert mewe("privacy", "verify", mix, receipt).returncode == 0
    assert "people_device_session" not in tables(mewe, mix, nina, tmp_path / "out")
    rows = {(one["table"], one["done"]) for one in json.loads(receipt.read_text())["features"][0]["rows"]}
    assert ("people_device_session", "deleted") in rows
    receipt.write_text(receipt.read_text().replace('"rows": 1', '"rows": 0', 1))
    done = mewe("privacy", "verify", mix, receipt)
    assert (done.returncode, "WRONG" in done.stdout) == (1, True)


def test_a_receipt_outlives_the_key_that_signed_it(mix: Path, nina: str, mewe: Run, tmp_path: Path) -> None:
    """Once the signing key has changed it verifies as before, and the public keys of both are there for whoever asks."""
    receipt = tmp_path / "receipt.json"
    assert mewe("privacy", "erase", mix, nina, "--to", receipt).returncode == 0
    (before,) = json.loads(mewe("keys", "public", mix).stdout)["keys"]
    assert json.loads(receipt.read_text())["key"] == before["kid"]
    assert mewe("keys", "new-signing", mix).returncode == 0
    assert mewe("privacy", "verify", mix, receipt).returncode == 0
    assert mewe("keys", "public", mix, "--to", tmp_path / "public.json").returncode == 0
    published = json.loads((tmp_path / "public.json").read_text())["keys"]
    assert published[1:] == [before]
    assert all("d" not in one for one in published)


def test_somebody_unknown_gets_a_receipt_that_says_that_nothing_is_held(mix: Path, nina: str, mewe: Run) -> None:
    """Signed like any other."""
    done = mewe("privacy", "erase", mix, "f00df00df00df00df00df00df00df00d")
    assert (done.returncode, json.loads(done.stdout)["held"]) == (0, "nothing")


def test_a_backup_from_before_an_erasure_serves_nobody_who_was_erased(
    mix: Path, nina: str, mewe: Run, start: Start, tmp_path: Path
) -> None:
    """The host compares with the ledger beside the keys before it takes a call, and erases again."""
    data, backup = tmp_path / "var/data", tmp_path / "backup"
    shutil.copytree(data, backup)
    assert mewe("privacy", "erase", mix, nina, "--to", tmp_path / "receipt.json").returncode == 0
    shutil.rmtree(data)
    shutil.copytree(backup, data)
    assert tables(mewe, mix, nina, tmp_path / "restored")["people_device_session"] == 1
    assert start("up", mix).stop() == 0
    assert "people_device_session" not in tables(mewe, mix, nina, tmp_path / "out")


def test_a_ledger_that_was_changed_stops_the_start(mix: Path, nina: str, mewe: Run, tmp_path: Path) -> None:
    """Nobody can take a line out of it unseen, or put one in."""
    assert mewe("privacy", "erase", mix, nina, "--to", tmp_path / "receipt.json").returncode == 0
    ledger = tmp_path / "var/erasure-ledger"
    assert ledger.stat().st_mode & 0o777 == 0o600
    ledger.write_text(ledger.read_text().replace(nina, "f00df00df00df00df00df00df00df00d"))
    done = mewe("up", mix)
    assert (done.returncode, "line 1 of" in done.stderr) == (2, True)


def test_a_retention_run_says_what_it_would_do_and_does_it(mix: Path, nina: str, mewe: Run) -> None:
    """Of what is past its term; here there is nothing."""
    for options in (("--dry-run",), ()):
        done = mewe("privacy", "retention", mix, *options)
        assert (done.returncode, "Nothing is past its term." in done.stdout) == (0, True)


@pytest.mark.parametrize("words", [("export", "no person", "--to", "out"), ("erase", "no person")])
def test_what_is_no_id_is_refused_and_not_repeated(mix: Path, nina: str, mewe: Run, words: tuple[str, ...]) -> None:
    """With what is allowed, and no traceback."""
    command, person, *rest = words
    done = mewe("privacy", command, mix, person, *rest)
    assert done.returncode == 2
    assert "PERSON is the id" in done.stderr
    assert person not in done.stderr


def test_beside_a_host_that_runs_on_the_same_files_it_is_refused(mix: Path, nina: str, mewe: Run, start: Start) -> None:
    """An embedded database has one host."""
    host = start("up", mix)
    done = mewe("privacy", "erase", mix, nina)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert host.stop() == 0


def test_a_receipt_that_is_not_there_is_refused(mix: Path, nina: str, mewe: Run, tmp_path: Path) -> None:
    """And something else is wrong, rather than refused."""
    assert mewe("privacy", "verify", mix, "nowhere.json").returncode == 2
    (tmp_path / "other.json").write_text("{}")
    assert mewe("privacy", "verify", mix, "other.json").returncode == 1


def test_postgresql_is_served_alike(mix: Path, start: Start, mewe: Run, postgresql_url: str, tmp_path: Path) -> None:
    """Export, retention, erasure and its receipt, and a second erasure that finds nothing to destroy."""
    mix.write_text(mix.read_text() + f'[database]\nurl = "{postgresql_url}"\n')
    assert mewe("migrate", mix).returncode == 0
    host = start("up", mix)
    said = {"requestId": "a-request-of-the-first-person", "code": str(host.ready["notes"][0]).rpartition(" ")[2]}
    nina = httpx.post(host.http + REDEEM, json=said, headers={"connect-timeout-ms": "5000"}).json()["personId"]
    assert host.stop() == 0
    assert tables(mewe, mix, nina, tmp_path / "out")["people_device_session"] == 1
    assert mewe("privacy", "retention", mix).returncode == 0
    done = mewe("privacy", "erase", mix, nina, "--to", tmp_path / "receipt.json")
    assert done.returncode == 0, done.stderr
    assert mewe("privacy", "verify", mix, tmp_path / "receipt.json").returncode == 0
    assert "people_device_session" not in tables(mewe, mix, nina, tmp_path / "again")
    again = json.loads(mewe("privacy", "erase", mix, nina).stdout)
    assert {row["done"] for one in again["features"] for row in one["rows"]} == {"kept"}
