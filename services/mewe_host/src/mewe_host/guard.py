"""One guard for both faces: nothing reaches a feature but by it, and it lets out failures and nothing of a request.

A call's way: a feature that is ready, a deadline, room, who calls and how often, what they have done elsewhere, the request as
the feature knows it, one unit. How often somebody has called is asked only where one has to sign in: help, reporting and what
is open to everybody are refused to nobody for it, and take nothing of what one may call.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from time import perf_counter

from google.protobuf.message import Message
from mewe_core.kit.access import Caller
from mewe_core.kit.errors import Failure, Invalid, NotFound, SignedOut
from mewe_core.kit.ports import Clock
from whenever import Instant, TimeDelta

from mewe_host.allowance import Allowance, Allowances
from mewe_host.desk.desk import FeatureDesk
from mewe_host.desk.failures import Busy, DeadlineMissing, DeadlinePassed, NotThereYet
from mewe_host.parts import Answer, Arrival, Live, Method, Trust

LONGEST_SECONDS = 30.0
"""A deadline further away is brought forward to this."""

POSITION_SECONDS = 2.0
"""How long a call waits at most for what its caller did at another service."""

STREAM_WITHOUT_TOKEN = TimeDelta(minutes=5)
"""How long a stream lasts that needs no sign-in; with a token, it ends with the token."""

MOST_CALLS = 1024
"""How many calls may be under way in one process, unless the host says otherwise."""

ALLOWANCE = Allowance()
"""How much one person may ask for, unless the host says otherwise."""

Check = Callable[[str], None]
"""Raises NotReady if the feature of that name cannot take calls yet."""

Observe = Callable[[str, str, float], None]
"""Told of each call: the method's path, ``OK`` or the reason of its failure, and how many seconds it took."""


class CallGuard:
    """The guard of one process (``parts.Guard``)."""

    def __init__(
        self,
        methods: Mapping[str, Method],
        desks: Mapping[str, FeatureDesk],
        trust: Trust,
        live: Live,
        clock: Clock,
        *,
        check: Check,
        observe: Observe,
        most_calls: int = MOST_CALLS,
        allowance: Allowance = ALLOWANCE,
    ) -> None:
        self._methods = methods
        self._desks = desks
        self._trust = trust
        self._live = live
        self._clock = clock
        self._check = check
        self._observe = observe
        self._most_calls = most_calls
        self._allowances = Allowances(allowance)
        self._calls = 0

    @property
    def methods(self) -> Mapping[str, Method]:
        """Every method served here, by path."""
        return self._methods

    @property
    def calls(self) -> int:
        """How many calls are under way."""
        return self._calls

    def method(self, path: str) -> Method | None:
        """The method of a path, or None."""
        return self._methods.get(path)

    async def unary(self, method: Method, request: Message, arrival: Arrival) -> Answer:
        """The whole way of a call. ``request`` is used up. Raises a Failure; anything else is a fault of the programme."""
        begun = perf_counter()
        outcome = "INTERNAL"
        self._calls += 1
        try:
            meant = method.meant(request)
            if meant is None:
                caller = self._trust.caller(arrival.authorization, self._clock.now())[0]
                if caller.person_id is None:
                    raise SignedOut
                self._allowances.take(caller.person_id, begun, much=False)
                method.request.load(request)
                raise NotFound
            method = meant
            seconds = self._admitted(method, arrival.seconds)
            caller, _ = self._caller(method, arrival)
            if caller.person_id is not None and method.rpc.access.signed_in:
                self._allowances.take(caller.person_id, begun, much=method.gives_much)
            desk = self._desks[method.area]
            loaded = method.request.load(request)
            if arrival.position and caller.person_id is not None:
                await _caught_up(desk, method, arrival.position, seconds)
                seconds -= perf_counter() - begun
                if seconds <= 0:
                    raise DeadlinePassed
            answer = await desk.answer(method, request, loaded, caller, seconds)
            outcome = "OK"
            return answer
        except Failure as failure:
            outcome = failure.reason
            raise
        except asyncio.CancelledError:
            outcome = "CANCELLED"
            raise
        finally:
            self._calls -= 1
            self._observe(method.path, outcome, perf_counter() - begun)

    async def stream(self, method: Method, request: Message, arrival: Arrival) -> AsyncIterator[bytes]:
        """Authorise, then answer with an iterator of encoded answers that ends when the caller's right does.

        Only the opening is observed; a stream needs no deadline, and its opening takes thirty seconds at most.
        """
        begun = perf_counter()
        outcome = "INTERNAL"
        self._calls += 1
        try:
            seconds = self._admitted(method, LONGEST_SECONDS if arrival.seconds is None else arrival.seconds)
            caller, good_until = self._caller(method, arrival)
            if caller.person_id is not None and method.rpc.access.signed_in:
                self._allowances.take(caller.person_id, begun, much=method.gives_much)
            desk = self._desks[method.area]
            loaded = method.request.load(request)
            if arrival.position and caller.person_id is not None:
                await _caught_up(desk, method, arrival.position, seconds)
            follow = await desk.follow(method, loaded, caller, seconds)
            ends_at = good_until if caller.person_id is not None else self._clock.now() + STREAM_WITHOUT_TOKEN
            allowed = desk.calls.still_allowed(method, loaded, caller)
            items = self._live.follow(desk, follow, method.answer, allowed, ends_at, caller.person_id)
            outcome = "OK"
            return items
        except Failure as failure:
            outcome = failure.reason
            raise
        except asyncio.CancelledError:
            outcome = "CANCELLED"
            raise
        finally:
            self._calls -= 1
            self._observe(method.path, outcome, perf_counter() - begun)

    def _admitted(self, method: Method, seconds: float | None) -> float:
        """For how long a call may go on. Raises what refuses it before it is looked at."""
        self._check(method.area)
        if seconds is None:
            raise DeadlineMissing
        if not seconds > 0:
            raise DeadlinePassed
        if self._calls > self._most_calls:
            raise Busy
        return seconds if seconds < LONGEST_SECONDS else LONGEST_SECONDS

    def _caller(self, method: Method, arrival: Arrival) -> tuple[Caller, Instant]:
        """Who calls. Where no sign-in is asked for, a token that is no longer good keeps nobody out: they are nobody."""
        now = self._clock.now()
        if method.rpc.access.signed_in:
            try:
                return self._trust.caller(arrival.authorization, now)
            except SignedOut as refusal:
                who = self._trust.named(arrival.authorization, now)
                self._desks[method.area].accesses.refused(method, who, now, refusal)
                raise
        if method.rpc.access.always:
            return self._trust.named(arrival.authorization, now), now
        try:
            return self._trust.caller(arrival.authorization, now)
        except SignedOut:
            return self._trust.caller(None, now)


async def _caught_up(desk: FeatureDesk, method: Method, position: str, seconds: float) -> None:
    """Wait until what the caller did elsewhere is known here. Help and reporting wait as well, and are not refused for it."""
    if not method.rpc.access.always:
        await desk.caught_up(position, min(seconds, POSITION_SECONDS))
        return
    with suppress(Invalid, NotThereYet):
        await desk.caught_up(position, min(seconds / 2, POSITION_SECONDS))
