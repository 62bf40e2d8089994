"""An issuer of identities for trying out: it asks nobody for a password, so it is for demo mixes on this machine alone.

It is a real issuer all the same: discovery, authorization code with PKCE, ES256, codes that are good once and for a minute.
"""

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from attrs import define, field, frozen
from joserfc import jwt
from joserfc.jwk import ECKey
from joserfc.util import urlsafe_b64encode
from mewe_core.kit.ports import Clock
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from whenever import Instant

from mewe_host.mix.model import LOOPBACK

PATH = "/trial-issuer"
CODE_SECONDS = 60
TOKEN_SECONDS = 300
MOST_CODES = 1000
LARGEST_REQUEST = 16 * 1024
LEVEL, HIGH_LEVEL = "urn:mewe:trial:one", "urn:mewe:trial:two"
"""What is said in ``acr`` of who signed in with one factor, and with two."""


@frozen
class Trial:
    """Somebody who can be tried: the words of the button, who it is, and what is said of them and of how they signed in."""

    words: str
    subject: str
    groups: tuple[str, ...] = ()
    amr: tuple[str, ...] = ("pwd", "mfa")
    acr: str = HIGH_LEVEL


PEOPLE: Mapping[str, Trial] = {
    "centre": Trial("Somebody of the national competence centre", "trial-centre", ("mewe-centre",)),
    "password": Trial("The same, with a password alone", "trial-centre", ("mewe-centre",), ("pwd",), LEVEL),
    "guest": Trial("Somebody who has no role", "trial-guest"),
}


@frozen
class _Granted:
    person: str
    client_id: str
    redirect_uri: str
    nonce: str | None
    challenge: str
    until: Instant
    at: Instant


@define
class TrialIssuer:
    """The issuer of one host. ``origin`` is where it answers, such as ``http://127.0.0.1:8080``."""

    origin: str
    _clock: Clock
    _key: ECKey = field(factory=lambda: ECKey.generate_key("P-256", auto_kid=True), repr=False)
    _granted: dict[str, _Granted] = field(factory=dict, init=False, repr=False)

    @property
    def issuer(self) -> str:
        """Its address."""
        return self.origin + PATH

    def routes(self) -> tuple[Route, ...]:
        """Its pages."""
        return (
            Route(f"{PATH}/.well-known/openid-configuration", self._configuration),
            Route(f"{PATH}/jwks", self._keys),
            Route(f"{PATH}/authorize", self._authorize),
            Route(f"{PATH}/token", self._token, methods=["POST"]),
        )

    async def _configuration(self, request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
            }
        )

    async def _keys(self, request: Request) -> Response:
        return JSONResponse({"keys": [self._key.as_dict(private=False) | {"use": "sig"}]})

    async def _authorize(self, request: Request) -> Response:
        """The page with a button for each person, which are links; whoever follows one comes back with a code."""
        asked = {name: request.query_params.get(name, "") for name in (*_ASKED, "nonce", "state")}
        if not _is_asked_well(asked):
            return JSONResponse({"error": "invalid_request"}, 400)
        person = request.query_params.get("person")
        if person is None:
            links = "".join(_button(asked, name) for name in PEOPLE)
            return HTMLResponse(_PAGE.format(links=links), headers={"cache-control": "no-store"})
        if person not in PEOPLE:
            return JSONResponse({"error": "invalid_request"}, 400)
        now, code = self._clock.now(), secrets.token_urlsafe(32)
        self._granted = {key: one for key, one in self._granted.items() if one.until > now}
        if len(self._granted) >= MOST_CODES:
            return JSONResponse({"error": "temporarily_unavailable"}, 503)
        self._granted[code] = _Granted(
            person,
            asked["client_id"],
            asked["redirect_uri"],
            asked["nonce"] or None,
            asked["code_challenge"],
            now.add(seconds=CODE_SECONDS),
            now,
        )
        back = urlencode({"code": code, "state": asked["state"], "iss": self.issuer})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 303, {"cache-control": "no-store"})

    async def _token(self, request: Request) -> Response:
        try:
            brought = dict(parse_qsl((await _small(request)).decode("ascii"), max_num_fields=20))
        except ValueError:
            return JSONResponse({"error": "invalid_request"}, 400)
        granted = self._granted.pop(brought.get("code", ""), None)
        now = self._clock.now()
        challenge = urlsafe_b64encode(sha256(brought.get("code_verifier", "").encode()).digest()).decode()
        if (
            granted is None
            or granted.until <= now
            or brought.get("grant_type") != "authorization_code"
            or brought.get("client_id") != granted.client_id
            or brought.get("redirect_uri") != granted.redirect_uri
            or not compare_digest(challenge, granted.challenge)
        ):
            return JSONResponse({"error": "invalid_grant"}, 400, {"cache-control": "no-store"})
        trial = PEOPLE[granted.person]
        claims = {
            "iss": self.issuer,
            "sub": trial.subject,
            "aud": granted.client_id,
            "iat": int(now.timestamp()),
            "exp": int(now.timestamp()) + TOKEN_SECONDS,
            "auth_time": int(granted.at.timestamp()),
            "groups": list(trial.groups),
            "amr": list(trial.amr),
            "acr": trial.acr,
        } | ({} if granted.nonce is None else {"nonce": granted.nonce})
        token = jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key, algorithms=["ES256"])
        answer = {"access_token": secrets.token_urlsafe(16), "token_type": "Bearer", "id_token": token}
        return Response(json.dumps(answer), media_type="application/json", headers={"cache-control": "no-store"})


_ASKED = ("response_type", "client_id", "redirect_uri", "scope", "code_challenge", "code_challenge_method")
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in, for trying out</title>
<main><h1>Who do you want to be?</h1><p>This is for trying out. Nobody is asked for a password here.</p>{links}</main></html>
"""


def _button(asked: Mapping[str, str], person: str) -> str:
    address = escape("?" + urlencode({**asked, "person": person}))
    return f'<p><a href="{address}">{escape(PEOPLE[person].words)}</a></p>'


async def _small(request: Request) -> bytes:
    """The body. Raises ValueError if it is too large for any token request."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_REQUEST:
            raise ValueError("too large")
    return body


def _is_asked_well(asked: Mapping[str, str]) -> bool:
    try:
        host = urlsplit(asked["redirect_uri"]).hostname
    except ValueError:
        return False
    return (
        asked["response_type"] == "code"
        and "openid" in asked["scope"].split()
        and asked["code_challenge_method"] == "S256"
        and len(asked["code_challenge"]) == 43
        and bool(asked["client_id"])
        and host in LOOPBACK
        and "?" not in asked["redirect_uri"]
        and all(len(value) <= 2000 for value in asked.values())
    )
