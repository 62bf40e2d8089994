"""Staff sign in at an issuer over real sockets: at the one for trying out, and at a foreign one."""

import asyncio
import base64
import hmac
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import uvicorn
from attrs import define, evolve, field
from joserfc import jwt
from joserfc.jwk import ECKey
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.preparing import NotVouched, Registered
from mewe_core.kit.testing import FixedClock
from mewe_host.identity.oidc import HttpIssuers
from mewe_host.identity.trial_issuer import CODE_SECONDS, HIGH_LEVEL, TrialIssuer
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from whenever import Instant

VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
BACK = "http://127.0.0.1:9/back"


@contextmanager
def served(*routes: Route, listening: socket.socket) -> Iterator[None]:
    """Pages behind a real server."""
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=list(routes)), log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


def origin(listening: socket.socket) -> str:
    """Where it answers."""
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@pytest.fixture
def trial() -> Iterator[TrialIssuer]:
    """The issuer for trying out."""
    listening = socket.create_server(("127.0.0.1", 0))
    issuer = TrialIssuer(origin(listening), FixedClock())
    with served(*issuer.routes(), listening=listening):
        yield issuer


def at(issuer: TrialIssuer) -> Registered:
    """How this deployment is known there."""
    return Registered(issuer.issuer, "mewe", None, BACK)


def code_of(address: str, person: str, state: str = "s") -> str:
    """Follow the link with a person's name, as a browser would."""
    page = httpx.get(address)
    assert "Who do you want to be?" in page.text
    back = httpx.get(f"{address}&person={person}")
    assert back.status_code == 303
    came = parse_qs(urlsplit(back.headers["location"]).query)
    assert back.headers["location"].startswith(BACK)
    assert came["state"] == [state]
    return came["code"][0]


def claims(issuers: HttpIssuers, registered: Registered, code: str, **other: str) -> Mapping[str, object]:
    """What the issuer says, asked at the beginning of the tests' time."""
    verifier, nonce = other.get("verifier", VERIFIER), other.get("nonce", "n")

    async def asked() -> Mapping[str, object]:
        try:
            return await issuers.claims(registered, code, verifier, nonce, FixedClock().now())
        finally:
            await issuers.close()

    return asyncio.run(asked())


def address(registered: Registered, *, state: str = "s", nonce: str = "n") -> str:
    """Where somebody goes."""

    async def asked() -> str:
        issuers = HttpIssuers()
        try:
            return await issuers.address(registered, state, nonce, CHALLENGE, FixedClock().now())
        finally:
            await issuers.close()

    return asyncio.run(asked())


def test_whoever_presses_a_button_is_vouched_for(trial: TrialIssuer) -> None:
    """Discovery, authorization, code, token, signature: the whole way, over sockets."""
    said = claims(HttpIssuers(), at(trial), code_of(address(at(trial)), "centre"))
    assert (said["sub"], said["groups"]) == ("trial-centre", ["mewe-centre"])
    assert "email" not in said
    assert (said["amr"], said["acr"], said["auth_time"]) == (["pwd", "mfa"], HIGH_LEVEL, int(FixedClock().now().timestamp()))


def test_a_code_of_the_trial_issuer_is_good_once_and_for_a_minute(trial: TrialIssuer) -> None:
    """With its verifier, for its client and its address alone."""
    code = code_of(address(at(trial)), "guest")
    claims(HttpIssuers(), at(trial), code)
    with pytest.raises(NotVouched):
        claims(HttpIssuers(), at(trial), code)
    for registered, verifier in (
        (at(trial), "w" * 64),
        (evolve(at(trial), client_id="other"), VERIFIER),
        (evolve(at(trial), redirect_uri="http://127.0.0.1:9/other"), VERIFIER),
    ):
        with pytest.raises(NotVouched):
            claims(HttpIssuers(), registered, code_of(address(at(trial)), "guest"), verifier=verifier)
    code = code_of(address(at(trial)), "guest")
    trial._clock.advance(seconds=CODE_SECONDS)  # type: ignore[attr-defined]
    with pytest.raises(NotVouched):
        claims(HttpIssuers(), at(trial), code)


def test_the_trial_issuer_sends_nobody_away_from_this_machine(trial: TrialIssuer) -> None:
    """Another address to come back to, no PKCE, another answer than a code: refused without a redirect."""
    good = address(at(trial))
    for old, new in (("127.0.0.1%3A9", "evil.example"), ("S256", "plain"), ("response_type=code", "response_type=token")):
        answer = httpx.get(good.replace(old, new) + "&person=centre")
        assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})
    assert httpx.get(good + "&person=nobody").status_code == 400


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_foreign_issuer_is_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    """An issuer that somebody else wrote: what it signs is verified in the same way, and our secret is told to it."""
    from oidc_provider_mock import run_server_in_thread

    monkeypatch.setenv("MEWE_TEST_SECRET", "a secret")
    with run_server_in_thread() as server:
        registered = Registered(f"http://localhost:{server.server_port}", "mewe", "MEWE_TEST_SECRET", BACK)
        now = Instant.now()

        async def whole() -> Mapping[str, object]:
            issuers = HttpIssuers()
            where = await issuers.address(registered, "s", "n", CHALLENGE, now)
            async with httpx.AsyncClient() as browser:
                came = await browser.post(where, data={"sub": "somebody"})
            code = parse_qs(urlsplit(came.headers["location"]).query)["code"][0]
            try:
                return await issuers.claims(registered, code, VERIFIER, "n", now)
            finally:
                await issuers.close()

        assert asyncio.run(whole())["sub"] == "somebody"


@define
class Liar:
    """An issuer that answers what it is told to, at every place."""

    listening: socket.socket = field(factory=lambda: socket.create_server(("127.0.0.1", 0)))
    key: ECKey = field(factory=lambda: ECKey.generate_key("P-256", {"kid": "k1"}))
    token: str = ""
    status: int = 200
    told: dict[str, object] = field(factory=dict)
    asked_for_keys: int = 0

    @property
    def issuer(self) -> str:
        """Its address."""
        return origin(self.listening)

    def registered(self) -> Registered:
        """How this deployment is known there."""
        return Registered(self.issuer, "mewe", None, BACK)

    def claims(self, **changed: object) -> dict[str, object]:
        """Good claims, but for what is changed (None: left out)."""
        now = int(FixedClock().now().timestamp())
        good: dict[str, object] = {"iss": self.issuer, "aud": "mewe", "sub": "somebody", "nonce": "n", "iat": now}
        good["exp"] = now + 60
        return {name: value for name, value in (good | changed).items() if value is not None}

    def signed(self, **changed: object) -> str:
        """A token of its own key."""
        return jwt.encode({"alg": "ES256", "kid": "k1"}, self.claims(**changed), self.key, algorithms=["ES256"])

    def routes(self) -> tuple[Route, ...]:
        """What it answers."""

        async def about(request: Request) -> Response:
            said = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/go",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
            }
            return JSONResponse(said | self.told)

        async def keys(request: Request) -> Response:
            self.asked_for_keys += 1
            return JSONResponse({"keys": [self.key.as_dict(private=False)]})

        async def token(request: Request) -> Response:
            if self.status == 302:
                return RedirectResponse(f"{self.issuer}/elsewhere", 307)
            return JSONResponse({"id_token": self.token}, self.status)

        async def elsewhere(request: Request) -> Response:
            return JSONResponse({"id_token": self.token})

        async def large(request: Request) -> Response:
            return Response(b" " * 1_000_000)

        return (
            Route("/.well-known/openid-configuration", about),
            Route("/jwks", keys),
            Route("/token", token, methods=["POST"]),
            Route("/elsewhere", elsewhere, methods=["POST"]),
            Route("/large", large, methods=["GET", "POST"]),
        )


@pytest.fixture
def liar() -> Iterator[Liar]:
    """An issuer that can be told what to say."""
    liar = Liar()
    with served(*liar.routes(), listening=liar.listening):
        yield liar


def test_a_good_token_is_believed(liar: Liar) -> None:
    """Else the matrix below would say nothing."""
    liar.token = liar.signed()
    assert claims(HttpIssuers(), liar.registered(), "c")["sub"] == "somebody"
    for fine in ({"aud": ["mewe"]}, {"aud": ["mewe", "other"], "azp": "mewe"}, {"azp": "mewe"}):
        liar.token = liar.signed(**fine)
        assert claims(HttpIssuers(), liar.registered(), "c")["sub"] == "somebody"


NOW = int(FixedClock().now().timestamp())
TAMPERED: dict[str, dict[str, object]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "other"},
    "audiences without us": {"aud": ["a", "b"]},
    "audiences without a party": {"aud": ["mewe", "other"]},
    "another party": {"azp": "other"},
    "no audience": {"aud": None},
    "another nonce": {"nonce": "m"},
    "no nonce": {"nonce": None},
    "a nonce that is no text": {"nonce": 7},
    "expired": {"exp": NOW - 61},
    "no end": {"exp": None},
    "an end that is no number": {"exp": "tomorrow"},
    "an end that is a truth": {"exp": True},
    "from the future": {"iat": NOW + 61},
    "no beginning": {"iat": None},
    "not yet": {"nbf": NOW + 61},
    "nobody": {"sub": None},
    "an empty name": {"sub": ""},
    "a name that is no text": {"sub": 7},
}


@pytest.mark.parametrize("changed", TAMPERED.values(), ids=TAMPERED)
def test_a_token_that_says_something_else_is_not_believed(liar: Liar, changed: dict[str, object]) -> None:
    """Signed rightly, and wrong: one and the same refusal."""
    liar.token = liar.signed(**changed)
    with pytest.raises(NotVouched):
        claims(HttpIssuers(), liar.registered(), "c")


def _part(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


def _unsigned(liar: Liar) -> str:
    return f"{_part({'alg': 'none', 'kid': 'k1'})}.{_part(liar.claims())}."


def _with_the_public_key_as_a_secret(liar: Liar) -> str:
    said = f"{_part({'alg': 'HS256', 'kid': 'k1'})}.{_part(liar.claims())}"
    signature = hmac.digest(liar.key.as_pem(private=False), said.encode(), "sha256")
    return f"{said}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _by_another_key(liar: Liar) -> str:
    other = ECKey.generate_key("P-256")
    return jwt.encode({"alg": "ES256", "kid": "k1"}, liar.claims(), other, algorithms=["ES256"])


def _by_a_key_it_brings(liar: Liar) -> str:
    other = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": "k2", "jwk": other.as_dict(private=False)}
    return jwt.encode(header, liar.claims(), other, algorithms=["ES256"])


def _changed(liar: Liar) -> str:
    head, said, signature = liar.signed().split(".")
    other = _part(liar.claims(sub="boss"))
    assert other != said
    return f"{head}.{other}.{signature}"


def _cut(liar: Liar) -> str:
    return liar.signed().rpartition(".")[0] + "."


FORGERIES = [_unsigned, _with_the_public_key_as_a_secret, _by_another_key, _by_a_key_it_brings, _changed, _cut]


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda one: one.__name__.strip("_"))
def test_a_token_that_the_issuer_did_not_sign_is_not_believed(liar: Liar, forge) -> None:  # type: ignore[no-untyped-def]
    """No signature, a signature with what everybody knows, of somebody else, of something else."""
    liar.token = forge(liar)
    with pytest.raises(NotVouched):
        claims(HttpIssuers(), liar.registered(), "c")


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "....", "é", "e30.e30.e30"])
def test_what_is_no_token_is_not_believed(liar: Liar, token: str) -> None:
    """Whatever it is."""
    liar.token = token
    with pytest.raises(NotVouched):
        claims(HttpIssuers(), liar.registered(), "c")


@pytest.mark.parametrize(("status", "told"), [(302, Unavailable), (500, Unavailable), (503, Unavailable), (400, NotVouched)])
def test_an_issuer_that_does_not_answer_well(liar: Liar, status: int, told: type[Exception]) -> None:
    """It is unavailable, and a redirect is not followed, though a good token lies behind it; its 400 vouches for nobody."""
    liar.token, liar.status = liar.signed(), status
    with pytest.raises(told):
        claims(HttpIssuers(), liar.registered(), "c")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("issuer", "https://evil.example"),
        ("token_endpoint", "http://evil.example/token"),
        ("token_endpoint", "file:///etc/passwd"),
        ("jwks_uri", 7),
        ("authorization_endpoint", None),
    ],
)
def test_an_issuer_that_speaks_of_other_places_is_not_asked(liar: Liar, name: str, value: object) -> None:
    """Its description has to be its own, and lead to protected places."""
    liar.token, liar.told = liar.signed(), {name: value}
    with pytest.raises(Unavailable):
        claims(HttpIssuers(), liar.registered(), "c")


def test_an_answer_that_is_too_large_is_left(liar: Liar) -> None:
    """Nobody fills our memory."""
    liar.told = {"token_endpoint": f"{liar.issuer}/large"}
    with pytest.raises(Unavailable):
        claims(HttpIssuers(), liar.registered(), "c")


def test_nobody_there_is_unavailable() -> None:
    """A port that nobody listens on."""
    closed = socket.create_server(("127.0.0.1", 0))
    registered = Registered(origin(closed), "mewe", None, BACK)
    closed.close()
    with pytest.raises(Unavailable):
        address(registered)


def test_keys_are_asked_for_now_and_then(liar: Liar) -> None:
    """What is known is not asked for again; a key that is not known makes nobody ask more than twice a minute."""
    now = FixedClock().now()

    async def scene() -> None:
        issuers = HttpIssuers()
        liar.token = liar.signed()
        for _ in range(3):
            await issuers.claims(liar.registered(), "c", VERIFIER, "n", now)
        assert liar.asked_for_keys == 1
        liar.key = ECKey.generate_key("P-256", {"kid": "k2"})
        liar.token = jwt.encode({"alg": "ES256", "kid": "k2"}, liar.claims(), liar.key, algorithms=["ES256"])
        for _ in range(3):
            with pytest.raises(NotVouched):
                await issuers.claims(liar.registered(), "c", VERIFIER, "n", now)
        assert liar.asked_for_keys == 1
        await issuers.claims(liar.registered(), "c", VERIFIER, "n", now.add(seconds=30))
        assert liar.asked_for_keys == 2
        await issuers.close()

    asyncio.run(scene())
