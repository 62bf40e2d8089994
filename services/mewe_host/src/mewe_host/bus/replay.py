"""Telling again: the events of one aggregate, from the outbox of the feature that told them."""

import base64
import json

import nats.errors
import structlog
from attrs import frozen
from mewe_core.kit.database import Database
from mewe_core.kit.values import micros, moment
from nats.aio.msg import Msg

from mewe_host.bus.connection import Connection, Listening
from mewe_host.bus.outbox import OF_AGGREGATE, Row
from mewe_host.bus.subjects import Names
from mewe_host.parts import Envelope, Store

_PAGE = 100
_SECONDS = 3.0


class NoAnswer(Exception):
    """The feature that told the events is not there to tell them again."""


@frozen
class Teller:
    """Answers who asks for an area's events again; one of the processes that serve the area does so each time."""

    area: str
    store: Store

    async def answer(self, message: Msg) -> None:
        """The kept events of one aggregate behind a sequence, in order, a page of them.

        Answered at an inbox alone: whoever asks could have this process say something elsewhere, where they may not themselves.
        """
        if not message.reply.startswith("_INBOX."):
            return
        asked = json.loads(message.data)
        aggregate_id, after = str(asked["aggregate_id"]), int(asked["after"])

        async def unit(database: Database) -> list[Row]:
            return await database.all(OF_AGGREGATE, Row, aggregate_id=aggregate_id, after=after, limit=_PAGE)

        rows = await self.store.read(unit)
        await message.respond(json.dumps({"events": [_row(one) for one in rows], "more": len(rows) == _PAGE}).encode())


async def tell_again(connection: Connection, names: Names, area: str, store: Store) -> Listening:
    """Answer requests for an area's events from now on."""
    return await connection.listen(names.replay(area), Teller(area, store).answer, queue="tellers")


async def ask(connection: Connection, names: Names, area: str, aggregate_id: str, after: int) -> list[Envelope]:
    """The next events of an aggregate behind a sequence, as far as its teller keeps them; at most a hundred.

    Raises NoAnswer if the teller is not there.
    """
    request = json.dumps({"aggregate_id": aggregate_id, "after": after}).encode()
    try:
        client = await connection.client()
        answer = await client.request(names.replay(area), request, timeout=_SECONDS)
        return [_envelope(area, aggregate_id, one) for one in json.loads(answer.data)["events"]]
    except (nats.errors.Error, OSError, TimeoutError) as fault:
        raise NoAnswer from fault
    except (LookupError, TypeError, ValueError) as fault:
        structlog.get_logger(part="bus").error("replay_not_understood", area=area, reason=type(fault).__name__)
        raise NoAnswer from fault


def _row(row: Row) -> dict[str, str | int]:
    return {
        "name": row.name,
        "event_id": row.event_id,
        "sequence": row.sequence,
        "occurred_at": micros(row.occurred_at),
        "payload": base64.b64encode(row.payload).decode(),
    }


def _envelope(area: str, aggregate_id: str, told: dict[str, str | int]) -> Envelope:
    return Envelope(
        area=area,
        name=str(told["name"]),
        event_id=str(told["event_id"]),
        aggregate_id=aggregate_id,
        sequence=int(told["sequence"]),
        occurred_at=moment(int(told["occurred_at"])),
        payload=base64.b64decode(told["payload"] if isinstance(told["payload"], str) else ""),
    )
