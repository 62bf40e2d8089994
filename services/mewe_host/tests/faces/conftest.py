"""A small contract and a guard in front of nothing, for the tests of both faces."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from enum import StrEnum
from pathlib import Path

import grpc_tools
import pytest
from attrs import field, frozen
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message
from grpc_tools import protoc
from mewe_core.kit.access import anyone
from mewe_core.kit.errors import Conflict, Field, Invalid, NotAllowed, NotFound, RequestReused, SignedOut, Unavailable
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Follow, Work
from mewe_host.desk.failures import TooManyCalls
from mewe_host.parts import Answer, Arrival, Guard, Method
from mewe_host.wire.codecs import Codecs
from mewe_host.wire.contracts import Contracts
from mewe_host.wire.methods import bind
from sqlalchemy import MetaData

TOLD = "Ada has told nobody"


class Mood(StrEnum):
    """How it is said."""

    CALM = "calm"
    LOUD = "loud"


@frozen
class Say:
    """What a parrot is told."""

    request_id: str
    text: str
    mood: Mood | None
    number: int


@frozen
class Hear:
    """Asks what it said."""

    id: str


@frozen
class Saying:
    """What it says."""

    text: str
    sequence: int


async def say(request: Say, work: Work) -> Saying:
    """Bound, never called: the guard of these tests answers by itself."""
    raise NotImplementedError


async def hear(request: Hear, work: Work) -> Saying:
    """Bound, never called."""
    raise NotImplementedError


async def listen(request: Hear, work: Work) -> Follow[Saying]:
    """Bound, never called."""
    raise NotImplementedError


FAILURES: Mapping[str, Exception] = {
    "not found": NotFound(),
    "not allowed": NotAllowed(),
    "signed out": SignedOut(),
    "invalid": Invalid(Field("answers[2].value", "a number from 0 to 4"), Field("text", "at most 5 characters")),
    "conflict": Conflict(),
    "reused": RequestReused(),
    "unavailable": Unavailable(),
    "too many": TooManyCalls(after_seconds=7),
    "broken": RuntimeError(TOLD),
}


@frozen
class Parrot:
    """A guard that says back what it is told, fails as it is told, and ends no stream of "wait" or "flood" by itself."""

    methods: Mapping[str, Method]
    arrivals: list[Arrival] = field(factory=list)
    arrived: asyncio.Event = field(factory=asyncio.Event)
    left: asyncio.Event = field(factory=asyncio.Event)
    given: list[AsyncIterator[bytes]] = field(factory=list)

    def method(self, path: str) -> Method | None:
        """By path."""
        return self.methods.get(path)

    async def unary(self, method: Method, request: Message, arrival: Arrival) -> Answer:
        """Say it back."""
        self.arrivals.append(arrival)
        self.arrived.set()
        asked = method.request.load(request)
        text = asked.text if isinstance(asked, Say) else getattr(asked, "id", "")
        if text in FAILURES:
            raise FAILURES[text]
        if text == "wait":
            await self._forever()
        saying = Saying(text, asked.number if isinstance(asked, Say) else 1)
        return Answer(method.answer.dump(saying), "chat:7" if isinstance(asked, Say) else "")

    async def stream(self, method: Method, request: Message, arrival: Arrival) -> AsyncIterator[bytes]:
        """Say it three times; then nothing more if it is "wait", and on and on if it is "flood"."""
        self.arrivals.append(arrival)
        self.arrived.set()
        text: str = getattr(method.request.load(request), "id", "")
        if text in FAILURES:
            raise FAILURES[text]
        self.given.append(self._items(method, text))
        return self.given[-1]

    async def _items(self, method: Method, text: str) -> AsyncIterator[bytes]:
        try:
            for number in (1, 2, 3):
                yield method.answer.dump(Saying(text, number)).SerializeToString()
            if text == "wait":
                await asyncio.Event().wait()
            while text == "flood":
                yield method.answer.dump(Saying("x" * 100_000, 4)).SerializeToString()
            if text == "breaks":
                raise RuntimeError(TOLD)
        finally:
            self.left.set()

    async def _forever(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()


@pytest.fixture(scope="session")
def contracts(tmp_path_factory: pytest.TempPathFactory) -> Contracts:
    """The contract of parrots.proto."""
    out = tmp_path_factory.mktemp("parrots") / "contract.binpb"
    here, known = Path(__file__).parent, Path(grpc_tools.__file__).parent / "_proto"
    arguments = ["--include_imports", "--include_source_info", f"--descriptor_set_out={out}"]
    assert protoc.main(["protoc", f"-I{here}", f"-I{known}", *arguments, str(here / "parrots.proto")]) == 0
    return Contracts({"parrots": FileDescriptorSet.FromString(out.read_bytes())})


@pytest.fixture
def parrot(contracts: Contracts) -> Guard:
    """A guard for the contract."""
    tables = MetaData()
    codecs = Codecs(contracts)
    feature = Feature(
        name="parrots",
        package="parrots",
        version="1",
        summary="Parrots.",
        rpcs=(Rpc(say, anyone()), Rpc(hear, anyone()), Rpc(listen, anyone())),
        tables=tables,
        personal=holds_nothing(tables),
    )
    bound = bind(feature, codecs)
    assert codecs.problems == []
    return Parrot(bound)
