"""The gRPC face: one handler for every method, generic by descriptor. It takes bytes and gives bytes."""

from collections.abc import Callable
from typing import NoReturn, cast

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection

from mewe_host.desk.failures import DeadlineMissing
from mewe_host.faces.failures import NO_SUCH_METHOD, Telling, grpc_status, telling
from mewe_host.faces.streams import ended
from mewe_host.parts import Arrival, Guard, Method

POSITION = "mewe-position"
"""The metadata key of an event position: told after a write, shown with a later call."""

LARGEST_REQUEST = 1024 * 1024
"""The most bytes one request may have, unless the host says otherwise."""

_LEFT_OUT = (("grpc.enable_channelz", 0), ("grpc.http2.bdp_probe", 0))
"""Counting for channelz, which nobody can read here, and probing how much a network takes, which only large requests gain by:
without them a call costs some twentieth less processor."""

Context = grpc.aio.ServicerContext[bytes, bytes]


class GrpcFace:
    """A gRPC server in front of a guard, with the standard health service."""

    def __init__(
        self, guard: Guard, address: str, *, largest: int = LARGEST_REQUEST, reflects: DescriptorPool | None = None
    ) -> None:
        """``address`` is ``host:port`` (port 0: any free one); ``reflects`` turns reflection on, for development."""
        self._address = address
        self._health = HealthServicer()
        self._services = sorted({path.split("/")[1] for path in guard.methods})
        self._areas = {path.split("/")[1]: method.area for path, method in guard.methods.items()}
        self._server = grpc.aio.server(
            options=[
                ("grpc.max_receive_message_length", largest),
                ("grpc.so_reuseport", 0),
                ("grpc.max_metadata_size", 16 * 1024),
                *_LEFT_OUT,
            ]
        )
        add_HealthServicer_to_server(self._health, self._server)
        if reflects is not None:
            names = [*self._services, health_pb2.DESCRIPTOR.services_by_name["Health"].full_name, reflection.SERVICE_NAME]
            reflection.enable_server_reflection(names, self._server, reflects)
        self._server.add_generic_rpc_handlers((_Methods(guard),))

    async def start(self) -> int:
        """Listen; says on which port. Raises OSError naming the address if it is taken."""
        try:
            port = self._server.add_insecure_port(self._address)
        except RuntimeError:
            port = 0
        if port == 0:
            raise OSError(f"gRPC cannot listen on {self._address}: the address is taken, or not of this machine")
        for service in self._services:
            await self._health.set(service, health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        await self._server.start()
        return port

    async def ready(self, area: str, *, ready: bool) -> None:
        """Tell the health service whether an area serves; ``""`` is the host as a whole."""
        status = health_pb2.HealthCheckResponse.SERVING if ready else health_pb2.HealthCheckResponse.NOT_SERVING
        if not area:
            await self._health.set("", status)
        for service, its_area in self._areas.items():
            if its_area == area:
                await self._health.set(service, status)

    async def stop(self, seconds: float) -> None:
        """Take no new calls, let those that run finish for so many seconds, then end them."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(seconds)


class _Methods(grpc.GenericRpcHandler):  # type: ignore[type-arg]
    """Finds a method's handler by its path; each is made once."""

    def __init__(self, guard: Guard) -> None:
        self._handlers = {
            path: _streaming(guard, method) if method.streams else _unary(guard, method)
            for path, method in guard.methods.items()
        }

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """The handler of a path; one that says so for a path nobody has."""
        return self._handlers.get(handler_call_details.method, _NOBODY)


def _unary(guard: Guard, method: Method) -> "grpc.RpcMethodHandler[bytes, bytes]":
    parse, call = method.request.parse, guard.unary

    async def answer(data: bytes, context: Context) -> bytes:
        seconds = _seconds(context)
        try:
            if seconds is None:
                raise DeadlineMissing
            found = await call(method, parse(data), _arrival(context, seconds))
            encoded = found.message.SerializeToString()
        except Exception as error:
            await _refuse(context, telling(error, method.path))
        if found.position:
            context.set_trailing_metadata(((POSITION, found.position),))
        return encoded

    return _handler(grpc.unary_unary_rpc_method_handler, answer)


def _streaming(guard: Guard, method: Method) -> "grpc.RpcMethodHandler[bytes, bytes]":
    async def follow(data: bytes, context: Context) -> None:
        try:
            request = method.request.parse(data)
            async with ended(await guard.stream(method, request, _arrival(context, _seconds(context)))) as items:
                await context.send_initial_metadata(())
                async for item in items:
                    await context.write(item)
        except Exception as error:
            await _refuse(context, telling(error, method.path))

    return _handler(grpc.unary_stream_rpc_method_handler, follow)


async def _unknown(data: bytes, context: Context) -> bytes:
    await _refuse(context, NO_SUCH_METHOD)


def _handler(make: Callable[..., object], behaviour: object) -> "grpc.RpcMethodHandler[bytes, bytes]":
    return cast("grpc.RpcMethodHandler[bytes, bytes]", make(behaviour))


_NOBODY = _handler(grpc.unary_unary_rpc_method_handler, _unknown)


async def _refuse(context: Context, told: Telling) -> NoReturn:
    metadata = (("grpc-status-details-bin", grpc_status(told)),)
    await context.abort(told.codes.grpc, told.sentence, metadata)


def _seconds(context: Context) -> float | None:
    return cast("float | None", context.time_remaining())


def _arrival(context: Context, seconds: float | None) -> Arrival:
    authorization = position = None
    for key, value in context.invocation_metadata() or ():
        if key == "authorization":
            authorization = value
        elif key == POSITION:
            position = value
    return Arrival(cast("str | None", authorization), seconds, cast("str | None", position))
