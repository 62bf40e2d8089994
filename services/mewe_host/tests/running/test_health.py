"""A feature that has not caught up answers nobody, and everybody can see what the host waits for."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from mewe_core.kit.access import anyone
from mewe_core.kit.feature import Rpc
from mewe_host.parts import Answer, Arrival, Codec, Method
from mewe_host.running.gate import Gate
from mewe_host.running.health import Health, NotReady

ARRIVAL = Arrival(None, 1.0, None)


class Open:
    """A guard that lets everybody in."""

    @property
    def methods(self) -> Mapping[str, Method]:
        """None of its own."""
        return {}

    def method(self, path: str) -> Method | None:
        """None."""
        return self.methods.get(path)

    async def unary(self, method: Method, request: Message, arrival: Arrival) -> Answer:
        """An answer."""
        return Answer(Empty(), "")

    async def stream(self, method: Method, request: Message, arrival: Arrival) -> AsyncIterator[bytes]:
        """One item."""

        async def items() -> AsyncIterator[bytes]:
            yield b"item"

        return items()


class Nothing:
    """A codec of empty messages."""

    message = Empty

    def parse(self, data: bytes) -> Message:
        """Nothing."""
        return Empty()

    def load(self, message: Message) -> object:
        """Nothing."""
        return None

    def dump(self, thing: object) -> Message:
        """Nothing."""
        return Empty()


async def nothing(request: object, work: object) -> object:
    """A handler nobody gets to."""
    return None


def method(area: str) -> Method:
    """A method of an area."""
    codec: Codec[object] = Nothing()
    return Method(f"/mewe.{area}.v1.Service/Do", area, False, False, Rpc(nothing, anyone()), codec, codec)


def test_a_feature_that_has_not_caught_up_answers_nobody() -> None:
    """Calls and streams to it are refused for now; those to a feature that has caught up go on."""
    health = Health.of(("chat", "people"))
    gate = Gate(Open(), health)
    health.caught_up("people")

    async def attempts() -> None:
        assert await gate.unary(method("people"), Empty(), ARRIVAL) == Answer(Empty(), "")
        with pytest.raises(NotReady):
            await gate.unary(method("chat"), Empty(), ARRIVAL)
        with pytest.raises(NotReady):
            await gate.stream(method("chat"), Empty(), ARRIVAL)
        health.caught_up("chat")
        assert await gate.unary(method("chat"), Empty(), ARRIVAL) == Answer(Empty(), "")
        assert [item async for item in await gate.stream(method("chat"), Empty(), ARRIVAL)] == [b"item"]

    asyncio.run(attempts())


def test_a_host_is_ready_when_all_its_features_are() -> None:
    """What it waits for is said by feature."""
    health = Health.of(("chat", "people"))
    assert health.faults() == ("chat: catching up", "people: catching up")
    health.caught_up("chat")
    assert (health.is_ready("chat"), health.is_ready("people")) == (True, False)
    health.caught_up("people")
    assert health.faults() == ()


def test_a_host_that_stops_is_not_ready_and_still_answers_who_is_there() -> None:
    """Nobody new is sent to it; a call that is under way is not refused for that."""
    health = Health.of(("chat",))
    health.caught_up("chat")
    health.stop()
    assert health.faults() == ("the host is stopping",)
    assert not health.is_ready("chat")
    health.check("chat")
