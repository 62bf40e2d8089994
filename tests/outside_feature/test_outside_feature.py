"""A feature from outside this repository: begun by the command, made one's own as docs/feature.md shows, installed, served."""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mewe_demo.consent import GUARDIANS_DECIDE
from mewe_host.command.new_feature import new_feature
from mewe_host.running.steps import Refusal

ROOT = Path(__file__).resolve().parents[2]
MEWE = Path(sys.executable).with_name("mewe")
MOST_LINES = 60
FREE_PORTS = '\n[http]\naddress = "127.0.0.1:0"\n\n[grpc]\naddress = "127.0.0.1:0"\n'


def started(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


def run(*command: str | Path, cwd: Path) -> str:
    """What a command printed. Fails the test if the command fails."""
    done = started(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def own_lines() -> str:
    """What the author writes, as docs/feature.md shows it: a patch."""
    (patch,) = re.findall(r"^```diff\n(.*?)^```", (ROOT / "docs" / "feature.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(patch)


def uv() -> str:
    """The uv that the Makefile sets up, or one that is there."""
    found = shutil.which("uv", path=str(ROOT / ".tools" / "uv" / "bin")) or shutil.which("uv")
    assert found, "run make: it sets up uv"
    return found


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment of the author's own, in which MEWE is installed."""
    environment = tmp_path_factory.mktemp("outside") / "environment"
    run(uv(), "venv", "-q", "--offline", "--python", sys.executable, environment, cwd=environment.parent)
    python = environment / "bin" / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=environment).strip())
    (packages / "mewe.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    (python.parent / "nats-server").symlink_to(Path(sys.executable).with_name("nats-server"))
    return python


def begun(name: str, python: Path) -> Path:
    """The folder of a new feature, installed."""
    place = python.parents[2]
    run(MEWE, "new", "feature", name, cwd=place)
    run(uv(), "pip", "install", "-q", "--offline", "--no-deps", "--python", python, "-e", place / f"mewe_{name}", cwd=place)
    return place / f"mewe_{name}"


@pytest.fixture(scope="module")
def snacks(python: Path) -> Path:
    """The folder of a feature that its author has made their own."""
    feature = begun("snacks", python)
    (feature.parent / "own.diff").write_text(own_lines(), encoding="utf-8")
    run("git", "apply", "../own.diff", cwd=feature)
    run(python, "proto/generate.py", cwd=feature)
    (feature / "src/mewe_snacks/migrations/versions/v0001_first_tables.py").unlink()
    run(python, "-m", "mewe_host.store.draft", "snacks", "first", "tables", cwd=feature)
    return feature


@pytest.fixture
def ready(snacks: Path, python: Path) -> Iterator[dict[str, Any]]:
    """A host of people, programme and snacks on free ports; what it said when it was ready."""
    mix = snacks / "free_ports.toml"
    mix.write_text((snacks / "mix.toml").read_text("utf-8") + GUARDIANS_DECIDE + FREE_PORTS, encoding="utf-8")
    command = [str(python), "-m", "mewe_host", "up", mix.name, "--json"]
    with (snacks / "log").open("w") as log:
        host = subprocess.Popen(command, cwd=snacks, stdout=subprocess.PIPE, stderr=log, text=True)  # noqa: S603
    assert host.stdout is not None
    try:
        said = next((json.loads(line) for line in host.stdout if '"step": "ready"' in line), None)
        assert said is not None, (snacks / "log").read_text()
        yield said
    finally:
        host.terminate()
        host.wait(15)
        host.stdout.close()


def test_a_feature_works_from_the_first_minute(python: Path) -> None:
    """Before the author has written a line, its tests pass, conformance included."""
    assert "15 passed" in run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=begun("care_notes", python))


def test_it_is_made_ones_own_in_few_lines(snacks: Path, python: Path) -> None:
    """What docs/feature.md shows is at most 60 lines, and passes conformance and style."""
    written = [line for line in own_lines().splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert 20 < len(written) <= MOST_LINES
    assert "16 passed" in run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=snacks)
    run(python, "-m", "ruff", "check", "src", "tests", cwd=snacks)


class Country:
    """The public API of a host, over HTTP."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.position = ""

    def call(self, path: str, token: str = "", **request: object) -> httpx.Response:
        """The answer to a call, which carries the position of what was told before."""
        headers = {"connect-timeout-ms": "10000", "mewe-position": self.position}
        headers |= {"authorization": f"Bearer {token}"} if token else {}
        answer = httpx.post(f"{self.address}/mewe.{path}", json=request, headers=headers, timeout=10)
        self.position = answer.headers.get("mewe-position", "") or self.position
        return answer

    def did(self, path: str, token: str = "", **request: object) -> dict[str, Any]:
        """What a call answered that must go well."""
        answer = self.call(path, token, **request)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def guardian_signs(self, national: str, by: str, person: str) -> None:
        """A guardian says yes on paper to somebody's taking part."""
        guardians, about = "people.v1.GuardianService", {"personId": person}
        said = {"purpose": "PURPOSE_TAKE_PART", "version": 1, "language": "en", "text": "What we do together."}
        text = self.did("people.v1.ConsentService/PublishConsentText", national, requestId="a", **said)["id"]
        self.did(f"{guardians}/RecordBirthDate", by, requestId="b", birthDate="2012-01-01", **about)
        guardian = self.did(f"{guardians}/AddGuardian", by, requestId="c", label="the first", **about)["id"]
        paper = {"guardianId": guardian, "textId": text, "signedOn": "2012-01-01", **about}
        self.did(f"{guardians}/RecordGuardianConsent", by, requestId="d", **paper)

    def sign_in(self, code: str, by: str = "") -> tuple[str, str]:
        """A person whom somebody confirms (or the first one), and their token."""
        people = "people.v1.PeopleService"
        session = self.did(f"{people}/RedeemInvitation", requestId=code, code=code)
        if by:
            confirmed = {"requestId": code, "personId": session["personId"], "words": session["words"]}
            self.did(f"{people}/ConfirmPerson", by, **confirmed)
            token = self.did(f"{people}/RefreshSession", requestId=code, sessionToken=session["sessionToken"])["token"]
            return session["personId"], token
        return session["personId"], session["accessToken"]["token"]


def test_it_is_served_stores_and_emits(snacks: Path, ready: dict[str, Any]) -> None:
    """A member of a group uses it over the network; others cannot; what was kept stands on disk beside its event."""
    country = Country(ready["health"][0])
    _, national = country.sign_in(ready["notes"][0].split()[-1])
    people, groups, snack = "people.v1.PeopleService", "programme.v1.GroupService", "snacks.v1.SnacksService"
    school = country.did(f"{people}/CreateOrganisation", national, requestId="1", name="North", kind="ORGANISATION_KIND_SCHOOL")
    invited = {"organisationId": school["id"], "role": "ROLE_COORDINATOR"}
    _, karin = country.sign_in(country.did(f"{people}/InvitePerson", national, requestId="2", **invited)["code"], national)
    code = country.did(f"{people}/InvitePerson", karin, requestId="3", organisationId=school["id"])["code"]
    ada, token = country.sign_in(code, karin)
    group = country.did(
        f"{groups}/CreateGroup",
        karin,
        requestId="4",
        organisationId=school["id"],
        programmeId="me-we",
        name="Oak",
        timeZone="Europe/Stockholm",
        language="sv",
        mode="MEETING_MODE_IN_PERSON",
        place="Room 4",
        weekly={"first": {"date": "2030-09-03", "time": "16:00"}},
    )
    country.guardian_signs(national, karin, ada)
    country.did(f"{groups}/AddMember", karin, requestId="5", groupId=group["id"], personId=ada, role="ROLE_PARTICIPANT")

    asked = {"groupId": group["id"], "text": "Buns", "forDay": "2030-09-10"}
    entry = country.did(f"{snack}/AddEntry", token, requestId="6", **asked)
    assert country.did(f"{snack}/AddEntry", token, requestId="6", **asked) == entry
    assert country.did(f"{snack}/ListEntries", token, groupId=group["id"])["entries"] == [entry]
    taken = country.call(f"{snack}/AddEntry", token, requestId="7", **asked)
    assert (taken.status_code, taken.json()["message"]) == (400, "Somebody brings something that day already.")
    assert country.call(f"{snack}/ListEntries", karin, groupId=group["id"]).status_code == 404
    assert country.call(f"{snack}/ListEntries", groupId=group["id"]).status_code == 401
    with sqlite3.connect(snacks / "var" / "data" / "snacks.db") as database:
        assert database.execute("SELECT text FROM snacks_entry").fetchall() == [("Buns",)]
        told = database.execute(
            "SELECT name FROM kit_outbox WHERE name <> 'audit_checkpoint'"
        ).fetchall()  # the host tells those
        assert told == [("entry_added",)]
    database.close()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("people", 'The name "people" is taken'),
        ("kit", 'The name "kit" is taken'),
        ("Snacks", "lower-case letters"),
        ("class", "lower-case letters"),
        ("snacks-and-more", "lower-case letters"),
        ("a__b", "lower-case letters"),
        ("s" * 31, "1 to 30"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, words: str, tmp_path: Path) -> None:
    """One sentence, and nothing is written."""
    with pytest.raises(Refusal, match=words):
        new_feature(name, tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """The refusal says how to name another folder; exit code 2."""
    (tmp_path / "mewe_snacks").mkdir()
    (tmp_path / "mewe_snacks" / "mine.txt").write_text("mine")
    done = started(MEWE, "new", "feature", "snacks", cwd=tmp_path)
    assert (done.returncode, "--into" in done.stderr) == (2, True)
    assert [one.name for one in (tmp_path / "mewe_snacks").iterdir()] == ["mine.txt"]
