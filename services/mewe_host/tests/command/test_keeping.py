"""Looking after the databases of a mix: migrations, and events that were put aside."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from mewe.kit.v1.standing_pb2 import ROLE_NATIONAL, SCOPE_KIND_COUNTRY, StandingChanged

Run = Callable[..., "subprocess.CompletedProcess[str]"]

MIX = """
country = "SE"

[features.people]

[features.programme]

[http]
address = "127.0.0.1:0"

[grpc]
address = "127.0.0.1:0"
"""


def put_aside(file: Path, aggregate_id: str, payload: bytes) -> None:
    """What a host does with an event of people that programme could not take in."""
    with closing(sqlite3.connect(file)) as database, database:
        database.execute(
            "INSERT INTO kit_parked (area, aggregate_id, sequence, name, event_id, occurred_at, payload, reason, parked_at)"
            " VALUES ('people', ?, 1, 'standing_changed', ?, 0, ?, 'ValueError', 0)",
            (aggregate_id, f"event-{aggregate_id}", payload),
        )


def standing(aggregate_id: str) -> bytes:
    """An event that can be taken in."""
    event = StandingChanged(id=aggregate_id, person_id="p1", role=ROLE_NATIONAL, scope_kind=SCOPE_KIND_COUNTRY, scope_id="SE")
    event.since.FromSeconds(1)
    return event.SerializeToString()


def test_what_was_put_aside_is_listed_and_driven_again(tmp_path: Path, mewe: Run) -> None:
    """What can be taken in by now is; what still cannot stays where it is, and the answer is 1."""
    (tmp_path / "mix.toml").write_text(MIX)
    assert mewe("migrate", "mix.toml").returncode == 0
    assert "Nothing was put aside." in mewe("events", "parked", "mix.toml").stdout
    file = tmp_path / "var/data/programme.db"
    put_aside(file, "good", standing("good"))
    put_aside(file, "bad", b"\xff")
    listed = mewe("events", "parked", "mix.toml", COLUMNS="200").stdout
    assert "good" in listed
    assert "bad" in listed
    done = mewe("events", "redrive", "mix.toml", "programme", "people", "good")
    assert (done.returncode, done.stdout.strip()) == (0, "Taken in: 1. Still put aside: 0.")
    done = mewe("events", "redrive", "mix.toml", "programme", "people", "bad")
    assert done.returncode == 1
    assert "Still put aside: 1." in done.stdout
    assert mewe("events", "redrive", "mix.toml", "programme", "people", "good").returncode == 2
    assert mewe("audit", "acts", "mix.toml").stdout.count("command=events redrive") == 3


def test_migrate_says_what_it_did_and_may_be_repeated(tmp_path: Path, mewe: Run) -> None:
    """The first time each part gets its version; the second time nothing changes."""
    (tmp_path / "mix.toml").write_text(MIX)
    first, second = mewe("migrate", "mix.toml"), mewe("migrate", "mix.toml")
    assert (first.returncode, second.returncode) == (0, 0)
    assert "none" in first.stdout
    assert second.stdout.count("the same") == 4


def test_on_postgresql_only_migrate_migrates(tmp_path: Path, mewe: Run, postgresql_url: str) -> None:
    """``mewe up`` refuses a PostgreSQL that nobody migrated and says what to run; its password is in no message."""
    (tmp_path / "mix.toml").write_text(MIX + f'[database]\nurl = "{postgresql_url}"\n')
    refused = mewe("up", "mix.toml")
    assert refused.returncode == 2
    assert 'run "mewe migrate" first' in refused.stderr
    assert mewe("migrate", "mix.toml").returncode == 0
    assert "Nothing was put aside." in mewe("events", "parked", "mix.toml").stdout
