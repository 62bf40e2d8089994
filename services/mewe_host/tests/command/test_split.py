"""The same mix in several processes: by ``mewe serve`` one by one, or all at once by ``mewe up --split``."""

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil
import pytest

from tests.deployment.servers import nats_server
from tests.waiting import eventually

ALL = """
country = "SE"
demo = true

[features.people]

[features.programme]

[http]
address = "127.0.0.1:0"

[grpc]
address = "127.0.0.1:0"

[clock]
file = "clock"
"""

Run = Callable[..., "subprocess.CompletedProcess[str]"]


class Host(Protocol):
    """A host that runs (``conftest.Host``)."""

    process: "subprocess.Popen[str]"
    ready: dict[str, Any]

    @property
    def http(self) -> str: ...

    def stop(self, sign: int = signal.SIGTERM) -> int: ...


Start = Callable[..., Host]


STARTING = 40.0
"""Seconds until a process that does not take calls is given up."""


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    """A mix of two features."""
    file = tmp_path / "all.toml"
    file.write_text(ALL)
    return file


def ready(address: str) -> bool:
    """Whether the process at an address takes calls."""
    try:
        return httpx.get(f"{address}/readyz").status_code == 200
    except httpx.TransportError:
        return False


def test_each_feature_has_a_process_and_all_stop_together(mix: Path, start: Start) -> None:
    """Two processes serve one feature each, both at their own places, and none is left after SIGTERM."""
    host = start("up", mix, "--split")
    assert set(host.ready["addresses"]) == {"people", "programme"}
    assert len(set(host.ready["addresses"].values())) == 2
    for address in host.ready["health"]:
        assert ready(address)
    assert [note for note in host.ready["notes"] if "one-time code" in note]
    started = psutil.Process(host.process.pid).children(recursive=True)
    assert len(started) == 3
    assert host.stop() == 0
    assert not psutil.wait_procs(started, timeout=5)[1]


def test_a_process_that_dies_is_started_again_at_its_place(mix: Path, start: Start) -> None:
    """After kill -9 of one feature's process the others go on, and it is back where it was."""
    host = start("up", mix, "--split")
    places = {address: httpx.get(f"{address}/openapi.json").json()["paths"] for address in host.ready["health"]}
    place = next(one for one, paths in places.items() if any("ProgrammeService" in path for path in paths))
    serving = next(
        one
        for one in psutil.Process(host.process.pid).children(recursive=True)
        if "programme" in one.cmdline() and "serve" in one.cmdline()
    )
    serving.kill()
    serving.wait()
    eventually(lambda: ready(place), STARTING)
    assert all(ready(one) for one in places)


def test_killed_it_leaves_no_process(mix: Path, start: Start) -> None:
    """kill -9 of the process that started the others ends them too."""
    host = start("up", mix, "--split")
    started = psutil.Process(host.process.pid).children(recursive=True)
    host.process.kill()
    assert not psutil.wait_procs(started, timeout=20)[1]


def test_serve_runs_a_mix_in_several_processes(mix: Path, start: Start, mewe: Run, tmp_path: Path) -> None:
    """``mewe serve`` by hand, each process with its feature, its addresses and its own user of a NATS server set up apart.

    Streams are made before by whoever may; then events flow, and the server has refused nothing.
    """
    users, apart = tmp_path / "users", tmp_path / "apart"
    assert mewe("nats", "accounts", mix, "--to", users).returncode == 0
    before = (users / "people.nk").read_text()
    assert mewe("nats", "accounts", mix, "--to", users).returncode == 0
    assert (users / "people.nk").read_text() == before, "keys that are there stay"
    with nats_server(apart, f'include "{os.path.relpath(users / "accounts.conf", apart)}"\n') as nats:
        mix.write_text(
            f'{ALL}\n[nats]\nurl = "nats://127.0.0.1:{nats.port}"\n'
            f'monitoring = ["http://127.0.0.1:{nats.monitoring}"]\ncredentials = "users"\n'
        )
        made = mewe("nats", "streams", mix)
        assert made.returncode == 0, made.stderr
        assert "STATE_SE_people is there." in made.stdout
        assert mewe("migrate", mix).returncode == 0
        with ThreadPoolExecutor() as both:  # each is ready when it has heard what the other has told
            hosts = [*both.map(lambda feature: start("serve", mix, feature, "--http", "127.0.0.1:0"), ("people", "programme"))]
        for host in hosts:
            eventually(lambda host=host: httpx.get(f"{host.http}/settledz").status_code == 200, STARTING)  # type: ignore[misc]
        paths = [set(httpx.get(f"{host.http}/openapi.json").json()["paths"]) for host in hosts]
        assert all(paths)
        assert paths[0] & paths[1] == {"/mewe.kit.v1.ExportService/ExportMine"}, "each is asked for its own features' part"
        for host in reversed(hosts):
            assert host.stop() == 0
        (users / "programme.nk").unlink()
        refused = mewe("serve", mix, "programme", "--http", "127.0.0.1:0", "--grpc", "127.0.0.1:0")
        assert refused.returncode != 0
        assert "nats.credentials: no key of the process programme is in users" in refused.stderr
        assert "Violation" not in (apart / "log").read_text()
