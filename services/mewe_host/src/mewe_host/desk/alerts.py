"""Alerts on their way out: kept in the unit that asks for them, each address sealed under a key of that alert alone.

The key is destroyed once the alert has left, or when whoever it was for is erased: no copy of the row tells the address then.
"""

from mewe_core.kit.database import Database, Executable, one_of
from mewe_core.kit.ports import Alert, Sealing
from mewe_core.kit.records import ALERT, ALERT_KEY
from sqlalchemy import bindparam, insert, select
from whenever import Instant

from mewe_host.parts import Seals

KEEP_ALERT: Executable = insert(ALERT).values(
    {
        name: bindparam(name)
        for name in ("id", "kind", "person_id", "sealed_to", "language", "create_time", "attempts", "next_time")
    }
)

_WAITING: Executable = select(ALERT.c.id).where(one_of(ALERT.c.id, "ids"), ALERT.c.sealed_to.is_not(None))


def place(id_: str) -> str:
    """Where the address of an alert is kept."""
    return f"kit_alert/{id_}/to"


async def keep(alert: Alert, database: Database, sealing: Sealing, now: Instant) -> None:
    """Keep an alert to be sent at once."""
    await database.execute(
        KEEP_ALERT,
        id=alert.id,
        kind=alert.kind,
        person_id=alert.person_id,
        sealed_to=await sealing.seal(alert.id, ALERT_KEY, place(alert.id), alert.to),
        language=alert.language,
        create_time=now,
        attempts=0,
        next_time=now,
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
