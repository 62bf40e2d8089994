"""One's own diary at the server: linked, put, taken in, deleted, erased; and nobody else's."""

from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.earlier import EarlierClosed
from mewe_core.kit.errors import Invalid, NotFound, StillClosed
from mewe_core.kit.testing import ELM, NATIONAL, OAK, STRANGER, Stage
from mewe_diary import handlers, store, versions
from mewe_diary.envelope import Handed, bucket_hashes, open_diary, parse, write_listing
from mewe_diary.errors import Full, HeadMoved, TooFast
from mewe_diary.model import (
    AdoptDiaryRequest,
    DiarySettings,
    EraseDiaryRequest,
    GetHeadRequest,
    GetListingRequest,
    GetVersionsRequest,
    ListChangesRequest,
    ListChangesResponse,
    ListDiariesRequest,
)
from mewe_diary.plugin import mewe_feature
from sqlalchemy import select

from .pen import Pen


@pytest.fixture
def stage() -> Iterator[Stage]:
    """The diary, and two groups."""
    with Stage(mewe_feature()) as stage:
        stage.gather(OAK, ELM)
        yield stage


@pytest.fixture
def pen(stage: Stage) -> Pen:
    """The device of ada, whose diary is linked."""
    pen = Pen()
    adopt(stage, pen, by="ada")
    return pen


def adopt(stage: Stage, pen: Pen, *, by: str, beside: bool = False) -> tuple[str, bool]:
    """Link a pen's diary with somebody: the one in use, and whether that is it."""
    answer = stage.call(handlers.adopt_diary, AdoptDiaryRequest(stage.ids.new(), pen.id, beside), by=by)
    return answer.diary.diary_id, answer.adopted


def changes(stage: Stage, pen: Pen, after: int = 0, *, by: str = "ada", page_size: int = 0) -> ListChangesResponse:
    """What has come behind a cursor."""
    return stage.call(versions.list_changes, ListChangesRequest(pen.id, after, page_size), by=by)


def test_what_was_put_opens_on_another_device_without_a_fault(stage: Stage, pen: Pen) -> None:
    """Entries, a change, a deletion: a device that begins at nothing finds all of it, and that nothing is missing."""
    first, second = pen.write("first"), pen.write("second")
    stage.call(versions.put_versions, pen.put(first, second), by="ada")
    changed, ended = pen.write("first, changed", first), pen.delete(second)
    answer = stage.call(versions.put_versions, pen.put(changed, ended), by="ada")
    assert [one.conflict for one in answer.versions] == [False, False]
    page = changes(stage, pen)
    handed = [Handed(bytes.fromhex(one.entry_id), one.sealed) for one in page.versions]
    opened = open_diary(pen.diary, page.head, handed)
    assert opened.faults == ()
    assert [one.content.text for (one,) in opened.entries.values() if one.content] == ["first, changed"]
    assert opened.deleted == {second.header.entry_id}


def test_what_was_followed_is_a_stub_at_once(stage: Stage, pen: Pen) -> None:
    """The sealed part of what was changed or deleted is destroyed with the next head; its name and place stay."""
    first, second = pen.write("first"), pen.write("second")
    stage.call(versions.put_versions, pen.put(first, second), by="ada")
    stage.call(versions.put_versions, pen.put(pen.write("changed", first), pen.delete(second)), by="ada")
    kept = stage.all(select(store.VERSION.c.sealed_version).order_by(store.VERSION.c.cursor), bytes)
    assert kept[:2] == [first.stub().encoded(), second.stub().encoded()]
    (diary,) = stage.call(handlers.list_diaries, ListDiariesRequest(), by="ada").diaries
    assert diary.bytes == sum(map(len, kept))
    whole = stage.call(versions.list_changes, ListChangesRequest(pen.id, without_stubs=True), by="ada")
    assert [one.cursor for one in whole.versions] == [3, 4]
    asked = GetVersionsRequest(pen.id, (first.hash.hex(), "0" * 64))
    (stub,) = stage.call(versions.get_versions, asked, by="ada").versions
    assert parse(stub.sealed) == first.stub()


def test_two_devices_that_change_the_same_entry_both_keep_theirs(stage: Stage, pen: Pen) -> None:
    """The second is told to look first, then puts the very same version: both stand, and it is answered as a conflict."""
    first = pen.write("first")
    stage.call(versions.put_versions, pen.put(first), by="ada")
    other = Pen("other", pen.diary)
    other.listing, other.head = dict(pen.listing), pen.head
    stage.call(versions.put_versions, pen.put(one := pen.write("one", first)), by="ada")
    two, before = other.write("two", first), other.head
    with pytest.raises(HeadMoved):
        stage.call(versions.put_versions, other.put(two), by="ada")
    assert [one.cursor for one in changes(stage, pen).versions] == [1, 2]
    assert before is not None
    other.listing[one.header.entry_id] = frozenset({one.hash, two.hash})
    other.head = pen.head
    (taken,) = stage.call(versions.put_versions, other.put(two), by="ada").versions
    assert (taken.cursor, taken.conflict) == (3, True)
    page = changes(stage, pen)
    opened = open_diary(pen.diary, page.head, [Handed(bytes.fromhex(v.entry_id), v.sealed) for v in page.versions])
    assert opened.faults == ()
    assert opened.conflicts == {first.header.entry_id}
    both = other.write("both", one, two)
    (merged,) = stage.call(versions.put_versions, other.put(both), by="ada").versions
    assert not merged.conflict
    assert [len(v.sealed) < 200 for v in changes(stage, pen).versions] == [True, True, True, False]


def test_the_same_again_is_answered_as_at_first(stage: Stage, pen: Pen) -> None:
    """Also with another request_id, as by a device that lost the answer and its memory of it."""
    request = pen.put(pen.write("first"))
    first = stage.call(versions.put_versions, request, by="ada")
    assert stage.call(versions.put_versions, request, by="ada") == first
    assert len(changes(stage, pen).versions) == 1
    other = evolve(request, versions=(Pen("other", pen.diary).write("under the same head").encoded(),))
    with pytest.raises(Invalid):
        stage.call(versions.put_versions, other, by="ada")


def test_a_head_that_does_not_follow_is_refused_and_nothing_is_kept(stage: Stage, pen: Pen) -> None:
    """An older one, one of another chain, one that leaves out a number, and none at all."""
    stage.call(versions.put_versions, old := pen.put(), by="ada")
    stage.call(versions.put_versions, pen.put(), by="ada")
    forked = Pen("fork", pen.diary)
    for _ in range(2):
        forked.put()
    ahead = Pen("ahead", pen.diary)
    ahead.head = pen.head
    ahead.put()
    for request in (old, forked.put(), ahead.put(ahead.write("too far"))):
        with pytest.raises(HeadMoved):
            stage.call(versions.put_versions, request, by="ada")
    with pytest.raises(Invalid):
        stage.call(versions.put_versions, evolve(old, head=b""), by="ada")
    assert changes(stage, pen).versions == ()
    head = stage.call(versions.get_head, GetHeadRequest(pen.id), by="ada")
    assert pen.head is not None
    assert (head.last_cursor, changes(stage, pen).head) == (0, head.head)


def test_the_listing_is_that_of_the_devices(stage: Stage, pen: Pen) -> None:
    """Leaves and buckets as the protocol has them, in a diary with a conflict and a deletion."""
    written = [pen.write(str(n)) for n in range(40)]
    stage.call(versions.put_versions, pen.put(*written), by="ada")
    pen.write("changed", written[0])
    changed = [pen.write("another", written[1]), pen.delete(written[2])]
    aside = Pen("aside", pen.diary).write("beside", written[3])
    pen.listing[written[3].header.entry_id] |= {aside.hash}
    pen.listing[written[0].header.entry_id] = frozenset({written[0].hash})
    stage.call(versions.put_versions, pen.put(*changed, aside), by="ada")
    pen.listing[written[3].header.entry_id] = frozenset({aside.hash})
    whole = stage.call(versions.get_listing, GetListingRequest(pen.id), by="ada")
    assert whole.listing == write_listing(pen.listing)
    hashes = stage.call(versions.get_listing, GetListingRequest(pen.id, hashes=True), by="ada").listing
    assert hashes == b"".join(bucket_hashes(pen.listing))
    some = {
        id_: leaf
        for id_, leaf in pen.listing.items()
        if id_[0] in (written[0].header.entry_id[0], written[9].header.entry_id[0])
    }
    asked = GetListingRequest(pen.id, buckets=tuple({id_[0] for id_ in some}))
    assert stage.call(versions.get_listing, asked, by="ada").listing == write_listing(some)
    with pytest.raises(Invalid) as refused:
        GetListingRequest(pen.id, buckets=(0, 256))
    assert [one.path for one in refused.value.fields] == ["buckets[1]"]


def test_pages_hold_everything_once(stage: Stage, pen: Pen) -> None:
    """However small the pages, and however large what stands on them."""
    written = [pen.write("x" * (50_000 if n % 3 else 5)) for n in range(30)]
    for place in range(0, 30, 10):
        stage.call(versions.put_versions, pen.put(*written[place : place + 10]), by="ada")
    for size in (0, 1, 7):
        found, cursor, more = [], 0, True
        while more:
            page = changes(stage, pen, cursor, page_size=size)
            assert sum(len(one.sealed) for one in page.versions) < 700_000
            found += [one.sealed for one in page.versions]
            cursor, more = page.next_cursor, page.more
        assert found == [one.encoded() for one in written]
        assert changes(stage, pen, cursor).versions == ()


@pytest.mark.parametrize("who", [STRANGER, "bo", "lena", "karin", NATIONAL, "dina"])
def test_nobody_else_finds_a_diary(stage: Stage, pen: Pen, who: str) -> None:
    """Not another participant, a leader, the coordinator, the centre; and who links the same id has an empty one."""
    stage.call(versions.put_versions, request := pen.put(pen.write("mine")), by="ada")
    refused: tuple[tuple[Any, object], ...] = (
        (versions.list_changes, ListChangesRequest(pen.id)),
        (versions.get_versions, GetVersionsRequest(pen.id, ("0" * 64,))),
        (versions.get_head, GetHeadRequest(pen.id)),
        (versions.get_listing, GetListingRequest(pen.id)),
        (versions.put_versions, request),
        (handlers.erase_diary, EraseDiaryRequest("e", pen.id)),
    )
    for handler, asked in refused:
        with pytest.raises(NotFound):
            stage.call(handler, asked, by=who)
    assert stage.call(handlers.list_diaries, ListDiariesRequest(), by=who).diaries == ()
    assert adopt(stage, pen, by=who) == (pen.id, True)
    assert changes(stage, pen, by=who).versions == ()
    assert len(changes(stage, pen).versions) == 1


def test_a_second_diary_is_pointed_to_the_first_or_kept_beside_it(stage: Stage, pen: Pen) -> None:
    """Nothing is lost either way: the one from before stays where it is, and four are the most."""
    second = Pen("second")
    assert adopt(stage, second, by="ada") == (pen.id, False)
    assert adopt(stage, second, by="ada", beside=True) == (second.id, True)
    assert adopt(stage, pen, by="ada") == (second.id, False)
    assert adopt(stage, second, by="ada") == (second.id, True)
    mine = stage.call(handlers.list_diaries, ListDiariesRequest(), by="ada").diaries
    assert [(one.diary_id, one.in_use) for one in mine] == [(second.id, True), (pen.id, False)]
    stage.call(versions.put_versions, pen.put(pen.write("in the old one")), by="ada")
    for name in ("third", "fourth"):
        adopt(stage, Pen(name), by="ada", beside=True)
    with pytest.raises(Full):
        adopt(stage, Pen("fifth"), by="ada", beside=True)


@pytest.mark.parametrize("id_", ["short", "A" * 32, "g" * 32, "a" * 33])
def test_an_id_that_is_none_is_refused(stage: Stage, id_: str) -> None:
    """Only what a device makes at random can be linked."""
    with pytest.raises(Invalid):
        stage.call(handlers.adopt_diary, AdoptDiaryRequest("r", id_), by="bo")


def test_erasing_a_diary_leaves_nothing_of_it(stage: Stage, pen: Pen) -> None:
    """It is gone at once for its owner, and from the store with the next jobs; its id is free again after that."""
    written = [pen.write(str(n)) for n in range(1200)]
    for place in range(0, 1200, 200):
        stage.call(versions.put_versions, pen.put(*written[place : place + 200]), by="ada")
    other = Pen("other")
    adopt(stage, other, by="bo")
    stage.call(versions.put_versions, other.put(other.write("of bo")), by="bo")
    stage.call(handlers.erase_diary, EraseDiaryRequest("e", pen.id), by="ada")
    with pytest.raises(NotFound):
        changes(stage, pen)
    assert stage.call(handlers.list_diaries, ListDiariesRequest(), by="ada").diaries == ()
    stage.do_jobs()
    assert len(stage.all(select(store.VERSION.c.diary_id), str)) == 1
    assert stage.all(select(store.DIARY.c.diary_id), str) == [other.id]
    assert adopt(stage, Pen(), by="ada") == (pen.id, True)


def test_who_came_back_on_a_new_device_neither_reads_nor_destroys_what_was_kept(stage: Stage, pen: Pen) -> None:
    """Whoever had the code in their hands finds everything closed, until it is opened with the person; nothing was lost."""
    stage.call(versions.put_versions, pen.put(written := pen.write("before")), by="ada")
    stage.clock.advance(days=1)
    stage.hear(EarlierClosed("return", "ada", stage.clock.now()))
    closed: tuple[tuple[Any, object], ...] = (
        (handlers.list_diaries, ListDiariesRequest()),
        (versions.list_changes, ListChangesRequest(pen.id)),
        (versions.put_versions, pen.put(pen.delete(written))),
        (handlers.erase_diary, EraseDiaryRequest("e", pen.id)),
        (handlers.adopt_diary, AdoptDiaryRequest("a", Pen("new").id, beside=True)),
    )
    for handler, request in closed:
        with pytest.raises(StillClosed):
            stage.call(handler, request, by="ada")
    stage.hear(EarlierClosed("return", "ada", None))
    assert [one.sealed for one in changes(stage, pen).versions] == [written.encoded()]


def test_a_diary_needs_no_consent_and_no_group(stage: Stage) -> None:
    """Whoever is signed in has one, also when nobody has consented to anything, and when every role has ended."""
    stage.give("gone", Role.PARTICIPANT, ScopeKind.GROUP, OAK.group_id, until=stage.clock.now())
    for who in (STRANGER, "gone"):
        pen = Pen(who)
        assert adopt(stage, pen, by=who) == (pen.id, True)
        stage.call(versions.put_versions, pen.put(pen.write("here")), by=who)


def test_one_person_cannot_fill_the_store() -> None:
    """More bytes than allowed, over all diaries of a person, or more versions within an hour: refused, nothing kept."""
    settings = DiarySettings(most_bytes=1_048_576, most_versions_an_hour=200)
    with Stage(mewe_feature(), settings=settings) as stage:
        pen, other = Pen(), Pen("other")
        adopt(stage, pen, by="ada")
        adopt(stage, other, by="ada", beside=True)
        large = [pen.write("x" * 60_000) for _ in range(15)]
        stage.call(versions.put_versions, pen.put(*large[:14]), by="ada")
        head = pen.head
        with pytest.raises(Full):
            stage.call(versions.put_versions, pen.put(*large[14:], pen.write("y" * 60_000)), by="ada")
        with pytest.raises(Full):
            stage.call(versions.put_versions, other.put(*(other.write("x" * 60_000) for _ in range(2))), by="ada")
        pen.head = head
        stage.call(versions.put_versions, pen.put(*(pen.delete(one) for one in large[:2])), by="ada")
        head = pen.head
        with pytest.raises(TooFast):
            stage.call(versions.put_versions, pen.put(*(pen.write("s") for _ in range(185))), by="ada")
        stage.clock.advance(hours=1)
        pen.head = head
        stage.call(versions.put_versions, pen.put(*(pen.write("s") for _ in range(80))), by="ada")


def test_no_time_of_an_entry_is_kept(stage: Stage, pen: Pen) -> None:
    """A diary knows the hour in which it was linked; a version knows its place."""
    stage.clock.advance(minutes=17, seconds=3)
    adopt(stage, other := Pen("other"), by="bo")
    stage.call(versions.put_versions, other.put(other.write("now")), by="bo")
    assert {one % 3_600_000_000 for one in stage.all(select(store.DIARY.c.adopt_time), int)} == {0}
    assert {one % 3600 for one in stage.all(select(store.PACE.c.hour), int)} == {0}
    assert not [name for name in (one.name for one in store.VERSION.columns) if "time" in name or name.endswith("_at")]
