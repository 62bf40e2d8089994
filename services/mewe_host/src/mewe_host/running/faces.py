"""The two faces of one process: where they listen, what they say of the host, how they stop."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import cached_property

from mewe_core.kit.ports import Clock
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mewe_host import page
from mewe_host.faces.grpc_face import GrpcFace
from mewe_host.faces.http_face import HttpFace, Reports, application
from mewe_host.faces.openapi import document
from mewe_host.identity.trial_issuer import TrialIssuer
from mewe_host.mix.model import Listening
from mewe_host.parts import Guard
from mewe_host.running.health import Health
from mewe_host.running.metrics import Metrics
from mewe_host.running.opening import version
from mewe_host.running.plan import Plan
from mewe_host.running.steps import Place, Places, Refusal
from mewe_host.wire.assembling import Wire

Settled = Callable[[], Awaitable[bool]]
"""Whether nothing waits in this process: no event to be published, none to be heard."""

_ANY = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104
"""Where a program of this machine finds what listens on every address."""


class Faces:
    """gRPC and HTTP in front of one guard."""

    def __init__(
        self,
        plan: Plan,
        guard: Guard,
        wire: Wire,
        health: Health,
        metrics: Metrics,
        settled: Settled,
        notes: Callable[[], tuple[str, ...]],
        clock: Clock,
    ) -> None:
        self._plan = plan
        self._wire = wire
        self._health = health
        largest, drain = plan.mix.limits.message_bytes, plan.mix.limits.drain_seconds
        self._drain_seconds = drain
        self._grpc = GrpcFace(guard, plan.mix.grpc.address, largest=largest)
        routes = [*page.routes(self._deployment), *([Route("/settledz", _settledz(settled))] if plan.mix.clock.file else [])]
        if plan.mix.trial_issuer:
            origin = f"http://{_reached(plan.mix.http, plan.mix.http.port)}"
            routes += TrialIssuer(origin, clock).routes()
        reports = Reports(
            health=tuple,
            readiness=health.faults,
            notes=notes,
            metrics=lambda: metrics.text()[0],
            openapi=lambda: self._description,
        )
        app = application(guard, reports, routes, largest=largest)
        self._http = HttpFace(app, plan.mix.http.host, plan.mix.http.port, drain_seconds=drain)
        self._place = Place("", "")

    async def listen(self) -> Place:
        """Listen on both. Raises Refusal if an address is taken, with the key to change."""
        mix = self._plan.mix
        try:
            grpc_port = await self._grpc.start()
        except OSError:
            raise self._taken("grpc", mix.grpc) from None
        try:
            http_port = await self._http.start()
        except OSError:
            raise self._taken("http", mix.http) from None
        self._place = Place(f"http://{_reached(mix.http, http_port)}", _reached(mix.grpc, grpc_port))
        return self._place

    def places(self, names: tuple[str, ...]) -> Places:
        """Where each feature answers."""
        return dict.fromkeys(names, self._place)

    async def tell_ready(self) -> None:
        """Tell gRPC's health service what is ready and what is not."""
        for name in self._plan.names:
            await self._grpc.ready(name, ready=self._health.is_ready(name))
        await self._grpc.ready("", ready=not self._health.faults())

    async def stop(self) -> None:
        """Take no new calls; let those that run finish, for the mix's drain_seconds at most."""
        await asyncio.gather(self._grpc.stop(self._drain_seconds), self._http.stop())

    @cached_property
    def _description(self) -> bytes:
        return document(self._wire.contracts, self._wire.methods, title=f"MEWE {self._plan.mix.country}", version=version())

    def _deployment(self) -> page.Deployment:
        mounted = tuple(
            page.Mounted(one.name, one.version, one.summary, one.package, self._health.is_ready(one.name))
            for one in self._plan.serving
        )
        return page.Deployment(self._plan.mix.country, version(), self._place.grpc, mounted)

    def _taken(self, section: str, wanted: Listening) -> Refusal:
        return Refusal(
            f"{self._plan.file}, {section}.address: {wanted.address} is taken, by another MEWE or by some other program "
            f"(ss -ltnp 'sport = :{wanted.port}' shows which), or is no address of this machine. "
            f"Allowed: a free address, here or as --{section} HOST:PORT; port 0 takes a free one."
        )


def _reached(wanted: Listening, port: int) -> str:
    host = _ANY.get(wanted.host, wanted.host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _settledz(settled: Settled) -> Callable[[Request], Awaitable[Response]]:
    async def answer(_: Request) -> Response:
        is_settled = await settled()
        return JSONResponse({"settled": is_settled}, 200 if is_settled else 503, {"cache-control": "no-store"})

    return answer
