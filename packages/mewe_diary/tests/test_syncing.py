"""Two devices and a server that lies: nothing is lost, nothing foreign is shown, and what is wrong is named."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from mewe_core.kit.testing import Stage, drive
from mewe_diary import handlers
from mewe_diary.device import Device, MemoryStore
from mewe_diary.envelope import Content, DoesNotOpen, Exported, FaultKind, Handed, new_diary
from mewe_diary.model import AdoptDiaryRequest
from mewe_diary.plugin import mewe_feature
from sqlalchemy import text as text_

from .carrying import Gone, Honest, Lie, Lying
from .drawn import NOW, Drawn

RESTORE = """UPDATE diary_diary SET (last_cursor, bytes, counter, sealed_head) =
(SELECT last_cursor, bytes, counter, sealed_head FROM d)"""
ANYTHING_WRONG = {FaultKind.ROLLED_BACK, FaultKind.FORKED, FaultKind.MISSING}
LIES = st.sampled_from(list(Lie))


def content(text: str) -> Content:
    """Words of now."""
    return Content(text, NOW, "UTC")


def texts(device: Device) -> dict[bytes, set[str]]:
    """What a device shows, by entry."""
    return {id_: {one.content.text for one in versions if one.content} for id_, versions in device.entries.items()}


class Desk:
    """A diary that ada has linked, and devices with it."""

    def __init__(self) -> None:
        self.stage = Stage(mewe_feature())
        self.secret = Drawn("desk")
        self.diary = new_diary("SE", self.secret)
        self.id = self.diary.name.id.hex()
        self.stage.call(handlers.adopt_diary, AdoptDiaryRequest("a", self.id), by="ada")
        self.server = Honest(self.stage, self.id)

    def device(self, store: MemoryStore | None = None) -> Device:
        """Another device, or one that is started again."""
        return Device.open(self.diary, store or MemoryStore(), now=lambda: NOW, secret=self.secret)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A diary."""
    desk = Desk()
    yield desk
    desk.stage.close()


def settled(device: Device, server: Honest) -> None:
    """Sync without anything wrong."""
    done = drive(device.sync(server))
    assert (done.settled, done.faults, device.waiting) == (True, (), 0)


def test_what_was_written_without_a_connection_is_on_the_other_device(desk: Desk) -> None:
    """Entries, changes and deletions of many days at once, in pages; a new device finds the same."""
    one, other = desk.device(), desk.device()
    ids = [one.write(content(f"{n}")) for n in range(450)]
    for n in range(0, 450, 9):
        one.write(content(f"{n} again"), ids[n])
    one.delete(ids[1])
    settled(one, desk.server)
    settled(other, desk.server)
    assert texts(one) == texts(other)
    assert len(texts(other)) == 449
    settled(third := desk.device(), desk.server)
    assert texts(third) == texts(one)


def test_both_of_a_conflict_are_kept_until_somebody_brings_them_together(desk: Desk) -> None:
    """Whichever device comes second; a deletion against a change keeps what was written."""
    one, other = desk.device(), desk.device()
    id_, gone = one.write(content("first")), one.write(content("to go"))
    settled(one, desk.server)
    settled(other, desk.server)
    one.write(content("of one"), id_)
    one.delete(gone)
    other.write(content("of the other"), id_)
    other.write(content("stays"), gone)
    for device in (one, other, one):
        settled(device, desk.server)
    assert texts(one) == texts(other) == {id_: {"of one", "of the other"}, gone: {"stays"}}
    assert one.conflicts == other.conflicts == {id_, gone}
    one.write(content("both"), id_)
    other.delete(gone)
    for device in (one, other, one):
        settled(device, desk.server)
    assert texts(one) == texts(other) == {id_: {"both"}}
    assert not one.conflicts


@pytest.mark.parametrize("lie", Lie)
def test_a_lie_is_named_and_the_rest_opens(desk: Desk, lie: Lie) -> None:
    """To a device that has something already: what it had stays, and once the server tells the truth everything is there."""
    one, other, seen = desk.device(), desk.device(), list[Handed]()
    ids = [one.write(content(f"{n}")) for n in range(5)]
    settled(one, desk.server)
    settled(other, desk.server)
    before = drive(desk.server.changes(0)), drive(desk.server.listing())
    for id_ in ids[:3]:
        one.write(content("changed"), id_)
    settled(one, desk.server)
    other.write(content("waits"))
    liar = Lying(desk.server, lie, 1, seen, before)
    if lie in (Lie.FAILS, Lie.TAKES_AND_FAILS):
        with pytest.raises(Gone):
            drive(other.sync(liar))
        settled(other, desk.server)
    elif lie is Lie.FORGETS:
        assert drive(other.sync(liar)).settled
        wrong = drive(other.sync(desk.server)).faults
        assert {one.kind for one in wrong} & {FaultKind.ROLLED_BACK}
        other.hold_on()
    elif lie not in (Lie.LISTS_WRONG, Lie.REPLAYS):
        done = drive(other.sync(liar))
        assert done.faults or lie is Lie.DROPS, "DROPS is made good by asking for what is missing"
        assert texts(other).keys() >= set(ids)
    for device in (other, one):
        settled(device, desk.server)
    assert texts(one) == texts(other)
    assert len(texts(one)) == 6


def test_a_restored_backup_gets_back_what_it_lost(desk: Desk) -> None:
    """A device names that the server is what it was; its owner decides, and everything is there again, on both devices."""
    one, other = desk.device(), desk.device()
    id_ = one.write(content("before"))
    settled(one, desk.server)
    with desk.stage.database.unit():
        drive(desk.stage.database.execute(text_("CREATE TEMP TABLE v AS SELECT * FROM diary_entry_version")))
        drive(desk.stage.database.execute(text_("CREATE TEMP TABLE d AS SELECT * FROM diary_diary")))
    one.write(content("changed"), id_)
    one.write(content("new"))
    settled(one, desk.server)
    settled(other, desk.server)
    for name, kept in (("diary_entry_version", "v"), ("diary_diary", "d")):
        if name == "diary_diary":
            drive(desk.stage.database.execute(text_(RESTORE)))
        else:
            drive(desk.stage.database.execute(text_(f"DELETE FROM {name}")))
            drive(desk.stage.database.execute(text_(f"INSERT INTO {name} SELECT * FROM {kept}")))
    done = drive(one.sync(desk.server))
    assert (done.settled, {fault.kind for fault in done.faults}) == (False, {FaultKind.ROLLED_BACK, FaultKind.MISSING})
    assert {"changed", "new"} <= set().union(*texts(one).values())
    one.hold_on()
    settled(one, desk.server)
    other.hold_on()
    settled(other, desk.server)
    assert texts(one) == texts(other)
    assert set().union(*texts(one).values()) == {"changed", "new"}


@pytest.mark.parametrize("lie", [Lie.ROLLS_BACK, Lie.OLD_HEAD, Lie.NOTHING])
def test_nothing_is_built_upon_a_head_that_is_not_trusted(desk: Desk, lie: Lie) -> None:
    """A device that knows a newer one gives the server nothing more: what waits goes on waiting."""
    one = desk.device()
    one.write(content("old"))
    settled(one, desk.server)
    before = drive(desk.server.changes(0)), drive(desk.server.listing())
    one.write(content("new"))
    settled(one, desk.server)
    one.write(content("waits"))
    liar = Lying(desk.server, lie, before=before)
    assert not drive(one.sync(liar)).settled
    assert (liar.puts, one.waiting) == (0, 1)
    settled(one, desk.server)


def test_a_device_that_was_away_for_long_puts_back_nothing_that_was_followed(desk: Desk) -> None:
    """It has the first version of an entry that was changed twice since: the stub between says so, also when it begins anew."""
    one, other = desk.device(), desk.device()
    id_ = one.write(content("first"))
    settled(one, desk.server)
    settled(other, desk.server)
    for text in ("second", "third"):
        one.write(content(text), id_)
        settled(one, desk.server)
    other.hold_on()
    settled(other, desk.server)
    assert texts(other) == {id_: {"third"}}
    assert not other.conflicts


def test_a_store_of_another_diary_is_refused_and_holds_no_words(desk: Desk) -> None:
    """What stays on the device is sealed under the diary's key."""
    store = MemoryStore()
    desk.device(store).write(content("canary"))
    assert all(b"canary" not in kept for kept in store.read().values())
    other = new_diary("SE", desk.secret)
    with pytest.raises(DoesNotOpen):
        Device.open(other, store, now=lambda: NOW, secret=desk.secret)


def test_a_diary_from_another_device_is_brought_in(desk: Desk) -> None:
    """Sealed anew: what is there already is passed over, what says something else stands beside it."""
    one, other = desk.device(), desk.device()
    id_, same = one.write(content("one")), one.write(content("same"))
    listing = one._state.listing()
    assert listing.keys() == {id_, same}
    entries = [Exported(id_, content("two")), Exported(same, content("same")), Exported(bytes(16), content("new"))]
    assert (one.bring(entries), one.bring(entries)) == (2, 0)
    settled(one, desk.server)
    settled(other, desk.server)
    assert texts(other) == {id_: {"one", "two"}, same: {"same"}, bytes(16): {"new"}}


class TwoDevices(RuleBasedStateMachine):
    """Both write, change, delete and sync; between whiles the server lies to either."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = Desk()
        self.stores = [MemoryStore(), MemoryStore()]
        self.devices = [self.desk.device(store) for store in self.stores]
        self.written = dict[bytes, set[str]]()
        self.parents = dict[bytes, tuple[bytes, ...]]()
        self.texts = 0
        self.lied = False
        self.seen: list[Any] = []
        self.before: Any = None

    @initialize()
    def begin(self) -> None:
        """An entry that both have."""
        self.write(0, 0)
        for device in self.devices:
            drive(device.sync(self.desk.server))

    def note(self, device: Device) -> None:
        """Whatever was written is known from now on, with what it follows."""
        for version in device._state.versions.values():
            self.parents[version.hash] = version.header.parents

    @rule(who=st.integers(0, 1), which=st.integers(0, 5))
    def write(self, who: int, which: int) -> None:
        """An entry, or one of those that there are, anew."""
        device = self.devices[who]
        ids = sorted(device.entries)
        self.texts += 1
        id_ = device.write(content(f"text {self.texts}"), ids[which] if which < len(ids) else None)
        self.written.setdefault(id_, set()).add(f"text {self.texts}")
        self.note(device)

    @rule(who=st.integers(0, 1), which=st.integers(0, 5))
    def delete(self, who: int, which: int) -> None:
        """One of those that there are."""
        device = self.devices[who]
        ids = sorted(device.entries)
        if which < len(ids):
            device.delete(ids[which])
            self.note(device)

    @rule(who=st.integers(0, 1), small=st.booleans())
    def sync(self, who: int, small: bool) -> None:
        """With an honest server."""
        self.desk.server.page_size = 1 if small else 0
        done = drive(self.devices[who].sync(self.desk.server))
        assert self.lied or (done.settled, done.faults) == (True, ())

    @rule()
    def look_back_later(self) -> None:
        """The server writes down what it is now, to be that once more at some time."""
        self.desk.server.page_size = 0
        self.before = drive(self.desk.server.changes(0)), drive(self.desk.server.listing())

    @rule(who=st.integers(0, 1))
    def start_again(self, who: int) -> None:
        """The device forgets all but what it has kept."""
        shown = texts(self.devices[who]), self.devices[who].waiting
        self.devices[who] = self.desk.device(self.stores[who])
        assert (texts(self.devices[who]), self.devices[who].waiting) == shown

    @precondition(lambda self: self.written)
    @rule(who=st.integers(0, 1), lie=LIES, place=st.integers(0, 500))
    def sync_with_a_liar(self, who: int, lie: Lie, place: int) -> None:
        """What was shown before stays, or is followed by something genuine; where a lie matters it is named."""
        device, self.lied = self.devices[who], True
        self.desk.server.page_size = 0
        shown = {one.hash for versions in device.entries.values() for one in versions}
        liar = Lying(self.desk.server, lie, place, self.seen, self.before)
        try:
            done = drive(device.sync(liar))
        except Gone:
            done = None
        after = {one.hash for versions in device._state.current().values() for one in versions}
        assert shown <= after | self.ancestors(after)
        if done is not None and not done.settled:
            assert done.faults, "it is not settled, and nobody says why"

    @invariant()
    def nothing_foreign_is_shown(self) -> None:
        """Whatever stands in an entry was written in that entry."""
        for device in self.devices:
            for id_, shown in texts(device).items():
                assert shown <= self.written[id_]

    def ancestors(self, of: set[bytes]) -> set[bytes]:
        """All that these follow."""
        found, ends = set[bytes](), list(of)
        while ends:
            for parent in self.parents.get(ends.pop(), ()):
                if parent not in found:
                    found.add(parent)
                    ends.append(parent)
        return found

    def teardown(self) -> None:
        """With an honest server both end with the same, in which everything ever written is, or is followed."""
        self.desk.server.page_size = 0
        for _ in range(3):
            for device in self.devices:
                done = drive(device.sync(self.desk.server))
                if not done.settled:
                    assert {one.kind for one in done.faults} & ANYTHING_WRONG
                    device.hold_on()
                    drive(device.sync(self.desk.server))
        for device in self.devices:
            done = drive(device.sync(self.desk.server))
            assert (done.settled, done.faults) == (True, ())
        one, other = self.devices
        assert texts(one) == texts(other)
        current = {version.hash for versions in one._state.current().values() for version in versions}
        assert self.parents.keys() <= current | self.ancestors(current)
        self.desk.stage.close()


TwoDevices.TestCase.settings = settings(max_examples=50, stateful_step_count=25, deadline=None)
TestTwoDevices = TwoDevices.TestCase
