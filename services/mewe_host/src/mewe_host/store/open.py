"""A store for a feature, from the one URL that the mix gives. The driver of PostgreSQL is loaded only where it is used."""

from typing import TYPE_CHECKING

from mewe_host.parts import Store
from mewe_host.store.place import PostgresqlServer, checked_area, place
from mewe_host.store.sqlite import SqliteStore

if TYPE_CHECKING:
    from mewe_host.store.postgresql import Pool


async def open_pool(url: str, *, size: int = 10) -> "Pool | None":
    """The connections that all features of a process share; None where none are needed (SQLite).

    Raises StoreFault if the server cannot be reached or does not keep what it says it kept.
    """
    where = place(url)
    if not isinstance(where, PostgresqlServer):
        return None
    from mewe_host.store.postgresql import Pool

    return await Pool.open(where.url, where.name("public"), size=size)


async def open_store(area: str, url: str, pool: "Pool | None" = None) -> Store:
    """The store of a feature, migrated before. Without a ``pool`` a store on PostgreSQL has one of its own, and closes it.

    Raises StoreFault if the database cannot be used.
    """
    where = place(url)
    checked_area(area)
    if not isinstance(where, PostgresqlServer):
        return SqliteStore.open(where.file(area))
    from mewe_host.store.postgresql import Pool, PostgresqlStore

    if pool is not None:
        return PostgresqlStore(pool, area)
    return PostgresqlStore(await Pool.open(where.url, where.name(area)), area, owns_pool=True)
