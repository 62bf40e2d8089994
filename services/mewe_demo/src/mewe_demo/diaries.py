"""A diary: begun without an account, adopted, moved to a second device, and one entry shared with a leader and taken back."""

from __future__ import annotations

from collections.abc import Callable
from secrets import token_bytes

from attrs import frozen
from cryptography.hazmat.primitives.asymmetric import ec
from mewe.diary.v1 import diary_service_pb2 as diaries
from mewe_client import Client, Refused
from mewe_client.diary import DiaryCarrier
from mewe_diary.device import Device, MemoryStore
from mewe_diary.envelope import (
    Content,
    Mood,
    hand_over,
    key_id,
    key_words,
    new_diary,
    open_share,
    point,
    read_share,
    read_shown,
    share_entry,
    take_over,
)
from whenever import Instant, TimeDelta

ZONE = "Europe/Stockholm"
FIRST, SECOND = "Mum slept. I went out.", "I told nobody today."
ON_THE_BUS, AT_HOME = "I told my friend, on the bus.", "I told nobody. Maybe tomorrow."
DAYS_SHARED = 7


@frozen
class Kept:
    """What became of it, as its writer and a leader saw it."""

    before_an_account: int
    service_can_read: bool
    on_the_second_device: int
    versions_after_both_wrote: int
    words_of_the_key_are_the_same: bool
    leader_read: str
    writer_sees_readers: int
    after_it_was_taken_back: str


async def kept(young: Client, leader: Client, group_id: str, now: Callable[[], Instant]) -> Kept:
    """The whole way of a diary of somebody in a group."""
    diary = new_diary("SE", token_bytes)
    phone = Device.open(diary, MemoryStore(), now=now, secret=token_bytes)
    first, second = (phone.write(Content(text, now(), ZONE, Mood.LIGHT)) for text in (FIRST, SECOND))
    before_an_account = phone.waiting
    service = DiaryCarrier(young, diary)
    await service.adopt()
    await phone.sync(service)
    given = b"".join(one.given for one in (await service.changes(0)).handed)

    tablet = await _handed_over(phone, young, now)
    await tablet.sync(service)
    on_the_second_device = len(tablet.entries)
    for device, text in ((phone, ON_THE_BUS), (tablet, AT_HOME)):
        device.write(Content(text, now(), ZONE), second)
        await device.sync(service)
    await phone.sync(service)

    shared = await _shared(phone, first, young, leader, group_id, now)
    return Kept(
        before_an_account,
        any(text.encode() in given for text in (FIRST, SECOND)),
        on_the_second_device,
        len(phone.entries[second]),
        *shared,
    )


async def _handed_over(old: Device, young: Client, now: Callable[[], Instant]) -> Device:
    """The old device shows a code, the new one reads it; the service carries what it cannot open."""
    shown, parcel = hand_over(old.diary, old.remembered, now(), token_bytes)
    put = diaries.PutParcelRequest(diary_id=old.diary.name.id.hex(), sealed=parcel)
    await young.send(young.diary.PutParcel, put)
    seen = read_shown(shown.encoded())
    taken = await young.send(young.diary.TakeParcel, diaries.TakeParcelRequest(parcel_id=seen.parcel_id.hex()))
    diary, remembered = take_over(seen, taken.sealed, now())
    return Device.open(diary, MemoryStore(), now=now, secret=token_bytes, remembered=remembered)


async def _shared(
    phone: Device, entry_id: bytes, young: Client, leader: Client, group_id: str, now: Callable[[], Instant]
) -> tuple[bool, str, int, str]:
    """One entry for a leader, for a week: they compare the words of the key first; it is read, and then taken back."""
    private = ec.generate_private_key(ec.SECP256R1())
    public = point(private.public_key())
    await leader.send(leader.diary.PutSharingKey, diaries.PutSharingKeyRequest(group_id=group_id, public_key=public))
    young.positions.keep(leader.positions.shown())
    listed = await young.send(young.diary.ListSharingKeys, diaries.ListSharingKeysRequest(group_id=group_id))
    [found] = [one.public_key for one in listed.keys if one.leader_id == leader.person_id]
    country = phone.diary.name.country
    words = await young.send(young.diary.GetSharingWords, diaries.GetSharingWordsRequest(language="en"))
    [version] = phone.entries[entry_id]
    copy = share_entry(phone.diary.name, version, [found], now() + TimeDelta(hours=24 * DAYS_SHARED), token_bytes)
    request = diaries.ShareEntryRequest(
        group_id=group_id, sealed=copy.encoded(), acknowledged=True, words_version=words.version
    )
    share = await young.send(young.diary.ShareEntry, request)
    leader.positions.keep(young.positions.shown())
    opening = diaries.OpenSharedRequest(share_id=share.share_id)
    opened = await leader.send(leader.diary.OpenShared, opening)
    read = open_share(read_share(country, opened.sealed), bytes.fromhex(share.share_id), private, now()).text
    mine = (await young.send(young.diary.ListMyShares, diaries.ListMySharesRequest())).shares
    await young.send(young.diary.RevokeShare, diaries.RevokeShareRequest(share_id=share.share_id))
    return (
        key_words(key_id(country, found)) == key_words(key_id(country, public)),
        read,
        len(mine[0].openings),
        await _refused(leader, share.share_id),
    )


async def _refused(leader: Client, share_id: str) -> str:
    try:
        await leader.send(leader.diary.OpenShared, diaries.OpenSharedRequest(share_id=share_id))
    except Refused as refused:
        return f"{refused.reason}: {refused.sentence}"
    return "nothing: it was opened again"
