"""Two browsers and a real host: what one writes the other reads, nothing is lost, and what a server makes of it is named."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Browser, Route

from services.web.tests.browser import SERVICE, Device, Host, new_device
from services.web.tests.test_in_chromium import SAID, TEXTS, WRITE, begun

ADOPT = "return diary.adoptDiary(kept, client, true)"
SYNC = """
    const { faults, taken, sent } = await diary.syncDiary(kept, client);
    return { faults: faults.map(({ kind, entryId }) => [kind, entryId]), taken, sent };
"""
JOIN = """
    const name = { id: given.id, country: "SE" };
    const [lock] = await diary.fetchLocks(client, name);
    const secret = await diary.unlockSecret(name, lock, await diary.passphraseMaterial(lock, given.passphrase));
    globalThis.kept = await diary.keepDiary(await diary.openDatabase(), secret);
"""
CHANGE = """
    const over = (await kept.shown()).entries.get(given.id);
    await kept.change(given.id, { ...over[0].content, text: given.text }, over);
"""
WAITING = "return (await kept.shown()).waiting"
CLEAR = """
    for (const [id, over] of (await kept.shown()).entries) await kept.remove(id, over, "2026-11-22T21:00:00Z");
"""


@pytest.fixture(scope="module")
def pair(chromium: Browser, host: Host, somebody: str) -> Iterator[tuple[Device, Device, str]]:
    """A diary that was begun on one device, adopted, and joined by passphrase on another; its id."""
    telephone, laptop = new_device(chromium, host.origin), new_device(chromium, host.origin)
    named = begun(telephone)
    telephone.does(WRITE, "before the account")
    telephone.signs_in(somebody)
    assert telephone.does(ADOPT) == {"adopted": True}
    assert telephone.does(SYNC) == {"faults": [], "taken": 0, "sent": 1}
    laptop.signs_in(somebody)
    laptop.does(JOIN, {"id": named, "passphrase": SAID})
    assert laptop.does(SYNC) == {"faults": [], "taken": 1, "sent": 0}
    assert laptop.does(TEXTS) == ["before the account"]
    yield telephone, laptop, named
    telephone.context.close()
    laptop.context.close()


@pytest.fixture
def two(pair: tuple[Device, Device, str]) -> tuple[Device, Device, str]:
    """Both devices, which have one entry and are of one mind."""
    telephone, laptop, _ = pair
    telephone.does(CLEAR)
    telephone.does(WRITE, "before")
    assert telephone.does(SYNC)["faults"] == []
    assert laptop.does(SYNC)["faults"] == []
    return pair


def meddling(device: Device, method: str, with_: Callable[[APIResponse, Route], None]) -> Callable[[], None]:
    """Somebody between the device and the host, for one method; gives how to end it."""
    pattern = f"**/{SERVICE}/{method}*"
    device.context.route(pattern, lambda route: with_(route.fetch(), route))
    return lambda: device.context.unroute(pattern)


def test_a_diary_without_account_is_adopted_and_read_on_another_device(pair: tuple[Device, Device, str]) -> None:
    """What was written before there was an account came along, and the passphrase opened it elsewhere; it can go as well."""
    telephone, laptop, _ = pair
    telephone.does(CLEAR)
    telephone.does(SYNC)
    laptop.does(SYNC)
    assert laptop.does(TEXTS) == []


def test_what_is_written_without_a_connection_is_sent_later(two: tuple[Device, Device, str]) -> None:
    """It waits on the device over a failed sync; both see the same in the end, and a sync without news moves nothing."""
    telephone, laptop, _ = two
    telephone.context.set_offline(True)
    telephone.does(WRITE, "under way")
    with pytest.raises(Exception, match="fetch"):
        telephone.does(SYNC)
    assert telephone.does(TEXTS) == ["before", "under way"]
    telephone.context.set_offline(False)
    assert telephone.does(SYNC)["sent"] == 1
    assert laptop.does(SYNC) == {"faults": [], "taken": 1, "sent": 0}
    assert laptop.does(TEXTS) == ["before", "under way"]
    assert laptop.does(SYNC) == telephone.does(SYNC) == {"faults": [], "taken": 0, "sent": 0}


def test_two_changes_of_the_same_are_both_kept_until_somebody_decides(two: tuple[Device, Device, str]) -> None:
    """On both devices; the decision is one version over both."""
    telephone, laptop, _ = two
    [entry_id] = telephone.does("return [...(await kept.shown()).entries.keys()]")
    telephone.does(CHANGE, {"id": entry_id, "text": "here"})
    laptop.does(CHANGE, {"id": entry_id, "text": "there"})
    assert telephone.does(SYNC)["sent"] == 1
    assert laptop.does(SYNC) == {"faults": [], "taken": 1, "sent": 1}
    telephone.does(SYNC)
    assert telephone.does(TEXTS) == laptop.does(TEXTS) == ["here", "there"]
    telephone.does(CHANGE, {"id": entry_id, "text": "here and there"})
    telephone.does(SYNC)
    laptop.does(SYNC)
    assert telephone.does(TEXTS) == laptop.does(TEXTS) == ["here and there"]
    assert telephone.does(WAITING) == laptop.does(WAITING) == 0
    assert telephone.does("return (await kept.rows()).filter(({ entryId }) => entryId === given).length", entry_id) == 1


def test_what_is_deleted_is_gone_on_both(two: tuple[Device, Device, str]) -> None:
    """What is left of it is that it was deleted."""
    telephone, laptop, _ = two
    [entry_id] = telephone.does("return [...(await kept.shown()).entries.keys()]")
    telephone.does("await kept.remove(given, (await kept.shown()).entries.get(given), '2026-11-22T21:00:00Z')", entry_id)
    telephone.does(SYNC)
    laptop.does(SYNC)
    assert telephone.does(TEXTS) == laptop.does(TEXTS) == []
    assert laptop.does("return (await kept.rows()).filter(({ entryId }) => entryId === given).length", entry_id) == 1


def test_an_answer_that_is_lost_loses_nothing_and_doubles_nothing(two: tuple[Device, Device, str]) -> None:
    """The host has it, the device does not know: the next sync finds it there."""
    telephone, laptop, _ = two
    telephone.does(WRITE, "sent, unanswered")
    ends = meddling(telephone, "PutVersions", lambda _, route: route.abort())
    with pytest.raises(Exception, match="fetch"):
        telephone.does(SYNC)
    ends()
    assert telephone.does(WAITING) == 1
    assert telephone.does(SYNC) == {"faults": [], "taken": 0, "sent": 0}
    assert telephone.does(WAITING) == 0
    laptop.does(SYNC)
    assert laptop.does(TEXTS) == telephone.does(TEXTS) == ["before", "sent, unanswered"]


def test_what_was_changed_on_the_way_is_named_and_comes_once_it_is_right(two: tuple[Device, Device, str]) -> None:
    """One bit of a new entry: the rest is there, what waits goes on, and the entry is asked for until it is right."""
    telephone, laptop, _ = two
    entry_id = telephone.does(WRITE, "the new one")
    telephone.does(SYNC)

    def flips(answer: APIResponse, route: Route) -> None:
        body = bytearray(answer.body())
        at = body.find(bytes.fromhex("0101" + entry_id)) + 400
        body[at] ^= 1
        route.fulfill(response=answer, body=bytes(body))

    ends = [meddling(laptop, method, flips) for method in ("ListChanges", "GetVersions")]
    laptop.does(WRITE, "meanwhile")
    told = laptop.does(SYNC)
    assert told["faults"] == [["altered", entry_id]]
    assert laptop.does(TEXTS) == ["before", "meanwhile"]
    for end in ends:
        end()
    laptop.does(SYNC)
    telephone.does(SYNC)
    assert laptop.does(TEXTS) == telephone.does(TEXTS) == ["before", "meanwhile", "the new one"]


def test_a_server_that_goes_back_is_found_out_and_nothing_is_put_on_top(two: tuple[Device, Device, str]) -> None:
    """An old answer is played again: the device says so, keeps what it has, and what waits goes on waiting."""
    telephone, laptop, named = two
    head = telephone.does("return diary.hex((await client.getHead({ diaryId: given })).head)", named)
    telephone.does(WRITE, "newer")
    telephone.does(SYNC)
    newer = telephone.does("return diary.hex((await client.getHead({ diaryId: given })).head)", named)

    def goes_back(answer: APIResponse, route: Route) -> None:
        route.fulfill(response=answer, body=answer.body().replace(bytes.fromhex(newer), bytes.fromhex(head)))

    ends = [meddling(telephone, method, goes_back) for method in ("ListChanges", "GetListing")]
    telephone.does(WRITE, "waits")
    told = telephone.does(SYNC)
    assert ["rolled_back", None] in told["faults"]
    assert told["sent"] == 0
    assert telephone.does(TEXTS) == ["before", "newer", "waits"]
    for end in ends:
        end()
    assert telephone.does(SYNC) == {"faults": [], "taken": 0, "sent": 1}
    assert laptop.does(SYNC)["faults"] == []


def test_a_new_device_takes_over_by_what_the_old_one_shows_once(two: tuple[Device, Device, str]) -> None:
    """The parcel is given once; the new device makes a lock of its own."""
    telephone, laptop, named = two
    shown = telephone.does(
        "const { lock } = (await diary.keptLocks(kept.database, kept.diary.id))[0];"
        "const secret = await diary.unlockSecret(kept.diary, lock, await diary.passphraseMaterial(lock, given));"
        "return diary.showToNewDevice(kept, secret, client)",
        SAID,
    )
    taking = (
        "const { secret, remembered } = await diary.takeFromOldDevice(client, given);"
        "await diary.forgetDiary(kept.database, secret.id);"
        "await diary.openWithoutAsking(kept.database, secret);"
        "globalThis.kept = await diary.keepDiary(kept.database, secret, remembered); return secret.id"
    )
    assert laptop.does(taking, shown) == named
    assert laptop.does(SYNC)["faults"] == []
    assert laptop.does(TEXTS) == ["before"]
    assert laptop.does("return diary.takeFromOldDevice(client, given).catch(({ code }) => code)", shown) == 5


def test_a_second_diary_gives_its_entries_to_the_one_that_there_is(
    two: tuple[Device, Device, str], telephone: Device, somebody: str
) -> None:
    """Who wrote without an account and has a diary already: nothing changes, and the entries are taken in, sealed anew."""
    _, laptop, named = two
    telephone.signs_in(somebody)
    begun(telephone)
    telephone.does(WRITE, "in the second")
    told = telephone.does("return diary.adoptDiary(kept, client)")
    assert told == {"adopted": False, "inUse": named}
    file: Any = telephone.does("return kept.exported()")
    assert laptop.does("return kept.take(given)", file) == 1
    assert laptop.does(SYNC)["sent"] == 1
    assert laptop.does(TEXTS) == ["before", "in the second"]


def test_many_entries_go_in_batches(two: tuple[Device, Device, str]) -> None:
    """More than the host takes at once, each batch under a head of its own."""
    telephone, laptop, _ = two
    before = telephone.does("return (await kept.remembered()).counter")
    telephone.does("for (let at = 0; at < 450; at += 1) { await kept.add(given); }", _CONTENT)
    assert telephone.does(SYNC) == {"faults": [], "taken": 0, "sent": 450}
    assert laptop.does(SYNC) == {"faults": [], "taken": 450, "sent": 0}
    assert telephone.does("return (await kept.remembered()).counter") == before + 3


_CONTENT = {"text": "", "mood": 1, "prompt": None, "tags": [], "written_at": "2026-11-22T21:00:00Z", "zone": "UTC"}
