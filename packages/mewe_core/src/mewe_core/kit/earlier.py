"""What somebody kept before they came back on a new device is closed, until it is opened with them.

Whoever loses their device comes back by a new code, which other people have had in their hands. So that nobody can become
somebody else by that, what the person kept before stays closed to whoever has come back.
"""

from collections.abc import Callable

from attrs import frozen
from sqlalchemy import Table, bindparam, select
from sqlalchemy.dialects.sqlite import Insert
from whenever import Instant

from mewe_core.kit.database import Database, Either, Executable, either
from mewe_core.kit.events import Event
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import is_erased
from mewe_core.kit.records import EARLIER
from mewe_core.kit.values import columns, micros


@frozen
class EarlierClosed(Event):
    """What a person kept before a moment is closed to them; ``before`` None: it was opened with them.

    The newest one of an id says all there is to know about one return of a person.
    """

    id: str
    person_id: str
    before: Instant | None


def _keep(insert: Callable[[Table], Insert]) -> Executable:
    row = insert(EARLIER)
    return row.on_conflict_do_update(index_elements=[EARLIER.c.id], set_={"before": row.excluded["before"]})


KEEP_EARLIER: Either = either(_keep)
CLOSED_BEFORE: Executable = (
    select(EARLIER.c.before)
    .where(EARLIER.c.person_id == bindparam("person_id"), EARLIER.c.before.is_not(None))
    .order_by(EARLIER.c.before.desc())
    .limit(1)
)


async def closed_before(database: Database, person_id: str) -> Instant | None:
    """The moment before which everything of a person is closed to them, as far as this feature has heard; None: nothing is."""
    return await database.first(CLOSED_BEFORE, Instant, person_id=person_id)


async def opened_from(database: Database, person_id: str) -> tuple[int, str]:
    """From which place on a list by moment and id shows a person what is theirs: from the first, or from their return."""
    closed = await closed_before(database, person_id)
    return (0 if closed is None else micros(closed)), ""


async def hear_earlier_closed(event: EarlierClosed, work: Work) -> None:
    """Keep the newest word on one return; nothing is kept of somebody who was erased."""
    if not await is_erased(work.database, event.person_id):
        await work.database.execute(KEEP_EARLIER, **columns(event))
