"""Issuers of identities asked over the network (``kit.preparing.Issuers``): OpenID Connect, authorization code with PKCE.

What an issuer says is believed when its ID token is signed by a key of its own with an algorithm on the list, was made for this
deployment and this sign-in, and is fresh. Whatever is wrong, it is one and the same ``NotVouched``; where the issuer does not
answer as one, it is ``Unavailable``.
"""

import asyncio
import json
from collections.abc import Mapping
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from attrs import define, field, frozen
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.preparing import NotVouched, Registered
from whenever import Instant, TimeDelta

from mewe_host.mix.model import from_environment

ALGORITHMS: Mapping[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = {
    "ES256": ECKey,
    "ES384": ECKey,
    "RS256": RSAKey,
    "PS256": RSAKey,
    "Ed25519": OKPKey,
}
"""What an ID token may be signed with, and by what kind of key: never with a secret, never with nothing."""

LARGEST_ANSWER = 256 * 1024
SECONDS = 8.0
"""How long one answer of an issuer may take."""

LONGEST_LIFE = TimeDelta(hours=1)
"""How old what an issuer says about itself may be."""

PAUSE = TimeDelta(seconds=30)
"""Between two questions for keys because of a key that is not known."""

MOST_KEYS = 50
_CLOCKS_APART = 60
_LONGEST_TOKEN = 64 * 1024

Claims = Mapping[str, object]
_Key = ECKey | RSAKey | OKPKey


@frozen
class _About:
    """What an issuer says about itself."""

    authorization: str
    token: str
    basic: bool
    keys_at: str
    at: Instant


@frozen
class _Keys:
    """The public keys of an issuer, by their ids."""

    by_id: Mapping[str, _Key] = field(repr=False)
    at: Instant


@define
class HttpIssuers:
    """Issuers by HTTPS; by HTTP on this machine alone. No redirect is followed, no proxy of the environment is used."""

    _client: httpx.AsyncClient | None = field(default=None, init=False)
    _about: dict[str, _About] = field(factory=dict, init=False)
    _keys: dict[str, _Keys] = field(factory=dict, init=False)

    async def close(self) -> None:
        """Let go of every connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def address(self, at: Registered, state: str, nonce: str, challenge: str, now: Instant) -> str:
        """Where somebody goes to sign in. Raises Unavailable."""
        about = await self._described(at.issuer, now)
        asked = {
            "response_type": "code",
            "client_id": at.client_id,
            "redirect_uri": at.redirect_uri,
            "scope": "openid",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        if at.levels:
            asked["acr_values"] = " ".join(at.levels)
        if at.max_age_seconds is not None:
            asked["max_age"] = str(at.max_age_seconds)
        return f"{about.authorization}{'&' if '?' in about.authorization else '?'}{urlencode(asked)}"

    async def claims(self, at: Registered, code: str, verifier: str, nonce: str, now: Instant) -> Claims:
        """What the issuer says about who brings the code. Raises NotVouched, Unavailable."""
        about = await self._described(at.issuer, now)
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": at.redirect_uri, "code_verifier": verifier}
        secret = None if at.client_secret_env is None else from_environment(at.client_secret_env)
        if at.client_secret_env is not None and secret is None:
            raise Unavailable
        sign = httpx.BasicAuth(_form(at.client_id), _form(secret)) if secret is not None and about.basic else None
        if sign is None:
            form |= {"client_id": at.client_id} | ({} if secret is None else {"client_secret": secret})
        status, answer = await self._ask("POST", about.token, form, sign)
        if 400 <= status < 500:
            raise NotVouched
        token = answer.get("id_token") if status == 200 else None
        if status != 200:
            raise Unavailable
        if not isinstance(token, str) or len(token) > _LONGEST_TOKEN:
            raise NotVouched
        said = await self._signed(token, at.issuer, about.keys_at, now)
        return _believed(said, at, nonce, now)

    async def _described(self, issuer: str, now: Instant) -> _About:
        known = self._about.get(issuer)
        if known is not None and known.at <= now < known.at + LONGEST_LIFE:
            return known
        status, said = await self._ask("GET", issuer.removesuffix("/") + "/.well-known/openid-configuration")
        places = [said.get(name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
        if status != 200 or said.get("issuer") != issuer or not all(_may_ask(one, issuer) for one in places):
            raise Unavailable
        ways = said.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        authorization, token, keys = (str(one) for one in places)
        about = _About(authorization, token, isinstance(ways, list) and "client_secret_basic" in ways, keys, now)
        self._about[issuer] = about
        return about

    async def _signed(self, token: str, issuer: str, keys_at: str, now: Instant) -> Claims:
        """What a token says, if a key of the issuer signed it."""
        try:
            header = jws.extract_compact(token.encode()).headers()
        except (JoseError, ValueError, UnicodeError):
            raise NotVouched from None
        algorithm, key_id = header.get("alg"), header.get("kid")
        if (
            not isinstance(algorithm, str)
            or algorithm not in ALGORITHMS
            or not isinstance(key_id, str | None)
            or "crit" in header
        ):
            raise NotVouched
        key = await self._key(issuer, keys_at, key_id, ALGORITHMS[algorithm], now)
        try:
            verified = jws.deserialize_compact(token.encode(), key, registry=JWSRegistry(algorithms=[algorithm]))
            said = json.loads(verified.payload)
        except (JoseError, ValueError, TypeError, UnicodeError):
            raise NotVouched from None
        if not isinstance(said, dict):
            raise NotVouched
        return said

    async def _key(self, issuer: str, keys_at: str, key_id: str | None, kind: type[_Key], now: Instant) -> _Key:
        """The key a token names, or the only one of its kind; asked for anew if it is not known, now and then."""
        known = self._keys.get(issuer)
        key = None if known is None or not known.at <= now < known.at + LONGEST_LIFE else _chosen(known, key_id, kind)
        if key is None and (known is None or now >= known.at + PAUSE or now < known.at):
            status, said = await self._ask("GET", keys_at)
            if status != 200:
                raise Unavailable
            known = self._keys[issuer] = _Keys(_imported(said), now)
            key = _chosen(known, key_id, kind)
        if key is None:
            raise NotVouched
        return key

    async def _ask(
        self, method: str, address: str, form: Mapping[str, str] | None = None, sign: httpx.BasicAuth | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of an answer that is small and in time. Raises Unavailable."""
        if self._client is None:
            limits = httpx.Limits(max_connections=20, max_keepalive_connections=5)
            self._client = httpx.AsyncClient(follow_redirects=False, trust_env=False, timeout=SECONDS, limits=limits)
        try:
            async with (
                asyncio.timeout(SECONDS),
                self._client.stream(method, address, data=form, auth=sign, headers={"accept": "application/json"}) as answer,
            ):
                body = bytearray()
                async for part in answer.aiter_bytes():
                    body += part
                    if len(body) > LARGEST_ANSWER:
                        raise Unavailable
                status = answer.status_code
            said = json.loads(body) if body else {}
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, RecursionError):
            raise Unavailable from None
        return status, said if isinstance(said, dict) else {}


def _believed(said: Claims, at: Registered, nonce: str, now: Instant) -> Claims:
    """The claims, if they were made for this deployment and this sign-in, and are fresh. Raises NotVouched."""
    audience = said.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    party = said.get("azp")
    issued, ends, begins = said.get("iat"), said.get("exp"), said.get("nbf", 0)
    brought = said.get("nonce")
    moment = now.timestamp()
    good = (
        said.get("iss") == at.issuer
        and isinstance(audiences, list)
        and at.client_id in audiences
        and (party == at.client_id or (party is None and len(audiences) == 1))
        and isinstance(brought, str)
        and compare_digest(brought.encode(), nonce.encode())
        and type(issued) in (int, float)
        and type(ends) in (int, float)
        and type(begins) in (int, float)
        and issued <= moment + _CLOCKS_APART  # type: ignore[operator]
        and begins <= moment + _CLOCKS_APART  # type: ignore[operator]
        and moment < ends + _CLOCKS_APART  # type: ignore[operator]
        and isinstance(said.get("sub"), str)
        and said["sub"] != ""
    )
    if not good:
        raise NotVouched
    return said


def _chosen(known: _Keys, key_id: str | None, kind: type[_Key]) -> _Key | None:
    if key_id is not None:
        named = known.by_id.get(key_id)
        return named if isinstance(named, kind) else None
    fitting = [one for one in known.by_id.values() if isinstance(one, kind)]
    return fitting[0] if len(fitting) == 1 else None


def _imported(said: Mapping[str, Any]) -> dict[str, _Key]:
    """The public keys that are made for signing; what cannot be read is left out."""
    kinds: dict[str, type[ECKey] | type[RSAKey] | type[OKPKey]] = {"EC": ECKey, "RSA": RSAKey, "OKP": OKPKey}
    found: dict[str, _Key] = {}
    listed = said.get("keys")
    for number, one in enumerate(listed[:MOST_KEYS] if isinstance(listed, list) else ()):
        if not isinstance(one, dict) or one.get("use", "sig") != "sig" or one.get("kty") not in kinds or "d" in one:
            continue
        try:
            key = kinds[one["kty"]].import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue
        name = one.get("kid")
        found[name if isinstance(name, str) else f"\0{number}"] = key
    return found


def _may_ask(address: object, issuer: str) -> bool:
    """Https; for an issuer on this machine, http on this machine as well."""
    if not isinstance(address, str) or len(address) > 2000:
        return False
    try:
        parts, own = urlsplit(address), urlsplit(issuer)
        here = _is_this_machine(parts.hostname) and _is_this_machine(own.hostname)
        _ = parts.port
    except ValueError:
        return False
    return parts.username is None and bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and here))


def _is_this_machine(host: str | None) -> bool:
    try:
        return host == "localhost" or (host is not None and ip_address(host).is_loopback)
    except ValueError:
        return False


def _form(text: str) -> str:
    """As RFC 6749, section 2.3.1, wants it before Basic."""
    return urlencode({"": text})[1:]
