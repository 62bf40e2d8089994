"""A country whose processes each have a key of their own at NATS, and may do what they do."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import evolve, frozen
from mewe_core.kit.events import Catalogue, Event, Published, catalogue
from mewe_core.kit.feature import Feature
from mewe_host.bus.accounts import Accounts, keep_streams
from mewe_host.bus.connection import Connection
from mewe_host.bus.permissions import KEEPER
from mewe_host.bus.server import EmbeddedServer
from mewe_host.bus.subjects import ALL, Names
from nats.aio.msg import Msg
from nats.js.api import StreamInfo

from tests.waiting import until

from ..desk.world import World, running
from .postal import COUNTRY, exchange

NAMES = Names(COUNTRY)


@frozen
class PageWritten(Event):
    """A page was written; nobody hears of it."""

    page_id: str


@frozen
class Country:
    """Two features at work in processes of their own, and a third that nobody hears and that hears nobody."""

    world: World
    server: EmbeddedServer
    folder: Path
    features: tuple[Feature, ...]
    catalogue: Catalogue

    @asynccontextmanager
    async def as_(self, process: str) -> AsyncIterator[Connection]:
        """A connection of a process."""
        address = evolve(self.server.address).known(self.folder / "nats" / "users", process)
        connection = await Connection.open(address, name=process)
        try:
            yield connection
        finally:
            await connection.close()

    def violations(self) -> list[str]:
        """What the server has refused so far."""
        return [line for line in (self.folder / "nats" / "nats.log").read_text().splitlines() if "Violation" in line]

    async def refused(self, subject: str) -> None:
        """Return when the last that the server has refused is this subject. Raises TimeoutError."""

        async def is_last() -> bool:
            return f'Subject "{subject}"' in (self.violations() or [""])[-1]

        try:
            await until(is_last, 5)
        except TimeoutError:
            raise AssertionError(f"the server has not refused {subject}") from None

    async def streams(self) -> Mapping[str, StreamInfo]:
        """Every stream of the country."""
        async with self.as_(ALL) as everything:
            listed = await (await everything.client()).jetstream().streams_info()
        return {str(one.config.name): one for one in listed}


def accounts(features: tuple[Feature, ...], known: Catalogue) -> Accounts:
    """A process for each feature, one for all, and the keeper."""
    every = tuple(one.name for one in features)
    return Accounts.of(COUNTRY, known, features, [*((one,) for one in every), every])


@asynccontextmanager
async def country(folder: Path, url: str) -> AsyncIterator[Country]:
    """The country, with its streams made by the keeper."""
    async with running(folder, url) as world:
        features = (*(desk.feature for desk in world.desks.values()), diary(world))
        known = catalogue([(one.name, one.tells) for one in features])
        server = await EmbeddedServer.start(folder / "nats", accounts=accounts(features, known))
        try:
            here = Country(world, server, folder, features, known)
            async with here.as_(KEEPER) as keeper:
                await keep_streams(keeper, COUNTRY, known, features, replicas=1)
            yield here
        finally:
            await server.stop()


def diary(world: World) -> Feature:
    """A feature that tells of itself alone."""
    page = Published(PageWritten, aggregate="page_id", meaning="A page was written.")
    return evolve(world.desks["circle"].feature, name="diary", hears=(), events=(page,))


@asynccontextmanager
async def at_work(here: Country) -> AsyncIterator[Mapping[str, Connection]]:
    """The two features exchange events, each by the connection of its own process."""
    async with AsyncExitStack() as stack:
        by_name = {}
        for name in ("circle", "echo"):
            by_name[name] = await stack.enter_async_context(here.as_(name))
            await stack.enter_async_context(exchange(here.world, by_name[name], here.world.desks[name]))
        yield by_name


def into(heard: list[bytes]) -> Callable[[Msg], Awaitable[None]]:
    """Hears into a list."""

    async def hear(message: Msg) -> None:
        heard.append(message.data)

    return hear
