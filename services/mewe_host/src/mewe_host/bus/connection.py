"""The connection to NATS: made once with clear refusals, then kept for ever.

Each time it is lost, a fresh client is made and every subscription made anew on it: a client that reconnects by itself can
leave a subscription silent, and gives up for good on some errors.
"""

import asyncio
import contextlib
import random
import ssl
from collections.abc import Awaitable, Callable

import nats.errors
import structlog
from attrs import define, frozen
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription

from mewe_host.bus.address import ALLOWED, NatsAddress, not_trusted
from mewe_host.bus.durable import prove_durable
from mewe_host.bus.ending import end
from mewe_host.bus.faults import BusFault
from mewe_host.bus.nkeys import KeyedClient

Heard = Callable[[Msg], Awaitable[None]]

_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 1.0
_LOOK = 1.0
_FLUSH = 2
_PING = 2
"""Seconds between pings; a server that leaves two of them unanswered counts as lost."""


@frozen(eq=False)
class Listening:
    """A subscription that outlives connections. Made by ``Connection.listen``; ``stop`` ends it."""

    subject: str
    queue: str
    heard: Heard
    stop: Callable[["Listening"], Awaitable[None]]

    async def end(self) -> None:
        """Hear nothing more."""
        await self.stop(self)


@define(eq=False)
class _Kept:
    listening: Listening
    made: Subscription | None = None


class Connection:
    """A connection that is always being kept up. Made by ``open``."""

    def __init__(self, address: NatsAddress, name: str) -> None:
        self._address = address
        self._name = name
        self._client: Client | None = None
        self._up = asyncio.Event()
        self._look = asyncio.Event()
        self._kept: dict[Listening, _Kept] = {}
        self._on_up: list[Callable[[], None]] = []
        self._on_down: list[Callable[[], None]] = []
        self._keeper: asyncio.Task[None] | None = None
        self._log = structlog.get_logger(part="nats")

    @classmethod
    async def open(cls, address: NatsAddress, *, name: str, seconds: float = 5.0) -> "Connection":
        """Connect, and prove that the servers keep what they acknowledge. Raises BusFault within about ``seconds``."""
        connection = cls(address, name)
        connection._client = await connection._reached(seconds)
        try:
            await connection._check(connection._client)
        except BaseException:
            await connection._client.close()
            raise
        connection._up.set()
        connection._keeper = asyncio.create_task(connection._keep(), name="nats connection")
        return connection

    @property
    def is_up(self) -> bool:
        """Whether it is connected, as far as is known."""
        return self._up.is_set() and self._client is not None and self._client.is_connected

    @property
    def inbox(self) -> str:
        """What begins every subject that this user may be answered at."""
        return self._address.inbox

    async def client(self) -> Client:
        """The client of this moment; waits while there is none. It may be lost at any time."""
        await self._up.wait()
        assert self._client is not None
        return self._client

    def on_up(self, call: Callable[[], None]) -> None:
        """Call this after each reconnection, when every subscription is made again."""
        self._on_up.append(call)

    def on_down(self, call: Callable[[], None]) -> None:
        """Call this each time the connection is lost."""
        self._on_down.append(call)

    async def listen(self, subject: str, heard: Heard, *, queue: str = "") -> Listening:
        """Hear a subject from now on, over every reconnection. What is said while there is no connection is not heard."""
        listening = Listening(subject, queue, heard, self._stop)
        kept = self._kept[listening] = _Kept(listening)
        if self.is_up and self._client is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._make(kept, self._client)
        return listening

    async def close(self) -> None:
        """Let go of everything."""
        await end(self._keeper)
        self._kept.clear()
        self._up.clear()
        if self._client is not None:
            await _closed(self._client)

    async def _stop(self, listening: Listening) -> None:
        kept = self._kept.pop(listening, None)
        if kept is not None and kept.made is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await kept.made.unsubscribe()

    async def _make(self, kept: _Kept, client: Client) -> None:
        heard = kept.listening.heard

        async def hear(message: Msg) -> None:
            try:
                await heard(message)
            except Exception as fault:
                self._log.error("message_not_taken", reason=type(fault).__name__)

        kept.made = await client.subscribe(kept.listening.subject, queue=kept.listening.queue, cb=hear)

    async def _keep(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), _LOOK)
            self._look.clear()
            assert self._client is not None
            if self._client.is_connected:
                continue
            self._up.clear()
            self._log.warning("nats_lost")
            for call in self._on_down:
                call()
            await _closed(self._client)
            self._client = await self._again()
            self._up.set()
            self._log.info("nats_back")
            for call in self._on_up:
                call()

    async def _again(self) -> Client:
        pause = _FIRST_PAUSE
        while True:
            client: Client | None = None
            try:
                client = await self._reached(5.0)
                for kept in self._kept.values():
                    kept.made = None
                while silent := [kept for kept in self._kept.values() if kept.made is None]:
                    for kept in silent:
                        await self._make(kept, client)
                    await client.flush(timeout=_FLUSH)
            except (BusFault, nats.errors.Error, OSError, TimeoutError):
                if client is not None:
                    await _closed(client)
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                return client

    async def _reached(self, seconds: float) -> Client:
        servers = await self._answering()
        client: Client = KeyedClient()
        address = self._address
        secure = address.trust() if servers[0].startswith("tls:") else None
        try:
            async with asyncio.timeout(seconds):
                await client.connect(
                    servers=servers,
                    name=self._name,
                    user=address.user,
                    password=address.password,
                    nkeys_seed_str=None if address.key is None else address.key.seed,
                    inbox_prefix=address.inbox,
                    tls=secure,
                    tls_handshake_first=secure is not None,
                    allow_reconnect=False,
                    ping_interval=_PING,
                    max_outstanding_pings=2,
                    error_cb=self._erred,
                    closed_cb=self._noticed,
                    disconnected_cb=self._noticed,
                    skip_subject_validation=True,
                )
        except TimeoutError as fault:
            await _closed(client)
            raise BusFault("nats.url", f"no NATS server answers at {address.shown()}", ALLOWED) from fault
        except (nats.errors.Error, OSError) as fault:
            await _closed(client)
            if "authorization" in str(fault).lower():
                raise BusFault(
                    "nats.url" if address.key is None else "nats.credentials",
                    f"the NATS server at {address.shown()} refuses this user",
                    "a user it knows, with the password, or with the key that `mewe nats accounts` made for it",
                ) from fault
            raise BusFault("nats.url", f"what answers at {address.shown()} cannot be used as NATS", ALLOWED) from fault
        return client

    async def _answering(self) -> list[str]:
        """A server that answers, over TLS if it is to: the client of NATS tries one that it does not trust again and again."""
        servers = list(self._address.servers)
        random.shuffle(servers)
        refused: BusFault | None = None
        for server in servers:
            scheme, _, place = server.partition("://")
            host, _, port = place.rpartition(":")
            secure = self._address.trust() if scheme == "tls" else None
            try:
                async with asyncio.timeout(2):
                    _, writer = await asyncio.open_connection(host.strip("[]"), int(port), ssl=secure)
                writer.transport.abort()
            except ssl.SSLError as fault:
                refused = not_trusted("nats.url", self._address, fault)
                refused.__cause__ = fault
            except (OSError, TimeoutError):
                continue
            else:
                return [server]
        raise refused or BusFault("nats.url", f"no server answers at {self._address.shown()}", ALLOWED)

    async def _check(self, client: Client) -> None:
        try:
            await client.jetstream(timeout=3).account_info()
        except (nats.errors.Error, TimeoutError) as fault:
            where = self._address.shown()
            raise BusFault("nats.url", f"the NATS server at {where} has no JetStream for this user", ALLOWED) from fault
        await prove_durable(self._address, str(client._server_info.get("server_id")))

    async def _erred(self, fault: Exception) -> None:
        if "permissions violation" in str(fault).lower():
            self._log.error("nats_does_not_permit", reason=type(fault).__name__)
        self._look.set()

    async def _noticed(self) -> None:
        self._look.set()


async def _closed(client: Client) -> None:
    with contextlib.suppress(nats.errors.Error, OSError, TimeoutError):
        async with asyncio.timeout(_FLUSH):
            await client.close()
