"""Prosody, a chat server that others run, with its archive on: a server of its own on fresh data, and the way to its rooms.

Accepted is a message that has come back to its author's own stream, as XMPP has it. Debian's Prosody keeps its archive in files
that it does not sync, so it promises less than what it is compared with.
"""

import asyncio
import base64
import contextlib
import re
import shutil
import socket
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import psutil
from mewe.chat.v1 import chat_service_pb2 as chat

from benchmarks.ways import Metadata

PATIENCE = 30.0
_CONFIG = """
run_as_root = true
data_path = "{folder}"
pidfile = "{folder}/pid"
log = {{ warn = "{folder}/log" }}
c2s_interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {port} }}
c2s_require_encryption = false
allow_unencrypted_plain_auth = true
authentication = "internal_plain"
storage = "internal"
modules_enabled = {{ "saslauth", "roster", "disco", "mam" }}
modules_disabled = {{ "s2s", "tls" }}
VirtualHost "localhost"
Component "rooms.localhost" "muc"
modules_enabled = {{ "muc_mam" }}
muc_log_by_default = true
muc_room_locking = false
muc_room_default_persistent = true
"""
_STREAM = (
    "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
_AUTH = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{}</auth>"
_BIND = "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>"
_JOIN = (
    "<presence to='{}@rooms.localhost/{}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='1'/></x></presence>"
)
_SAY = "<message to='{}@rooms.localhost' type='groupchat' id='{}'><body>{}</body></message>"
_SAID = re.compile(rb"<body>([^<]*)</body>")
_PLACE = re.compile(rb"<stanza-id [^>]*?\bid='([^']*)'")


@contextlib.asynccontextmanager
async def prosody(people: int) -> AsyncIterator[tuple[str, psutil.Process] | None]:
    """A server with so many accounts, ``0`` and on: where it listens, and its process. None if it is not installed."""
    command = shutil.which("prosody")
    if command is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="mewe-prosody-") as named:
        folder = Path(named)
        accounts = folder / "localhost/accounts"
        accounts.mkdir(parents=True)
        for number in range(people):
            (accounts / f"{number}.dat").write_text('return { ["password"] = "bench" };\n')
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        (folder / "prosody.cfg.lua").write_text(_CONFIG.format(folder=folder, port=port))
        server = await asyncio.create_subprocess_exec(command, "-F", "--config", str(folder / "prosody.cfg.lua"))
        try:
            await _listening(port, server)
            yield f"127.0.0.1:{port}", psutil.Process(server.pid)
        finally:
            with contextlib.suppress(ProcessLookupError):
                server.terminate()
            await server.wait()


async def _listening(port: int, server: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while server.returncode is None:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.02)
    raise RuntimeError("Prosody did not start; what it said stands above")


class Xmpp:
    """One connection for each person in a room, for what they say and what they hear. ``person`` is in the metadata."""

    def __init__(self, address: str) -> None:
        self._host, _, port = address.rpartition(":")
        self._port = int(port)
        self._joined: dict[tuple[str, str], asyncio.Task[Seat]] = {}

    async def post(self, request: chat.PostMessageRequest, metadata: Metadata) -> chat.PostMessageResponse:
        """Say something, and hear it."""
        seat = await self._seat(request.room_id, metadata)
        await seat.say(request.room_id, request.text)
        return chat.PostMessageResponse(message=chat.Message(sequence=1))

    async def watch(self, request: chat.WatchMessagesRequest, metadata: Metadata) -> AsyncGenerator[chat.Message]:
        """The newest message and what comes after it, numbered as it comes."""
        seat = await self._seat(request.room_id, metadata)
        sequence = request.after_cursor >> 24
        while True:
            text = await seat.heard.get()
            if text is None:
                raise ConnectionError("a room was closed, or a message came twice")
            sequence += 1
            yield chat.Message(room_id=request.room_id, text=text, sequence=sequence)

    async def close(self) -> None:
        """Leave."""
        for joining in self._joined.values():
            (await joining).writer.close()

    async def _seat(self, room: str, metadata: Metadata) -> "Seat":
        person = dict(metadata)["person"]
        if (room, person) not in self._joined:
            self._joined[room, person] = asyncio.create_task(joined(self._host, self._port, room, person))
        return await asyncio.shield(self._joined[room, person])


class Seat:
    """Somebody in a room."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.heard = asyncio.Queue[str | None]()
        self.said: dict[str, asyncio.Future[None]] = {}
        self.places = set[bytes]()
        self.reading: asyncio.Task[None] | None = None

    async def say(self, room: str, text: str) -> None:
        """Say it; done when it has come back."""
        heard = self.said[text] = asyncio.get_running_loop().create_future()
        self.writer.write(_SAY.format(room, text[:32], text).encode())
        await asyncio.wait_for(heard, 20)

    async def read(self) -> None:
        """Hear what is said; None once the room is closed, or if a message comes a second time."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                stanza = await self.reader.readuntil(b"</message>")
                said, place = _SAID.search(stanza), _PLACE.search(stanza)
                if said is None:
                    continue
                if place is None or place[1] in self.places:
                    break
                self.places.add(place[1])
                text = said[1].decode()
                if (waiting := self.said.pop(text, None)) is not None:
                    waiting.set_result(None)
                self.heard.put_nowait(text)
        self.heard.put_nowait(None)


async def joined(host: str, port: int, room: str, person: str) -> Seat:
    """Sign in, and into the room."""
    reader, writer = await asyncio.open_connection(host, port)
    secret = base64.b64encode(f"\0{person}\0bench".encode()).decode()
    async with asyncio.timeout(PATIENCE):
        for sent, until in (
            (_STREAM, b"</stream:features>"),
            (_AUTH.format(secret), b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"),
            (_STREAM, b"</stream:features>"),
            (_BIND, b"</iq>"),
            (_JOIN.format(room, person), b"<status code='110'/>"),
        ):
            writer.write(sent.encode())
            await reader.readuntil(until)
    seat = Seat(reader, writer)
    seat.reading = asyncio.create_task(seat.read())
    return seat
