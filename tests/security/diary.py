"""A diary as a device has one, sealed for real: linked with a person, with an entry, a lock, and a share for a leader."""

from secrets import token_bytes
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric import ec
from mewe_diary.envelope import (
    Content,
    lock_with_recovery,
    new_diary,
    open_version,
    point,
    seal_entry,
    seal_head,
    share_entry,
)
from whenever import Instant, TimeDelta

WORDS = "Nobody but me"
TEN_DAYS = TimeDelta(hours=240)


class Calls(Protocol):
    """Somebody who calls."""

    def __call__(self, name: str, /, **values: Any) -> Any:
        """A call that is answered."""


def kept(writer: Calls, leader: Calls, group_id: str, now: Instant, words: str = WORDS) -> dict[str, str]:
    """Have somebody keep a diary, and share its entry with a leader of their group; the ids of all of it."""
    diary, entry_id = new_diary("SE", token_bytes), token_bytes(16)
    sealed = seal_entry(diary, entry_id, Content(words, now, "UTC"), token_bytes)
    head = seal_head(diary, {entry_id: frozenset({sealed.hash})}, None, now, token_bytes)
    diary_id = writer("AdoptDiary", diary_id=diary.name.id.hex()).diary.diary_id
    writer("PutVersions", diary_id=diary_id, versions=[sealed.encoded()], head=head)
    lock = lock_with_recovery(diary, token_bytes(16), token_bytes)
    writer("PutLock", diary_id=diary_id, sealed=lock.encoded())
    key = point(ec.generate_private_key(ec.SECP256R1()).public_key())
    leader("PutSharingKey", group_id=group_id, public_key=key)
    version = open_version(diary, sealed)
    share = share_entry(diary.name, version, [key], now + TEN_DAYS, token_bytes)
    said = writer("GetSharingWords").version
    writer("ShareEntry", group_id=group_id, sealed=share.encoded(), acknowledged=True, words_version=said)
    return {"diary_id": diary_id, "lock_id": lock.id.hex(), "parcel_id": token_bytes(16).hex(), "share_id": share.id.hex()}
