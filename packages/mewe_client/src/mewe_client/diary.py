"""A diary's way to the service, and a file for it on this device. Wants the package mewe-diary (``mewe-client[diary]``).

``Device.open(diary, DiaryFile(path), ...)``, then ``await device.sync(DiaryCarrier(me, diary))``.
"""

import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen
from grpc import StatusCode
from mewe.diary.v1.diary_service_pb2 import (
    AdoptDiaryRequest,
    GetListingRequest,
    GetVersionsRequest,
    ListChangesRequest,
    PutVersionsRequest,
    Version,
)
from mewe.diary.v1.diary_service_pb2_grpc import DiaryServiceStub
from mewe_diary.device import Changes, HeadHasMoved
from mewe_diary.envelope import Diary, Handed

from mewe_client.client import Client
from mewe_client.refusals import Refused

if TYPE_CHECKING:
    from mewe.diary.v1.diary_service_pb2_grpc import DiaryServiceAsyncStub

HEAD_MOVED = "DIARY_HEAD_MOVED"
SECONDS = 30.0
"""How long one page or batch may take."""


class DiaryCarrier:
    """Carries the sealed bytes of one diary for a person (``mewe_diary.device.Server``). Its calls raise Refused."""

    def __init__(self, client: Client, diary: Diary) -> None:
        self._client = client
        self._id = diary.name.id.hex()

    @cached_property
    def _service(self) -> "DiaryServiceAsyncStub":
        return DiaryServiceStub(self._client.deployment.channel("diary"))

    async def adopt(self, *, beside: bool = False) -> bool:
        """Link the diary with the person; False: they have another one in use, which is to be opened first."""
        request = AdoptDiaryRequest(diary_id=self._id, beside=beside)
        return (await self._client.send(self._service.AdoptDiary, request)).adopted

    async def changes(self, after: int) -> Changes:
        """What has come behind a cursor."""
        request = ListChangesRequest(diary_id=self._id, after_cursor=after)
        page = await self._client.send(self._service.ListChanges, request, seconds=SECONDS)
        return Changes(_handed(page.versions), page.next_cursor, page.more, page.head or None)

    async def listing(self) -> bytes:
        """The listing as the service has it."""
        request = GetListingRequest(diary_id=self._id)
        return (await self._client.send(self._service.GetListing, request, seconds=SECONDS)).listing

    async def versions(self, hashes: Collection[bytes]) -> Sequence[Handed]:
        """Versions by their hashes."""
        request = GetVersionsRequest(diary_id=self._id, version_ids=[one.hex() for one in hashes])
        return _handed((await self._client.send(self._service.GetVersions, request, seconds=SECONDS)).versions)

    async def put(self, versions: Sequence[bytes], head: bytes) -> None:
        """Keep versions and the head over them. Raises HeadHasMoved."""
        request = PutVersionsRequest(diary_id=self._id, versions=versions, head=head)
        try:
            await self._client.send(self._service.PutVersions, request, seconds=SECONDS)
        except Refused as refused:
            if refused.code is StatusCode.FAILED_PRECONDITION and refused.reason == HEAD_MOVED:
                raise HeadHasMoved from None
            raise


@frozen
class DiaryFile:
    """What a device keeps of a diary, in one file (``mewe_diary.device.LocalStore``): all of a change, or nothing."""

    path: Path

    def read(self) -> Mapping[str, bytes]:
        """Everything there is."""
        with closing(self._opened()) as file:
            return dict(file.execute("SELECT name, kept FROM diary"))

    def change(self, changes: Mapping[str, bytes | None]) -> None:
        """Keep these, and remove what is None."""
        kept = [(name, one) for name, one in changes.items() if one is not None]
        gone = [(name,) for name, one in changes.items() if one is None]
        with closing(self._opened()) as file, file:
            file.executemany("INSERT OR REPLACE INTO diary (name, kept) VALUES (?, ?)", kept)
            file.executemany("DELETE FROM diary WHERE name = ?", gone)

    def _opened(self) -> sqlite3.Connection:
        self.path.touch(mode=0o600)
        file = sqlite3.connect(self.path)
        file.execute("PRAGMA synchronous = EXTRA")
        file.execute("PRAGMA secure_delete = ON")
        file.execute("CREATE TABLE IF NOT EXISTS diary (name TEXT PRIMARY KEY, kept BLOB NOT NULL)")
        return file


def _handed(versions: Sequence[Version]) -> list[Handed]:
    """What the service says of which entry; an entry's name that is none is that of no entry."""
    return [Handed(_entry(one.entry_id), one.sealed) for one in versions]


def _entry(said: str) -> bytes:
    try:
        return bytes.fromhex(said)
    except ValueError:
        return b""
