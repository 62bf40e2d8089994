"""What sealing promises beyond the vectors: of texts of any kind, of keys, of time."""

import time
from collections.abc import Iterable
from time import process_time

import pytest
from attrs import evolve
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from hypothesis import given, settings
from hypothesis import strategies as draw
from mewe_core.kit.strategies import texts
from mewe_diary.envelope import (
    Content,
    DoesNotOpen,
    Exported,
    Handed,
    Malformed,
    Mood,
    PassphraseTooLong,
    PassphraseTooShort,
    Sealed,
    Tag,
    Unreadable,
    Way,
    exported,
    imported,
    listing_with,
    lock_with_passphrase,
    new_diary,
    open_diary,
    open_share,
    open_version,
    open_with_passphrase,
    parse,
    point,
    read_json,
    read_listing,
    read_markdown,
    read_recovery_words,
    recovery_words,
    seal_entry,
    seal_head,
    seal_tombstone,
    share_entry,
    write_json,
    write_listing,
    write_markdown,
)
from mewe_diary.envelope.hpke import ORDER, seal_to
from whenever import Instant

from tests.extent import extent

from .drawn import AUTUMN, DIARY, FIRST, NOW, SECOND, SHORT, UNTIL, Drawn, known
from .making_seals import PASSPHRASE
from .making_shares import leader, shared_version

WRITTEN = draw.one_of(texts(300), draw.text(draw.characters(exclude_categories=["Cs"]), max_size=300))
CONTENTS = draw.builds(
    Content,
    text=WRITTEN.filter(lambda text: not any("\ud800" <= letter <= "\udfff" for letter in text)),
    written_at=draw.integers(0, 4_000_000_000).map(Instant.from_timestamp),
    zone=draw.sampled_from(["UTC", "Europe/Stockholm", "America/St_Johns", "Not/Known"]),
    mood=draw.none() | draw.sampled_from(Mood),
    tags=draw.frozensets(draw.sampled_from(Tag)),
    prompt=draw.none() | draw.from_regex(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,20}", fullmatch=True),
)
IDS = draw.binary(min_size=16, max_size=16)


@settings(deadline=None)
@given(CONTENTS, IDS)
def test_whatever_is_written_opens_as_it_was(content: Content, entry_id: bytes) -> None:
    """Letter for letter, on a device that has the key; on no other."""
    sealed = parse(seal_entry(DIARY, entry_id, content, Drawn("any")).encoded())
    assert open_version(DIARY, sealed).said == content  # type: ignore[arg-type]
    for stranger in (evolve(DIARY, key=known("k", 32)), evolve(DIARY, name=evolve(DIARY.name, country="NL"))):
        with pytest.raises(DoesNotOpen):
            open_version(stranger, sealed)  # type: ignore[arg-type]


@settings(deadline=None)
@given(draw.lists(draw.builds(Exported, IDS, CONTENTS), max_size=5))
def test_an_export_reads_back_equal(entries: list[Exported]) -> None:
    """As JSON and as Markdown, whatever stands in the texts."""
    key = lambda one: (one.content.written_at, one.entry_id, repr(one.members()))  # noqa: E731
    assert sorted(read_json(write_json("SE", entries)), key=key) == sorted(entries, key=key)
    assert sorted(read_markdown(write_markdown(entries)), key=key) == sorted(entries, key=key)


def test_an_import_takes_what_is_not_there_and_replaces_nothing() -> None:
    """Into a new diary everything, the same as it was; again nothing; what says something else becomes a conflict."""
    draw_, there = Drawn("import"), new_diary("SE", Drawn("new"))
    entries = [Exported(FIRST, AUTUMN), Exported(SECOND, SHORT), Exported(SECOND, AUTUMN)]
    empty = open_diary(there, None, [])
    first = imported(there, empty, [*entries, entries[0]], draw_)
    opened = open_diary(there, seal_head(there, listing_with({}, first), None, NOW, draw_), _handed(first))
    assert write_json("SE", exported(opened)) == write_json("SE", entries)
    assert opened.conflicts == {SECOND}
    assert imported(there, opened, read_markdown(write_markdown(exported(opened))), draw_) == ()
    gone = seal_tombstone(there, FIRST, NOW, draw_, opened.current[FIRST])
    listing = listing_with(listing_with({}, first), [gone])
    kept = [one for one in first if one.header.entry_id != FIRST]
    without = open_diary(there, seal_head(there, listing, None, NOW, draw_), _handed([*kept, gone]), write_listing(listing))
    assert without.faults == ()
    assert without.deleted == frozenset({FIRST})
    assert [one.header.entry_id for one in imported(there, without, entries, draw_)] == [FIRST]


@given(draw.binary(min_size=16, max_size=16))
def test_recovery_words_say_every_secret(entropy: bytes) -> None:
    """All 128 bits of it."""
    assert read_recovery_words(recovery_words(entropy)) == entropy


@settings(deadline=None)
@given(draw.binary(max_size=400))
def test_bytes_of_any_kind_are_refused_and_no_more(given_: bytes) -> None:
    """Whatever a server hands over, a diary is opened and the faults are named."""
    opened = open_diary(DIARY, given_, [Handed(FIRST, given_)], given_, None)
    assert opened.faults
    assert opened.current == {}


def test_a_lone_surrogate_is_no_text() -> None:
    """It has no bytes in UTF-8."""
    with pytest.raises(Unreadable):
        Content("\ud83d", NOW, "UTC")


def test_two_entries_of_the_same_words_have_nothing_in_common() -> None:
    """Each has a key and nonces of its own."""
    draw_, name = Drawn("same"), 18
    one, other = (seal_entry(DIARY, FIRST, AUTUMN, draw_).encoded() for _ in range(2))
    assert one[:name] == other[:name]
    pieces = [{each[at : at + 8] for at in range(23, len(each) - 8)} for each in (one, other)]
    assert pieces[0] & pieces[1] == set()


def test_a_mood_alone_is_as_long_as_a_page() -> None:
    """The server learns the bucket, and not which tombstone hides how much."""
    draw_ = Drawn("sizes")
    lengths = {len(seal_entry(DIARY, FIRST, content, draw_).encoded()) for content in (SHORT, AUTUMN)}
    lengths.add(len(seal_tombstone(DIARY, FIRST, NOW, draw_).encoded()))
    assert lengths == {2 + 16 + 4 + 1 + 60 + 12 + 1024 + 16}


def test_a_version_follows_those_of_its_own_entry() -> None:
    """At most two of them."""
    draw_ = Drawn("parents")
    first = seal_entry(DIARY, FIRST, AUTUMN, draw_)
    with pytest.raises(ValueError, match="same entry"):
        seal_entry(DIARY, SECOND, AUTUMN, draw_, [first])
    three = [seal_entry(DIARY, FIRST, AUTUMN, draw_, [first]) for _ in range(3)]
    with pytest.raises(ValueError, match="at most two"):
        seal_entry(DIARY, FIRST, AUTUMN, draw_, three)


@pytest.mark.parametrize(("passphrase", "fault"), [("elva tecken", PassphraseTooShort), ("a" * 1025, PassphraseTooLong)])
def test_a_passphrase_has_its_bounds(passphrase: str, fault: type[Exception]) -> None:
    """Twelve letters at least, spaces around them not counted."""
    with pytest.raises(fault):
        lock_with_passphrase(DIARY, f"  {passphrase} ", Drawn("lock"))


def test_a_wrong_passphrase_takes_as_long_as_the_right_one() -> None:
    """Also one that no lock can have: the whole derivation is done before anything is said."""
    lock = lock_with_passphrase(DIARY, PASSPHRASE, Drawn("lock"))

    def seconds(passphrase: str) -> float:
        began = time.process_time()
        try:
            open_with_passphrase(DIARY.name, lock, passphrase)
        except DoesNotOpen:
            assert passphrase != PASSPHRASE
        return time.process_time() - began

    right = min(seconds(PASSPHRASE) for _ in range(2))
    for wrong in ("kvällste i köket, 4 koppar ☕", "", "a", "\ud800"):
        assert min(seconds(wrong) for _ in range(2)) > right / 2


def test_every_way_has_a_name_in_the_protocol() -> None:
    """The name is part of what its key is derived from."""
    assert [way.name.lower() for way in Way] == ["passphrase", "passkey", "device", "recovery"]


def test_a_copy_opens_for_whom_it_was_made_until_its_time() -> None:
    """For each of them, and with the words that were shared."""
    leaders = [leader("lena"), leader("omar")]
    share = share_entry(DIARY.name, shared_version(), [point(one.public_key()) for one in leaders], UNTIL, Drawn("share"))
    last = UNTIL.subtract(milliseconds=1)
    assert [open_share(share, share.id, one, last) for one in leaders] == [AUTUMN] * 2


def test_a_tombstone_is_not_shared() -> None:
    """There is nothing to say."""
    tombstone = open_version(DIARY, seal_tombstone(DIARY, FIRST, NOW, Drawn("t")))
    with pytest.raises(ValueError, match="is shared"):
        share_entry(DIARY.name, tombstone, [point(leader("lena").public_key())], UNTIL, Drawn("share"))


def test_a_point_that_is_none_gets_no_copy() -> None:
    """Not on the curve, at infinity, or compressed."""
    compressed = b"\2" + point(leader("lena").public_key())[1:33]
    for public in (b"\4" + b"\1" * 64, b"\0", compressed, b""):
        with pytest.raises(Malformed):
            share_entry(DIARY.name, shared_version(), [public], UNTIL, Drawn("share"))


def test_what_is_sealed_to_a_key_is_hpke() -> None:
    """The library, which seals by itself, opens what is sealed here; with another key or context it does not."""
    suite, key = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM), leader("lena")
    sealed = seal_to(point(key.public_key()), b"said", b"context", Drawn("hpke"))
    assert suite.decrypt(sealed, key, info=b"context") == b"said"
    assert len(sealed) == len(suite.encrypt(b"said", key.public_key(), info=b"context"))


def test_a_scalar_that_is_none_is_drawn_again() -> None:
    """Zero, and what is beyond the order of the curve."""
    scalars = iter([bytes(32), ORDER.to_bytes(32, "big"), b"\xff" * 32, (1).to_bytes(32, "big")])
    sealed = seal_to(point(leader("lena").public_key()), b"said", b"", lambda _: next(scalars))
    assert sealed[:65] == point(ec.derive_private_key(1, ec.SECP256R1()).public_key())


def test_nothing_tells_a_key_or_a_text() -> None:
    """What is printed by mistake says neither."""
    version = open_version(DIARY, seal_entry(DIARY, FIRST, AUTUMN, Drawn("any")))
    assert "Mamma" not in repr(version)
    assert repr(DIARY.key) not in repr(DIARY)
    assert new_diary("SE", Drawn("new")) != new_diary("SE", Drawn("other"))


def _handed(versions: Iterable[Sealed]) -> list[Handed]:
    return [Handed(one.header.entry_id, one.encoded()) for one in versions]


def test_a_thousand_entries_open_within_a_second() -> None:
    """Sealed within three, of 2 KB each; in processor time, so that others at work here do not count."""
    draw_, content = Drawn("speed"), evolve(AUTUMN, text="å" * 1024)
    count = extent(1000, 10_000)
    began = time.process_time()
    versions = [seal_entry(DIARY, known(f"e{number}", 16), content, draw_) for number in range(count)]
    listing = listing_with({}, versions)
    head = seal_head(DIARY, listing, None, NOW, draw_)
    handed = _handed(versions)
    sealed = time.process_time()
    opened = open_diary(DIARY, head, handed, write_listing(listing))
    assert len(opened.entries) == count
    assert sealed - began <= 3 * count / 1000
    assert time.process_time() - sealed <= 1 * count / 1000


def test_a_long_listing_is_read_in_no_time() -> None:
    """As long as a server may make it: each byte is looked at once."""
    listing = {number.to_bytes(16, "big"): frozenset({number.to_bytes(32, "big")}) for number in range(40_000)}
    given, begun = write_listing(listing), process_time()
    assert read_listing(given) == listing
    assert process_time() - begun < 3
