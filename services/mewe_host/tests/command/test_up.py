"""``mewe up`` starts everything, and everything stops with it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit
from uuid import uuid4

import grpc
import httpx
import psutil
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from tests.waiting import eventually

REDEEM = "/mewe.people.v1.PeopleService/RedeemInvitation"
UNFINISHED = (
    f"POST {REDEEM} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    "connect-timeout-ms: 60000\r\ncontent-length: 10\r\n\r\n"
).encode()
"""A call whose body never comes: it is under way until somebody ends it."""

MOMENT = 0.2
"""Seconds after which a signal that comes again is asking again."""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Host(Protocol):
    """A host that runs (``conftest.Host``)."""

    process: "subprocess.Popen[str]"
    ready: dict[str, Any]

    @property
    def http(self) -> str: ...

    def stop(self, sign: int = signal.SIGTERM) -> int: ...


Start = Callable[..., Host]


def children(host: Host) -> list[psutil.Process]:
    """Every process that a host has started."""
    return psutil.Process(host.process.pid).children(recursive=True)


def gone(processes: list[psutil.Process], seconds: float = 5) -> bool:
    """Whether all of them have ended within so many seconds."""
    _, alive = psutil.wait_procs(processes, timeout=seconds)
    return not alive


def code(host: Host) -> str:
    """The one-time code that was shown at the start."""
    return str(host.ready["notes"][0]).rpartition(" ")[2]


def test_everything_that_up_starts_answers_and_stops_with_it(mix: Path, start: Start, tmp_path: Path) -> None:
    """Health, readiness, the first page, the API's description and the figures are there; after SIGTERM no process is, and
    NATS was stopped in order rather than cut off."""
    host = start("up", mix)
    for path in ("/healthz", "/readyz", "/", "/openapi.json"):
        assert httpx.get(host.http + path).status_code == 200
    assert "mewe_ready 1.0" in httpx.get(host.http + "/metrics").text
    started = children(host)
    assert [one.name() for one in started] == ["nats-server"]
    assert (tmp_path / "var/nats/nats.pid").exists()
    assert host.stop() == 0
    assert gone(started)
    assert not (tmp_path / "var/nats/nats.pid").exists()


def test_no_thread_of_a_host_interrupts_another(mix: Path, start: Start) -> None:
    """All of them take turns (docs/decisions/0008)."""
    host = start("up", mix)
    threads = [thread.id for one in (psutil.Process(host.process.pid), *children(host)) for thread in one.threads()]
    assert {os.sched_getscheduler(thread) for thread in threads} == {os.SCHED_BATCH}


def test_the_standard_health_service_tells_what_is_ready(mix: Path, start: Start) -> None:
    """gRPC's own health check says SERVING for the host and for each service."""
    host = start("up", mix)
    with grpc.insecure_channel(host.ready["addresses"]["people"]) as channel:
        check = HealthStub(channel).Check
        for service in ("", "mewe.people.v1.PeopleService"):
            assert check(HealthCheckRequest(service=service), timeout=5).status == HealthCheckResponse.SERVING


def test_up_says_how_to_sign_in(mix: Path, start: Start) -> None:
    """The code that is shown at the start can be redeemed, once."""
    host = start("up", mix)
    body = {"requestId": uuid4().hex, "code": code(host)}
    headers = {"connect-timeout-ms": "5000"}
    assert httpx.post(host.http + REDEEM, json=body, headers=headers).status_code == 200
    assert httpx.post(host.http + REDEEM, json={**body, "requestId": uuid4().hex}, headers=headers).status_code != 200


def test_ctrl_c_stops_it_as_well(mix: Path, start: Start) -> None:
    """SIGINT is as good as SIGTERM."""
    host = start("up", mix)
    started = children(host)
    assert host.stop(signal.SIGINT) == 0
    assert gone(started)


def test_a_killed_host_leaves_no_nats_server(mix: Path, start: Start) -> None:
    """After kill -9 nothing goes on by itself, and the next start is a start like any other."""
    host = start("up", mix)
    started = children(host)
    host.process.kill()
    assert gone(started)
    assert httpx.get(start("up", mix).http + "/readyz").status_code == 200


@pytest.mark.parametrize("section", ["http", "grpc"])
def test_an_address_that_is_taken_is_refused(section: str, mix: Path, mewe: Run, tmp_path: Path) -> None:
    """The message names the key, the address and what may be using it; nothing stays behind."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        done = mewe("up", mix, f"--{section}", address)
    assert done.returncode == 2
    assert f"mix.toml, {section}.address: {address} is taken" in done.stderr
    assert f"--{section}" in done.stderr
    assert not [one for one in psutil.process_iter() if str(tmp_path) in " ".join(_words(one))]


def test_a_second_host_on_the_same_files_is_refused(mix: Path, start: Start, mewe: Run) -> None:
    """One host a file: the second one says so, and the first one goes on."""
    first = start("up", mix)
    done = mewe("up", mix)
    assert done.returncode == 2
    assert "is in use" in done.stderr
    assert httpx.get(first.http + "/readyz").status_code == 200


def test_a_call_that_runs_is_finished_before_the_end(mix: Path, start: Start) -> None:
    """A call whose last byte comes after SIGTERM is answered in full, and new ones are not taken meanwhile."""
    host = start("up", mix)
    body = json.dumps({"requestId": uuid4().hex, "code": code(host)}).encode()
    where = urlsplit(host.http)
    with socket.create_connection((str(where.hostname), int(where.port or 0))) as calling:
        head = f"POST {REDEEM} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnect-timeout-ms: 5000\r\n"
        calling.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body[:5])
        _until_read(calling)
        host.process.send_signal(signal.SIGTERM)
        while _listens(host.http):
            os.sched_yield()
        calling.sendall(body[5:])
        with closing(http.client.HTTPResponse(calling)) as answer:
            answer.begin()
            assert answer.status == 200
            assert b"accessToken" in answer.read()
    assert host.process.wait(10) == 0


def test_a_caller_who_never_finishes_does_not_hold_it_up(mix: Path, start: Start) -> None:
    """After the mix's drain_seconds the host ends, whoever is still there."""
    mix.write_text(mix.read_text() + "[limits]\ndrain_seconds = 1\n")
    host = start("up", mix)
    where = urlsplit(host.http)
    with socket.create_connection((str(where.hostname), int(where.port or 0))) as calling:
        calling.sendall(UNFINISHED)
        began = time.monotonic()
        assert host.stop() == 0
        assert time.monotonic() - began < 8


def test_asked_twice_it_stops_at_once(mix: Path, start: Start) -> None:
    """Whoever presses Ctrl-C again does not want to wait for anybody's call; nothing is left even so."""
    mix.write_text(mix.read_text() + "[limits]\ndrain_seconds = 60\n")
    host = start("up", mix)
    started = children(host)
    where = urlsplit(host.http)
    with socket.create_connection((str(where.hostname), int(where.port or 0))) as calling:
        calling.sendall(UNFINISHED)
        _until_read(calling)
        host.process.send_signal(signal.SIGTERM)
        while _listens(host.http):
            os.sched_yield()
        asked = time.monotonic()
        eventually(lambda: time.monotonic() - asked > MOMENT)
        began = time.monotonic()
        assert host.stop() == 1
        assert time.monotonic() - began < 10
    assert gone(started)


def test_healthcheck_tells_a_running_host_from_none(mix: Path, start: Start, mewe: Run) -> None:
    """0 while it takes calls, 1 afterwards."""
    host = start("up", mix)
    address = urlsplit(host.http).netloc
    assert mewe("healthcheck", mix, "--http", address).returncode == 0
    host.stop()
    assert mewe("healthcheck", mix, "--http", address).returncode == 1


def test_the_log_of_a_host_names_nobody(mix: Path, start: Start, tmp_path: Path) -> None:
    """The log is JSON lines, in the file that the mix names, without the code that was shown."""
    mix.write_text(mix.read_text() + '[log]\nfile = "log/mewe.log"\n')
    host = start("up", mix)
    httpx.post(host.http + REDEEM, content=b"\x00", headers={"content-type": "application/json", "connect-timeout-ms": "5000"})
    host.stop()
    text = (tmp_path / "log" / "mewe.log").read_text()
    assert all(json.loads(line)["event"] for line in text.splitlines())
    assert code(host) not in text


def test_settling_can_be_asked_for_only_where_the_clock_is_a_file(mix: Path, start: Start) -> None:
    """A demo can wait until nothing is on its way; a real deployment has no such page."""
    host = start("up", mix)
    assert httpx.get(host.http + "/settledz").status_code == 404
    host.stop()
    mix.write_text("demo = true\n" + mix.read_text() + '[clock]\nfile = "clock"\n')
    host = start("up", mix)
    assert httpx.get(host.http + "/settledz").json() == {"settled": True}


def _words(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        return []


def _listens(address: str) -> bool:
    where = urlsplit(address)
    try:
        socket.create_connection((str(where.hostname), int(where.port or 0)), timeout=1).close()
    except OSError:
        return False
    return True


def _until_read(calling: socket.socket) -> None:
    """Return when the other side has taken in everything that was sent."""
    import fcntl
    import struct
    import termios

    while struct.unpack("i", fcntl.ioctl(calling.fileno(), termios.TIOCOUTQ, b"\0" * 4))[0]:
        os.sched_yield()
