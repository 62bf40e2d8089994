"""The real command as a child of the tests; whatever a test starts is ended with it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import define

PEOPLE = """
country = "SE"

[features.people]

[http]
address = "127.0.0.1:0"

[grpc]
address = "127.0.0.1:0"
"""


@define
class Host:
    """A host that runs: its process, and what it said when it was ready."""

    process: "subprocess.Popen[str]"
    ready: dict[str, Any]

    @property
    def http(self) -> str:
        """The address of its HTTP face, or of the first process of several."""
        return str(self.ready["health"][0])

    def stop(self, sign: int = signal.SIGTERM) -> int:
        """Send a signal and wait for the end; says the exit code."""
        self.process.send_signal(sign)
        return self.process.wait(15)


Start = Callable[..., Host]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def mix(tmp_path: Path) -> Path:
    """A mix of people alone, on free ports, with everything it keeps in the test's own folder."""
    file = tmp_path / "mix.toml"
    file.write_text(PEOPLE)
    return file


@pytest.fixture
def mewe(tmp_path: Path) -> Run:
    """Run a command of ``mewe`` in the test's folder to its end."""

    def run(*arguments: object, **environment: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "mewe_host", *map(str, arguments)]
        return subprocess.run(  # noqa: S603
            command, cwd=tmp_path, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60, check=False
        )

    return run


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a command of ``mewe`` that goes on, and return when it is ready; it is killed at the end if it still runs."""
    started: list[subprocess.Popen[str]] = []

    def begin(*arguments: object) -> Host:
        command = [sys.executable, "-m", "mewe_host", *map(str, arguments), "--json"]
        with (tmp_path / "errors").open("a") as errors:
            process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603
        started.append(process)
        assert process.stdout is not None
        for line in process.stdout:
            said = json.loads(line)
            if said["step"] == "ready":
                return Host(process, said)
        raise AssertionError(f"it did not start: {(tmp_path / 'errors').read_text()}")

    yield begin
    for process in started:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
