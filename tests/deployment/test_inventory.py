"""What a deployment opens and writes is what its page says: every setting that leads somewhere, every port, every file."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import psutil
import pytest
from attrs import frozen
from mewe_host.mix.model import Mix

from tests.security.test_defaults import defaults

PAGE = Path(__file__).resolve().parents[2] / "docs/country.md"

LEADS_NOWHERE = frozenset(
    {"country", "features", "languages", "plugins", "demo", "clock.file", "log.file", "keys.folder", "keys.kms_seconds"}
    | {"alerts.sender", "alerts.seconds", "limits.message_bytes", "limits.calls_at_once", "limits.drain_seconds"}
    | {"limits.calls_a_minute", "limits.lists_a_minute", "limits.streams_a_person", "privacy.archives"}
)
"""Settings that open no connection and listen nowhere. Whoever adds one says here, or on the page, what it does."""

_MIX = """
country = "SE"
[features.people]
[features.programme]
[features.safety]
lines_accepted_by = "the tests"
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[log]
file = "var/mewe.log"
"""


@frozen
class Ran:
    """What a deployment listened at and was connected to while it ran, what it said of its places, and which files it left."""

    listening: frozenset[tuple[str, int]]
    connected: frozenset[tuple[tuple[str, int], tuple[str, int]]]
    said: frozenset[int]
    nats: frozenset[int]
    files: Mapping[str, int]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """`mewe up` on fresh data, looked at while it ran."""
    folder = tmp_path_factory.mktemp("inventory")
    (folder / "mix.toml").write_text(_MIX)
    command = [sys.executable, "-m", "mewe_host", "up", "mix.toml", "--json"]
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603
    try:
        ready = _ready(process)
        assert ready is not None, (folder / "errors").read_text()
        family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
        sockets = [one for each in family for one in each.net_connections("inet")]
        address = json.loads((folder / "var/nats/address.json").read_text())
        places = [*ready["health"], *ready["addresses"].values()]
        files = dict(_files(folder / "var"))
        process.terminate()
        process.wait(20)
        return Ran(
            frozenset(_place(one.laddr) for one in sockets if one.status == psutil.CONN_LISTEN),
            frozenset((_place(one.laddr), _place(one.raddr)) for one in sockets if one.raddr),
            frozenset(int(one.rpartition(":")[2]) for one in places),
            frozenset(int(one.rpartition(":")[2]) for one in (*address["servers"], *address["monitoring"])),
            files | dict(_files(folder / "var")),
        )
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def table(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, row by row, without its head."""
    lines = PAGE.read_text().split(f"\n## {heading}\n")[1].split("\n## ")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines if line.startswith("|")]
    return rows[2:]


def quoted(text: str) -> list[str]:
    """What stands in code quotes."""
    return re.findall(r"`([^`]+)`", text)


def test_every_setting_that_leads_somewhere_is_in_the_table_of_connections() -> None:
    """Each key of the mix is there, or is known to lead nowhere; and the table names no key that there is not."""
    keys = {"country", "features", *(key for key, _ in defaults(Mix))}
    named = {key for row in table("Every connection") for key in quoted(row[2])}
    assert keys - named - LEADS_NOWHERE == set()
    assert LEADS_NOWHERE - keys == set()
    assert named & LEADS_NOWHERE == set()
    assert {key for key in named if not key.startswith("features.")} <= keys
    assert "features.people.issuers" in named


def test_every_connection_says_who_opens_it_and_how_it_is_protected() -> None:
    """No cell is empty."""
    rows = table("Every connection")
    assert len(rows) >= 10
    assert [row for row in rows if len(row) != 4 or not all(row)] == []


def test_a_host_listens_where_it_says_on_this_machine_and_nowhere_else(ran: Ran) -> None:
    """Two faces and the two ports of the embedded server; it is connected to nothing but these."""
    assert {ip for ip, _ in ran.listening} == {"127.0.0.1"}
    assert {port for _, port in ran.listening} == ran.said | ran.nats
    assert len(ran.nats) == 2
    assert [ends for ends in ran.connected if not ran.listening & {*ends}] == []


def test_every_file_is_in_the_table_of_what_is_written(ran: Ran) -> None:
    """Each file that a deployment leaves is one that the page says: what it is, how long it stays, and who reads it."""
    rows = table("What is written where")
    assert [row for row in rows if len(row) != 5 or not all(row)] == []
    patterns = [pattern for row in rows for pattern in quoted(row[1])]
    assert len(ran.files) > 40
    assert [name for name in ran.files if not any(fnmatch(name, one) for one in patterns)] == []
    made_later = {"erasure-ledger", "*.log.1", "data/*.db-wal", "data/*.db-shm", "log.file", "/metrics", "--to"}
    assert [one for one in patterns if one not in made_later and not any(fnmatch(name, one) for name in ran.files)] == []


def test_every_file_is_for_its_owner_alone_where_the_page_does_not_say_otherwise(ran: Ran) -> None:
    """By its own mode, or by that of the folder of the embedded server."""
    (open_to_all,) = (row for row in table("What is written where") if row[4] == "everybody on the machine")
    readable = {name for name, mode in ran.files.items() if mode & 0o077}
    assert readable <= {*quoted(open_to_all[1])}


def test_every_place_of_the_page_holds_no_secret_of_nats_for_others(ran: Ran) -> None:
    """The keys of processes are among what only the owner reads."""
    keys = [name for name in ran.files if name.endswith(".nk")]
    assert len(keys) == 5
    assert {ran.files[one] for one in keys} == {0o600}


def _place(address: Any) -> tuple[str, int]:
    return address.ip.removeprefix("::ffff:"), address.port


def _ready(process: "subprocess.Popen[str]") -> dict[str, Any] | None:
    assert process.stdout is not None
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        if said["step"] == "ready":
            return said
    return None


def _files(folder: Path) -> Iterator[tuple[str, int]]:
    """Each file with who may read it: what neither it nor a folder above it withholds."""
    for file in folder.rglob("*"):
        if file.is_file():
            mode = file.stat().st_mode & 0o777
            above = [one for one in file.parents if one.is_relative_to(folder)]
            yield (
                file.relative_to(folder).as_posix(),
                mode if all(one.stat().st_mode & 0o077 for one in above) else mode & 0o700,
            )
