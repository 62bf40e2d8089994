"""Whose access tokens are good: verified once, remembered by their hash, refused from the moment their session ends."""

from hashlib import blake2b

from attrs import define, field, frozen
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol
from joserfc.jwt import JWTClaimsRegistry
from mewe_core.kit.access import Caller
from mewe_core.kit.database import Database
from mewe_core.kit.errors import SignedOut
from mewe_core.kit.ports import PublicKey
from mewe_core.kit.standing import ENDED_SESSIONS, SIGNING_KEYS, SessionEnded, SigningKeyPublished
from whenever import Instant, TimeDelta

from mewe_host.identity.keys import TOKEN_TYPE, issuer
from mewe_host.identity.signing import jwk
from mewe_host.parts import Store
from mewe_host.recent import Recent

LONGEST_LIFE = TimeDelta(minutes=15)
"""A token that claims to be good for longer is refused, whoever signed it: an end of session need not be known for longer."""

_SCHEME = "bearer "
_LONGEST = 2048
_REMEMBERED = 20_000
_OVER_REMEMBERED = 1_000
"""Of how many tokens that are good no longer it is known whom they named, so that nobody has them verified again and again."""

_CLOCKS_APART = 60
"""Seconds that a token may come from the future, when two hosts' clocks differ. The end is kept to the second."""


@define
class _Known:
    key: PublicKey
    until: Instant | None
    imported: ECKey | None = None


@frozen
class _Verified:
    caller: Caller
    session_id: str
    key: _Known
    expires_at: Instant


@define
class TokenTrust:
    """The trust of one process in access tokens (``parts.Trust``): what all its features have heard of keys and sessions.

    ``own`` is the key of this host's own key folder.
    """

    _country: str
    _own: PublicKey
    _known: dict[str, _Known] = field(factory=dict, init=False, repr=False)
    _ended: dict[str, Instant] = field(factory=dict, init=False, repr=False)
    _verified: dict[bytes, _Verified] = field(factory=dict, init=False, repr=False)
    _over: Recent[bytes, _Verified] = field(factory=lambda: Recent(_OVER_REMEMBERED), init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        self._known[self._own.id] = _Known(self._own, None)

    def caller(self, authorization: str | None, now: Instant) -> tuple[Caller, Instant]:
        """Who calls, and until when the token is good (nobody, and now, without one).

        Raises SignedOut if there is a token and it is not good; why is told to nobody.
        """
        if not authorization:
            return Caller(None, None, self._country), now
        token = _token(authorization)
        if token is None:
            raise SignedOut
        fingerprint = blake2b(token, digest_size=32).digest()
        verified = self._verified.get(fingerprint)
        if verified is None:
            over = self._over.get(fingerprint)
            if over is not None and now >= over.expires_at:
                raise SignedOut
            verified = self._verify(token, now)
            if len(self._verified) >= _REMEMBERED:
                self._verified.clear()
            self._verified[fingerprint] = verified
        if now >= verified.expires_at:
            del self._verified[fingerprint]
            raise SignedOut
        until = verified.key.until
        if verified.session_id in self._ended or (until is not None and now >= until):
            raise SignedOut
        return verified.caller, verified.expires_at

    def named(self, authorization: str | None, now: Instant) -> Caller:
        """Whom a token names that this country once signed, also when it or its session is over; else nobody.

        For what nobody is refused. A key that was retired does not count: whoever has it could name anybody.
        """
        nobody = Caller(None, None, self._country)
        token = _token(authorization or "")
        if token is None:
            return nobody
        fingerprint = blake2b(token, digest_size=32).digest()
        verified = self._verified.get(fingerprint) or self._over.get(fingerprint)
        if verified is None:
            try:
                verified = self._over.keep(fingerprint, self._verify(token, None))
            except SignedOut:
                return nobody
        until = verified.key.until
        return nobody if until is not None and now >= until else verified.caller

    def is_over(self, session_id: str | None) -> bool:
        """Whether it was heard that the session has ended."""
        return session_id in self._ended

    def session_ended(self, event: SessionEnded) -> None:
        """Refuse the session's tokens from now on."""
        self._ended[event.session_id] = event.ended_at

    def key_published(self, event: SigningKeyPublished) -> None:
        """Take tokens of this key, or learn when it retires. What a key id stands for never changes."""
        self._learn(PublicKey(event.key_id, event.x, event.y), event.until)

    async def load(self, store: Store) -> None:
        """Learn what a feature's database knows of keys and ended sessions. May be repeated."""
        keys, ended = await store.read(_everything)
        for key in keys:
            self.key_published(key)
        for one in ended:
            self.session_ended(one)

    def forget(self, before: Instant) -> None:
        """Forget sessions that ended before a moment: no token of theirs can be good any more."""
        self._ended = {session: moment for session, moment in self._ended.items() if moment >= before}

    def _learn(self, key: PublicKey, until: Instant | None) -> None:
        known = self._known.get(key.id)
        if known is None:
            self._known[key.id] = _Known(key, until)
        elif (known.key.x, known.key.y) == (key.x, key.y):
            known.until = until

    def _verify(self, token: bytes, now: Instant | None) -> _Verified:
        """What a token says, if it is one of ours and good at that moment; None: if it ever was.

        Raises SignedOut.
        """
        here = issuer(self._country)
        try:
            decoded = jwt.decode(token, self._key, algorithms=["ES256"])
            claims = decoded.claims
            rules = JWTClaimsRegistry(
                now=int(claims["iat"]) if now is None else now.timestamp(),
                leeway=_CLOCKS_APART,
                iss={"essential": True, "value": here},
                aud={"essential": True, "value": here},
                sub={"essential": True},
                sid={"essential": True},
                iat={"essential": True},
                exp={"essential": True},
            )
            rules.validate(claims)
        except (JoseError, ValueError, TypeError, KeyError, UnicodeError):
            raise SignedOut from None
        session, key_id = claims["sid"], decoded.header["kid"]
        if decoded.header.get("typ") != TOKEN_TYPE or not isinstance(session, str) or claims["aud"] != here:
            raise SignedOut
        issued, expires = claims["iat"], claims["exp"]
        if type(issued) is not int or type(expires) is not int or expires - issued > LONGEST_LIFE.total("seconds"):
            raise SignedOut
        caller = Caller(claims["sub"], session, self._country)
        return _Verified(caller, session, self._known[key_id], Instant.from_timestamp(expires))

    def _key(self, token: GuestProtocol) -> ECKey:
        key_id = token.headers().get("kid")
        known = self._known.get(key_id) if isinstance(key_id, str) else None
        if known is None:
            raise ValueError("a key that nobody published")
        if known.imported is None:
            known.imported = ECKey.import_key({**jwk(known.key)})
        return known.imported


def _token(authorization: str) -> bytes | None:
    if len(authorization) > _LONGEST or authorization[: len(_SCHEME)].lower() != _SCHEME:
        return None
    return authorization[len(_SCHEME) :].strip().encode()


async def _everything(database: Database) -> tuple[list[SigningKeyPublished], list[SessionEnded]]:
    keys = await database.all(SIGNING_KEYS, SigningKeyPublished)
    return keys, await database.all(ENDED_SESSIONS, SessionEnded)
