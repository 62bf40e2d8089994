"""A real host for the client's tests: a process that can be killed and started again on the same addresses."""

import asyncio
import json
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from urllib.request import urlopen

from attrs import define, field
from mewe.people.v1.people_service_pb2 import DeviceSession
from mewe_client import Client, Deployment, DeviceKey, SoftwareKey
from mewe_demo.consent import GUARDIANS_DECIDE

MIX = """
country = "SE"

[features.people]
{consent}
[features.programme]
[features.safety]
lines_accepted_by = "the tests"
{chat}
{diary}

[http]
address = "127.0.0.1:{http}"

[grpc]
address = "127.0.0.1:{grpc}"
"""
CHAT = "[features.chat]" if find_spec("mewe_chat") else ""
DIARY = "[features.diary]" if find_spec("mewe_diary") else ""


@define
class Host:
    """A host in a folder of its own. ``national`` is the session of somebody of the competence centre, bound to ``key``.

    ``port``, ``pages``: its faces, the same each time; kept for it as long as it may come back.
    """

    folder: Path
    port: int
    pages: int
    national: DeviceSession = field(factory=DeviceSession)
    key: DeviceKey = field(factory=SoftwareKey)
    code: str = ""
    _process: "subprocess.Popen[str] | None" = None

    @property
    def address(self) -> str:
        """Its gRPC face."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and return when it is ready. Raises AssertionError with what it said if it does not get there."""
        mix = self.folder / "mix.toml"
        mix.write_text(MIX.format(chat=CHAT, diary=DIARY, consent=GUARDIANS_DECIDE, http=self.pages, grpc=self.port))
        with (self.folder / "errors").open("a") as errors:
            command = [sys.executable, "-m", "mewe_host", "up", str(mix), "--json"]
            self._process = subprocess.Popen(  # noqa: S603
                command, cwd=self.folder, stdout=subprocess.PIPE, stderr=errors, text=True
            )
        assert self._process.stdout is not None
        for line in self._process.stdout:
            said = json.loads(line)
            if said["step"] == "ready":
                if said["notes"]:
                    self.code = said["notes"][0].split()[-1]
                return
        raise AssertionError((self.folder / "errors").read_text())

    def end(self, sign: int = signal.SIGTERM) -> None:
        """Send it a signal, and wait until it is gone."""
        if self._process is not None:
            self._process.send_signal(sign)
            self._process.communicate()
            self._process = None

    def streams(self) -> int:
        """How many streams it says are followed now."""
        with urlopen(f"http://127.0.0.1:{self.pages}/metrics", timeout=10) as page:
            lines = page.read().decode().splitlines()
        return int(float(next(line for line in lines if line.startswith("mewe_streams_open ")).split()[1]))

    def of_national(self, deployment: Deployment) -> Client:
        """Somebody of the competence centre, on the device that they signed in on."""
        return deployment.resume(self.national, self.key)

    def sign_in(self) -> None:
        """Let the first of the competence centre sign in."""

        async def signed_in() -> None:
            async with Deployment(self.address) as deployment:
                self.national = (await deployment.sign_in(self.code, key=self.key)).session or self.national

        asyncio.run(signed_in())
