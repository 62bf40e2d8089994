"""A deployment and its clients: channels, tokens, retries, streams that resume."""

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Self, TypeVar

import grpc
from google.protobuf.message import Message
from mewe.people.v1.device_key_pb2 import DeviceProof
from mewe.people.v1.people_service_pb2 import (
    AccessToken,
    ConfirmPersonRequest,
    DeviceSession,
    GetRefreshChallengeRequest,
    RedeemInvitationRequest,
    RefreshSessionRequest,
)

from mewe_client.again import copied, pause
from mewe_client.device import DeviceKey, SoftwareKey, proof
from mewe_client.positions import HEADER, Positions
from mewe_client.protection import on_this_machine
from mewe_client.refusals import Refused, refusal
from mewe_client.stubs import Stubs

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)

WAIT = 10.0
"""Seconds a call waits for its answer, if the caller does not say."""

RENEWALS = 5
"""How often in a row a stream is opened with a new token, if it ends because of the token."""

FOR_A_TOKEN = 3.0
"""Seconds that help waits at most for a token to be renewed, where there is one: an expired one says as well who asks."""

AHEAD = 30.0
"""Seconds before its end that an access token is renewed."""

UNREACHED = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})
"""Nobody has answered: the same may be sent again."""

_NO_TOKEN = frozenset(
    {
        grpc.StatusCode.UNAUTHENTICATED,
        grpc.StatusCode.PERMISSION_DENIED,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.FAILED_PRECONDITION,
    }
)
"""What says that this session gets no token, however often it asks."""


class Deployment:
    """Where the services of a country are. ``addresses`` is one ``host:port`` for all, or one for each area.

    Tokens travel with every call: without ``credentials`` only addresses of this machine are taken, unless ``plaintext`` says
    that something else protects the way (then it has to). ``now`` says the time as seconds since 1970; it decides when a
    token is renewed ahead of its end. Raises ValueError for an address that would be reached unprotected.
    """

    def __init__(
        self,
        addresses: str | Mapping[str, str],
        *,
        credentials: grpc.ChannelCredentials | None = None,
        plaintext: bool = False,
        now: Callable[[], float] = time.time,
    ) -> None:
        for address in (addresses,) if isinstance(addresses, str) else addresses.values():
            if credentials is None and not plaintext and not on_this_machine(address):
                raise ValueError(f"{address} is not on this machine: give credentials (TLS), so that nobody reads along")
        self._addresses = addresses
        self._credentials = credentials
        self._channels: dict[str, grpc.aio.Channel] = {}
        self.now = now

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of every channel."""
        for channel in self._channels.values():
            await channel.close(None)
        self._channels.clear()

    def channel(self, area: str) -> grpc.aio.Channel:
        """The channel to the service of an area. Raises KeyError if no address is known for it."""
        address = self._addresses if isinstance(self._addresses, str) else self._addresses[area]
        if address not in self._channels:
            options = [("grpc.initial_reconnect_backoff_ms", 100), ("grpc.max_reconnect_backoff_ms", 2000)]
            self._channels[address] = (
                grpc.aio.insecure_channel(address, options)
                if self._credentials is None
                else grpc.aio.secure_channel(address, self._credentials, options)
            )
        return self._channels[address]

    def guest(self) -> "Client":
        """A client of nobody: for what needs no sign-in."""
        return Client(self, None)

    async def sign_in(self, code: str, *, key: DeviceKey | None = None) -> "Client":
        """A client of the person whom a code is for. Raises Refused.

        The session is bound to the device's ``key``; one is made in memory if none is given. Whoever goes on with the session
        in another process keeps both: ``client.session`` and ``client.key``.

        Somebody who knows the person confirms them first: they are shown ``client.words``, and say so (``confirm``). Until then
        calls are refused with NOT_YET_CONFIRMED, help and reporting aside.
        """
        guest, held = self.guest(), key or SoftwareKey()
        request = RedeemInvitationRequest(code=code, device_key=held.public)
        client = Client(self, await guest.send(guest.people.RedeemInvitation, request), held)
        client.positions.keep(guest.positions.shown())
        return client

    def resume(self, session: DeviceSession, key: DeviceKey | None = None) -> "Client":
        """A client of a session that was kept on the device, with the key that it is bound to.

        Without a key, a session that is bound to one ends for this client with its access token (SESSION_OVER).
        """
        return Client(self, session, key)


class Client(Stubs):
    """One person's (or nobody's) way to a deployment.

    Calls go through ``send`` with a method of a stub: ``await me.send(me.chat.PostMessage, PostMessageRequest(...))``. A stub
    of a service that has no property here is made with ``deployment.channel(area)``.
    """

    def __init__(self, deployment: Deployment, session: DeviceSession | None, key: DeviceKey | None = None) -> None:
        self.deployment = deployment
        self.session = session
        self.key = key
        self.positions = Positions()
        self._token: AccessToken | None = None
        if session is not None and session.HasField("access_token"):
            self._token = session.access_token
        self._refreshing = asyncio.Lock()
        self._renewing: asyncio.Task[grpc.aio.AioRpcError | None] | None = None

    def _channel(self, area: str) -> grpc.aio.Channel:
        return self.deployment.channel(area)

    @property
    def person_id(self) -> str:
        """Who is signed in; empty for nobody."""
        return self.session.person_id if self.session is not None else ""

    @property
    def token(self) -> str | None:
        """The access token that calls are made with just now; None for nobody, and before the first call is answered."""
        return None if self._token is None else self._token.token

    @property
    def words(self) -> str:
        """What the device shows to whoever confirms its person; empty where nobody has to."""
        return self.session.words if self.session is not None else ""

    async def confirm(self, person: "Client", *, group_id: str | None = None) -> None:
        """Say that this is who was invited, having seen their device; what came with the code can be used at once.

        ``group_id``: for a leader, their group that the person was invited for or is in. Raises Refused.
        """
        request = ConfirmPersonRequest(person_id=person.person_id, words=person.words, group_id=group_id)
        await self.send(self.people.ConfirmPerson, request)
        person.positions.keep(self.positions.shown())

    async def send(self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q, *, seconds: float = WAIT) -> A:
        """One call, answered or refused (Refused).

        A write gets a ``request_id`` if it has none, so that it can be sent again without being done twice; reads can be sent
        again anyhow. When the service cannot be reached or does not answer within ``seconds``, the call is sent again with
        growing pauses, for as long as ``seconds`` have not passed since the first time, and once in any case. Where the service
        says how long to wait, that is waited for within the same ``seconds``. The request itself stays as it was: to send it
        once more is to ask for it once more.
        """
        request = copied(request)
        if "request_id" in request.DESCRIPTOR.fields_by_name and not request.request_id:  # type: ignore[attr-defined]
            request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        begun, attempt = time.monotonic(), 0
        while True:
            attempt += 1
            try:
                return await self._signed(method, request, seconds)
            except grpc.aio.AioRpcError as error:
                refused, past = refusal(error), time.monotonic() - begun
                if refused.after_seconds is not None and past + refused.after_seconds <= seconds:
                    await asyncio.sleep(refused.after_seconds)
                elif error.code() not in UNREACHED or (attempt > 1 and past > seconds):
                    raise refused from None
            await pause(attempt)

    async def whatever_token(self, seconds: float = WAIT) -> str | None:
        """A token to ask for help with: renewed if it can be, else the one there is, which still says who asks; or none.

        Where there is one, however old, its renewal is waited for FOR_A_TOKEN at most; where there is none, all of ``seconds``.
        A renewal goes on behind that: what it brings is there the next time.

        None for nobody, and where the service says that this session gets none. Raises Refused where there is none for any
        other reason, as nobody reached or a fault of the service: whoever then asks without one asks as nobody.
        """
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renew())
        await asyncio.wait({self._renewing}, timeout=seconds if self._token is None else min(seconds, FOR_A_TOKEN))
        if self._token is None and self.session is not None:
            error = self._renewing.result() if self._renewing.done() else None
            if error is None:
                raise Refused(grpc.StatusCode.DEADLINE_EXCEEDED, "", "", ())
            if error.code() not in _NO_TOKEN:
                raise refusal(error)
        return self.token

    async def _renew(self) -> grpc.aio.AioRpcError | None:
        try:
            return await self._ahead()
        except grpc.aio.AioRpcError as error:
            return error

    async def reach(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q, token: str | None, seconds: float = WAIT
    ) -> A:
        """One attempt at what is refused to nobody, with a token that may have expired, or none. Raises Refused."""
        metadata = grpc.aio.Metadata() if token is None else grpc.aio.Metadata(("authorization", f"Bearer {token}"))
        try:
            return await self._once(method, request, seconds, metadata)
        except grpc.aio.AioRpcError as error:
            raise refusal(error) from None

    async def _signed(self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q, seconds: float) -> A:
        unsigned = await self._ahead()
        used = self._token
        try:
            return await self._once(method, request, seconds, self._metadata())
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
                raise
            if used is None:
                raise (unsigned or error) from None
        await self._refresh(used)
        return await self._once(method, request, seconds, self._metadata())

    async def _once(
        self, method: grpc.aio.UnaryUnaryMultiCallable[Q, A], request: Q, seconds: float, metadata: grpc.aio.Metadata
    ) -> A:
        call = method(request, timeout=seconds, metadata=metadata)
        answer = await call
        for key, value in await call.trailing_metadata():
            if key == HEADER and isinstance(value, str):
                self.positions.keep(value)
        return answer

    def _metadata(self) -> grpc.aio.Metadata:
        metadata = grpc.aio.Metadata()
        if self._token is not None:
            metadata.add("authorization", f"Bearer {self._token.token}")
        if shown := self.positions.shown():
            metadata.add(HEADER, shown)
        return metadata

    async def _ahead(self) -> grpc.aio.AioRpcError | None:
        """Renew the token in time. The refusal, for a device that waits to be confirmed or is signed out: what needs no good
        token, as help, goes on with the one there is."""
        try:
            if self._token is None and self.session is not None:
                await self._refresh(None)
            elif self._token is not None and self._token.expire_time.seconds - self.deployment.now() < AHEAD:
                await self._refresh(self._token)
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.PERMISSION_DENIED:
                raise
            return error
        return None

    async def _refresh(self, used: AccessToken | None) -> None:
        async with self._refreshing:
            if self.session is None or self._token is not used:
                return
            request = RefreshSessionRequest(request_id=uuid.uuid4().hex, session_token=self.session.session_token)
            shown = await self._proof()
            if shown is not None:
                request.proof.CopyFrom(shown)
            self._token = await self.people.RefreshSession(request, timeout=WAIT)

    async def proof(self) -> DeviceProof | None:
        """That this device has its key, for what asks for it besides the session's secret, as EraseMe does; None without a key.

        It is good once, and only until the next: send it at once. Raises Refused.
        """
        try:
            await self._ahead()
            return await self._proof()
        except grpc.aio.AioRpcError as error:
            raise refusal(error) from None

    async def _proof(self) -> DeviceProof | None:
        if self.key is None or self.session is None:
            return None
        asked = await self.people.GetRefreshChallenge(GetRefreshChallengeRequest(), timeout=WAIT)
        return proof(self.key, asked.country, self.session.id, asked.challenge)

    async def watch(self, method: grpc.aio.UnaryStreamMultiCallable[Q, A], request: Q) -> AsyncGenerator[A, None]:
        """Follow a stream from behind ``after_cursor`` of the request, without a gap: answers, each with what came together, in
        order. What is in them has a ``cursor``, and comes again only when it has changed.

        It is opened again after a lost connection, a restart of the service and the end of a token, for as long as the right
        lasts. Raises Refused when it does not: the person has left, or there is no such thing.
        """
        resumed, failures = copied(request), 0
        while True:
            opened, seen, used = time.monotonic(), False, None
            try:
                await self._ahead()
                used = self._token
                call = method(resumed, metadata=self._metadata())
                try:
                    async for answer in call:
                        for _, came in answer.ListFields():
                            resumed.after_cursor, seen = came[-1].cursor, True  # type: ignore[attr-defined]
                        yield answer
                finally:
                    call.cancel()
            except grpc.aio.AioRpcError as error:
                if error.code() is grpc.StatusCode.UNAUTHENTICATED and used is not None and failures < RENEWALS:
                    await self._renewed(used)
                elif error.code() not in UNREACHED:
                    refused = refusal(error)
                    if refused.after_seconds is None:
                        raise refused from None
                    await asyncio.sleep(refused.after_seconds)
            failures = 0 if seen or time.monotonic() - opened > 5 else failures + 1
            await pause(failures)

    async def _renewed(self, used: AccessToken) -> None:
        try:
            await self._refresh(used)
        except grpc.aio.AioRpcError as error:
            if error.code() not in UNREACHED:
                raise refusal(error) from None
