"""Sharing one entry: a copy under a key of its own, and that key sealed to each recipient (HPKE, RFC 9180)."""

from collections.abc import Collection
from typing import Final

from attrs import field, frozen
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from whenever import Instant

from mewe_diary.envelope.content import Content, read_entry, write_entry
from mewe_diary.envelope.encoding import (
    BUCKETS,
    HASH,
    ID,
    LABEL,
    NONCE,
    TAG,
    Kind,
    Reader,
    Secret,
    begin,
    fields,
    padded,
    unpadded,
)
from mewe_diary.envelope.errors import DoesNotOpen, Expired, Malformed
from mewe_diary.envelope.hpke import seal_to
from mewe_diary.envelope.keys import KEY, DiaryName, opened, sha256
from mewe_diary.envelope.versions import Version

POINT: Final = 65
MOST_RECIPIENTS: Final = 16
_TO_ONE = POINT + KEY + TAG
_SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@frozen
class Share:
    """A shared copy, parsed and not yet opened: of which version of which entry, until when, and to the keys of which ids."""

    country: str
    id: bytes
    diary_id: bytes
    entry_id: bytes
    version: bytes
    until: int
    key_ids: tuple[bytes, ...]
    header: bytes = field(repr=False)
    keys: tuple[bytes, ...] = field(repr=False)
    nonce: bytes = field(repr=False)
    content: bytes = field(repr=False)

    def encoded(self) -> bytes:
        """Its bytes."""
        return self.before() + self.nonce + self.content

    def before(self) -> bytes:
        """All that the content is bound to."""
        return self.header + b"".join(self.keys)


def point(key: ec.EllipticCurvePublicKey) -> bytes:
    """A P-256 key as its uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def key_id(country: str, public: bytes) -> bytes:
    """What a recipient's key, an uncompressed point, is known by."""
    return sha256(fields(LABEL, "recipient", country, public))


def share_entry(name: DiaryName, version: Version, recipients: Collection[bytes], until: Instant, secret: Secret) -> Share:
    """A copy of what a version says, for the recipients (uncompressed points, one to sixteen) until a moment.

    Draws share id, share key, an ephemeral scalar for each recipient, nonce. Raises ValueError for a tombstone or for too many
    recipients, Malformed for a point that is none.
    """
    if version.content is None or not 1 <= len(set(recipients)) <= MOST_RECIPIENTS:
        raise ValueError("an entry is shared, with one to sixteen recipients")
    by_id = sorted((key_id(name.country, public), public) for public in set(recipients))
    share_id, share_key = secret(ID), secret(KEY)
    header = begin(Kind.SHARE) + share_id + name.id + version.header.entry_id + version.hash
    header += until.timestamp(unit="millisecond").to_bytes(8, "big") + bytes((len(by_id),)) + b"".join(one for one, _ in by_id)
    info = fields(LABEL, "share key", name.country, header)
    before = header + b"".join(seal_to(public, share_key, info, secret) for _, public in by_id)
    nonce = secret(NONCE)
    plain = padded(write_entry(version.content))
    content = AESGCM(share_key).encrypt(nonce, plain, fields(LABEL, "share", name.country, before))
    return read_share(name.country, before + nonce + content)


def read_share(country: str, given: bytes) -> Share:
    """A shared copy from its bytes. Raises Malformed."""
    reader = Reader(given)
    reader.begin(Kind.SHARE)
    share_id, diary_id, entry_id, version = reader.take(ID), reader.take(ID), reader.take(ID), reader.take(HASH)
    until, count = reader.moment(), reader.number(1)
    key_ids = tuple(reader.take(HASH) for _ in range(count))
    if not 1 <= count <= MOST_RECIPIENTS or list(key_ids) != sorted(set(key_ids)):
        raise Malformed
    header = given[: len(given) - reader.left]
    keys = tuple(reader.take(_TO_ONE) for _ in key_ids)
    nonce = reader.take(NONCE)
    if reader.left not in {bucket + TAG for bucket in BUCKETS}:
        raise Malformed
    return Share(country, share_id, diary_id, entry_id, version, until, key_ids, header, keys, nonce, reader.rest)


def open_share(share: Share, share_id: bytes, private: ec.EllipticCurvePrivateKey, now: Instant) -> Content:
    """What was shared, for a recipient who asked for the copy of this id. Raises Expired, DoesNotOpen, Unreadable."""
    if now.timestamp(unit="millisecond") >= share.until:
        raise Expired
    mine = key_id(share.country, point(private.public_key()))
    if mine not in share.key_ids or share.id != share_id:
        raise DoesNotOpen
    try:
        to_me = share.keys[share.key_ids.index(mine)]
        share_key = _SUITE.decrypt(to_me, private, info=fields(LABEL, "share key", share.country, share.header))
    except (InvalidTag, ValueError):
        raise DoesNotOpen from None
    if len(share_key) != KEY:
        raise DoesNotOpen
    additional = fields(LABEL, "share", share.country, share.before())
    return read_entry(unpadded(opened(AESGCM(share_key), share.nonce, share.content, additional)))
