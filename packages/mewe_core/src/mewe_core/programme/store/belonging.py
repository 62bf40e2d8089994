"""Who belongs to which organisation."""

from sqlalchemy import bindparam, func, select

from mewe_core.kit.database import Database, Either, either
from mewe_core.programme.store.tables import PERSON

KEEP: Either = either(
    lambda insert: (row := insert(PERSON)).on_conflict_do_update(
        index_elements=[PERSON.c.person_id], set_={"organisation_id": row.excluded.organisation_id}
    )
)
BELONGS = select(func.count()).where(
    PERSON.c.person_id == bindparam("person_id"), PERSON.c.organisation_id == bindparam("organisation_id")
)


async def keep(database: Database, person_id: str, organisation_id: str) -> None:
    """Somebody belongs to an organisation."""
    await database.execute(KEEP, person_id=person_id, organisation_id=organisation_id)


async def belongs(database: Database, person_id: str, organisation_id: str) -> bool:
    """Whether somebody does, as far as is known here."""
    return bool(await database.first(BELONGS, int, person_id=person_id, organisation_id=organisation_id))
