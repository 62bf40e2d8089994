"""Slow work before a unit: what waits for somebody else (an issuer, a key service) or takes long to compute is prepared, and
the unit only uses it.

A unit of work never waits. An RPC that has to ask somebody outside, or to compute for seconds, declares a ``prepare``; the host
runs it before the unit, once the caller was let in by the access rule, and lends its result to the handler. Where it waits for
nobody (``Rpc.waits``), it is run within the unit.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeVar

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.access import Caller, Standing
from mewe_core.kit.database import Database
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.message_checks import Draft, MessageCheck, Verdict
from mewe_core.kit.ports import Ids, Keys, Sealing

S = TypeVar("S")
T = TypeVar("T")
G = TypeVar("G")


@frozen
class Registered:
    """How this deployment is known to an issuer of identities (OpenID Connect).

    ``client_secret_env`` names the environment variable with the secret; None: a public client, which has none. ``levels`` and
    ``max_age_seconds`` are asked for (``acr_values``, ``max_age``) where there are any; whether they were met is the feature's
    to see.
    """

    issuer: str
    client_id: str
    client_secret_env: str | None
    redirect_uri: str
    levels: tuple[str, ...] = ()
    max_age_seconds: int | None = None


class NotVouched(Exception):
    """The issuer does not vouch for anybody by this code; or what it says cannot be believed. Why is told to nobody."""


class Issuers(Protocol):
    """Issuers of identities, such as an organisation's sign-in. Asked over the network, so only before a unit."""

    async def address(self, at: Registered, state: str, nonce: str, challenge: str, now: Instant) -> str:
        """Where somebody goes to sign in; ``challenge`` is the SHA-256 of a verifier (PKCE). Raises Unavailable."""

    async def claims(self, at: Registered, code: str, verifier: str, nonce: str, now: Instant) -> Mapping[str, object]:
        """What the issuer says about who brings the code, verified: signature, issuer, audience, nonce, times.

        Raises NotVouched, and Unavailable if the issuer cannot be reached.
        """


class NoIssuers:
    """There are none: whatever is asked is Unavailable."""

    async def address(self, at: Registered, state: str, nonce: str, challenge: str, now: Instant) -> str:
        """Raises Unavailable."""
        raise Unavailable

    async def claims(self, at: Registered, code: str, verifier: str, nonce: str, now: Instant) -> Mapping[str, object]:
        """Raises Unavailable."""
        raise Unavailable


class Checker(Protocol):
    """Has a check look at a draft: in line if it is quick, else apart, with an end after some time."""

    async def __call__(self, check: MessageCheck, draft: Draft, seconds: float) -> Verdict | None:
        """What it found; None if it failed, did not finish within ``seconds``, or is switched off because it did not lately."""


class Computer(Protocol):
    """Computes what takes long, in a process of its own, so that nobody else waits for it."""

    async def __call__(self, work: Callable[[G], T], given: G, /) -> T:
        """What ``work`` makes of ``given``: a function of a module, of values that can be pickled.

        Raises Unavailable if it fails, and says to nobody why.
        """


class Reader(Protocol):
    """Looks at the feature's database, on a snapshot that is gone when this returns."""

    def __call__(self, look: Callable[[Database], Awaitable[T]], /) -> Awaitable[T]:
        """What ``look`` finds."""


async def unchecked(check: MessageCheck, draft: Draft, seconds: float) -> Verdict | None:
    """No check ever finishes: where there is nobody to run one."""
    return None


async def at_once(work: Callable[[G], T], given: G, /) -> T:
    """What a work makes of something, computed in line: for tests, and for whoever uses a feature as a library."""
    return work(given)


@frozen
class Preparing:
    """What a ``prepare`` is lent. It may wait, and it may not change anything of the feature's.

    The access rule has let the caller in when it begins (and is asked again in the unit). It ends with the caller's deadline.
    It may run more than once for one request, and the unit may never come; a request that was answered before is not prepared
    again.
    """

    caller: Caller
    standing: Standing
    now: Instant
    ids: Ids = field(repr=False)
    keys: Keys = field(repr=False)
    sealing: Sealing = field(repr=False)
    issuers: Issuers = field(repr=False)
    read: Reader = field(repr=False)
    configured: object = field(default=None, repr=False)
    checker: Checker = field(default=unchecked, repr=False)
    compute: Computer = field(default=at_once, repr=False)

    def settings(self, kind: type[S]) -> S:
        """The feature's settings, from the mix. Raises TypeError if the feature has settings of another kind."""
        if not isinstance(self.configured, kind):
            raise TypeError(f"these are not {kind.__name__}")
        return self.configured
