"""What a browser, a Connect client and a monitoring system see, over a socket."""

import asyncio
import base64
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from typing import Any, TypeVar

import httpx
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mewe_host.faces.http_face import HttpFace, Reports, application
from mewe_host.parts import Guard
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from structlog.testing import capture_logs

T = TypeVar("T")

SERVICE = "/mewe.parrots.v1.ParrotService"
SAY, HEAR, LISTEN = (f"{SERVICE}/{name}" for name in ("Say", "Hear", "Listen"))
TOLD = "Ada has told nobody"
WAIT = {"connect-timeout-ms": "5000"}
JSON = {"content-type": "application/json", **WAIT}
PROTO = {"content-type": "application/proto", **WAIT}


async def _page(request: Request) -> Response:
    return HTMLResponse("<p>Hello</p>")


async def _broken(request: Request) -> Response:
    raise RuntimeError(TOLD)


@asynccontextmanager
async def _served(guard: Guard, faults: list[str], **options: Any) -> AsyncIterator[httpx.AsyncClient]:
    reports = Reports(lambda: [], lambda: faults, lambda: b"calls_total 1\n", lambda: b'{"openapi":"3.1.0"}')
    routes = [Route("/", _page), Route("/broken", _broken)]
    face = HttpFace(application(guard, reports, routes, **options), "127.0.0.1", 0, drain_seconds=1)
    port = await face.start()
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5) as client:
            yield client
    finally:
        await face.stop()


def _asking(guard: Guard, ask: Callable[[httpx.AsyncClient], Awaitable[T]], *faults: str, **options: Any) -> T:
    async def asked() -> T:
        async with _served(guard, list(faults), **options) as client:
            return await ask(client)

    return asyncio.run(asked())


def _post(guard: Guard, path: str, body: bytes, headers: dict[str, str], **options: Any) -> httpx.Response:
    return _asking(guard, lambda client: client.post(path, content=body, headers=headers), **options)


def _get(guard: Guard, path: str, *faults: str, **headers: str) -> httpx.Response:
    return _asking(guard, lambda client: client.get(path, headers=headers), *faults)


def _hear(guard: Guard, id_: str) -> bytes:
    return guard.methods[HEAR].request.message(id=id_).SerializeToString()


def _refusal(body: dict[str, Any]) -> tuple[str, str, dict[str, str]]:
    """Code, reason, and rules by field path."""
    info, bad = ErrorInfo(), BadRequest()
    found = {one["type"]: base64.b64decode(one["value"] + "===") for one in body.get("details", [])}
    info.MergeFromString(found.get("google.rpc.ErrorInfo", b""))
    bad.MergeFromString(found.get("google.rpc.BadRequest", b""))
    return body["code"], info.reason, {one.field: one.description for one in bad.field_violations}


def _envelopes(body: bytes) -> list[tuple[int, bytes]]:
    found = []
    while body:
        flags, size = struct.unpack(">BI", body[:5])
        found.append((flags, body[5 : 5 + size]))
        body = body[5 + size :]
    return found


def _enveloped(data: bytes) -> bytes:
    return struct.pack(">BI", 0, len(data)) + data


def test_a_call_in_protobuf_is_answered(parrot: Guard) -> None:
    """The answer comes with the event position; token, deadline and position shown reach the guard."""
    body = parrot.methods[SAY].request.message(text="hello", number=3).SerializeToString()
    answer = _post(parrot, SAY, body, {**PROTO, "authorization": "Bearer t", "mewe-position": "people:3"})
    assert (answer.status_code, answer.headers["content-type"], answer.headers["mewe-position"]) == (
        200,
        "application/proto",
        "chat:7",
    )
    assert parrot.methods[SAY].answer.parse(answer.content) == parrot.methods[SAY].answer.message(text="hello", sequence=3)
    (arrival,) = parrot.arrivals  # type: ignore[attr-defined]
    assert (arrival.authorization, arrival.position) == ("Bearer t", "people:3")
    assert 0 < arrival.seconds <= 5


def test_a_call_in_json_is_answered(parrot: Guard) -> None:
    """JSON is protobuf's own: lowerCamelCase, 64-bit numbers as text; unknown fields are ignored."""
    body = json.dumps({"requestId": "r", "text": "håj", "number": "3", "mood": "MOOD_LOUD", "later": {"x": [1]}}).encode()
    answer = _post(parrot, SAY, body, JSON)
    assert (answer.status_code, answer.json()) == (200, {"text": "håj", "sequence": "3"})


def test_a_read_may_be_a_get(parrot: Guard) -> None:
    """A method without side effects takes GET, and has thirty seconds if the link does not say."""
    message = base64.urlsafe_b64encode(_hear(parrot, "x")).decode().rstrip("=")
    answer = _get(parrot, f"{HEAR}?encoding=proto&base64=1&message={message}")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert 29 < parrot.arrivals[0].seconds <= 30  # type: ignore[attr-defined]
    assert _get(parrot, HEAR + '?encoding=json&message={"id":"y"}').json() == {"text": "y", "sequence": "1"}


def test_a_write_cannot_be_a_get(parrot: Guard) -> None:
    """A link can never change anything."""
    assert _get(parrot, f"{SAY}?encoding=json&message={{}}").status_code == 405
    assert parrot.arrivals == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("text", "status", "code", "reason"),
    [
        ("not found", 404, "not_found", "NOT_FOUND"),
        ("not allowed", 403, "permission_denied", "NOT_ALLOWED"),
        ("signed out", 401, "unauthenticated", "SIGNED_OUT"),
        ("invalid", 400, "invalid_argument", "INVALID"),
        ("conflict", 400, "failed_precondition", "CONFLICT"),
        ("reused", 400, "failed_precondition", "REQUEST_REUSED"),
        ("unavailable", 503, "unavailable", "UNAVAILABLE"),
        ("too many", 429, "resource_exhausted", "TOO_MANY_CALLS"),
    ],
)
def test_each_failure_has_its_status_and_reason(parrot: Guard, text: str, status: int, code: str, reason: str) -> None:
    """The five errors and their kin are told by HTTP status, Connect code and reason."""
    answer = _post(parrot, HEAR, _hear(parrot, text), PROTO)
    assert (answer.status_code, *_refusal(answer.json())[:2]) == (status, code, reason)


def test_who_has_called_too_often_is_told_when_to_call_again(parrot: Guard) -> None:
    """In whole seconds: as a header, and as google.rpc.RetryInfo; other refusals say nothing of it."""
    answer, retry = _post(parrot, HEAR, _hear(parrot, "too many"), PROTO), RetryInfo()
    assert answer.headers["retry-after"] == "7"
    details = {one["type"]: base64.b64decode(one["value"] + "===") for one in answer.json()["details"]}
    retry.MergeFromString(details["google.rpc.RetryInfo"])
    assert retry.retry_delay.seconds == 7
    assert "retry-after" not in _post(parrot, HEAR, _hear(parrot, "unavailable"), PROTO).headers


def test_faults_in_fields_are_told_with_path_and_rule(parrot: Guard) -> None:
    """What is wrong in a request is told field by field."""
    answer = _post(parrot, HEAR, _hear(parrot, "invalid"), PROTO)
    assert _refusal(answer.json())[2] == {"answers[2].value": "a number from 0 to 4", "text": "at most 5 characters"}


@pytest.mark.parametrize("headers", [PROTO, JSON])
def test_what_nobody_expected_is_told_without_its_text(parrot: Guard, headers: dict[str, str]) -> None:
    """An unexpected exception is INTERNAL; its type and place are logged, its text is neither told nor logged."""
    body = _hear(parrot, "broken") if headers is PROTO else b'{"id":"broken"}'
    with capture_logs() as logs:
        answer = _post(parrot, HEAR, body, headers)
    assert (answer.status_code, *_refusal(answer.json())[:2]) == (500, "internal", "INTERNAL")
    (log,) = logs
    assert (log["error"], log["method"], TOLD in answer.text, TOLD in str(log)) == ("RuntimeError", HEAR, False, False)


def test_a_page_that_breaks_tells_nothing(parrot: Guard, caplog: pytest.LogCaptureFixture) -> None:
    """The same holds for a page, also for the logs of the server underneath."""
    with capture_logs() as logs:
        answer = _get(parrot, "/broken")
    assert (answer.status_code, TOLD in answer.text, TOLD in str(logs) + caplog.text) == (500, False, False)
    assert [log["error"] for log in logs] == ["RuntimeError"]


@pytest.mark.parametrize(
    "deadline", [{}, {"connect-timeout-ms": "soon"}, {"connect-timeout-ms": "-1"}, {"connect-timeout-ms": "9" * 20}]
)
def test_a_call_without_a_deadline_is_refused(parrot: Guard, deadline: dict[str, str]) -> None:
    """A caller has to say how long they wait, in a number of milliseconds."""
    answer = _post(parrot, HEAR, b"", {"content-type": "application/proto", **deadline})
    assert (answer.status_code, *_refusal(answer.json())[:2]) == (400, "invalid_argument", "DEADLINE_MISSING")
    assert parrot.arrivals == []  # type: ignore[attr-defined]


def test_a_deadline_that_passes_ends_the_call(parrot: Guard) -> None:
    """When the time is up the caller is told so, and what the guard does for it is cancelled."""
    answer = _post(parrot, HEAR, _hear(parrot, "wait"), {**PROTO, "connect-timeout-ms": "50"})
    assert (answer.status_code, answer.json()["code"]) == (504, "deadline_exceeded")
    assert parrot.left.is_set()  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "headers", "fields"),
    [
        (b"\xff\xff", PROTO, {"": "the bytes of a mewe.parrots.v1.SayRequest"}),
        (b"\x12\x02\xff\xfe", PROTO, {"": "the bytes of a mewe.parrots.v1.SayRequest"}),
        (b"{", JSON, {"": "the JSON of a mewe.parrots.v1.SayRequest"}),
        (b"[]", JSON, {"": "the JSON of a mewe.parrots.v1.SayRequest"}),
        (b"\xff", JSON, {"": "the JSON of a mewe.parrots.v1.SayRequest"}),
        (b"[" * 100_000, JSON, {"": "the JSON of a mewe.parrots.v1.SayRequest"}),
        (b'{"text":"a","text":"b"}', JSON, {"": "the JSON of a mewe.parrots.v1.SayRequest"}),
        (b'{"text":77}', JSON, {"text": "a value of the type in the contract"}),
        (b'{"requestId":["Ada"]}', JSON, {"request_id": "a value of the type in the contract"}),
        (b'{"number":"9999999999999999999"}', JSON, {"number": "a value of the type in the contract"}),
        (b'{"number":1e400}', JSON, {"number": "a value of the type in the contract"}),
        (b'{"mood":"MOOD_ADA"}', JSON, {"mood": "a value of the type in the contract"}),
        (b'{"mood":7}', JSON, {"mood": "one of CALM, LOUD"}),
    ],
)
def test_malformed_requests_are_told_by_place_and_not_by_value(
    parrot: Guard, body: bytes, headers: dict[str, str], fields: dict[str, str]
) -> None:
    """A body that is no request is INVALID with the field's path where there is one, and never with what was sent."""
    answer = _post(parrot, SAY, body, headers)
    assert (answer.status_code, *_refusal(answer.json())) == (400, "invalid_argument", "INVALID", fields)
    assert not any(value in answer.text for value in ("77", "Ada", "ADA", "999", "400"))


def test_a_request_that_is_too_large_is_refused(parrot: Guard) -> None:
    """More bytes than allowed are RESOURCE_EXHAUSTED; no handler sees them."""
    answer = _post(parrot, SAY, b'{"text":"' + b"x" * 2000 + b'"}', JSON, largest=1000)
    assert (answer.status_code, *_refusal(answer.json())[:2]) == (429, "resource_exhausted", "TOO_LARGE")
    assert parrot.arrivals == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({**WAIT, "content-type": "text/plain"}, 415),
        ({**WAIT, "content-type": "application/grpc"}, 415),
        ({**JSON, "content-encoding": "gzip"}, 501),
        ({**JSON, "connect-protocol-version": "Ada"}, 400),
    ],
)
def test_what_is_not_spoken_here_is_refused(parrot: Guard, headers: dict[str, str], status: int) -> None:
    """Other content types, encodings and versions are refused without repeating them."""
    answer = _post(parrot, SAY, b"{}", headers)
    assert (answer.status_code, "Ada" in answer.text, "gzip" in answer.text) == (status, False, False)


@pytest.mark.parametrize("path", ["/mewe.parrots.v1.ParrotService/Sing", "/mewe.parrots.v2.X/Y", "/mewe."])
def test_an_unknown_method_is_unimplemented(parrot: Guard, path: str) -> None:
    """A method that nobody serves is told as Connect tells it."""
    answer = _post(parrot, path, b"{}", JSON)
    assert (answer.status_code, answer.json()["code"]) == (404, "unimplemented")


@pytest.mark.parametrize("encoding", ["proto", "json"])
def test_a_stream_gives_every_item(parrot: Guard, encoding: str) -> None:
    """A stream needs no deadline; items come in the caller's encoding, then the end."""
    body = _enveloped(_hear(parrot, "x") if encoding == "proto" else b'{"id":"x"}')
    answer = _post(parrot, LISTEN, body, {"content-type": f"application/connect+{encoding}"})
    *items, end = _envelopes(answer.content)
    if encoding == "json":
        assert [json.loads(data) for _, data in items] == [
            {"sayings": [{"text": "x", "sequence": str(number)}]} for number in (1, 2, 3)
        ]
    else:
        heard = [parrot.methods[LISTEN].answer.parse(data).sayings for _, data in items]  # type: ignore[attr-defined]
        assert [[(one.text, one.sequence) for one in sayings] for sayings in heard] == [[("x", 1)], [("x", 2)], [("x", 3)]]
    assert end == (2, b"{}")


@pytest.mark.parametrize(
    ("text", "code", "reason"), [("not found", "not_found", "NOT_FOUND"), ("breaks", "internal", "INTERNAL")]
)
def test_a_stream_that_fails_says_so_at_its_end(parrot: Guard, text: str, code: str, reason: str) -> None:
    """A refusal at the start and a fault in the midst are told in the end of the stream, without an exception's text."""
    body = _enveloped(_hear(parrot, text))
    with capture_logs() as logs:
        answer = _post(parrot, LISTEN, body, {"content-type": "application/connect+proto"})
    flags, end = _envelopes(answer.content)[-1]
    assert (flags, *_refusal(json.loads(end)["error"])[:2]) == (2, code, reason)
    assert TOLD not in answer.text + str(logs)


def test_grpc_web_is_spoken(parrot: Guard) -> None:
    """A gRPC-Web client gets its answer and its status in a trailer."""
    headers = {"content-type": "application/grpc-web+proto", "grpc-timeout": "5S"}
    answer = _post(parrot, HEAR, _enveloped(_hear(parrot, "x")), headers)
    (_, data), (flags, trailer) = _envelopes(answer.content)
    assert parrot.methods[HEAR].answer.parse(data) == parrot.methods[HEAR].answer.message(text="x", sequence=1)
    assert (flags, b"grpc-status: 0" in trailer) == (0x80, True)


@pytest.mark.parametrize("deadline", [{}, {"grpc-timeout": "soon"}, {"grpc-timeout": "999999999S"}, {"grpc-timeout": "5"}])
def test_a_grpc_web_call_without_a_deadline_is_refused(parrot: Guard, deadline: dict[str, str]) -> None:
    """The same rule holds for gRPC-Web, and what is no deadline is not repeated."""
    headers = {"content-type": "application/grpc-web+proto", **deadline}
    answer = _post(parrot, HEAR, _enveloped(_hear(parrot, "x")), headers)
    told = f"{answer.headers} {answer.text}"
    assert ("A%20call%20needs%20a%20deadline" in told or "A call needs a deadline" in told, "soon" in told) == (True, False)
    assert parrot.arrivals == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("path", "text"), [(HEAR, "wait"), (LISTEN, "wait"), (LISTEN, "flood")])
def test_who_leaves_is_let_go_at_once(parrot: Guard, path: str, text: str) -> None:
    """When a client hangs up, what the guard does for it is cancelled."""

    async def ask(client: httpx.AsyncClient) -> None:
        body, headers = _hear(parrot, text), PROTO
        if path == LISTEN:
            body, headers = _enveloped(body), {"content-type": "application/connect+proto"}
        async with client.stream("POST", path, content=body, headers=headers) if path == LISTEN else nullcontext():
            call = None if path == LISTEN else asyncio.create_task(client.post(path, content=body, headers=headers))
            await asyncio.wait_for(parrot.arrived.wait(), 5)  # type: ignore[attr-defined]
        if call is not None:
            call.cancel()
        assert await asyncio.wait_for(parrot.left.wait(), 5)  # type: ignore[attr-defined]

    _asking(parrot, ask)


def test_health_and_readiness_are_told_apart(parrot: Guard) -> None:
    """A host that works and cannot serve yet is alive, not ready, and says what it waits for."""
    assert _get(parrot, "/healthz").json() == {"ok": True, "faults": []}
    waiting = _get(parrot, "/readyz", "chat has not caught up")
    assert (waiting.status_code, waiting.json()["faults"]) == (503, ["chat has not caught up"])
    assert _get(parrot, "/readyz").status_code == 200


def test_metrics_and_description_are_served(parrot: Guard) -> None:
    """What the host says about itself is passed on as it is."""
    assert _get(parrot, "/metrics").text == "calls_total 1\n"
    assert _get(parrot, "/openapi.json").json() == {"openapi": "3.1.0"}


@pytest.mark.parametrize("path", ["/", "/healthz", "/nowhere", "/broken", HEAR, "/mewe.nobody.v1.X/Y"])
def test_every_answer_carries_security_headers(parrot: Guard, path: str) -> None:
    """Pages, refusals and faults alike: nothing is guessed, framed or told to others, and the API keeps nothing."""
    with capture_logs():
        headers = _get(parrot, path).headers
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == ("no-store" if path.startswith(("/mewe.", "/healthz")) else "no-cache")


def test_an_address_that_is_taken_is_named(parrot: Guard) -> None:
    """The start fails with a sentence that names the address."""

    async def ask(client: httpx.AsyncClient) -> None:
        port = client.base_url.port
        reports = Reports(list, list, bytes, bytes)
        with pytest.raises(OSError, match=f"HTTP cannot listen on 127.0.0.1:{port}"):
            await HttpFace(application(parrot, reports), "127.0.0.1", port or 0).start()

    _asking(parrot, ask)


bodies = st.binary(max_size=60) | st.text(max_size=30).map(lambda text: json.dumps({"text": text, "number": text}).encode())


@given(bodies=st.lists(bodies, min_size=20, max_size=40))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_bodies_get_an_answer_or_invalid_argument(parrot: Guard, bodies: list[bytes]) -> None:
    """No body of a request makes the server fail."""

    async def ask(client: httpx.AsyncClient) -> set[int]:
        answers = [await client.post(SAY, content=body, headers=headers) for body in bodies for headers in (PROTO, JSON)]
        return {answer.status_code for answer in answers}

    assert _asking(parrot, ask) <= {200, 400}
