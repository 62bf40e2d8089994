"""Handing a diary over to a new device: a parcel at the server, and a secret that only the old device's screen shows."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from attrs import field, frozen
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from whenever import Instant, TimeDelta

from mewe_diary.envelope.encoding import HASH, ID, LABEL, NONCE, TAG, Kind, Reader, Secret, begin, fields
from mewe_diary.envelope.errors import Expired, Malformed
from mewe_diary.envelope.heads import NOTHING, Head, Remembered
from mewe_diary.envelope.keys import KEY, Diary, DiaryName, hkdf, opened

SECRET: Final = 32
LIFE: Final = TimeDelta(minutes=10)
_SHOWN = re.compile(r"mewe-diary:1:([A-Z]{2}):([A-Za-z0-9_-]{64})", re.ASCII)
_PLAIN = ID + KEY + 8 + HASH


@frozen
class Shown:
    """What the QR code of the old device says: whoever has it, and the parcel, has the diary."""

    country: str
    parcel_id: bytes
    secret: bytes = field(repr=False)

    def encoded(self) -> str:
        """As the code says it."""
        return f"mewe-diary:1:{self.country}:{urlsafe_b64encode(self.parcel_id + self.secret).decode()}"


def read_shown(said: str) -> Shown:
    """The inverse. Raises Malformed."""
    found = _SHOWN.fullmatch(said)
    if not found:
        raise Malformed
    decoded = urlsafe_b64decode(found[2])
    return Shown(found[1], decoded[:ID], decoded[ID:])


def hand_over(diary: Diary, head: Head | Remembered | None, now: Instant, secret: Secret) -> tuple[Shown, bytes]:
    """What to show and what to upload, for ten minutes. Draws parcel id, secret, nonce."""
    shown = Shown(diary.name.country, secret(ID), secret(SECRET))
    header = begin(Kind.HAND_OVER) + shown.parcel_id + (now + LIFE).timestamp(unit="millisecond").to_bytes(8, "big")
    counter, last = (0, NOTHING) if head is None else (head.counter, head.hash if isinstance(head, Head) else head.head)
    nonce = secret(NONCE)
    plain = diary.name.id + diary.key + counter.to_bytes(8, "big") + last
    return shown, header + nonce + _key(shown).encrypt(nonce, plain, _bound(shown, header))


def take_over(shown: Shown, parcel: bytes, now: Instant) -> tuple[Diary, Remembered | None]:
    """The diary, and the head that the old device knows. Raises Malformed, Expired, DoesNotOpen."""
    reader = Reader(parcel)
    reader.begin(Kind.HAND_OVER)
    reader.take(ID)
    expires, nonce, sealed = reader.moment(), reader.take(NONCE), reader.end(_PLAIN + TAG)
    header = parcel[: 2 + ID + 8]
    if now.timestamp(unit="millisecond") >= expires:
        raise Expired
    plain = Reader(opened(_key(shown), nonce, sealed, _bound(shown, header)))
    diary = Diary(DiaryName(plain.take(ID), shown.country), plain.take(KEY))
    counter, last = plain.number(8), plain.take(HASH)
    return diary, Remembered(counter, last) if counter else None


def _key(shown: Shown) -> AESGCM:
    return AESGCM(hkdf(shown.secret, shown.parcel_id, fields(LABEL, "hand-over", shown.country)))


def _bound(shown: Shown, header: bytes) -> bytes:
    return fields(LABEL, "hand-over", shown.country, header)
