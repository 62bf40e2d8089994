"""A country as it is meant to run: each feature a process, NATS and PostgreSQL set up by others, TLS and a key a process."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from tests.deployment.authority import Authority
from tests.deployment.servers import nats_server, postgresql_server, tls
from tests.waiting import eventually

FEATURES = ("people", "programme", "safety")
_PATIENCE = 90.0
_MIX = """
country = "SE"
demo = true
[features.people]
[features.programme]
[features.safety]
lines_accepted_by = "the tests"
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
[clock]
file = "clock"
[database]
url_env = "MEWE_TEST_DATABASE"
[nats]
url = "tls://localhost:{nats}"
monitoring = ["https://localhost:{monitoring}"]
ca = "{ca}"
credentials = "users"
"""


def mewe(folder: Path, *words: str) -> str:
    """Run a command to its end; gives what it said."""
    command = [sys.executable, "-m", "mewe_host", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=_PATIENCE, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def serving(folder: Path, feature: str) -> Iterator["subprocess.Popen[str]"]:
    """A process of one feature, from its start to its end."""
    command = [sys.executable, "-m", "mewe_host", "serve", "mix.toml", feature, "--json"]
    with (folder / f"{feature}.errors").open("w") as errors:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603
    try:
        yield process
        process.terminate()
        assert process.wait(_PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def ready(process: "subprocess.Popen[str]") -> dict[str, Any]:
    """What a process says when it takes calls: then it has heard what the others had told."""
    assert process.stdout is not None
    for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        if said["step"] == "ready":
            return said
    raise AssertionError("it did not start; what it said stands in its folder")


def is_at_rest(place: str) -> bool:
    """Whether nothing waits in a process."""
    try:
        with urlopen(f"{place}/settledz", timeout=_PATIENCE) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


def test_every_feature_serves_over_tls_with_its_own_key_and_is_refused_nothing(tmp_path: Path) -> None:
    """Migrations, streams, keyrings, events between three processes; PostgreSQL lets nobody in without TLS, NATS neither."""
    ours = Authority.of(tmp_path / "papers", "ours")
    papers = ours.papers("localhost")
    apart = tmp_path / "apart"
    mix = tmp_path / "mix.toml"
    mix.write_text(_MIX.format(nats=4222, monitoring=8222, ca=ours.file))
    with ExitStack() as stack:
        database = stack.enter_context(postgresql_server(papers))
        url = f"postgresql://mewe@localhost:{database.port}/postgres?sslmode=verify-full&sslrootcert={ours.file}"
        os.environ["MEWE_TEST_DATABASE"] = url
        stack.callback(os.environ.pop, "MEWE_TEST_DATABASE")
        mewe(tmp_path, "nats", "accounts", "mix.toml", "--to", "users")
        configuration = f'include "{os.path.relpath(tmp_path / "users" / "accounts.conf", apart)}"\n{tls(papers)}'
        nats = stack.enter_context(nats_server(apart, configuration, monitoring="https"))
        mix.write_text(_MIX.format(nats=nats.port, monitoring=nats.monitoring, ca=ours.file))
        assert "STATE_SE_safety is there." in mewe(tmp_path, "nats", "streams", "mix.toml")
        mewe(tmp_path, "migrate", "mix.toml")
        processes = [stack.enter_context(serving(tmp_path, one)) for one in FEATURES]
        with ThreadPoolExecutor() as together:  # each is ready when it has heard what the others have told
            said = [*together.map(ready, processes)]
        for one in said:
            eventually(lambda place=one["health"][0]: is_at_rest(place), _PATIENCE)  # type: ignore[misc]
        assert sorted(feature for one in said for feature in one["addresses"]) == sorted(FEATURES)
        assert "Violation" not in (apart / "log").read_text()
