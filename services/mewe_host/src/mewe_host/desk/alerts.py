"""Alerts on their way out: kept in the unit that asks for them, each address sealed under a key of that alert alone.

The key is destroyed once the alert has left, or when whoever it was for is erased: no copy of the row tells the address then.
"""

import json

from mewe_core.kit.database import Database, Executable, one_of
from mewe_core.kit.ports import Alert, Push, Sealing
from mewe_core.kit.pushing import PUSH
from mewe_core.kit.records import ALERT, ALERT_KEY
from sqlalchemy import bindparam, delete, insert, select
from whenever import Instant

from mewe_host.parts import Seals

KEEP_ALERT: Executable = insert(ALERT).values(
    {
        name: bindparam(name)
        for name in (
            "id",
            "kind",
            "person_id",
            "sealed_to",
            "language",
            "create_time",
            "attempts",
            "next_time",
            "device_id",
            "until",
        )
    }
)

WITHDRAW: Executable = delete(ALERT).where(
    ALERT.c.id == bindparam("push"), ALERT.c.kind == PUSH, ALERT.c.refused_time.is_(None)
)

_WAITING: Executable = select(ALERT.c.id).where(one_of(ALERT.c.id, "ids"), ALERT.c.sealed_to.is_not(None))


def place(id_: str) -> str:
    """Where the address of an alert is kept."""
    return f"kit_alert/{id_}/to"


async def keep(alert: Alert, database: Database, sealing: Sealing, now: Instant) -> None:
    """Keep an alert to be sent at once."""
    await _keep(alert.id, alert.kind, alert.person_id, alert.to, alert.language, None, None, database, sealing, now)


async def keep_push(push: Push, database: Database, sealing: Sealing, now: Instant) -> None:
    """Keep a push to be sent at once."""
    to = {"endpoint": push.endpoint, "public_key": push.public_key, "secret": push.secret, "topic": push.topic}
    address = f"{PUSH}:{json.dumps(to)}"
    await _keep(push.id, PUSH, push.person_id, address, "", push.device_id, push.until, database, sealing, now)


async def withdraw(push_id: str, database: Database) -> None:
    """Have a push not leave, if it has not; its key goes with the others that nobody needs."""
    await database.execute(WITHDRAW, push=push_id)


async def _keep(
    id_: str,
    kind: str,
    person_id: str | None,
    to: str,
    language: str,
    device_id: str | None,
    until: Instant | None,
    database: Database,
    sealing: Sealing,
    now: Instant,
) -> None:
    await database.execute(
        KEEP_ALERT,
        id=id_,
        kind=kind,
        person_id=person_id,
        sealed_to=await sealing.seal(id_, ALERT_KEY, place(id_), to),
        language=language,
        create_time=now,
        attempts=0,
        next_time=now,
        device_id=device_id,
        until=until,
    )


async def unneeded(sealing: Seals, before: frozenset[str], database: Database) -> frozenset[str]:
    """Destroy the keys of alerts that do not wait and did not wait ``before``: of units that were undone, of a crash between
    sending and destroying. Gives those that are to be looked at again: the unit that makes one may not be kept yet."""
    there = await sealing.abouts(ALERT_KEY)
    waiting = set(await database.all(_WAITING, str, ids=there)) if there else set()
    idle = frozenset(there) - waiting
    for id_ in idle & before:
        await sealing.destroy(id_, ALERT_KEY)
    return idle - before
