"""A token that is not good is no token, and which way it is not good is told to nobody."""

import base64
import hashlib
import hmac
import json
import shutil
from pathlib import Path

import pytest
from mewe_host.identity.keys import FileKeys
from whenever import Instant, TimeDelta

from tests.security.contract import sample
from tests.security.country import Country, fresh
from tests.security.faces import Outcome, Way
from tests.security.policy import policy

OPEN = {
    "RedeemInvitation",
    "RefreshSession",
    "OpenConsentLink",
    "AnswerConsentLink",
    "SignInWithPasskey",
    "BeginStaffSignIn",
    "FinishStaffSignIn",
    "GetErasure",
}
"""What needs no sign-in but something else that is good: a code, a link, a secret."""

EVERYBODYS = {rule.name: rule.gets for rule in policy() if rule.may == "everybody"}
"""What needs no sign-in. Whoever opens more to everybody says so here."""


def encoded(part: object) -> str:
    """A part of a token."""
    content = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def parts(token: str) -> tuple[dict[str, object], dict[str, object], bytes]:
    """Header, claims and signature of a token."""
    header, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
    return json.loads(header), json.loads(claims), signature


def signed_by_hand(header: dict[str, object], claims: dict[str, object], secret: bytes) -> str:
    """A token signed with HMAC."""
    content = f"{encoded(header)}.{encoded(claims)}"
    return f"{content}.{encoded(hmac.digest(secret, content.encode(), hashlib.sha256))}"


@pytest.fixture(scope="module")
def bad_tokens(country: Country, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Tokens for somebody who may do a lot, each with something wrong."""
    person, folder, now = country.own.people["coordinator"], tmp_path_factory.mktemp("keys"), Instant.now()
    shutil.copytree(country.here.keys, folder / "same")
    here, abroad = FileKeys.of(country.here.keys, "SE"), FileKeys.of(folder / "same", "NL")
    strange = FileKeys.of(folder / "strange", "SE")
    minutes = TimeDelta(minutes=5)
    header, claims, signature = parts(person.token)
    public = here.public_key()
    others = {**claims, "sub": country.national.id}

    def token(keys: FileKeys, begins: Instant, ends: Instant, session: str = person.session_id) -> str:
        return keys.access_token(person.id, session, begins, ends)

    assert country.ask(token(here, now, now + minutes), "GetMe").code == "OK", "what is made here is good if nothing is wrong"
    ended = country.invited(person.token, country.own.ids["organisation_id"])
    country.do(ended.token, "EndDeviceSession", device_session_id=ended.session_id)
    return {
        "expired": token(here, now - minutes, now - TimeDelta(seconds=1)),
        "from the future": token(here, now + minutes, now + minutes + minutes),
        "good for too long": token(here, now, now + TimeDelta(hours=1)),
        "of another country": token(abroad, now, now + minutes),
        "of another key": token(strange, now, now + minutes),
        "of an ended session": ended.token,
        "unsigned": f"{encoded({**header, 'alg': 'none'})}.{encoded(claims)}.",
        "unsigned, with a signature": f"{encoded({**header, 'alg': 'none'})}.{encoded(claims)}.{encoded(signature)}",
        "signed with what is public": signed_by_hand({**header, "alg": "HS256"}, claims, bytes.fromhex(public.x)),
        "signed with nothing": signed_by_hand({**header, "alg": "HS256"}, claims, b""),
        "for somebody else": f"{encoded(header)}.{encoded(others)}.{encoded(signature)}",
        "with a key of its own": f"{encoded({**header, 'jwk': {'kty': 'EC'}})}.{encoded(claims)}.{encoded(signature)}",
        "with a critical word": f"{encoded({**header, 'crit': ['exp']})}.{encoded(claims)}.{encoded(signature)}",
        "without a key id": f"{encoded({'alg': 'ES256', 'typ': header['typ']})}.{encoded(claims)}.{encoded(signature)}",
        "with a signature of zeros": f"{encoded(header)}.{encoded(claims)}.{encoded(bytes(64))}",
        "cut short": person.token[:-2],
        "of three dots": "...",
        "of something else": "something",
        "too long": "x" * 3000,
        "a session token": person.session_token,
        "a pair": f"{person.token} {person.token}",
    }


def asked(country: Country, way: Way, name: str, token: str) -> Outcome:
    """A well-formed call with a token."""
    rpc = country.rpc(name)
    return way.send(rpc, way.encode(rpc.request, sample(rpc.request, {**country.own.ids, "request_id": fresh()})), token)


def test_every_bad_token_is_refused_alike(country: Country, way: Way, bad_tokens: dict[str, str]) -> None:
    """To the byte, on every RPC, and just as if there was none."""
    for name in sorted({rpc.name for rpc in country.rpcs.values()} - EVERYBODYS.keys()):
        none = asked(country, way, name, "")
        assert (name, none.code, none.reason) == (name, "UNAUTHENTICATED", "SIGNED_OUT")
        outcomes = {what: asked(country, way, name, token) for what, token in bad_tokens.items()}
        assert {what: one for what, one in outcomes.items() if one.exact != none.exact} == {}, name


def test_who_has_a_bad_token_is_nobody_where_nobody_is_welcome(country: Country, way: Way, bad_tokens: dict[str, str]) -> None:
    """A code can be redeemed with an old token at hand: it keeps nobody out."""
    for name in OPEN:
        none = asked(country, way, name, "")
        assert (name, none.reason) == (name, EVERYBODYS[name])
        outcomes = {what: asked(country, way, name, token) for what, token in bad_tokens.items()}
        assert {what: one for what, one in outcomes.items() if one.exact != none.exact} == {}, name


def test_with_a_bad_token_one_can_report_all_the_same(country: Country, way: Way, bad_tokens: dict[str, str]) -> None:
    """Nothing stands in the way of help: not a token that is expired, forged, cut off, or of another country."""
    for name in sorted({rpc.name for rpc in country.rpcs.values()} & EVERYBODYS.keys() - OPEN):
        codes = {what: asked(country, way, name, token).code for what, token in {**bad_tokens, "none": ""}.items()}
        assert {what: code for what, code in codes.items() if code != "OK"} == {}, name


def test_only_a_bearer_is_taken(country: Country, way: Way) -> None:
    """The token has to be where tokens are, once, and named for what it is."""
    token, rpc = country.own.token("coordinator"), country.rpc("GetMe")
    headers = [f"Basic {token}", token, f"Bearer{token}", "Bearer", f"DPoP {token}", f"Bearer {token},"]
    outcomes = [way.send(rpc, way.encode(rpc.request, {}), headers=[("authorization", one)]) for one in headers]
    assert {one.code for one in outcomes} == {"UNAUTHENTICATED"}
    assert way.send(rpc, way.encode(rpc.request, {}), headers=[("authorization", f"bearer {token}")]).code == "OK"


def test_keys_are_read_by_their_owner_alone(country: Country) -> None:
    """What signs and seals is in nobody else's reach."""
    files = [one for one in Path(country.here.keys).rglob("*") if one.is_file()]
    assert files
    assert {oct(one.stat().st_mode & 0o077) for one in files} == {"0o0"}
