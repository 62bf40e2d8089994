"""The erasures of a process: all its features, the ledger of the deployment, and the streams that they told to."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from mewe_core.kit.events import Catalogue
from mewe_core.kit.ports import Clock, Keys
from mewe_core.kit.privacy.rules import Archive

from mewe_host.bus.connection import Connection
from mewe_host.bus.subjects import Names
from mewe_host.desk.desk import FeatureDesk
from mewe_host.mix import Mix
from mewe_host.privacy import streams
from mewe_host.privacy.erasures import Erasures
from mewe_host.privacy.ledger import Ledger


class Erasing:
    """What a process does about erasures."""

    def __init__(self, mix: Mix, catalogue: Catalogue, desks: Mapping[str, FeatureDesk], keys: Keys, clock: Clock) -> None:
        ledger = Ledger.beside(Path(mix.keys.folder), keys)
        archives = tuple(Archive(one.rule, one.tables, one.days) for one in mix.privacy.archives)
        self._catalogue = catalogue
        self._names = Names(mix.country)
        self.by_name = {name: Erasures(desk, ledger, archives, clock) for name, desk in desks.items()}

    async def replay(self) -> None:
        """Before anything is served: erase again whom a database from a backup holds. Raises LedgerFault, OSError."""
        for one in self.by_name.values():
            await one.replay()

    async def retain(self) -> None:
        """Remove what is past its term, in every feature; to be called now and then."""
        for one in self.by_name.values():
            await one.retain()

    async def go_on(self, name: str, connection: Connection) -> None:
        """What is due in one feature; to be called each second."""
        await self.by_name[name].go_on()
        await self.by_name[name].sweep(partial(streams.remove, connection, self._names, self._catalogue))
