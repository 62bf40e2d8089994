"""What cannot start says why in one message, leaves with 2, and leaves nothing behind."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

BAD = {
    "an unknown key": ("port = 8080\n[features.people]\n", "port", "country, database"),
    "a wrong type": ('demo = "yes"\n[features.people]\n', "demo", "true or false"),
    "an unknown feature": ("[features.people]\n[features.poeple]\n", "features.poeple", 'did you mean "people"?'),
    "a missing dependency": ("[features.programme]\n", 'needs "people"', "each with those it needs"),
    "an unknown setting of a feature": (
        "[features.people]\nsession_dayz = 3\n",
        "features.people.session_dayz",
        "session_days",
    ),
    "a setting out of range": ("[features.people]\nsession_days = 0\n", "features.people.session_days", "a value >= 1"),
    "a setting of another kind": ('[features.people]\nsession_days = "x"\n', "features.people.session_days", "a whole number"),
    "an unknown plugin": ('plugins = ["manuals"]\n[features.people]\n', "plugins", "people"),
    "a feature that is no section": ("[features]\npeople = 1\n", "features.people", "a section"),
    "no TOML": ("[features.people\n", "line 2", "a text file in TOML"),
    "an unreachable NATS": (
        '[features.people]\n[nats]\nurl = "nats://127.0.0.1:1"\nmonitoring = ["http://127.0.0.1:1"]\n',
        "nats.url",
        '"embedded"',
    ),
    "an unreachable database": (
        '[features.people]\n[database]\nurl = "postgresql://mewe@127.0.0.1:1/mewe"\n',
        "database.url",
        "cannot be reached",
    ),
    "a key folder that others may read": ('[features.people]\n[keys]\nfolder = "open"\n', "keys.folder", "chmod 700"),
}


@pytest.mark.parametrize(("text", "key", "allowed"), BAD.values(), ids=BAD)
def test_a_bad_mix_is_refused_in_one_message(text: str, key: str, allowed: str, tmp_path: Path, mewe: Run) -> None:
    """The message names the file, the key and what is allowed; no traceback, exit code 2, and no NATS server is left."""
    (tmp_path / "open").mkdir(mode=0o755)
    (tmp_path / "country.toml").write_text('country = "SE"\n' + text)
    done = mewe("up", "country.toml", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if "country.toml" in line]
    assert [line for line in lines if key in line and allowed in line], done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "var" / "nats" / "nats.pid").exists()


def test_check_says_everything_that_is_wrong(tmp_path: Path, mewe: Run) -> None:
    """All faults at once, each in a line of its own."""
    (tmp_path / "c.toml").write_text('country = "SE"\nport = 1\n[features.people]\n[http]\nadress = "x"\n')
    done = mewe("check", "c.toml")
    assert done.returncode == 2
    assert {line.split(":")[0] for line in done.stderr.splitlines()} == {
        "c.toml, port",
        "c.toml, http.address",
        "c.toml, http.adress",
    }


def test_check_says_that_a_mix_is_fine(mix: Path, mewe: Run) -> None:
    """A mix without a fault is shown as what it would run."""
    done = mewe("check", mix)
    assert done.returncode == 0
    assert "This mix is fine." in done.stdout
    assert "people" in done.stdout


def test_an_unknown_command_or_option_leaves_with_2(mix: Path, mewe: Run) -> None:
    """A typing error on the command line is no start."""
    assert mewe("upp").returncode == 2
    assert mewe("up", mix, "--htp", "127.0.0.1:0").returncode == 2


def test_without_a_command_there_is_a_short_help(mewe: Run) -> None:
    """Somebody who types mewe alone learns what there is."""
    done = mewe()
    assert done.returncode == 0
    for command in ("up", "serve", "check", "plugins", "migrate", "demo"):
        assert command in done.stdout


def test_plugins_lists_what_is_installed(mewe: Run) -> None:
    """Each plugin with what it is."""
    done = mewe("plugins")
    assert "people" in done.stdout
    assert "feature:" in done.stdout


def test_serve_refuses_a_database_that_nobody_migrated(mix: Path, mewe: Run) -> None:
    """Only ``mewe up`` migrates by itself; ``serve`` says what to run."""
    done = mewe("serve", mix, "people")
    assert done.returncode == 2
    assert 'run "mewe migrate" first' in done.stderr


def test_serve_refuses_a_feature_the_mix_does_not_name(mix: Path, mewe: Run) -> None:
    """A feature that is not of the mix cannot be served from it."""
    done = mewe("serve", mix, "chat")
    assert done.returncode == 2
    assert "features.chat: the mix does not name this feature. Allowed: people" in done.stderr


def test_serve_without_a_nats_server_says_who_brings_one(mix: Path, mewe: Run) -> None:
    """``serve`` brings no NATS along."""
    assert mewe("migrate", mix).returncode == 0
    done = mewe("serve", mix, "people")
    assert done.returncode == 2
    assert "nats.url" in done.stderr
    assert "mewe up" in done.stderr


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path, mix: Path, mewe: Run) -> None:
    """What a newer program has written is not touched by this one."""
    assert mewe("migrate", mix).returncode == 0
    with closing(sqlite3.connect(tmp_path / "var/data/people.db")) as database, database:
        database.execute("UPDATE people_version SET version_num = '9999'")
    done = mewe("up", mix)
    assert done.returncode == 2
    assert "newer than this code knows" in done.stderr
    assert "database.url" in done.stderr


def test_an_unexpected_error_is_one_sentence(mix: Path, mewe: Run) -> None:
    """Nobody gets to see a traceback who did not ask for it."""
    broken = {"PYTHONPATH": str(mix.parent)}
    (mix.parent / "uvloop.py").write_text("raise RuntimeError('Alva wrote this')\n")
    done = mewe("up", mix, **broken)
    assert done.returncode == 1
    assert "Something unexpected happened (RuntimeError at uvloop.py:1)." in done.stderr
    assert "Alva" not in done.stderr
    assert "Traceback" in mewe("up", mix, MEWE_DEBUG="1", **broken).stderr
