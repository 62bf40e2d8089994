"""``mewe keys new-signing``: what the keys of the past have signed stays verified, and nothing else does."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from mewe_host.desk import witnessing
from mewe_host.desk.chain import Head
from mewe_host.identity.keys import FileKeys
from whenever import Instant

from .conftest import Host, Run, Start
from .test_auditing import OWN, sign_in
from .test_restoring import heard


def called(host: Host, token: str) -> int:
    """What the host says to somebody with a token."""
    headers = {"connect-timeout-ms": "5000", "authorization": f"Bearer {token}"}
    return httpx.post(host.http + OWN, json={}, headers=headers).status_code


@pytest.fixture
def changed_twice(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> Path:
    """A country of two features that has changed its signing key twice; each key has signed checkpoints for witnesses.

    A witness keeps one an hour: those that went within this minute are put back.
    """
    kept: list[tuple[object, ...]] = []
    mix.write_text(mix.read_text().replace("[features.people]", "[features.people]\n[features.programme]"))
    token = ""
    for number in range(3):
        host = start("up", mix)
        if number == 0:
            token = str(sign_in(host)["accessToken"]["token"])
        assert called(host, token) == 200, "a token of the old key is good for as long as it would have been"
        heard(mewe, mix, 3 + 2 * number)
        assert host.stop() == 0
        with closing(sqlite3.connect(tmp_path / "var/data/programme.db")) as file, file:
            kept += file.execute("SELECT * FROM kit_checkpoint")
            file.executemany("INSERT OR IGNORE INTO kit_checkpoint VALUES (?,?,?,?,?,?,?)", kept)
        if number < 2:
            changed = mewe("keys", "new-signing", mix)
            assert (changed.returncode, changed.stderr) == (0, "")
    return mix


def test_a_changed_signing_key_leaves_everything_right(changed_twice: Path, mewe: Run, tmp_path: Path) -> None:
    """Two changes: verified by each key in its time. A foreign key's word, or a key that the book has lost, is said."""
    done = mewe("audit", "verify", changed_twice)
    assert (done.returncode, "WRONG" in done.stdout, "note" in done.stdout) == (0, False, False), done.stdout
    database = tmp_path / "var/data/programme.db"
    with closing(sqlite3.connect(database)) as file:
        signed_by = {row[0] for row in file.execute("SELECT key_id FROM kit_checkpoint")}
        keys = [json.loads(line)["said"]["id"] for line in (tmp_path / "var/audit-acts").read_text().splitlines()]
        assert len(keys) == 3
        assert signed_by == {*keys}

    foreign = FileKeys.of(tmp_path / "foreign", "SE")
    forged = witnessing.taken("people", Head(1, bytes(32)), Head(), Instant.now(), foreign)
    said = (forged.area_id, forged.number, forged.chain, forged.follows, 1, forged.key_id, forged.signature)
    with closing(sqlite3.connect(database)) as file, file:
        file.execute(
            "INSERT INTO kit_checkpoint (area_id, number, chain, follows, taken_at, key_id, signature) VALUES (?,?,?,?,?,?,?)",
            said,
        )
    done = mewe("audit", "verify", changed_twice)
    assert done.returncode == 1
    assert f"WRONG programme: as a witness of people it keeps what is signed with the key {forged.key_id}" in done.stdout
    assert "it never was the country's" in done.stdout
    with closing(sqlite3.connect(database)) as file, file:
        file.execute("DELETE FROM kit_checkpoint WHERE key_id = ?", (forged.key_id,))

    book = tmp_path / "var/audit-acts"
    lines = book.read_text().splitlines(keepends=True)
    for removed, words in ((0, "line 1 was changed, or lines before it were removed"), (2, "cut off: it had 3 lines")):
        book.write_text("".join(line for number, line in enumerate(lines) if number != removed))
        done = mewe("audit", "verify", changed_twice)
        assert (done.returncode, words in done.stdout) == (1, True), done.stdout
    book.write_text("".join(lines))
    assert mewe("audit", "verify", changed_twice).returncode == 0
    book.unlink()
    done = mewe("audit", "verify", changed_twice)
    assert done.returncode == 1
    assert f"signed with the key {keys[1]}, which no book of acts names" in done.stdout


def test_a_signing_key_that_somebody_puts_there_is_told(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """The host starts, since the old one may be lost; whoever verifies reads that nobody vouched for the new one."""
    assert start("up", mix).stop() == 0
    (tmp_path / "var/keys/signing.pem").unlink()
    assert start("up", mix).stop() == 0
    done = mewe("audit", "verify", mix)
    assert done.returncode == 0
    assert "note  acts: the signing key " in done.stdout
    assert "somebody has put it there by hand" in done.stdout
