"""``mewe audit verify`` beside a host that runs, after it has stopped, and where there is nothing to verify."""

import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

import httpx
import pytest

from tests.waiting import eventually

Run = Callable[..., "subprocess.CompletedProcess[str]"]
OWN = "/mewe.people.v1.PeopleService/GetMe"
REDEEM = "/mewe.people.v1.PeopleService/RedeemInvitation"


class Host(Protocol):
    """A host that runs (``conftest.Host``)."""

    ready: dict[str, Any]

    @property
    def http(self) -> str: ...

    def stop(self) -> int: ...


Start = Callable[..., Host]


def sign_in(host: Host) -> dict[str, Any]:
    """The first person redeems the code that the host has shown: a change, and so a record."""
    code = str(host.ready["notes"][0]).rpartition(" ")[2]
    said = {"requestId": "a-request-of-the-first-person", "code": code}
    answer = httpx.post(host.http + REDEEM, json=said, headers={"connect-timeout-ms": "5000"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def sealed(mewe: Run, mix: Path) -> str:
    """What verify says once the sealer has come by."""
    eventually(lambda: "2 sealed, 0 not yet sealed" in mewe("audit", "verify", mix).stdout)
    done = mewe("audit", "verify", mix)
    assert done.returncode == 0
    return done.stdout


def harm(tmp_path: Path, statement: str, feature: str = "people") -> None:
    """Do something to a feature's file."""
    with closing(sqlite3.connect(tmp_path / f"var/data/{feature}.db", timeout=5)) as file, file:
        file.execute(statement)


def test_a_running_host_seals_and_one_can_verify_beside_it(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """A line a feature and 0; after the stop too, and then everything is sealed and has its checkpoint."""
    host = start("up", mix)
    sign_in(host)
    eventually(lambda: "the file up to 2" in mewe("audit", "verify", mix).stdout, 15)
    said = sealed(mewe, mix)
    right = "ok    people: 2 records, 2 sealed, 0 not yet sealed; witnessed by the file up to 2"
    assert said == f"{right}\nNothing is wrong.\n"
    assert (tmp_path / "var/audit-checkpoints").stat().st_mode & 0o777 == 0o600
    assert host.stop() == 0
    before = sorted(path.name for path in (tmp_path / "var/data").iterdir())
    assert mewe("audit", "verify", mix).returncode == 0
    assert sorted(path.name for path in (tmp_path / "var/data").iterdir()) == before


@pytest.mark.parametrize(
    ("statements", "words"),
    [
        (("UPDATE kit_audit SET at = at + 1",), "WRONG people: record 1 (position 1) was changed."),
        (("DELETE FROM kit_audit",), "WRONG people: record 1 (position 1) was removed"),
        (("DELETE FROM kit_audit", "DELETE FROM kit_audit_seal"), "WRONG people: cut off behind record 0: 2 were sealed by"),
        (("UPDATE kit_audit SET method = CAST(x'ff' AS TEXT)",), "WRONG people: record 1 (position 1) was changed."),
    ],
)
def test_what_is_wrong_is_said_and_leaves_with_1(
    statements: tuple[str, ...], words: str, mix: Path, start: Start, mewe: Run, tmp_path: Path
) -> None:
    """The first place, in plain words, and nothing that a record says."""
    host = start("up", mix)
    sign_in(host)
    assert host.stop() == 0
    for statement in statements:
        harm(tmp_path, statement)
    done = mewe("audit", "verify", mix)
    assert done.returncode == 1
    assert done.stdout.startswith(words)
    assert "PeopleService" not in done.stdout + done.stderr


def test_a_copy_of_the_checkpoints_kept_elsewhere_can_be_used(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """Whoever cuts off the end of the database and of the file beside it is found out by the copy."""
    host = start("up", mix)
    sign_in(host)
    assert host.stop() == 0
    beside, copy = tmp_path / "var/audit-checkpoints", tmp_path / "copy"
    shutil.copy(beside, copy)
    beside.write_text("")
    harm(tmp_path, "DELETE FROM kit_audit")
    harm(tmp_path, "DELETE FROM kit_audit_seal")
    assert mewe("audit", "verify", mix).returncode == 0
    assert mewe("audit", "verify", mix, "--checkpoints", copy).returncode == 1
    copy.write_text(copy.read_text().replace('"count": 2', '"count": 0'))
    done = mewe("audit", "verify", mix, "--checkpoints", copy)
    assert (done.returncode, "line 1 of" in done.stdout or "line 2 of" in done.stdout) == (1, True)


def test_another_feature_is_witness_of_an_end_that_was_cut_off_with_the_file(
    mix: Path, start: Start, mewe: Run, tmp_path: Path
) -> None:
    """Whoever has the database of people and the file of checkpoints, and cuts both, is found out by the other database."""
    mix.write_text(mix.read_text().replace("[features.people]", "[features.people]\n[features.programme]"))
    host = start("up", mix)
    sign_in(host)
    eventually(lambda: "programme up to 2" in mewe("audit", "verify", mix).stdout)
    assert host.stop() == 0
    (tmp_path / "var/audit-checkpoints").write_text("")
    assert "1 not yet sealed" not in mewe("audit", "verify", mix).stdout
    harm(tmp_path, "DELETE FROM kit_audit")
    harm(tmp_path, "DELETE FROM kit_audit_seal")
    done = mewe("audit", "verify", mix)
    assert done.returncode == 1
    assert "WRONG people: cut off behind record 0: " in done.stdout
    assert "as programme says" in done.stdout
    harm(tmp_path, "UPDATE kit_checkpoint SET number = 0", "programme")
    done = mewe("audit", "verify", mix)
    assert "WRONG programme: as a witness of people it keeps what nobody has signed" in done.stdout
    harm(tmp_path, "UPDATE kit_checkpoint SET taken_at = 'never'", "programme")
    assert mewe("audit", "verify", mix).stdout == done.stdout


def test_a_persons_records_are_found_with_the_key(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """By the pseudonym of their id, in the database of every feature; and nobody else's."""
    host = start("up", mix)
    session = sign_in(host)
    person, token = session["personId"], session["accessToken"]["token"]
    headers = {"connect-timeout-ms": "5000", "authorization": f"Bearer {token}"}
    assert httpx.post(host.http + OWN, json={}, headers=headers).status_code == 200
    assert host.stop() == 0
    done = mewe("audit", "show", mix, "--person", person)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"people: they {OWN} READ in country SE\n" in done.stdout
    assert "REDEEM" not in done.stdout.upper()
    with closing(sqlite3.connect(tmp_path / "var/data/people.db")) as file:
        assert person not in str(file.execute("SELECT * FROM kit_audit").fetchall())
    assert mewe("audit", "show", mix, "--person", "somebody else").stdout == ""
    harm(tmp_path, "UPDATE kit_audit SET at = 'then' WHERE outcome = 'READ'")
    assert "holds what no host writes" in mewe("audit", "show", mix, "--person", person).stdout


def test_nothing_to_verify_is_refused_with_what_to_do(mix: Path, mewe: Run, tmp_path: Path) -> None:
    """No such mix, no keys, no database: each leaves with 2 and a sentence, and makes nothing."""
    assert mewe("audit", "verify", "nowhere.toml").returncode == 2
    done = mewe("audit", "verify", mix)
    assert (done.returncode, "no keys are in var/keys" in done.stderr) == (2, True)
    assert not (tmp_path / "var").exists()
    assert mewe("migrate", mix).returncode == 0
    keys = tmp_path / "var/keys"
    keys.mkdir(mode=0o700)
    for name in ("country.key", "signing.pem"):
        (keys / name).touch(mode=0o600)
    done = mewe("audit", "verify", mix)
    assert (done.returncode, "is not a key" in done.stderr) == (2, True)


def test_a_database_that_is_not_there_is_refused(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """A missing file is no empty audit."""
    assert start("up", mix).stop() == 0
    assert mewe("audit", "verify", mix).returncode == 0
    (tmp_path / "var/data/people.db").unlink()
    done = mewe("audit", "verify", mix)
    assert (done.returncode, 'run "mewe migrate" first' in done.stderr) == (2, True)


def test_a_damaged_database_is_wrong_rather_than_refused(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """What cannot be read to its end is not called right."""
    assert start("up", mix).stop() == 0
    (tmp_path / "var/data/people.db").write_bytes(b"no database" * 1000)
    done = mewe("audit", "verify", mix)
    assert (done.returncode, "cannot be read to its end" in done.stdout) == (1, True)


def test_postgresql_is_verified_too(mix: Path, start: Start, mewe: Run, postgresql_url: str) -> None:
    """Beside the host that serves it."""
    mix.write_text(mix.read_text() + f'[database]\nurl = "{postgresql_url}"\n')
    assert mewe("migrate", mix).returncode == 0
    host = start("up", mix)
    sign_in(host)
    sealed(mewe, mix)
    assert host.stop() == 0
