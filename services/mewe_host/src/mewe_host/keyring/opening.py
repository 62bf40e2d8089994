"""Keyrings opened: where the databases are files, in files beside the keys; on a server, in a schema a feature."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

from attrs import frozen
from mewe_core.kit.ports import Keys

from mewe_host.identity.folder import KeyFault
from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.shelf import Shelf
from mewe_host.keyring.sqlite import FileShelf
from mewe_host.store.place import PostgresqlServer, keyring_of, place

_CONNECTIONS = 4
_ENDING = ".sqlite"
_SCHEMAS = "SELECT nspname FROM pg_namespace WHERE nspname LIKE '%\\_keyring'"


@frozen
class Keyrings:
    """What opens the keyrings of one deployment."""

    country: str
    url: str
    folder: Path
    keys: Keys
    masters: Masters

    async def opened(self, features: Sequence[str], stack: AsyncExitStack) -> Mapping[str, Keyring]:
        """The keyring of each feature; each is made if it is not there. They are closed with the ``stack``.

        Raises KeyFault if one cannot be used, or was wrapped with a master that is not the one of this key folder.
        """
        opened: dict[str, Keyring] = {}
        for name, shelf in (await self._shelves(features, stack)).items():
            if not await shelf.masters():
                newest = self.masters.versions()[-1]
                await shelf.adopt(newest, self.masters.fingerprint(newest))
            for use in await shelf.masters():
                if self.masters.fingerprint(use.version) != use.fingerprint:
                    raise KeyFault(
                        f"{self.masters.file(use.version)} is not the master key that the keyring of {name} was wrapped with; "
                        "copy it from where the keyring was made, or restore it from its backup"
                    )
            opened[name] = Keyring(self.country, name, self.keys, self.masters, shelf)
        return opened

    async def there(self, stack: AsyncExitStack) -> Sequence[str]:
        """The features that have a keyring, whether the mix still names them or not."""
        where = place(self.url)
        if not isinstance(where, PostgresqlServer):
            return sorted(one.name.removesuffix(_ENDING) for one in self._files.glob(f"*{_ENDING}"))
        from mewe_host.store.postgresql import Pool

        pool = await Pool.open(where.url, where.name("public"), size=1)
        stack.push_async_callback(pool.close)
        async with pool.connection() as connection:
            names = [keyring_of(row[0]) for row in await connection.fetch(_SCHEMAS)]
        return sorted(name for name in names if name is not None)

    @property
    def _files(self) -> Path:
        return self.folder / "keyrings"

    async def _shelves(self, features: Sequence[str], stack: AsyncExitStack) -> Mapping[str, Shelf]:
        where = place(self.url)
        shelves: dict[str, Shelf] = {}
        if not isinstance(where, PostgresqlServer):
            for name in features:
                shelf = FileShelf.open(self._files / f"{name}{_ENDING}")
                stack.callback(shelf.close)
                shelves[name] = shelf
            return shelves
        from mewe_host.keyring.postgresql import SchemaShelf
        from mewe_host.store.postgresql import Pool

        pool = await Pool.open(where.url, where.name("public"), size=_CONNECTIONS)
        stack.push_async_callback(pool.close)
        for name in features:
            shelves[name] = await SchemaShelf.open(pool, name)
        return shelves


async def prepared(url: str, features: Sequence[str]) -> None:
    """Make the schemas of the keyrings, where they are schemas, so that hosts need not be allowed to. Raises KeyFault."""
    where = place(url)
    if isinstance(where, PostgresqlServer):
        from mewe_host.keyring.postgresql import SchemaShelf
        from mewe_host.store.postgresql import Pool

        pool = await Pool.open(where.url, where.name("public"), size=1)
        try:
            for name in features:
                await SchemaShelf.open(pool, name)
        finally:
            await pool.close()
