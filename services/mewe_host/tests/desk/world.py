"""A small running country for the tests: two features with real stores, keys, trust and guard, and a stream that notes."""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import grpc_tools
from attrs import define, field
from google.protobuf.message import Message
from grpc_tools import protoc
from mewe_core.kit.database import Database, Executable, Statement
from mewe_core.kit.events import catalogue
from mewe_core.kit.feature import Feature
from mewe_core.kit.ports import Follow, Next
from mewe_core.kit.preparing import NotVouched, Registered
from mewe_core.kit.records import OUTBOX
from mewe_core.kit.standing import KEEP_SIGNING_KEY, SigningKeyPublished
from mewe_core.kit.testing import FixedClock
from mewe_core.kit.values import columns
from mewe_host.allowance import Allowance
from mewe_host.desk.desk import FeatureDesk
from mewe_host.desk.effects import Effects
from mewe_host.desk.lent import Lent
from mewe_host.guard import CallGuard
from mewe_host.identity.ids import SystemIds
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Answer, Arrival, Codec, Desk, Envelope, Method, Store
from mewe_host.running.health import Health
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from mewe_host.store.schema import drafted
from mewe_host.store.scripts import Part
from mewe_host.wire.assembling import Wire, assemble
from sqlalchemy import MetaData, select
from whenever import Instant

from ..keyring.ring import rings
from . import circle, echo

COUNTRY = "SE"
HERE = Path(__file__).parent
PLENTY = Allowance(1_000_000, 1_000_000)
"""What one person may ask for here: a proof asks for more than anybody does by hand."""

TOLD: Executable = select(
    OUTBOX.c.name, OUTBOX.c.event_id, OUTBOX.c.aggregate_id, OUTBOX.c.sequence, OUTBOX.c.occurred_at, OUTBOX.c.payload
).order_by(OUTBOX.c.position)


@define
class NotingLive:
    """Streams that give what is there, and note who woke and rechecked them."""

    woken: list[tuple[str, str]] = field(factory=list)
    shown: list[Next[object]] = field(factory=list)
    rechecked: list[str | None] = field(factory=list)
    ends_at: list[Instant] = field(factory=list)
    allowed: list[Callable[[Database], Awaitable[bool]]] = field(factory=list)

    def told(self, envelopes: Sequence[Envelope], shown: Sequence[Next[object]] = ()) -> None:
        """Note it."""
        self.woken += [(one.area, one.aggregate_id) for one in envelopes]
        self.shown += shown

    def recheck(self, person_id: str | None = None) -> None:
        """Note it."""
        self.rechecked.append(person_id)

    def follow(
        self,
        desk: Desk,
        follow: Follow[object],
        codec: Codec[object],
        allowed: Callable[[Database], Awaitable[bool]],
        ends_at: Instant,
        person_id: str | None,
    ) -> AsyncIterator[bytes]:
        """Everything that is there now."""
        self.ends_at.append(ends_at)
        self.allowed.append(allowed)

        async def items() -> AsyncIterator[bytes]:
            found = await desk.store.read(lambda database: follow.page(database, desk.sealing, follow.topic, follow.after, 100))
            for _, item in found:
                yield codec.dump(item).SerializeToString()

        return items()


@define
class Outside:
    """Somebody outside who takes as long as ``answering`` is not set; notes who asked with which code."""

    answering: asyncio.Event = field(factory=asyncio.Event)
    heard: asyncio.Event = field(factory=asyncio.Event)
    asked: list[tuple[str, str]] = field(factory=list)
    left: int = 0

    async def address(self, at: Registered, state: str, nonce: str, challenge: str, now: Instant) -> str:
        """Nobody signs in here."""
        raise NotVouched

    async def claims(self, at: Registered, code: str, verifier: str, nonce: str, now: Instant) -> Mapping[str, object]:
        """Something to bring, once it answers."""
        self.asked.append((code, verifier))
        self.heard.set()
        try:
            await self.answering.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        return {"text": f"brought {len(self.asked)}"}


@define
class World:
    """The country."""

    folder: Path
    clock: FixedClock
    keys: FileKeys
    trust: TokenTrust
    live: NotingLive
    wire: Wire
    stores: dict[str, Store]
    desks: dict[str, FeatureDesk]
    guard: CallGuard
    another_desk: Callable[[str], FeatureDesk]
    cures: echo.Cures
    outside: Outside
    observed: list[tuple[str, str]]

    def token(self, person: str, session: str = "s1", *, minutes: int = 5) -> str:
        """An authorization header of somebody."""
        now = self.clock.now()
        return f"Bearer {self.keys.access_token(person, session, now, now.add(minutes=minutes))}"

    def method(self, name: str) -> Method:
        """A method by its last name."""
        return next(one for path, one in self.guard.methods.items() if path.endswith(f"/{name}"))

    def request(self, name: str, **fields: object) -> Message:
        """A request to it, as it comes from the wire."""
        kind: Any = self.method(name).request.message
        return self.method(name).request.parse(kind(**fields).SerializeToString())

    async def call(self, name: str, person: str | None = None, /, **fields: object) -> Answer:
        """Call through the guard, as a person or nobody."""
        authorization = None if person is None else self.token(person)
        return await self.arrive(name, Arrival(authorization, 20, None), **fields)

    async def arrive(self, name: str, arrival: Arrival, /, **fields: object) -> Answer:
        """Call through the guard with what comes with a call."""
        return await self.guard.unary(self.method(name), self.request(name, **fields), arrival)

    async def stream(self, name: str, arrival: Arrival, /, **fields: object) -> list[Any]:
        """Open a stream through the guard and take what is there."""
        method = self.method(name)
        items = await self.guard.stream(method, self.request(name, **fields), arrival)
        return [method.answer.load(method.answer.parse(data)) async for data in items]

    def loaded(self, name: str, answer: Answer) -> Any:
        """The answer as the feature made it."""
        return self.method(name).answer.load(answer.message)

    async def told(self, area: str) -> list[Envelope]:
        """What stands in a feature's outbox, as the bus would bring it."""
        return [
            Envelope(area, row.name, row.event_id, row.aggregate_id, row.sequence, row.occurred_at, row.payload)
            for row in await self.rows(area, TOLD, _Told)
        ]

    async def rows(self, area: str, statement: Statement, into: type[Any], **parameters: str) -> list[Any]:
        """What a feature's database holds."""
        return await self.stores[area].read(lambda database: database.all(statement, into, **parameters))

    async def write(self, area: str, key: SigningKeyPublished) -> None:
        """Another process has heard of a key."""
        parameters = columns(key)
        await self.stores[area].write(lambda database: database.execute(KEEP_SIGNING_KEY, **parameters))

    async def bring(self) -> None:
        """Bring everything that the circle has told to the echo."""
        for envelope in await self.told("circle"):
            await self.desks["echo"].hear(envelope)


@define
class _Told:
    name: str
    event_id: str
    aggregate_id: str
    sequence: int
    occurred_at: Instant
    payload: bytes


def package(folder: Path, area: str, tables: MetaData) -> str:
    """A package on the path with a feature's contract and its migration."""
    name = f"mewe_{area}_{uuid4().hex[:8]}"
    versions = folder / name / "migrations" / "versions"
    versions.mkdir(parents=True)
    (folder / name / "__init__.py").write_text("")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    sources = [f"-I{HERE / 'contract'}", f"-I{Path(grpc_tools.__file__).parent / '_proto'}"]
    out = folder / name / "contract.binpb"
    made = protoc.main(["", *sources, "--include_imports", f"--descriptor_set_out={out}", f"mewe/{area}/v1/{area}.proto"])
    assert made == 0
    file, text = drafted(Part(area, name, tables), "First tables")
    (versions / file).write_text(text)
    return name


@asynccontextmanager
async def running(folder: Path, url: str, *, waits: bool = True) -> AsyncIterator[World]:
    """The country, from its start to its end. ``waits``: what calls of the circle prepare may have to be waited for."""
    packages = folder / "packages"
    features: tuple[Feature, ...] = (
        circle.circle(package(packages, "circle", circle.TABLES), waits=waits),
        echo.echo(package(packages, "echo", echo.TABLES)),
    )
    wire = assemble(features)
    await migrate(features, url)
    clock, ids, keys, live = FixedClock(), SystemIds(), FileKeys.of(folder / "keys", COUNTRY), NotingLive()
    trust = TokenTrust(COUNTRY, keys.public_key())
    known = catalogue([(feature.name, feature.tells) for feature in features])
    cures, outside = echo.Cures(set()), Outside()
    observed: list[tuple[str, str]] = []
    stores: dict[str, Store] = {}
    keeping = AsyncExitStack()
    try:
        keyrings = await rings(folder / "keys", url, COUNTRY).opened([feature.name for feature in features], keeping)
        for feature in features:
            stores[feature.name] = await open_store(feature.name, url)

        def another_desk(area: str) -> FeatureDesk:
            lent, effects = Lent(COUNTRY, clock, ids, keys, keyrings[area], cures, outside), Effects(trust, live)
            feature = next(one for one in features if one.name == area)
            return FeatureDesk(feature, stores[area], lent, effects, catalogue=known, codecs=wire.events)

        desks = {feature.name: another_desk(feature.name) for feature in features}
        guard = CallGuard(
            wire.methods,
            desks,
            trust,
            live,
            clock,
            check=Health().check,
            observe=lambda path, outcome, _: observed.append((path, outcome)),
            allowance=PLENTY,
        )
        for desk in desks.values():
            await desk.start()
        yield World(folder, clock, keys, trust, live, wire, stores, desks, guard, another_desk, cures, outside, observed)
        for desk in desks.values():
            await desk.settle()
    finally:
        for store in stores.values():
            await store.close()
        await keeping.aclose()
