"""Where versions stand: nothing is newest that is followed, nothing is followed but by a child, nothing is lost."""

from itertools import permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mewe_core.kit.errors import Invalid
from mewe_diary import rules
from mewe_diary.errors import Full, HeadMoved, TooFast
from mewe_diary.headers import NOTHING, HeadHeader, ParcelHeader, VersionHeader
from mewe_diary.rules import Newest, counted, hour, may_adopt, may_follow, may_leave, placed
from whenever import Instant, TimeDelta

NOW = Instant.from_utc(2026, 11, 22, 22, 10, 5)


def version(id_: str, *parents: str, entry: str = "e") -> VersionHeader:
    """A version of an entry that follows others."""
    return VersionHeader(id_, entry, 1, tuple(sorted(parents)), False, b"stub")


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[VersionHeader], list[int]]:
    """Versions of three entries, each following up to two earlier ones of its own, and where the requests are cut."""
    made = list[VersionHeader]()
    for number in range(draw(st.integers(1, 14))):
        entry = draw(st.sampled_from("abc"))
        earlier = [one.version_id for one in made if one.entry_id == entry]
        parents = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        made.append(version(f"{number:02}", *parents, entry=entry))
    return made, sorted(draw(st.lists(st.integers(0, len(made)), max_size=3)))


def newest_of(made: list[VersionHeader]) -> set[str]:
    """As the protocol says it: those that no other one names."""
    named = {(one.entry_id, parent) for one in made for parent in one.parent_ids}
    return {one.version_id for one in made if (one.entry_id, one.version_id) not in named}


@given(histories())
def test_after_any_requests_the_newest_are_those_that_nothing_follows(history: tuple[list[VersionHeader], list[int]]) -> None:
    """However the versions are cut into requests; what is answered as a conflict is exactly what does not stand alone."""
    made, cuts = history
    newest, kept = dict[str, VersionHeader](), list[VersionHeader]()
    for start, end in zip([0, *cuts], [*cuts, len(made)], strict=True):
        put = made[start:end]
        done = placed([Newest(one.entry_id, id_, one.parent_ids) for id_, one in newest.items()], frozenset(), put)
        kept += put
        newest = {id_: one for id_, one in newest.items() if id_ not in done.followed}
        newest |= {one.version_id: one for one, is_newest in done.added if is_newest}
        assert set(newest) == newest_of(kept)
        beside = [any(o.entry_id == one.entry_id and id_ != one.version_id for id_, o in newest.items()) for one in put]
        assert list(done.conflicts) == beside


@given(histories())
def test_what_is_there_already_is_left_as_it_is(history: tuple[list[VersionHeader], list[int]]) -> None:
    """All of it again adds nothing and follows nothing that was newest."""
    made, _ = history
    names = newest_of(made)
    newest = [Newest(one.entry_id, one.version_id, one.parent_ids) for one in made if one.version_id in names]
    done = placed(newest, frozenset(one.version_id for one in made), made)
    assert (done.added, done.followed) == ((), frozenset())


def test_the_order_within_a_request_changes_nothing() -> None:
    """A chain and a fork, in every order."""
    put = [version("1"), version("2", "1"), version("3", "2"), version("4", "2")]
    for order in permutations(put):
        done = placed([], frozenset(), order)
        assert {one.version_id for one, is_newest in done.added if is_newest} == {"3", "4"}


def test_a_parent_of_another_entry_is_none() -> None:
    """Nobody can have an entry's words destroyed by a version of another."""
    done = placed([Newest("other", "x", ())], frozenset(), [version("1", "x")])
    assert done.followed == frozenset()


def test_an_entry_has_255_newest_at_most() -> None:
    """As many as a leaf can name; one that follows one of them is let in."""
    there = [Newest("e", f"{n:03}", ()) for n in range(255)]
    with pytest.raises(Full):
        placed(there, frozenset(), [version("new")])
    assert placed(there, frozenset(), [version("new", "000")]).conflicts == (True,)


@pytest.mark.parametrize(("counter", "previous", "present"), list(product(range(4), ("", "a", "b", NOTHING.hex()), range(3))))
def test_a_head_follows_only_the_one_that_is_there(counter: int, previous: str, present: int) -> None:
    """Its counter one higher, its hash the present one's; the very same is no news; all else is refused."""
    head = HeadHeader("h", counter, previous)
    follows = counter == present + 1 and previous == ("a" if present else NOTHING.hex())
    if follows:
        assert may_follow(head, present, "a")
    else:
        with pytest.raises(HeadMoved):
            may_follow(head, present, "a")
    assert not may_follow(HeadHeader("a", counter, previous), present or 1, "a")


@pytest.mark.parametrize(("count", "beside", "known"), list(product(range(6), (False, True), (False, True))))
def test_a_diary_is_linked_where_there_is_none_or_beside(count: int, beside: bool, known: bool) -> None:
    """Up to four; one that is there is never linked again."""
    mine = [f"{n:032x}" for n in range(count)]
    asked = mine[-1] if known and mine else "f" * 32
    if asked in mine or (mine and not beside):
        assert not may_adopt(asked, mine, beside=beside)
    elif count >= rules.MOST_DIARIES:
        with pytest.raises(Full):
            may_adopt(asked, mine, beside=beside)
    else:
        assert may_adopt(asked, mine, beside=beside)


@given(st.integers(0, 50), st.integers(1, 50), st.integers(0, 3))
def test_an_hour_has_so_many_and_the_next_as_many_again(count: int, more: int, hours: int) -> None:
    """What was counted an hour ago or earlier is not counted any more."""
    now = NOW + TimeDelta(hours=hours)
    there = count if hours == 0 else 0
    if there + more > 50:
        with pytest.raises(TooFast):
            counted(hour(NOW).timestamp(), count, more, 50, now)
    else:
        assert counted(hour(NOW).timestamp(), count, more, 50, now) == (hour(now).timestamp(), there + more)


@given(st.integers(-3_600_000, 3_600_000))
def test_a_parcel_stays_ten_minutes_at_most(milliseconds: int) -> None:
    """Also where a device's clock is ahead; one that is over is refused."""
    expires = NOW + TimeDelta(milliseconds=milliseconds)
    if milliseconds <= 0:
        with pytest.raises(Invalid):
            may_leave(ParcelHeader("p", expires), NOW)
    else:
        assert may_leave(ParcelHeader("p", expires), NOW) == min(expires, NOW + TimeDelta(minutes=10))
