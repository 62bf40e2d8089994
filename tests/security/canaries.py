"""Canaries: a text of its own for each field of each RPC, and every place of a deployment where one could be heard.

The transport's store is encrypted on disk, so its streams are read as a client reads them, besides its files. What is sealed is
tried with the deployment's own keys: what they open is as good as written there.
"""

import asyncio
import base64
import hashlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, closing, suppress
from pathlib import Path

from attrs import frozen
from mewe_core.kit import records
from mewe_core.kit.personal import SEALED, Personal
from mewe_core.kit.plugins import installed, load
from mewe_host.bus.address import NatsAddress
from mewe_host.bus.connection import Connection
from mewe_host.desk import requests
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.opening import Keyrings
from nats.js.client import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy import MetaData

from tests.security.deployment import Deployment

COUNTRY = "SE"
BIRD = "canary"


def canary(field: str) -> str:
    """The canary of a field (``PostMessage.text``). Short, as some fields are."""
    return f"{BIRD}{hashlib.sha256(field.encode()).hexdigest()[:9]}"


def shapes(one: str) -> tuple[bytes, ...]:
    """A canary as it may stand in bytes: as it is, in hexadecimal digits, in base64 at each of its three beginnings."""
    plain = one.encode()
    at = [base64.b64encode(b"\0" * skipped + plain)[-(-skipped * 4 // 3) :] for skipped in range(3)]
    whole = [part[: len(plain) * 4 // 3 - 1] for part in at]
    return plain, plain.hex().encode(), plain.hex().upper().encode(), *whole


_BEGINNINGS = {shape[: 12 if shape.isdigit() or shape[:2] == b"63" else 6] for shape in shapes(f"{BIRD}000000000")}
_LONGEST = 40


def _birds(content: bytes) -> bytes:
    """The parts of something that may be a canary of some field; most files have none."""
    found = set[bytes]()
    for beginning in _BEGINNINGS:
        at = content.find(beginning)
        while at >= 0:
            found.add(content[at : at + _LONGEST])
            at = content.find(beginning, at + 1)
    return b"\n".join(found)


@frozen
class Ears:
    """What listens for the canaries of some fields."""

    fields: tuple[str, ...]

    def heard(self, content: bytes) -> set[str]:
        """The fields whose canary is in it."""
        birds = _birds(content)
        return {one for one in self.fields if birds and any(shape in birds for shape in shapes(canary(one)))}

    def in_files(self, folder: Path) -> Iterator[tuple[str, str]]:
        """Pairs of field and file of a folder."""
        for file, content in contents(folder).items():
            yield from ((field, str(file.relative_to(folder))) for field in self.heard(content))


def contents(folder: Path) -> dict[Path, bytes]:
    """Every file of a folder in which programs write meanwhile, with what is in it."""
    found = {}
    for file in sorted(one for one in folder.rglob("*") if one.is_file()):
        with suppress(FileNotFoundError):  # a server's draft of a file, which is the file by now
            found[file] = file.read_bytes()
    return found


def told(here: Deployment) -> Mapping[str, bytes]:
    """What goes out of a deployment without a token, and everything that its streams hold, by where it is."""
    return {"log": here.log().encode(), "pages": here.pages().encode(), **asyncio.run(_streams(here.folder / "var" / "nats"))}


async def _streams(folder: Path) -> dict[str, bytes]:
    connection = await Connection.open(NatsAddress.read(folder), name="canaries")
    try:
        server = (await connection.client()).jetstream(timeout=5)
        names = [one.config.name or "" for one in await server.streams_info()]
        return {name: b"\n".join([one async for one in _messages(server, name)]) for name in names}
    finally:
        await connection.close()


async def _messages(server: JetStreamContext, stream: str) -> AsyncIterator[bytes]:
    after = 0
    while True:
        try:
            message = await server.get_msg(stream, seq=after + 1, subject=">", next=True)
        except NotFoundError:
            return
        yield b"\n".join((repr((message.subject, message.headers)).encode(), message.data or b""))
        after = message.seq or after + 1


@frozen
class Backup:
    """The rows of a deployment as they were at some time."""

    folder: Path

    @classmethod
    def of(cls, here: Deployment, folder: Path) -> "Backup":
        """Made while it runs."""
        folder.mkdir()
        for file in (here.folder / "var" / "data").glob("*.db"):
            with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(folder / file.name)) as copy:
                source.backup(copy)
        return cls(folder)

    def opened(self, keys: Path, copy: Path) -> list[tuple[str, str]]:
        """Everything sealed in it that a folder of keys opens: pairs of its place and the words. ``copy``: a new folder."""
        shutil.copytree(keys, copy)
        return asyncio.run(_opened(self.folder, copy))


async def _opened(rows: Path, keys_folder: Path) -> list[tuple[str, str]]:
    keys, features = FileKeys.of(keys_folder, COUNTRY), load(tuple(installed()))[0]
    found = list[tuple[str, str]]()
    async with AsyncExitStack() as stack:
        opening = Keyrings(COUNTRY, "sqlite:data", keys_folder, keys, Masters.of(keys_folder, COUNTRY))
        rings = await opening.opened([one.name for one in features], stack)
        for feature in features:
            file = rows / f"{feature.name}.db"
            if not file.exists():
                continue
            database = stack.enter_context(closing(sqlite3.connect(file)))
            ring = rings[feature.name]
            for tables, declared in ((feature.tables, feature.personal), (records.METADATA, records.PERSONAL_DATA)):
                for one in declared.personal:
                    found += [pair async for pair in _by_person(one, tables, database, ring)]
            found += [pair async for pair in _answers(database, ring)]
    return found


async def _by_person(
    one: Personal, tables: MetaData, database: sqlite3.Connection, ring: Keyring
) -> AsyncIterator[tuple[str, str]]:
    if one.opened_by is not None:
        return
    table = tables.tables[one.table]
    columns = [name for name in one.columns if name.startswith(SEALED)]
    (key,) = table.primary_key.columns if columns else (None,)
    for column in columns:
        asked = f"SELECT {key.name}, {one.about or one.found_by}, {column} FROM {one.table}"  # type: ignore[union-attr]
        for id_, about, sealed in database.execute(asked):
            if sealed:
                words = await _words(ring, str(about), str(one.sealed), f"{one.table}/{id_}/", column, sealed)
                if words is not None:
                    yield f"{one.table}.{column}", words


async def _words(ring: Keyring, about: str, purpose: str, row: str, column: str, sealed: bytes) -> str | None:
    """None: its key is gone. What is not sealed as its declaration says is given as it stands there."""
    for name in (column, column.removeprefix(SEALED)):
        with suppress(ValueError):
            return await ring.open(about, purpose, row + name, sealed)
    return f"not sealed as declared: {sealed.decode(errors='replace')}"


async def _answers(database: sqlite3.Connection, ring: Keyring) -> AsyncIterator[tuple[str, str]]:
    """What is kept for a repeat, under whichever key of a day there is."""
    days = await ring.abouts(requests.ANSWER)
    for key, sealed in database.execute("SELECT key, answer FROM kit_request"):
        for day in days:
            answer = None
            with suppress(ValueError):
                answer = await ring.open_within(day, requests.ANSWER, requests.place(key), sealed)
            if answer is not None:
                yield "kit_request.answer", answer.decode(errors="replace")
