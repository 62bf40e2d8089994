"""The port ``Keys``: everything that needs a secret of the country, from two files in a folder.

``country.key`` is 32 random bytes; a key is derived from it for each use and purpose, bound to the country, and the root itself
is used for nothing. It never rotates, because digests of codes have to match for as long as the codes are kept, and the audit's
chain for ten years; what it seals is gone within days. What is sealed for longer has data keys, wrapped under ``masters`` that
rotate. ``signing.pem`` is the P-256 key that access tokens are signed with,
``push.pem`` the one by which push services know the country again (only where it pushes).
"""

import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define, field
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from joserfc import jwt
from joserfc.jwk import ECKey
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import PublicKey
from whenever import Instant

from mewe_host.identity import folder
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.kms import Kms
from mewe_host.identity.signing import signed, verified
from mewe_host.recent import Recent

TOKEN_TYPE = "at+jwt"  # noqa: S105
"""What the header of an access token calls it (RFC 9068), so that nothing else that is signed passes for one."""

_FORMAT = b"\x01"
_SALT = 16
_NONCE = 12
_SEALS_A_KEY = 2**24
_KEYS_KEPT = 4096


def issuer(country: str) -> str:
    """Who issues the access tokens of a country, and for whom."""
    return f"mewe:{country}"


@define
class _Sealer:
    """A key that this process seals with for one purpose; a fresh one is derived long before random nonces could meet."""

    salt: bytes
    cipher: AESGCM
    left: int = _SEALS_A_KEY


def _nobody(key_id: str) -> None:
    return None


@define
class FileKeys:
    """The keys of a country from its key folder. Made by ``FileKeys.of``."""

    _country: str
    _root: bytes = field(repr=False)
    _signing: ECKey = field(repr=False)
    _public: PublicKey
    _origin: tuple[Path, os.stat_result] | None = field(default=None, repr=False)
    _digesting: Recent[str, hmac.HMAC] = field(factory=lambda: Recent(_KEYS_KEPT), repr=False)
    _sealing: Recent[str, _Sealer] = field(factory=lambda: Recent(_KEYS_KEPT), repr=False)
    _opening: Recent[tuple[str, bytes], AESGCM] = field(factory=lambda: Recent(_KEYS_KEPT), repr=False)
    _known: dict[str, PublicKey] = field(factory=dict, init=False)
    look_up: Callable[[str], PublicKey | None] = field(default=_nobody, init=False, repr=False)
    """Where a key is looked for that came since these were opened: another process has been started with it."""

    @classmethod
    def of(cls, path: Path, country: str, kms: Kms | None = None) -> "FileKeys":
        """The keys in a folder; folder and keys are made at the first start, and wrapped by the ``kms`` if there is one.

        Raises KeyFault if they cannot be made or read, are not keys, or can be read by others than their owner.
        """
        folder.ready(path)
        root = folder.kept(path / "country.key", lambda: secrets.token_bytes(32), kms)
        if len(root) != 32:
            raise KeyFault(f"{path / 'country.key'} is not a key: it must hold 32 bytes; restore it from its backup")
        file = path / "signing.pem"
        folder.made(file, _new_signing_key, kms)
        opened = folder.private(file)  # before it is read: one that is replaced meanwhile counts as replaced
        private = private_key(file, kms)
        numbers = private.public_key().public_numbers()
        signing = ECKey.import_key(private)
        public = PublicKey(signing.thumbprint(), Hexadecimal(f"{numbers.x:064x}"), Hexadecimal(f"{numbers.y:064x}"))
        return cls(country, root, signing, public, (file, opened))

    def digest(self, purpose: str, secret: bytes) -> str:
        """HMAC-SHA-256 under a key derived for ``purpose``: 64 hexadecimal digits."""
        keyed = self._digesting.get(purpose)
        if keyed is None:
            keyed = self._digesting.keep(purpose, hmac.new(self._derived("digest", purpose, b""), digestmod="sha256"))
        digest = keyed.copy()
        digest.update(secret)
        return digest.hexdigest()

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """AES-256-GCM under a key derived for ``purpose``; ``purpose`` is bound to the result (45 bytes longer)."""
        sealer = self._sealing.get(purpose)
        if sealer is None or sealer.left <= 0:
            salt = secrets.token_bytes(_SALT)
            sealer = self._sealing.keep(purpose, _Sealer(salt, AESGCM(self._derived("seal", purpose, salt))))
            self._opening.keep((purpose, salt), sealer.cipher)
        sealer.left -= 1
        nonce = secrets.token_bytes(_NONCE)
        return b"".join((_FORMAT, sealer.salt, nonce, sealer.cipher.encrypt(nonce, plain, purpose.encode())))

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """The inverse of ``seal``. Raises ValueError if it was sealed for another purpose or country, or changed."""
        if sealed[:1] != _FORMAT or len(sealed) < 1 + _SALT + _NONCE + 16:
            raise ValueError("this was not sealed here")
        salt, nonce = sealed[1 : 1 + _SALT], sealed[1 + _SALT : 1 + _SALT + _NONCE]
        cipher = self._opening.get((purpose, salt))
        if cipher is None:
            cipher = self._opening.keep((purpose, salt), AESGCM(self._derived("seal", purpose, salt)))
        try:
            return cipher.decrypt(nonce, sealed[1 + _SALT + _NONCE :], purpose.encode())
        except InvalidTag:
            raise ValueError("this was sealed for something else, or changed") from None

    def access_token(self, person_id: str, session_id: str, issued_at: Instant, expires_at: Instant) -> str:
        """A token signed with ES256 for this country; its times are whole seconds, rounded down."""
        claims = {
            "sub": person_id,
            "sid": session_id,
            "iss": issuer(self._country),
            "aud": issuer(self._country),
            "iat": issued_at.timestamp(),
            "exp": expires_at.timestamp(),
        }
        header = {"alg": "ES256", "kid": self._public.id, "typ": TOKEN_TYPE}
        return jwt.encode(header, claims, self._signing, algorithms=["ES256"])

    def sign(self, purpose: str, said: bytes) -> Hexadecimal:
        """ES256 for a purpose of the country: 128 hexadecimal digits, which the public key alone verifies."""
        private = self._signing.private_key
        if private is None:
            raise KeyFault("signing.pem holds no private key; restore it from its backup")
        return signed(private, self._country, purpose, said)

    def verified(self, purpose: str, said: bytes, key_id: str, signature: str) -> bool:
        """Whether this folder's signing key has signed it for this purpose, or one that was the country's before it."""
        key = self._public if key_id == self._public.id else self._known.get(key_id) or self.look_up(key_id)
        return key is not None and verified(key, self._country, purpose, said, signature)

    def public_key(self) -> PublicKey:
        """What the tokens of this folder are verified with; its id is its thumbprint (RFC 7638)."""
        return self._public

    def is_in_use(self) -> bool:
        """Whether signing.pem still is the file that was opened, and nobody has put another in its place since."""
        if self._origin is None:
            return False
        file, opened = self._origin
        try:
            return os.path.samestat(file.stat(), opened)
        except OSError:
            return False

    @staticmethod
    @contextmanager
    def replaced_signing_key(path: Path, kms: Kms | None = None) -> Iterator[None]:
        """Have a new signing key in place of the one in a folder, which is destroyed at the end of the block. Raises KeyFault.

        If the block fails the old one is back. Whoever has the keys opened goes on with the old one until they are opened anew.
        """
        with folder.exchanged(path / "signing.pem", _new_signing_key(), kms):
            yield

    def retired_keys(self) -> tuple[PublicKey, ...]:
        """The signing keys of this folder that were replaced, the oldest first."""
        return tuple(self._known.values())

    def know(self, keys: Iterable[PublicKey]) -> None:
        """Learn of keys that were the country's (``acts``)."""
        self._known = {one.id: one for one in keys if one.id != self._public.id}

    @property
    def country(self) -> str:
        """Whose keys they are."""
        return self._country

    def _derived(self, use: str, purpose: str, salt: bytes) -> bytes:
        info = "\0".join(("mewe", self._country, use, purpose)).encode()
        return HKDF(algorithm=SHA256(), length=32, salt=salt or None, info=info).derive(self._root)


def private_key(file: Path, kms: Kms | None) -> ec.EllipticCurvePrivateKey:
    """The P-256 key that a file holds; made first if there is none. Raises KeyFault."""
    content = folder.kept(file, _new_signing_key, kms)
    try:
        key = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as fault:
        raise KeyFault(f"{file} is not a private key in PEM; restore it from its backup") from fault
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise KeyFault(f"{file} is not a P-256 key; restore it from its backup")
    return key


def _new_signing_key() -> bytes:
    return ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
