"""The keyring of one feature (``kit.ports.Sealing``): data keys by person and purpose, and words sealed with them.

Words are sealed with AES-256-GCM; bound to them are country, feature, whose key it is, purpose, place and the key itself. Each
data key is wrapped under the country's master key. To destroy a data key is to destroy what was sealed with it, wherever a copy
of the row may lie.

Ciphers are remembered for as long as the shelf's revision stands, which is looked at again after half a second: a key that
another process destroyed is refused here within that time.
"""

import os
import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from hmac import compare_digest

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.ports import Keys

from mewe_host.identity.folder import KeyFault
from mewe_host.identity.masters import Masters
from mewe_host.keyring.sealed import CHECK, FORMAT, KEY_ID, NONCE, Sealed, Unsealable, bound, named
from mewe_host.keyring.shelf import Held, KeyRow, Shelf
from mewe_host.recent import Recent

LOOK_SECONDS = 0.5
"""For how long a remembered cipher is used without a look at the shelf."""

_CIPHERS_KEPT = 4096

_LOG = structlog.get_logger()

_Seals = tuple[bytes, AESGCM, bytes]
"""A data key's id, its cipher, and what is bound to everything that it seals."""


class Keyring:
    """The data keys of one feature. ``clock`` counts seconds and never goes back."""

    def __init__(
        self,
        country: str,
        feature: str,
        keys: Keys,
        masters: Masters,
        shelf: Shelf,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._country, self._feature, self._keys, self._masters, self._clock = country, feature, keys, masters, clock
        self._check_key = bytes.fromhex(keys.digest(f"keyring/{feature}", b"check"))
        self.shelf = shelf
        self._sealing: Recent[tuple[str, str], _Seals] = Recent(_CIPHERS_KEPT)
        self._opening: Recent[tuple[str, str, bytes], AESGCM] = Recent(_CIPHERS_KEPT)
        self._revision = -1
        self._look_at = -1.0

    async def seal(self, about: str, purpose: str, place: str, text: str) -> bytes:
        """Seal under the data key of ``about`` and ``purpose``; a new one is durable before it seals anything."""
        await self._look()
        key_id, cipher, whose = self._sealing.get((about, purpose)) or await self._current(named(about), named(purpose))
        nonce, around = os.urandom(NONCE), whose + bound(place)
        check = self._check(key_id, around)
        body = cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), b"".join((FORMAT, key_id, check, around)))
        return Sealed(key_id, check, nonce, body).written()

    async def open(self, about: str, purpose: str, place: str, sealed: bytes) -> str | None:
        """The inverse; None once the key was destroyed. Raises ValueError if it was sealed for another place, or changed."""
        parts = Sealed.read(sealed)
        await self._look()
        around = self._whose(about, purpose) + bound(place)
        cipher = self._opening.get((about, purpose, parts.key_id)) or await self._found(
            named(about), named(purpose), parts.key_id
        )
        if cipher is None:
            if not compare_digest(parts.check, self._check(parts.key_id, around)):
                raise Unsealable
            return None
        try:
            plain = cipher.decrypt(parts.nonce, parts.body, b"".join((FORMAT, parts.key_id, parts.check, around)))
        except InvalidTag:
            raise Unsealable from None
        return plain.decode("utf-8", "surrogatepass")

    async def destroy(self, about: str, purpose: str | None = None) -> int:
        """Destroy a key, or every key of ``about``, for good; says how many purposes there were.

        It takes place at once, whatever becomes of the unit around it: it is the last thing that a handler does.
        """
        count, revision = await self.shelf.destroy(named(about), purpose if purpose is None else named(purpose))
        self._seen(revision)
        return count

    def rewrapped(self, version: int) -> Callable[[Held], bytes]:
        """What wraps a held key anew under a master's version. Raises what ``Masters`` raises."""

        def again(held: Held) -> bytes:
            around = self._kept(held.about, held.purpose, held.id)
            key = self._masters.unwrap(held.master, self._feature, around, held.wrapped)
            return self._masters.wrap(version, self._feature, around, key)

        return again

    async def _look(self) -> None:
        now = self._clock()
        if now >= self._look_at:
            self._seen(await self.shelf.revision())
            self._look_at = now + LOOK_SECONDS

    def _seen(self, revision: int) -> None:
        if revision > self._revision:
            self._revision = revision
            self._sealing.clear()
            self._opening.clear()

    async def _current(self, about: str, purpose: str) -> _Seals:
        row = await self.shelf.sealing(about, purpose)
        if row is None:
            id_, key = secrets.token_hex(KEY_ID), AESGCM.generate_key(256)
            await self.shelf.keep(about, purpose, id_, lambda version: self._wrapped(version, about, purpose, id_, key))
            row = await self.shelf.sealing(about, purpose)
        if row is None:  # destroyed again in the same moment
            raise Unavailable
        cipher = bytes.fromhex(row.id), self._unwrapped(about, purpose, row), self._whose(about, purpose)
        self._seen(row.revision)
        return self._sealing.keep((about, purpose), cipher) if row.revision == self._revision else cipher

    async def _found(self, about: str, purpose: str, key_id: bytes) -> AESGCM | None:
        row = await self.shelf.opening(about, purpose, key_id.hex())
        if row is None:
            return None
        cipher = self._unwrapped(about, purpose, row)
        self._seen(row.revision)
        return self._opening.keep((about, purpose, key_id), cipher) if row.revision == self._revision else cipher

    def _wrapped(self, version: int, about: str, purpose: str, id_: str, key: bytes) -> bytes:
        try:
            return self._masters.wrap(version, self._feature, self._kept(about, purpose, id_), key)
        except KeyFault as fault:
            raise _missing(version) from fault

    def _unwrapped(self, about: str, purpose: str, row: KeyRow) -> AESGCM:
        try:
            return AESGCM(self._masters.unwrap(row.master, self._feature, self._kept(about, purpose, row.id), row.wrapped))
        except KeyFault as fault:
            raise _missing(row.master) from fault

    def _kept(self, about: str, purpose: str, id_: str) -> bytes:
        return bound(self._country, self._feature, about, purpose, id_)

    def _whose(self, about: str, purpose: str) -> bytes:
        return bound(self._country, self._feature, about, purpose)

    def _check(self, key_id: bytes, around: bytes) -> bytes:
        return blake2b(key_id + around, digest_size=CHECK, key=self._check_key).digest()


def _missing(version: int) -> Unavailable:
    _LOG.error("master key missing", version=str(version))
    return Unavailable()
