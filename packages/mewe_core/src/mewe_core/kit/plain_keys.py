"""Keys and sealing for a stage: they protect nothing, and behave like real ones."""

import hashlib
import hmac
from collections.abc import Iterable

from whenever import Instant

from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import PublicKey


class PlainKeys:
    """Keys that protect nothing and behave like real ones: purposes are kept apart, and a change is noticed."""

    def __init__(self) -> None:
        self.retired: list[PublicKey] = []
        """Keys that stand for those of the past; a test may fill it."""

    def digest(self, purpose: str, secret: bytes) -> str:
        """A hash of 64 hexadecimal digits; another one for another purpose."""
        return hmac.new(purpose.encode(), secret, hashlib.sha256).hexdigest()

    def seal(self, purpose: str, plain: bytes) -> bytes:
        """Something that does not show ``plain`` and that ``open`` takes back for this purpose only."""
        return hmac.digest(purpose.encode(), plain, "sha256") + self._veiled(purpose, plain)

    def open(self, purpose: str, sealed: bytes) -> bytes:
        """The inverse of ``seal``. Raises ValueError if it was sealed for another purpose, or changed."""
        plain = self._veiled(purpose, sealed[32:])
        if not hmac.compare_digest(sealed[:32], hmac.digest(purpose.encode(), plain, "sha256")):
            raise ValueError("this was sealed for another purpose, or changed")
        return plain

    def access_token(self, person_id: str, session_id: str, issued_at: Instant, expires_at: Instant) -> str:
        """A token that one can read."""
        return f"{person_id} in {session_id} from {issued_at.format_iso()} to {expires_at.format_iso()}"

    def public_key(self) -> PublicKey:
        """A key of the right form."""
        return PublicKey(id="key-of-the-stage", x="1" * 64, y="2" * 64)  # type: ignore[arg-type]

    def sign(self, purpose: str, said: bytes) -> Hexadecimal:
        """Something of the form of a signature, that anybody could make."""
        return Hexadecimal(hmac.new(b"signed " + purpose.encode(), said, hashlib.sha512).hexdigest())

    def verified(self, purpose: str, said: bytes, key_id: str, signature: str) -> bool:
        """Whether it was signed here, with the key of now or a retired one."""
        there = {self.public_key().id, *(one.id for one in self.retired_keys())}
        return key_id in there and hmac.compare_digest(self.sign(purpose, said), signature)

    def retired_keys(self) -> list[PublicKey]:
        """What the test has put there."""
        return self.retired

    def _veiled(self, purpose: str, data: bytes) -> bytes:
        veil = hashlib.shake_256(purpose.encode()).digest(len(data))
        return bytes(one ^ other for one, other in zip(data, veil, strict=True))


class PlainSealing:
    """Sealing that protects nothing and behaves like the real one: places and keys are kept apart, a destroyed key is gone."""

    def __init__(self, keys: PlainKeys) -> None:
        self._keys = keys
        self._held: dict[tuple[str, str], int] = {}
        self._made = 0

    async def seal(self, about: str, purpose: str, place: str, text: str) -> bytes:
        """Something that does not show ``text``."""
        await self.ready(about, purpose)
        return self._keys.seal(f"{self._held[about, purpose]} {place}", text.encode())

    async def open(self, about: str, purpose: str, place: str, sealed: bytes) -> str | None:
        """The inverse; None once the key was destroyed. Raises ValueError if it was sealed for another place, or changed."""
        number = self._held.get((about, purpose))
        return None if number is None else self._keys.open(f"{number} {place}", sealed).decode()

    async def seal_within(
        self, keys: Iterable[tuple[str, str]], about: str, purpose: str, place: str, plain: bytes
    ) -> bytes | None:
        """Something that opens only while all the keys are there; None if one of ``keys`` is gone already."""
        inner = list(keys)
        if not self._held.keys() >= set(inner):
            return None
        await self.ready(about, purpose)
        numbers = [self._held[one] for one in (*inner, (about, purpose))]
        told = ",".join(str(one) for one in numbers)
        return told.encode() + b" " + self._keys.seal(f"{told} {place}", plain)

    async def open_within(self, about: str, purpose: str, place: str, sealed: bytes) -> bytes | None:
        """The inverse; None once any of the keys was destroyed. Raises ValueError if it was sealed for another place."""
        told, _, body = sealed.partition(b" ")
        if (about, purpose) not in self._held or not {int(one) for one in told.split(b",")} <= set(self._held.values()):
            return None
        return self._keys.open(f"{told.decode()} {place}", body)

    async def ready(self, about: str, purpose: str) -> None:
        """Have a key there."""
        if (about, purpose) not in self._held:
            self._made += 1
            self._held[about, purpose] = self._made

    async def abouts(self, purpose: str) -> list[str]:
        """What there are keys of for a purpose."""
        return [one for one, what in self._held if what == purpose]

    async def destroy(self, about: str, purpose: str | None = None) -> int:
        """Forget a key, or every key of ``about``."""
        gone = [one for one in self._held if one[0] == about and purpose in (None, one[1])]
        for one in gone:
            del self._held[one]
        return len(gone)
