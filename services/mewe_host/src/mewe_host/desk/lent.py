"""What a host lends to the handlers of one feature."""

from attrs import field, frozen
from mewe_core.kit.access import Caller, Standing, whole_country
from mewe_core.kit.database import Database
from mewe_core.kit.ports import Clock, Ids, Keys, Pushing, Sealing, Work
from mewe_core.kit.preparing import Checker, Computer, Issuers, NoIssuers, at_once, unchecked
from whenever import Instant

from mewe_host.parts import Seals


@frozen
class Lent:
    """The ports that are the same in every unit. ``configured`` is what ``Feature.configure`` made of the settings."""

    country: str
    clock: Clock
    ids: Ids
    keys: Keys
    sealing: Seals
    configured: object = field(default=None, repr=False)
    issuers: Issuers = field(factory=NoIssuers, repr=False)
    areas: tuple[str, ...] = ()
    checker: Checker = field(default=unchecked, repr=False)
    pushing: Pushing = field(factory=Pushing)
    compute: Computer = field(default=at_once, repr=False)

    def work(
        self,
        caller: Caller,
        standing: Standing,
        now: Instant,
        database: Database,
        ready: object = None,
        sealing: Sealing | None = None,
    ) -> Work:
        """A unit of somebody who calls; ``ready`` is what was prepared before it, ``sealing`` what it seals with."""
        return Work(
            caller,
            standing,
            now,
            database,
            self.ids,
            self.keys,
            self.sealing if sealing is None else sealing,
            configured=self.configured,
            ready=ready,
            areas=self.areas,
            pushing=self.pushing,
        )

    def own_work(self, now: Instant, database: Database) -> Work:
        """A unit that nobody called for: an event heard, a start."""
        standing = Standing(whole_country(self.country), ())
        return self.work(Caller(None, None, self.country), standing, now, database)
