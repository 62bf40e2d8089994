"""What a gRPC client sees, over a socket."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar, cast

import grpc
import pytest
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from grpc_status import rpc_status
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mewe_host.faces.grpc_face import GrpcFace
from mewe_host.parts import Guard
from mewe_host.wire.contracts import Contracts
from structlog.testing import capture_logs

T = TypeVar("T")

SERVICE = "mewe.parrots.v1.ParrotService"
SAY, HEAR, LISTEN = (f"/{SERVICE}/{name}" for name in ("Say", "Hear", "Listen"))
TOLD = "Ada has told nobody"


@asynccontextmanager
async def _served(guard: Guard, **options: Any) -> AsyncIterator[tuple[GrpcFace, Any]]:
    face = GrpcFace(guard, "127.0.0.1:0", **options)
    port = await face.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield face, channel
    finally:
        await face.stop(0)


def _asking(guard: Guard, ask: Callable[[Any], Awaitable[T]], **options: Any) -> T:
    async def asked() -> T:
        async with _served(guard, **options) as (_, channel):
            return await ask(channel)

    return asyncio.run(asked())


def _say(guard: Guard, **values: Any) -> bytes:
    return guard.methods[SAY].request.message(**values).SerializeToString()


def _hear(guard: Guard, id_: str) -> bytes:
    return guard.methods[HEAR].request.message(id=id_).SerializeToString()


def _saying(guard: Guard, data: bytes) -> Message:
    return guard.methods[SAY].answer.parse(data)


def _refusal(guard: Guard, path: str, data: bytes, **options: Any) -> grpc.aio.AioRpcError:
    async def ask(channel: Any) -> grpc.aio.AioRpcError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(path)(data, timeout=5)
        return caught.value

    return _asking(guard, ask, **options)


def _details(error: grpc.aio.AioRpcError) -> tuple[ErrorInfo, dict[str, str]]:
    status = rpc_status.from_call(cast(grpc.Call, error))
    info, bad = ErrorInfo(), BadRequest()
    status.details[0].Unpack(info)
    if len(status.details) > 1:
        status.details[1].Unpack(bad)
    return info, {one.field: one.description for one in bad.field_violations}


def test_a_call_is_answered(parrot: Guard) -> None:
    """The answer comes back with the event position; token, deadline and position shown reach the guard."""

    async def ask(channel: Any) -> tuple[bytes, Any]:
        call = channel.unary_unary(SAY)(
            _say(parrot, text="hello", number=3),
            timeout=5,
            metadata=(("authorization", "Bearer t"), ("mewe-position", "people:3")),
        )
        return await call, await call.trailing_metadata()

    answer, trailing = _asking(parrot, ask)
    assert _saying(parrot, answer) == parrot.methods[SAY].answer.message(text="hello", sequence=3)
    assert dict(trailing)["mewe-position"] == "chat:7"
    (arrival,) = parrot.arrivals  # type: ignore[attr-defined]
    assert (arrival.authorization, arrival.position) == ("Bearer t", "people:3")
    assert arrival.seconds == pytest.approx(5, abs=0.5)  # gRPC writes the rest of the time in coarse units, rounded up


@pytest.mark.parametrize(
    ("text", "code", "reason"),
    [
        ("not found", grpc.StatusCode.NOT_FOUND, "NOT_FOUND"),
        ("not allowed", grpc.StatusCode.PERMISSION_DENIED, "NOT_ALLOWED"),
        ("signed out", grpc.StatusCode.UNAUTHENTICATED, "SIGNED_OUT"),
        ("invalid", grpc.StatusCode.INVALID_ARGUMENT, "INVALID"),
        ("conflict", grpc.StatusCode.FAILED_PRECONDITION, "CONFLICT"),
        ("reused", grpc.StatusCode.FAILED_PRECONDITION, "REQUEST_REUSED"),
        ("unavailable", grpc.StatusCode.UNAVAILABLE, "UNAVAILABLE"),
        ("too many", grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_CALLS"),
    ],
)
def test_each_failure_has_its_status_and_reason(parrot: Guard, text: str, code: grpc.StatusCode, reason: str) -> None:
    """The five errors and their kin are told by status, reason and domain."""
    error = _refusal(parrot, HEAR, _hear(parrot, text))
    info, _ = _details(error)
    assert (error.code(), info.reason, info.domain) == (code, reason, "mewe")


def test_who_has_called_too_often_is_told_when_to_call_again(parrot: Guard) -> None:
    """In whole seconds, as google.rpc.RetryInfo."""
    status, retry = rpc_status.from_call(cast(grpc.Call, _refusal(parrot, HEAR, _hear(parrot, "too many")))), RetryInfo()
    assert status.details[1].Unpack(retry)
    assert retry.retry_delay.seconds == 7


def test_faults_in_fields_are_told_with_path_and_rule(parrot: Guard) -> None:
    """What is wrong in a request is told field by field."""
    _, violations = _details(_refusal(parrot, HEAR, _hear(parrot, "invalid")))
    assert violations == {"answers[2].value": "a number from 0 to 4", "text": "at most 5 characters"}


def test_what_nobody_expected_is_told_without_its_text(parrot: Guard) -> None:
    """An unexpected exception is INTERNAL; its type and place are logged, its text is neither told nor logged."""
    with capture_logs() as logs:
        error = _refusal(parrot, HEAR, _hear(parrot, "broken"))
    info, _ = _details(error)
    assert (error.code(), info.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert TOLD not in str(error)
    (log,) = logs
    assert (log["error"], log["method"]) == ("RuntimeError", HEAR)
    assert "unary" in log["at"][-1]
    assert TOLD not in str(log)


def test_a_call_without_a_deadline_is_refused(parrot: Guard) -> None:
    """A caller has to say how long they wait."""

    async def ask(channel: Any) -> grpc.aio.AioRpcError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(HEAR)(_hear(parrot, "x"))
        return caught.value

    error = _asking(parrot, ask)
    assert (error.code(), _details(error)[0].reason) == (grpc.StatusCode.INVALID_ARGUMENT, "DEADLINE_MISSING")
    assert parrot.arrivals == []  # type: ignore[attr-defined]


def test_malformed_bytes_are_an_invalid_argument(parrot: Guard) -> None:
    """Bytes that are no request never reach a handler."""
    error = _refusal(parrot, HEAR, b"\xff\xff\xff")
    assert (error.code(), _details(error)[0].reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID")
    assert parrot.arrivals == []  # type: ignore[attr-defined]


def test_an_unknown_method_is_unimplemented(parrot: Guard) -> None:
    """A method that nobody serves is told as such, with a reason."""
    error = _refusal(parrot, f"/{SERVICE}/Sing", b"")
    assert (error.code(), _details(error)[0].reason) == (grpc.StatusCode.UNIMPLEMENTED, "NO_SUCH_METHOD")


@pytest.mark.parametrize("compression", [grpc.Compression.NoCompression, grpc.Compression.Gzip])
def test_a_request_that_is_too_large_is_refused(parrot: Guard, compression: grpc.Compression) -> None:
    """More bytes than allowed, also where they come compressed, are RESOURCE_EXHAUSTED; no handler sees them."""

    async def ask(channel: Any) -> grpc.StatusCode:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(SAY)(_say(parrot, text="x" * 2000), timeout=5, compression=compression)
        return caught.value.code()

    assert _asking(parrot, ask, largest=1000) == grpc.StatusCode.RESOURCE_EXHAUSTED
    assert parrot.arrivals == []  # type: ignore[attr-defined]


def test_a_stream_needs_no_deadline_and_gives_every_item(parrot: Guard) -> None:
    """A stream may last for hours: it ends when the guard ends it."""

    async def ask(channel: Any) -> list[bytes]:
        return [item async for item in channel.unary_stream(LISTEN)(_hear(parrot, "x"))]

    heard = [parrot.methods[LISTEN].answer.parse(item).sayings for item in _asking(parrot, ask)]  # type: ignore[attr-defined]
    assert [[one.sequence for one in sayings] for sayings in heard] == [[1], [2], [3]]
    assert parrot.arrivals[0].seconds is None  # type: ignore[attr-defined]


def test_a_stream_that_may_not_be_is_refused(parrot: Guard) -> None:
    """What the guard refuses at the start of a stream is told like any refusal."""

    async def ask(channel: Any) -> grpc.aio.AioRpcError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_stream(LISTEN)(_hear(parrot, "not found")).read()
        return caught.value

    assert _asking(parrot, ask).code() == grpc.StatusCode.NOT_FOUND


def test_a_stream_that_breaks_tells_nothing(parrot: Guard) -> None:
    """An unexpected exception in the midst of a stream ends it as INTERNAL, without its text."""

    async def ask(channel: Any) -> grpc.aio.AioRpcError:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            async for _ in channel.unary_stream(LISTEN)(_hear(parrot, "breaks")):
                pass
        return caught.value

    with capture_logs() as logs:
        error = _asking(parrot, ask)
    assert (error.code(), TOLD in str(error), TOLD in str(logs)) == (grpc.StatusCode.INTERNAL, False, False)


@pytest.mark.parametrize(("path", "text"), [(HEAR, "wait"), (LISTEN, "wait"), (LISTEN, "flood")])
def test_who_leaves_is_let_go_at_once(parrot: Guard, path: str, text: str) -> None:
    """When a client cancels, what the guard does for it is cancelled too."""

    async def ask(channel: Any) -> None:
        if path == LISTEN:
            call = channel.unary_stream(LISTEN)(_hear(parrot, text))
            await call.read()
            call.cancel()
        else:
            waiting = channel.unary_unary(HEAR)(_hear(parrot, text), timeout=60)
            await asyncio.wait_for(parrot.arrived.wait(), 5)  # type: ignore[attr-defined]
            waiting.cancel()
        assert await asyncio.wait_for(parrot.left.wait(), 5)  # type: ignore[attr-defined]

    _asking(parrot, ask)


def test_health_is_told_a_service(parrot: Guard) -> None:
    """The standard health service tells of each service whether it serves, and of nobody at first."""

    async def ask() -> list[int]:
        async with _served(parrot) as (face, channel):
            stub = health_pb2_grpc.HealthStub(channel)
            request = health_pb2.HealthCheckRequest(service=SERVICE)
            before = await stub.Check(request, timeout=5)
            await face.ready("parrots", ready=True)
            after = await stub.Check(request, timeout=5)
            whole = await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
            await face.ready("", ready=True)
            whole_after = await stub.Check(health_pb2.HealthCheckRequest(), timeout=5)
            return [one.status for one in (before, after, whole, whole_after)]

    serving, not_serving = health_pb2.HealthCheckResponse.SERVING, health_pb2.HealthCheckResponse.NOT_SERVING
    assert asyncio.run(ask()) == [not_serving, serving, not_serving, serving]


def test_reflection_is_off_unless_asked_for(parrot: Guard, contracts: Contracts) -> None:
    """Nobody learns the contracts from a server that was not told to tell."""

    async def ask(channel: Any) -> list[str]:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        request = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([request])):
            return [one.name for one in answer.list_services_response.service]
        return []

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        _asking(parrot, ask)
    assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
    assert SERVICE in _asking(parrot, ask, reflects=contracts.pool)


def test_an_address_that_is_taken_is_named(parrot: Guard) -> None:
    """Two servers cannot share an address unnoticed."""

    async def ask() -> None:
        first = GrpcFace(parrot, "127.0.0.1:0")
        port = await first.start()
        second = GrpcFace(parrot, f"127.0.0.1:{port}")
        try:
            with pytest.raises(OSError, match=f"gRPC cannot listen on 127.0.0.1:{port}"):
                await second.start()
        finally:
            await second.stop(0)
            await first.stop(0)

    asyncio.run(ask())


@given(data=st.binary(max_size=60))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bytes_get_an_answer_or_invalid_argument(parrot: Guard, data: bytes) -> None:
    """No bytes of a request make the server fail."""

    async def ask(channel: Any) -> grpc.StatusCode:
        try:
            await channel.unary_unary(SAY)(data, timeout=5)
        except grpc.aio.AioRpcError as error:
            return error.code()
        return grpc.StatusCode.OK

    assert _asking(parrot, ask) in (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT)
