"""Alerts on their way out: kept in the unit that asks for them, the address sealed until it is no longer needed."""

from mewe_core.kit.database import Database, Executable
from mewe_core.kit.ports import Alert, Keys
from mewe_core.kit.records import ALERT
from sqlalchemy import bindparam, insert
from whenever import Instant

ADDRESS = "kit.alert.address"

KEEP_ALERT: Executable = insert(ALERT).values(
    {name: bindparam(name) for name in ("id", "kind", "sealed_to", "language", "create_time", "attempts", "next_time")}
)


async def keep(alert: Alert, database: Database, keys: Keys, now: Instant) -> None:
    """Keep an alert to be sent at once."""
    await database.execute(
        KEEP_ALERT,
        id=alert.id,
        kind=alert.kind,
        sealed_to=keys.seal(ADDRESS, alert.to.encode()),
        language=alert.language,
        create_time=now,
        attempts=0,
        next_time=now,
    )
