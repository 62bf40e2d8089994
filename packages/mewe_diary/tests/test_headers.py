"""What the server reads of sealed bytes is what the protocol's own implementation says of them; anything else is refused."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from mewe_core.kit.errors import Invalid
from mewe_diary import headers
from mewe_diary.envelope import (
    hand_over,
    key_id,
    lock_with_device,
    lock_with_passkey,
    lock_with_passphrase,
    lock_with_recovery,
    open_version,
    parse,
    point,
    read_lock,
    read_share,
    seal_head,
    seal_local,
    share_entry,
)
from mewe_diary.envelope.errors import Malformed

from .drawn import DIARY, NOW, UNTIL, Drawn, known
from .pen import Pen

VECTORS = Path(__file__).parents[1] / "vectors"


def sealed() -> dict[str, bytes]:
    """One of each kind, sealed for real."""
    pen = Pen("kinds", DIARY)
    first = pen.write("first")
    second, third = pen.write("second", first), pen.write("third", first)
    keys = [point(ec.derive_private_key(n, ec.SECP256R1()).public_key()) for n in (1, 2, 3)]
    draw = Drawn("headers")
    return {
        "version": first.encoded(),
        "changed": second.encoded(),
        "merged": pen.write("x" * 5000, second, third).encoded(),
        "tombstone": pen.delete(second).encoded(),
        "head": seal_head(DIARY, pen.listing, None, NOW, draw),
        "passphrase": lock_with_passphrase(DIARY, "a long passphrase", draw).encoded(),
        "passkey": lock_with_passkey(DIARY, b"credential", known("l", 16), known("s", 16), known("o", 32), draw).encoded(),
        "recovery": lock_with_recovery(DIARY, known("e", 16), draw).encoded(),
        "device": lock_with_device(DIARY, known("d", 32), draw).encoded(),
        "share": share_entry(DIARY.name, open_version(DIARY, first), keys, UNTIL, draw).encoded(),
        "parcel": hand_over(DIARY, None, NOW, draw)[1],
        "local": seal_local(DIARY, "remembered", b"", draw),
    }


SEALED = sealed()
READS: dict[str, tuple[Callable[[bytes, str], object], set[str]]] = {
    "version": (headers.version, {"version", "changed", "merged", "tombstone"}),
    "head": (headers.head, {"head"}),
    "lock": (headers.lock, {"passphrase", "passkey", "recovery"}),
    "share": (headers.share, {"share"}),
    "parcel": (headers.parcel, {"parcel"}),
}


def reads(kind: str, given_: bytes) -> bool:
    """Whether bytes are taken for one of a kind."""
    try:
        READS[kind][0](given_, "sealed")
    except Invalid as refused:
        return not all(one.path == "sealed" for one in refused.fields)
    return True


@pytest.mark.parametrize("kind", READS)
def test_each_is_read_as_what_it_is_and_as_nothing_else(kind: str) -> None:
    """The lock of a device, which never leaves it, is refused with all that is of another kind."""
    assert {name for name, bytes_ in SEALED.items() if reads(kind, bytes_)} == READS[kind][1]


@pytest.mark.parametrize("name", ["version", "changed", "merged", "tombstone"])
def test_a_version_is_known_by_the_same_name(name: str) -> None:
    """Hash, entry, number, parents and stub are those of the devices."""
    mine, theirs = headers.version(SEALED[name], "v"), parse(SEALED[name])
    stub = theirs.stub()  # type: ignore[union-attr]
    assert (mine.version_id, mine.stub, mine.entry_id) == (theirs.hash.hex(), stub.encoded(), theirs.header.entry_id.hex())
    assert (mine.number, mine.deletes) == (theirs.header.number, name == "tombstone")
    assert mine.parent_ids == tuple(one.hex() for one in theirs.header.parents)
    assert not reads("version", mine.stub)


def test_shares_locks_parcels_and_keys_are_too() -> None:
    """Ids, moments and key ids."""
    share = headers.share(SEALED["share"], "s")
    theirs = read_share("SE", SEALED["share"])
    assert (share.share_id, share.key_ids) == (theirs.id.hex(), tuple(one.hex() for one in theirs.key_ids))
    assert share.until == UNTIL
    assert headers.lock(SEALED["passkey"], "l") == read_lock(SEALED["passkey"]).id.hex()
    assert headers.parcel(SEALED["parcel"], "p").expires == NOW.add(minutes=10)
    public = point(ec.derive_private_key(7, ec.SECP256R1()).public_key())
    assert headers.key_id("SE", public) == key_id("SE", public).hex()


@given(st.sampled_from(sorted(SEALED)), st.data())
def test_a_version_that_devices_refuse_is_refused_here_too(name: str, data: st.DataObject) -> None:
    """Cut, lengthened, or changed anywhere in its header: whatever is let in is parsed by a device, as the same version."""
    given_ = bytearray(SEALED[name])
    change = data.draw(st.sampled_from(["cut", "more", "bit"]))
    if change == "cut":
        given_ = given_[: data.draw(st.integers(0, len(given_) - 1))]
    elif change == "more":
        given_ += data.draw(st.binary(min_size=1, max_size=40))
    else:
        given_[data.draw(st.integers(0, min(120, len(given_) - 1)))] ^= 1 << data.draw(st.integers(0, 7))
    if reads("version", bytes(given_)):
        assert headers.version(bytes(given_), "v").version_id == parse(bytes(given_)).hash.hex()
    elif name in READS["version"][1] and change == "bit":
        with pytest.raises(Malformed):
            parse(bytes(given_))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(given_: bytes) -> None:
    """Nothing else happens."""
    for kind in READS:
        reads(kind, given_)


def test_the_vectors_are_read() -> None:
    """Every version and head that the vectors have, whoever made it."""
    found = json.loads((VECTORS / "versions.json").read_text())
    versions = [bytes.fromhex(said) for one in _dicts(found) if isinstance(said := one.get("version"), str)]
    assert versions
    for one in versions:
        try:
            expected = parse(one)
        except Malformed:
            assert not reads("version", one)
        else:
            assert headers.version(one, "v").version_id == expected.hash.hex()


def _dicts(value: object) -> "list[dict[str, object]]":
    if isinstance(value, dict):
        return [value, *(inner for one in value.values() for inner in _dicts(one))]
    return [inner for one in value for inner in _dicts(one)] if isinstance(value, list) else []
