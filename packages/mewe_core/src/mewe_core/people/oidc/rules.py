"""What signing in at an issuer decides: what a state says, which roles a claim gives, what changes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.ports import Ids, Keys
from mewe_core.people import once
from mewe_core.people.base64url import from_text, to_text
from mewe_core.people.model import RoleGrant
from mewe_core.people.oidc.settings import StaffIssuer
from mewe_core.people.rules import held_in

STATE_MINUTES = 10
CLOCKS_APART_SECONDS = 60
"""How far the clock of an issuer may be from ours."""

SECRET_BYTES = 32
LONGEST_SUBJECT = 255
_STATE = "staff sign-in"
_DIGEST_BYTES = 16

Wanted = tuple[Role, ScopeKind, str]
"""A role, and where it holds."""


@frozen
class Begun:
    """A sign-in that has begun: ``state``, ``nonce`` and ``challenge`` go to the issuer, ``secret`` to the device."""

    state: str
    nonce: str
    challenge: str
    secret: str = field(repr=False)


@frozen
class Returned:
    """A sign-in that comes back: what has to be spent, and what the issuer is asked with."""

    spent: bytes = field(repr=False)
    ends: Instant
    nonce: str
    verifier: str = field(repr=False)


def begun(issuer: str, now: Instant, ids: Ids, keys: Keys) -> Begun:
    """Begin: everything but the secret follows from the state and the country's key, so that nothing has to be kept."""
    secret = to_text(ids.secret(SECRET_BYTES))
    made = once.made(_STATE, _bound_to(issuer, secret), now.add(minutes=STATE_MINUTES), ids, keys)
    nonce, verifier = _nonce(made, keys), _verifier(made, keys)
    challenge = to_text(sha256(verifier.encode()).digest())
    return Begun(to_text(made + _name(issuer, keys)), nonce, challenge, secret)


def returned(
    state: str, secret: str, issuers: Iterable[StaffIssuer], now: Instant, keys: Keys
) -> tuple[StaffIssuer, Returned] | None:
    """Which issuer a state was made for and what follows from it; None if it is not ours, of another device, or too late."""
    try:
        brought = from_text(state)
    except ValueError:
        return None
    made, name = brought[:-_DIGEST_BYTES], brought[-_DIGEST_BYTES:]
    for one in issuers:
        if compare_digest(name, _name(one.issuer, keys)):
            ends = once.ends(made, _STATE, _bound_to(one.issuer, secret), keys)
            if ends is None or ends <= now:
                return None
            return one, Returned(made, ends, _nonce(made, keys), _verifier(made, keys))
    return None


def subject(claims: Mapping[str, object]) -> str | None:
    """Who it is at the issuer; None if it does not say."""
    found = claims.get("sub")
    return found if isinstance(found, str) and 1 <= len(found) <= LONGEST_SUBJECT else None


def is_strong_enough(claims: Mapping[str, object], issuer: StaffIssuer, now: Instant) -> bool:
    """Whether the issuer says all that the mix asks about how somebody signed in. What it does not say is not so.

    Source: OpenID Connect Core 1.0, section 2 (``acr``, ``amr``, ``auth_time``).
    """
    level = claims.get("acr")
    if issuer.require_acr and not (isinstance(level, str) and level in issuer.require_acr):
        return False
    methods = claims.get("amr")
    if issuer.require_amr and not (isinstance(methods, list | tuple) and all(one in methods for one in issuer.require_amr)):
        return False
    if issuer.max_age_minutes is None:
        return True
    at = claims.get("auth_time")
    if not isinstance(at, int | float) or isinstance(at, bool):
        return False
    age = now.timestamp() - at
    return -CLOCKS_APART_SECONDS <= age <= 60 * issuer.max_age_minutes + CLOCKS_APART_SECONDS


def wanted(claims: Mapping[str, object], issuer: StaffIssuer, country: str) -> frozenset[Wanted]:
    """The roles that the claims give, as the mix maps them."""
    return frozenset(
        (one.role, *held_in(one.role, one.organisation, country))
        for one in issuer.roles
        if one.value in _values(_claim(claims, one.claim))
    )


def changes(held: Sequence[RoleGrant], want: frozenset[Wanted]) -> tuple[list[RoleGrant], list[RoleGrant], frozenset[Wanted]]:
    """Of the roles held by claim: those that go on, those that end now; and those that begin."""
    on = {(one.role, one.scope_kind, one.scope_id): one for one in held}
    going_on = [one for key, one in on.items() if key in want]
    kept = {one.id for one in going_on}
    return going_on, [one for one in held if one.id not in kept], frozenset(want - on.keys())


def _claim(claims: Mapping[str, object], path: str) -> object:
    """A claim by its name or, where there is none of that name, by a path."""
    if path in claims:
        return claims[path]
    here: object = claims
    for part in path.split("."):
        if not isinstance(here, Mapping) or part not in here:
            return None
        here = here[part]
    return here


def _values(claim: object) -> frozenset[str]:
    """Texts alone: a number or a truth value is never taken for one."""
    if isinstance(claim, str):
        return frozenset({claim})
    return frozenset(one for one in claim if isinstance(one, str)) if isinstance(claim, list | tuple) else frozenset()


def _bound_to(issuer: str, secret: str) -> str:
    return f"{issuer}\0{secret}"


def _name(issuer: str, keys: Keys) -> bytes:
    return bytes.fromhex(keys.digest("people.oidc.issuer", issuer.encode()))[:_DIGEST_BYTES]


def _nonce(made: bytes, keys: Keys) -> str:
    return keys.digest("people.oidc.nonce", made)


def _verifier(made: bytes, keys: Keys) -> str:
    return keys.digest("people.oidc.verifier", made)
