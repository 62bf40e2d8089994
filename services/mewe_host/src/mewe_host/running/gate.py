"""The guard, and in front of it the question whether the feature that is called is ready."""

from collections.abc import AsyncIterator, Mapping

from attrs import frozen
from google.protobuf.message import Message

from mewe_host.parts import Answer, Arrival, Guard, Method
from mewe_host.running.health import Health


@frozen
class Gate:
    """A guard (``parts.Guard``) that lets nobody through to a feature that has not caught up."""

    _guard: Guard
    _health: Health

    def method(self, path: str) -> Method | None:
        """The method of a path, or None."""
        return self._guard.method(path)

    @property
    def methods(self) -> Mapping[str, Method]:
        """All methods by path."""
        return self._guard.methods

    async def unary(self, method: Method, request: Message, arrival: Arrival) -> Answer:
        """The call, or NotReady."""
        self._health.check(method.area)
        return await self._guard.unary(method, request, arrival)

    async def stream(self, method: Method, request: Message, arrival: Arrival) -> AsyncIterator[bytes]:
        """The stream, or NotReady."""
        self._health.check(method.area)
        return await self._guard.stream(method, request, arrival)
