"""The keyring of one feature (``kit.ports.Sealing``): data keys by person and purpose, and words sealed with them.

Words are sealed with AES-256-GCM; bound to them are country, feature, whose key it is, purpose, place and the key itself. Each
data key is wrapped under the country's master key. To destroy a data key is to destroy what was sealed with it, wherever a copy
of the row may lie.

What is made of words under several keys (an answer that is kept for a repeat) can be sealed inside all of them: it opens only
for as long as each is there.

Ciphers are remembered for as long as the shelf's revision stands, which is looked at again after half a second: a key that
another process destroyed is refused here within that time.

No key goes on sealing for ever: nonces are random, so its uses are counted, and before they are many the next words get a new
key. The count is kept in memory and noted on the shelf now and then, so it costs a subtraction; what a process had not noted
when it ended is lost, fewer than ``NOTED_EVERY`` uses a key and process.
"""

import os
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from hashlib import blake2b
from hmac import compare_digest

import structlog
from attrs import define, field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.ports import Keys

from mewe_host.identity.folder import KeyFault
from mewe_host.identity.masters import Masters
from mewe_host.keyring.sealed import (
    CHECK,
    FORMAT,
    KEY_ID,
    NONCE,
    WITHIN,
    Layer,
    Sealed,
    Unsealable,
    Within,
    bound,
    layered,
    named,
)
from mewe_host.keyring.shelf import Held, KeyRow, Shelf
from mewe_host.recent import Recent

LOOK_SECONDS = 0.5
"""For how long a remembered cipher is used without a look at the shelf."""

MOST_USES = 2**24
"""After so many uses of a key the next words are sealed with a new one. Random nonces of 96 bits bear 2**32 under one key."""

NOTED_EVERY = 2**12
"""After so many uses of a key by this process they are noted on the shelf."""

_CIPHERS_KEPT = 4096

_LOG = structlog.get_logger()


@define
class _Uses:
    """How many uses of a key are left until they have to be noted."""

    left: int


@frozen
class _Seals:
    """A data key that is sealed with: its id, its cipher, what is bound to everything that it seals, and its uses.

    ``within``: what is bound besides the place to what is sealed within several keys; ``kind``: how this one is told there.
    """

    id: bytes
    cipher: AESGCM = field(repr=False)
    whose: bytes
    within: bytes
    kind: bytes
    uses: _Uses


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
        most_uses: int = MOST_USES,
        noted_every: int = NOTED_EVERY,
    ) -> None:
        self._country, self._feature, self._keys, self._masters, self._clock = country, feature, keys, masters, clock
        self._most_uses, self._noted_every = most_uses, noted_every
        self._check_key = bytes.fromhex(keys.digest(f"keyring/{feature}", b"check"))
        self.shelf = shelf
        self._sealing: Recent[tuple[str, str], _Seals] = Recent(_CIPHERS_KEPT)
        self._opening: Recent[tuple[str, str, bytes], AESGCM] = Recent(_CIPHERS_KEPT)
        self._uses: Recent[bytes, _Uses] = Recent(4 * _CIPHERS_KEPT)
        self._revision = -1
        self._look_at = -1.0

    async def seal(self, about: str, purpose: str, place: str, text: str) -> bytes:
        """Seal under the data key of ``about`` and ``purpose``; a new one is durable before it seals anything."""
        await self._look()
        key = self._sealing.get((about, purpose))
        if key is None or key.uses.left <= 0:
            key = await self._next(about, purpose)
        key.uses.left -= 1
        nonce, around = os.urandom(NONCE), key.whose + bound(place)
        check = self._check(key.id, around)
        body = key.cipher.encrypt(nonce, text.encode("utf-8", "surrogatepass"), b"".join((FORMAT, key.id, check, around)))
        return Sealed(key.id, check, nonce, body).written()

    async def seal_within(
        self, keys: Iterable[tuple[str, str]], about: str, purpose: str, place: str, plain: bytes
    ) -> bytes | None:
        """Seal under the data key of ``about`` and ``purpose``, made if there is none, and inside it under every one of
        ``keys`` (about and purpose): it opens only while all of them are there. None if one of ``keys`` is gone already."""
        await self._look()
        bound_place, layers = place.encode(), list[bytes]()
        for pair in keys:
            key = self._sealing.get(pair)
            if key is None or key.uses.left <= 0:
                if key is None and not await self.shelf.holds(named(pair[0]), named(pair[1])):
                    return None
                key = await self._next(*pair)
            key.uses.left -= 1
            nonce = os.urandom(NONCE)
            plain = key.cipher.encrypt(nonce, plain, key.within + bound_place)
            layers.append(layered(key.kind, key.id, nonce))
        key = self._sealing.get((about, purpose))
        if key is None or key.uses.left <= 0:
            key = await self._next(about, purpose)
        key.uses.left -= 1
        nonce = os.urandom(NONCE)
        body = key.cipher.encrypt(nonce, Within.of(layers, plain), key.within + bound_place)
        return b"".join((WITHIN, key.id, nonce, body))

    async def open_within(self, about: str, purpose: str, place: str, sealed: bytes) -> bytes | None:
        """The inverse; None once any of the keys was destroyed. Raises ValueError if it was sealed for another place."""
        whole = Within.outer(sealed)
        await self._look()
        bound_place = place.encode()
        plain = await self._layer(Layer(about, purpose, whole.key_id, whole.nonce), bound_place, whole.body)
        if plain is None:
            return None
        layers, plain = Within.layers(plain)
        for one in reversed(layers):
            opened = await self._layer(one, bound_place, plain)
            if opened is None:
                return None
            plain = opened
        return plain

    async def ready(self, about: str, purpose: str) -> None:
        """Have the key there before anything is sealed with it, so that nobody waits for its being made."""
        await self._look()
        if self._sealing.get((about, purpose)) is None:
            await self._current(named(about), named(purpose))

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

    async def abouts(self, purpose: str) -> Sequence[str]:
        """What there are keys of for a purpose; the first thousand."""
        return await self.shelf.abouts(named(purpose))

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

    async def _next(self, about: str, purpose: str) -> _Seals:
        """The key to seal with now, which has uses left; noted on the shelf are those that it had."""
        key = await self._current(named(about), named(purpose))
        if key.uses.left > 0:
            return key
        total, revision = await self.shelf.used(key.id.hex(), self._noted_every, self._most_uses)
        key.uses.left = self._noted_every
        self._seen(revision)
        return key if total < self._most_uses else await self._current(about, purpose)

    async def _current(self, about: str, purpose: str) -> _Seals:
        row = await self.shelf.sealing(about, purpose)
        if row is None:
            id_, key = secrets.token_hex(KEY_ID), AESGCM.generate_key(256)
            await self.shelf.keep(about, purpose, id_, lambda version: self._wrapped(version, about, purpose, id_, key))
            row = await self.shelf.sealing(about, purpose)
        if row is None:  # destroyed again in the same moment
            raise Unavailable
        id_bytes = bytes.fromhex(row.id)
        uses = self._uses.get(id_bytes) or self._uses.keep(id_bytes, _Uses(self._noted_every))
        whose = self._whose(about, purpose)
        within, kind = WITHIN + id_bytes + whose, bound(about, purpose)
        seals = _Seals(id_bytes, self._unwrapped(about, purpose, row), whose, within, kind, uses)
        self._seen(row.revision)
        return self._sealing.keep((about, purpose), seals) if row.revision == self._revision else seals

    async def _layer(self, one: Layer, place: bytes, body: bytes) -> bytes | None:
        about, purpose = named(one.about), named(one.purpose)
        cipher = self._opening.get((about, purpose, one.key_id)) or await self._found(about, purpose, one.key_id)
        if cipher is None:
            return None
        try:
            return cipher.decrypt(one.nonce, body, b"".join((WITHIN, one.key_id, self._whose(about, purpose), place)))
        except InvalidTag:
            raise Unsealable from None

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
