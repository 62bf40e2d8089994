"""Whose tokens are good, and how long."""

import base64
import json

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from mewe_core.kit.access import Caller
from mewe_core.kit.errors import SignedOut
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.standing import SessionEnded, SigningKeyPublished
from mewe_core.kit.testing import BEGINNING
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.trust import TokenTrust

NOW = BEGINNING
LATER = NOW.add(minutes=5)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    """This host's keys."""
    return FileKeys.of(tmp_path_factory.mktemp("here") / "keys", "SE")


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> FileKeys:
    """Keys of a folder that this host does not know."""
    return FileKeys.of(tmp_path_factory.mktemp("there") / "keys", "SE")


@pytest.fixture
def trust(keys: FileKeys) -> TokenTrust:
    """What a host that has heard nothing yet trusts."""
    return TokenTrust("SE", keys.public_key())


def signed(keys: FileKeys, header: dict[str, object], claims: dict[str, object]) -> str:
    """A token of one's own making, signed with this host's key."""
    whole = {"alg": "ES256", "kid": keys.public_key().id, "typ": "at+jwt"} | header
    return jwt.encode(whole, good() | claims, keys._signing, algorithms=["ES256"], default_type=None)


def good() -> dict[str, object]:
    """Claims that are good."""
    country = "mewe:SE"
    return {"sub": "p1", "sid": "s1", "iss": country, "aud": country, "iat": NOW.timestamp(), "exp": LATER.timestamp()}


def test_a_good_token_says_who_calls_until_it_ends(trust: TokenTrust, keys: FileKeys) -> None:
    """The caller and the end; refused from the very second of the end, also when it was good before."""
    token = f"Bearer {keys.access_token('p1', 's1', NOW, LATER)}"
    assert trust.caller(token, NOW) == (Caller("p1", "s1", "SE"), LATER)
    assert trust.caller(token.replace("Bearer", "bearer"), LATER.subtract(seconds=1))[0].person_id == "p1"
    with pytest.raises(SignedOut):
        trust.caller(token, LATER)


def test_nobody_is_nobody(trust: TokenTrust) -> None:
    """Without a token there is a caller without a name."""
    assert trust.caller(None, NOW) == (Caller(None, None, "SE"), NOW)
    assert trust.caller("", NOW) == (Caller(None, None, "SE"), NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": NOW.timestamp()},
        {"exp": NOW.subtract(hours=1).timestamp(), "iat": NOW.subtract(hours=2).timestamp()},
        {"aud": "mewe:SI"},
        {"aud": ["mewe:SE", "mewe:SI"]},
        {"iss": "mewe:SI"},
        {"iss": "mewe:SI", "aud": "mewe:SI"},
        {"iat": NOW.add(minutes=2).timestamp()},
        {"exp": NOW.add(hours=1).timestamp()},
        {"exp": 1e300},
        {"exp": float(LATER.timestamp())},
        {"exp": str(LATER.timestamp())},
        {"exp": True},
        {"exp": None},
        {"iat": None},
        {"sub": ""},
        {"sub": None},
        {"sub": 7},
        {"sid": ""},
        {"sid": ["s1"]},
        {"nbf": NOW.add(minutes=2).timestamp()},
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(trust: TokenTrust, keys: FileKeys, claims: dict[str, object]) -> None:
    """Another country, another audience, no end, an end too far away, from the future, for nobody: though signed here."""
    with pytest.raises(SignedOut):
        trust.caller(f"Bearer {signed(keys, {}, claims)}", NOW)


@pytest.mark.parametrize(
    "header", [{"typ": "JWT"}, {"typ": None}, {"kid": "unknown"}, {"kid": None}, {"kid": 7}, {"crit": ["x"], "x": 1}]
)
def test_a_token_with_a_wrong_header_is_refused(trust: TokenTrust, keys: FileKeys, header: dict[str, object]) -> None:
    """It must be an access token of a key that was published."""
    whole = {"alg": "ES256", "kid": keys.public_key().id, "typ": "at+jwt"} | header
    with pytest.raises(SignedOut):
        trust.caller(f"Bearer {_by_hand(whole, good(), keys)}", NOW)


def test_a_token_of_a_key_that_nobody_published_is_refused_until_somebody_does(trust: TokenTrust, others: FileKeys) -> None:
    """A published key is trusted; from the moment it retires it is not."""
    token = f"Bearer {others.access_token('p1', 's1', NOW, LATER)}"
    with pytest.raises(SignedOut):
        trust.caller(token, NOW)
    key = others.public_key()
    trust.key_published(SigningKeyPublished(key.id, key.x, key.y, None))
    assert trust.caller(token, NOW)[0].person_id == "p1"
    trust.key_published(SigningKeyPublished(key.id, key.x, key.y, NOW.add(minutes=1)))
    assert trust.caller(token, NOW)[0].person_id == "p1"
    with pytest.raises(SignedOut):
        trust.caller(token, NOW.add(minutes=1))


def test_what_a_key_id_stands_for_never_changes(trust: TokenTrust, keys: FileKeys, others: FileKeys) -> None:
    """Nobody puts another key in the place of one that is known."""
    here, there = keys.public_key(), others.public_key()
    trust.key_published(SigningKeyPublished(here.id, there.x, there.y, None))
    forged = jwt.encode(
        {"alg": "ES256", "kid": here.id, "typ": "at+jwt"}, good(), others._signing, algorithms=["ES256"], default_type=None
    )
    with pytest.raises(SignedOut):
        trust.caller(f"Bearer {forged}", NOW)
    assert trust.caller(f"Bearer {keys.access_token('p1', 's1', NOW, LATER)}", NOW)[0].person_id == "p1"


def test_a_published_key_that_is_none_lets_nobody_in(trust: TokenTrust, others: FileKeys) -> None:
    """Coordinates that are no point, or no digits, are refused when a token names them."""
    token = others.access_token("p1", "s1", NOW, LATER)
    for x in ("00" * 32, "zz"):
        fresh = evolve(trust)
        fresh.key_published(SigningKeyPublished(others.public_key().id, Hexadecimal(x), others.public_key().y, None))
        with pytest.raises(SignedOut):
            fresh.caller(f"Bearer {token}", NOW)


def test_a_forged_token_is_refused(trust: TokenTrust, keys: FileKeys, others: FileKeys) -> None:
    """Another's signature, none, a changed one, or one made with the public key as a password."""
    head, body, signature = keys.access_token("p1", "s1", NOW, LATER).split(".")
    changed = _encoded({**json.loads(_decoded(body)), "sub": "p2"})
    kid = keys.public_key().id
    unsigned = _encoded({"alg": "none", "kid": kid, "typ": "at+jwt"})
    password = OctKey.import_key(bytes.fromhex(keys.public_key().x))
    by_password = jwt.encode({"alg": "HS256", "kid": kid, "typ": "at+jwt"}, good(), password, algorithms=["HS256"])
    for token in (
        f"{head}.{changed}.{signature}",
        f"{head}.{body}.",
        f"{unsigned}.{body}.",
        f"{unsigned}.{body}.{signature}",
        f"{head}.{body}.{others.access_token('p1', 's1', NOW, LATER).split('.')[2]}",
        by_password,
        f"{head}.{body}",
        "",
    ):
        with pytest.raises(SignedOut):
            trust.caller(f"Bearer {token}", NOW)


def test_a_key_that_a_token_brings_along_is_not_used(trust: TokenTrust, others: FileKeys) -> None:
    """A jwk or jku in the header changes nothing."""
    own: ECKey = others._signing
    header = {"alg": "ES256", "kid": others.public_key().id, "typ": "at+jwt", "jwk": own.as_dict(private=False)}
    token = jwt.encode(header, good(), own, algorithms=["ES256"], default_type=None)
    with pytest.raises(SignedOut):
        trust.caller(f"Bearer {token}", NOW)


@pytest.mark.parametrize("scheme", ["Basic ", "", "Bearer", "Bearer\t", "Token "])
def test_another_scheme_is_refused(trust: TokenTrust, keys: FileKeys, scheme: str) -> None:
    """Only ``Bearer`` and the token."""
    with pytest.raises(SignedOut):
        trust.caller(f"{scheme}{keys.access_token('p1', 's1', NOW, LATER)}", NOW)


def test_an_ended_session_is_refused_at_once(trust: TokenTrust, keys: FileKeys) -> None:
    """Also with a token that was verified before; other sessions of the same person go on."""
    first, second = (f"Bearer {keys.access_token('p1', session, NOW, LATER)}" for session in ("s1", "s2"))
    assert trust.caller(first, NOW)[0].session_id == "s1"
    trust.session_ended(SessionEnded("s1", NOW))
    assert trust.is_over("s1")
    assert not trust.is_over("s2")
    with pytest.raises(SignedOut):
        trust.caller(first, NOW)
    assert trust.caller(second, NOW)[0].session_id == "s2"


def test_an_ended_session_is_forgotten_only_when_its_tokens_are_over(trust: TokenTrust) -> None:
    """What ended before the moment is forgotten, what ended later is not."""
    trust.session_ended(SessionEnded("old", NOW))
    trust.session_ended(SessionEnded("new", LATER))
    trust.forget(LATER)
    assert (trust.is_over("old"), trust.is_over("new")) == (False, True)


@given(st.text(max_size=200))
def test_nonsense_is_refused_and_nothing_else(keys: FileKeys, nonsense: str) -> None:
    """No text makes anything but SignedOut."""
    trust, thrice = TokenTrust("SE", keys.public_key()), ".".join([nonsense] * 3)
    for authorization in (f"Bearer {nonsense}", f"Bearer {thrice}", f"x{nonsense}", "Bearer " + "x" * 5000):
        with pytest.raises(SignedOut):
            trust.caller(authorization, NOW)


def _by_hand(header: dict[str, object], claims: dict[str, object], keys: FileKeys) -> str:
    """Signed without the library's rules for headers."""
    private = keys._signing.private_key
    assert isinstance(private, EllipticCurvePrivateKey)
    told = f"{_encoded(header)}.{_encoded(claims)}"
    r, s = decode_dss_signature(private.sign(told.encode(), ECDSA(SHA256())))
    return f"{told}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def _encoded(content: dict[str, object]) -> str:
    return _base64(json.dumps({name: value for name, value in content.items() if value is not None}).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def test_whom_a_token_names_is_known_when_it_is_over(trust: TokenTrust, keys: FileKeys, others: FileKeys) -> None:
    """Also when its session is; asked again the answer is the same, and neither makes it good. A forged one names nobody."""
    token = f"Bearer {keys.access_token('p1', 's1', NOW, LATER)}"
    forged = f"Bearer {others.access_token('p1', 's1', NOW, LATER)}"
    over = LATER.add(minutes=1)
    for _ in range(2):
        assert trust.named(token, over).person_id == "p1"
        assert trust.named(forged, over).person_id is None
        for one in (token, forged):
            with pytest.raises(SignedOut):
                trust.caller(one, over)
    assert trust.caller(token, NOW)[0].person_id == "p1"
    trust.session_ended(SessionEnded("s1", NOW))
    assert trust.named(token, NOW).person_id == "p1"
    with pytest.raises(SignedOut):
        trust.caller(token, NOW)


def test_a_token_of_a_retired_key_names_nobody_however_often_it_was_asked_about(trust: TokenTrust, keys: FileKeys) -> None:
    """Whoever has the key could name anybody."""
    token = f"Bearer {keys.access_token('p1', 's1', NOW, LATER)}"
    assert trust.named(token, LATER).person_id == "p1"
    public = keys.public_key()
    trust.key_published(SigningKeyPublished(public.id, public.x, public.y, LATER))
    assert trust.named(token, LATER).person_id is None
    assert trust.named(token, NOW).person_id == "p1"
