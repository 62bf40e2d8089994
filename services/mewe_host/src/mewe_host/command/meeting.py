"""Work that several processes do together over NATS: what each tells is kept there once, until everybody has heard it."""

import asyncio
from collections.abc import Mapping, Sequence

import nats
import nats.errors
from mewe_core.kit.commands import Answer, Hear, Talk
from nats.aio.client import Client
from nats.js.api import KeyValueConfig, StorageType
from nats.js.errors import Error as JetStreamError
from nats.js.errors import KeyWrongLastSequenceError
from nats.js.kv import KeyValue

from mewe_host.bus.address import NatsAddress
from mewe_host.bus.faults import BusFault
from mewe_host.running.steps import Refusal

_A_DAY = 24 * 3600.0
_PIECE = 400_000
"""Bytes of one piece of what is told: a server takes a megabyte at once."""

_ANSWERS = 5.0
"""Seconds until a server has answered."""


async def held(talk: Talk, address: NatsAddress, patience: float) -> Answer:
    """Do one part of the work. ``patience``: seconds that one waits for the others at any step.

    Raises Refusal where there is no such server, somebody has spoken under this name already, or others stay silent;
    CommandFault as the part does.
    """
    client = await _connected(address)
    try:
        kept = await client.jetstream(timeout=_ANSWERS).create_key_value(
            config=KeyValueConfig(bucket=f"meeting-{talk.meeting}", ttl=_A_DAY, storage=StorageType.MEMORY)
        )
        sends: Mapping[str, str] | None = None
        while True:
            try:
                wanted = next(talk.part) if sends is None else talk.part.send(sends)
            except StopIteration as over:
                answer: Answer = over.value
                return answer
            if isinstance(wanted, Hear):
                sends = await _heard(kept, wanted, patience)
            else:
                await _tell(kept, f"{wanted.topic}.{talk.by}", wanted.said.encode(), talk)
                sends = None
    except (nats.errors.Error, JetStreamError, TimeoutError) as fault:
        raise Refusal(f"The NATS server at {address.shown()} does not keep what is told: {type(fault).__name__}.") from fault
    finally:
        await client.close()


async def _connected(address: NatsAddress) -> Client:
    secure = address.trust() if address.servers[0].startswith("tls:") else None
    try:
        async with asyncio.timeout(_ANSWERS):
            return await nats.connect(
                servers=list(address.servers),
                user=address.user,
                password=address.password,
                tls=secure,
                tls_handshake_first=secure is not None,
                allow_reconnect=False,
                error_cb=_told_by_raising,
            )
    except (nats.errors.Error, OSError, TimeoutError) as fault:
        raise Refusal(f"No NATS server that lets one in answers at {address.shown()} (--nats).") from fault


async def _told_by_raising(_: Exception) -> None:
    """What goes wrong is raised where it is waited for; nothing is printed besides."""


async def _tell(kept: KeyValue, key: str, said: bytes, talk: Talk) -> None:
    """Keep it in pieces, the first one last: whoever sees that has all. Raises Refusal where it was told already."""
    pieces = [said[place : place + _PIECE] for place in range(0, len(said), _PIECE)] or [b""]
    for number, piece in reversed(list(enumerate(pieces))):
        try:
            await kept.create(f"{key}.{number}", piece if number else f"{len(pieces)}\n".encode() + piece)
        except KeyWrongLastSequenceError as fault:
            raise Refusal(
                f"Somebody has spoken as {talk.by} in the meeting {talk.meeting} already; begin again under another name."
            ) from fault


async def _heard(kept: KeyValue, wanted: Hear, patience: float) -> Mapping[str, str]:
    """What everybody said whom the part waits for. Raises Refusal if one says nothing for too long."""
    first = dict[str, bytes]()
    watching = await kept.watch(f"{wanted.topic}.*.0")
    try:
        async with asyncio.timeout(patience):
            while missing := [one for one in wanted.of if one not in first]:
                entry = await watching.updates(timeout=patience)  # type: ignore[no-untyped-call]
                if entry is not None and entry.value is not None:
                    first[entry.key.split(".")[-2]] = entry.value
    except (TimeoutError, nats.errors.TimeoutError) as fault:
        raise Refusal(f"{_listed(missing)} said nothing for {patience:g} seconds; begin again under another name.") from fault
    finally:
        await watching.stop()  # type: ignore[no-untyped-call]
    return {one: (await _whole(kept, f"{wanted.topic}.{one}", first[one])).decode() for one in wanted.of}


async def _whole(kept: KeyValue, key: str, first: bytes) -> bytes:
    count, _, piece = first.partition(b"\n")
    pieces = [piece]
    for number in range(1, int(count)):
        value = (await kept.get(f"{key}.{number}")).value
        pieces.append(value or b"")
    return b"".join(pieces)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(names)


def address_of(url: str, ca: str | None) -> NatsAddress:
    """Where the meeting is. Raises Refusal if it is no address of a NATS server."""
    try:
        return NatsAddress.of(url, (), ca)
    except BusFault as fault:
        raise Refusal("--nats: this is no address of a NATS server; allowed: nats://HOST:4222 or tls://HOST:4222") from fault
