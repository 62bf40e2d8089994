"""The HTTP face: Connect, gRPC-Web and JSON for every method, health, metrics, OpenAPI, and the pages it is given."""

import asyncio
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import uvicorn
from attrs import frozen
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mewe_host.faces.connect_endpoints import ConnectFace
from mewe_host.faces.failures import INTERNAL, NO_SUCH_METHOD, UNKNOWN_ENCODING, UNREADABLE, Telling, telling
from mewe_host.faces.security_headers import API_HEADERS, PAGE_HEADERS, adding
from mewe_host.parts import Guard

LARGEST_REQUEST = 1024 * 1024
"""The most bytes one request may have, unless the host says otherwise."""

READ_SECONDS = 30
"""How long a GET may take: it is asked for by a link, which cannot say how long it waits."""

Faults = Callable[[], Sequence[str]]
"""What is not as it should be, in plain words; empty if all is well."""

_RPC_PREFIX = "/mewe."
_TIMEOUTS = (b"connect-timeout-ms", b"grpc-timeout")


@frozen
class Reports:
    """What the host says about itself: whether it works, whether it can serve, its metrics and its API's description.

    ``notes``: what somebody should look at, though the host can serve.
    """

    health: Faults
    readiness: Faults
    metrics: Callable[[], bytes]
    openapi: Callable[[], bytes]
    notes: Faults = tuple


def application(guard: Guard, reports: Reports, routes: Sequence[BaseRoute] = (), *, largest: int = LARGEST_REQUEST) -> ASGIApp:
    """The whole HTTP face as an ASGI application; ``routes`` are further pages, asked before those of this module."""
    return _Front(frozenset(guard.methods), ConnectFace(guard, largest), Starlette(routes=[*routes, *_own_routes(reports)]))


class HttpFace:
    """An HTTP server for an application."""

    def __init__(self, app: ASGIApp, host: str, port: int, *, drain_seconds: int = 5) -> None:
        """``port`` 0: any free one. ``drain_seconds``: how long calls that run may still take when it stops."""
        self._host, self._port = host, port
        self._server = _Server(
            uvicorn.Config(
                app,
                http="httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_graceful_shutdown=drain_seconds,
            )
        )
        self._running: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen; says on which port. Raises OSError naming the address if it is taken."""
        listener = _listener(self._host, self._port)
        self._running = asyncio.create_task(self._server.serve(sockets=[listener]))
        listening = asyncio.create_task(self._server.listening.wait())
        await asyncio.wait({self._running, listening}, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        if self._running.done():
            self._running.result()
            raise OSError(f"HTTP cannot listen on {self._host}:{self._port}")
        port: int = listener.getsockname()[1]
        return port

    async def stop(self) -> None:
        """Take no new calls, let those that run finish for the seconds given, then end them."""
        self._server.should_exit = True
        if self._running is not None:
            await self._running


class _Server(uvicorn.Server):
    """Uvicorn without its own handling of signals, which is the host's, and with word of when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class _Front:
    """Tells calls of the API from pages, and sees to it that nothing an exception says gets out, or into a log."""

    def __init__(self, paths: frozenset[str], api: ASGIApp, pages: ASGIApp) -> None:
        self._paths, self._api, self._pages = paths, api, pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise RuntimeError(f"nothing here speaks {scope['type']}")
        path: str = scope["path"]
        is_api = path.startswith(_RPC_PREFIX)
        answer = _Answer(adding(send, API_HEADERS if is_api else PAGE_HEADERS))
        try:
            if not is_api:
                await self._pages(scope, receive, answer)
            elif path not in self._paths:
                await _refuse(answer, NO_SUCH_METHOD, 404)
            else:
                refusal = _prepare(scope)
                if refusal is None:
                    await self._api(scope, receive, answer)
                else:
                    await _refuse(answer, *refusal)
        except Exception as error:
            told = telling(error, path if path in self._paths else "page")
            if not answer.started:
                await _refuse(answer, told, INTERNAL.codes.http)


class _Answer:
    """``send`` that knows whether an answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self._send(message)


def _prepare(scope: Scope) -> tuple[Telling, int] | None:
    """Put a call's headers in order for the library, or say what to refuse it with.

    A header that is not ASCII, or a deadline that is no number, counts as not sent; a GET without one gets READ_SECONDS.
    """
    headers = [(name, value) for name, value in scope["headers"] if value.isascii() and not _is_bad_deadline(name, value)]
    for name, value in headers:
        if name == b"content-type" and value.startswith(b"application/grpc") and not value.startswith(b"application/grpc-web"):
            return UNKNOWN_ENCODING, 415
        if name == b"connect-protocol-version" and value != b"1":
            return UNREADABLE, 400
    if scope["method"] == "GET":
        if not scope["query_string"].isascii():
            return UNREADABLE, 400
        if not any(name in _TIMEOUTS for name, _ in headers):
            headers.append((b"connect-timeout-ms", b"%d" % (READ_SECONDS * 1000)))
    scope["headers"] = headers
    return None


def _is_bad_deadline(name: bytes, value: bytes) -> bool:
    if name == b"connect-timeout-ms":
        return not value.isdigit() or len(value) > 10
    return name == b"grpc-timeout" and not (value[:-1].isdigit() and len(value) < 10 and value[-1:] in b"HMSmun")


async def _refuse(send: Send, told: Telling, status: int) -> None:
    """A refusal in the words of Connect, from outside the library."""
    body = json.dumps({"code": told.codes.connect.value, "message": told.sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _own_routes(reports: Reports) -> list[Route]:
    async def health(request: Request) -> Response:
        return _report(reports.health())

    async def readiness(request: Request) -> Response:
        return _report(reports.readiness(), reports.notes())

    async def metrics(request: Request) -> Response:
        return Response(reports.metrics(), media_type="text/plain; version=0.0.4")

    async def openapi(request: Request) -> Response:
        return Response(reports.openapi(), media_type="application/json")

    return [
        Route("/healthz", health),
        Route("/readyz", readiness),
        Route("/metrics", metrics),
        Route("/openapi.json", openapi),
    ]


def _report(faults: Sequence[str], notes: Sequence[str] = ()) -> Response:
    content = {"ok": not faults, "faults": list(faults), **({"notes": list(notes)} if notes else {})}
    return JSONResponse(content, 503 if faults else 200, {"cache-control": "no-store"})


def _listener(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as fault:
        listener.close()
        raise OSError(
            fault.errno, f"HTTP cannot listen on {host}:{port}: the address is taken, or not of this machine"
        ) from fault
    return listener
