"""A diary of two devices over a real service: files on each, one head between them, and only sealed bytes on the way."""

import asyncio
from pathlib import Path
from secrets import token_bytes

import pytest
from mewe_client import Deployment
from mewe_client.diary import DiaryCarrier, DiaryFile
from mewe_diary.device import Device
from mewe_diary.envelope import Content, Diary, new_diary
from whenever import Instant

from .hosting import Host


def device(diary: Diary, path: Path) -> Device:
    """A device with a file of its own."""
    return Device.open(diary, DiaryFile(path), now=Instant.now, secret=token_bytes)


def texts(one: Device) -> list[str]:
    """What a device shows."""
    return sorted(version.content.text for versions in one.entries.values() for version in versions if version.content)


def test_two_devices_have_one_diary(host: Host, tmp_path: Path) -> None:
    """Written before there was an account; both of a conflict are kept; a device that starts again has what it had."""

    async def story() -> None:
        diary = new_diary("SE", token_bytes)
        one, other = (device(diary, tmp_path / name) for name in ("one", "other"))
        entry = one.write(Content("before there was an account", Instant.now(), "UTC"))
        async with Deployment(host.address) as deployment:
            carrier = DiaryCarrier(host.of_national(deployment), diary)
            assert await carrier.adopt(beside=True)
            for each in (one, other):
                assert (await each.sync(carrier)).settled
            one.write(Content("of one", Instant.now(), "UTC"), entry)
            other.write(Content("of the other", Instant.now(), "UTC"), entry)
            one = device(diary, tmp_path / "one")
            for each in (one, other, one):
                done = await each.sync(carrier)
                assert (done.settled, done.faults) == (True, ())
            assert texts(one) == texts(other) == texts(device(diary, tmp_path / "other")) == ["of one", "of the other"]

    asyncio.run(story())


@pytest.mark.parametrize("name", ["one", "other"])
def test_a_file_holds_no_words_and_is_its_owners_alone(name: str, tmp_path: Path) -> None:
    """Sealed like everything else; readable by nobody else of the machine."""
    path = tmp_path / name
    device(new_diary("SE", token_bytes), path).write(Content("canary", Instant.now(), "UTC"))
    assert all(b"canary" not in file.read_bytes() for file in tmp_path.iterdir())
    assert path.stat().st_mode & 0o777 == 0o600
