"""Vectors of keys, locks, versions, heads and what stays on the device."""

from collections.abc import Iterator

from mewe_diary.envelope import (
    Cost,
    DiaryName,
    Listing,
    Sealed,
    bucket_hashes,
    lock_with_device,
    lock_with_passkey,
    lock_with_passphrase,
    lock_with_recovery,
    open_head,
    passkey_input,
    root,
    seal_entry,
    seal_head,
    seal_local,
    seal_tombstone,
    write_listing,
)
from mewe_diary.envelope.content import members
from mewe_diary.envelope.encoding import LABEL, fields
from mewe_diary.envelope.keys import hkdf

from .drawn import AUTUMN, DIARY, FIRST, NOW, SECOND, SHORT, Drawn, known

PASSPHRASE = "kvällste i köket, 3 koppar ☕"  # noqa: S105
OTHER = DiaryName(known("another diary", 16), "SE")
DIARY_SAID = {"id": DIARY.name.id.hex(), "country": "SE", "key": DIARY.key.hex()}


def locks() -> dict[str, object]:
    """One of each way, what the passphrase is before it is used, and locks that must not open."""
    cases = []
    for name, passphrase, cost in (
        ("words with letters beyond ASCII", PASSPHRASE, Cost()),
        ("more memory, passes and lanes", "tolv tecken är nog", Cost(131_072, 4, 2)),
        ("full width, a ligature, a no-break space around, decomposed", "\u00a0ｋｖäll ﬁnns ka\u0308lla ", Cost()),
    ):
        drawn = Drawn(f"lock {name}")
        lock = lock_with_passphrase(DIARY, passphrase, drawn, cost)
        given = {"passphrase": passphrase, "memory": cost.memory, "passes": cost.passes, "lanes": cost.lanes}
        cases.append({"name": name, "way": "passphrase", **given, "random": drawn.log, "lock": lock.encoded().hex()})
    credential_id, salt, output = known("credential", 32), known("salt", 16), known("prf output", 32)
    drawn = Drawn("lock passkey")
    passkey = lock_with_passkey(DIARY, credential_id, known("lock id", 16), salt, output, drawn)
    cases.append(
        {
            "name": "passkey",
            "way": "passkey",
            "credential_id": credential_id.hex(),
            "lock_id": known("lock id", 16).hex(),
            "salt": salt.hex(),
            "input": passkey_input(DIARY.name, salt).hex(),
            "material": output.hex(),
            "random": drawn.log,
            "lock": passkey.encoded().hex(),
        }
    )
    for way, make, length in (("device", lock_with_device, 32), ("recovery", lock_with_recovery, 16)):
        drawn, material = Drawn(f"lock {way}"), known(f"material {way}", length)
        made = make(DIARY, material, drawn).encoded().hex()
        cases.append({"name": way, "way": way, "material": material.hex(), "random": drawn.log, "lock": made})
    first = bytes.fromhex(str(cases[0]["lock"]))
    return {
        "diary": DIARY_SAID,
        "keys": {
            purpose: hkdf(DIARY.key, DIARY.name.id, fields(LABEL, "key", purpose, "SE")).hex()
            for purpose in ("entry", "head", "local")
        },
        "locks": cases,
        "do_not_open": [
            {"name": "wrong passphrase", "lock": first.hex(), "passphrase": "kvällste i köket, 4 koppar ☕"},
            {"name": "an empty passphrase", "lock": first.hex(), "passphrase": ""},
            {"name": "another salt", "lock": _flipped(first, 20).hex(), "passphrase": PASSPHRASE},
            {"name": "another lock id", "lock": _flipped(first, 3).hex(), "passphrase": PASSPHRASE},
            {"name": "one pass more", "lock": _with(first, 39, b"\0\0\0\4").hex(), "passphrase": PASSPHRASE},
            {"name": "the last bit", "lock": _flipped(first, len(first) - 1).hex(), "passphrase": PASSPHRASE},
        ],
        "do_not_open_in": [
            {"name": "another diary", "id": OTHER.id.hex(), "country": "SE", "lock": first.hex(), "passphrase": PASSPHRASE},
            {
                "name": "another country",
                "id": DIARY.name.id.hex(),
                "country": "NL",
                "lock": first.hex(),
                "passphrase": PASSPHRASE,
            },
        ],
        "malformed": [
            {"name": "nothing", "lock": ""},
            {"name": "another format", "lock": _with(first, 0, b"\2").hex()},
            {"name": "another kind", "lock": _with(first, 1, b"\1").hex()},
            {"name": "way 0", "lock": _with(first, 2, b"\0").hex()},
            {"name": "way 5", "lock": _with(first, 2, b"\5").hex()},
            {"name": "a byte short", "lock": first[:-1].hex()},
            {"name": "a byte long", "lock": (first + b"\0").hex()},
            {"name": "too little memory", "lock": _with(first, 35, (65_535).to_bytes(4, "big")).hex()},
            {"name": "too much memory", "lock": _with(first, 35, (262_145).to_bytes(4, "big")).hex()},
            {"name": "two passes", "lock": _with(first, 39, b"\0\0\0\2").hex()},
            {"name": "eleven passes", "lock": _with(first, 39, b"\0\0\0\x0b").hex()},
            {"name": "no lane", "lock": _with(first, 43, b"\0").hex()},
            {"name": "five lanes", "lock": _with(first, 43, b"\5").hex()},
            {"name": "a passkey without an id", "lock": _with(passkey.encoded(), 35, b"\0\0").hex()},
        ],
        "too_short": {"passphrase": "  elva tecken  ", "reason": "PASSPHRASE_TOO_SHORT"},
        "too_long": {"letters": 1025, "reason": "PASSPHRASE_TOO_LONG"},
    }


def versions() -> dict[str, object]:
    """Written, changed on two devices, merged, deleted; and versions that must not open."""
    chain = list(_chain())
    first, second = chain[0][1].encoded(), chain[1][1].encoded()
    other, _ = _made("another entry", SECOND, ())
    wrapped = slice(23, 83)
    return {
        "diary": DIARY_SAID,
        "versions": [
            {
                "name": name,
                "entry_id": sealed.header.entry_id.hex(),
                "kind": sealed.header.kind.name.lower(),
                "number": sealed.header.number,
                "parents": [one.hex() for one in sealed.header.parents],
                "says": said,
                "random": drawn.log,
                "version": sealed.encoded().hex(),
                "stub": sealed.stub().encoded().hex(),
                "hash": sealed.hash.hex(),
            }
            for name, sealed, said, drawn in chain
        ],
        "do_not_open": [
            {"name": f"bit 0 of byte {at} is another", "version": _flipped(first, at).hex()}
            for at in (2, 17, 23, 34, 35, 82, 83, 94, 95, len(first) - 1)
        ]
        + [
            {"name": "an entry that is called a tombstone", "version": _with(first, 1, b"\2").hex()},
            {"name": "the wrapped key of another entry", "version": (first[:23] + other.encoded()[wrapped] + first[83:]).hex()},
            {"name": "the content of another entry", "version": (first[:83] + other.encoded()[83:]).hex()},
            {"name": "the id of another entry", "version": _with(first, 2, SECOND).hex()},
            {"name": "another parent", "version": _with(second, 23, known("parent", 32)).hex()},
            {"name": "another bucket", "version": (first[: 95 + 1024] + bytes(1024) + first[-16:]).hex()},
        ],
        "malformed": [
            {"name": "nothing", "version": ""},
            {"name": "another format", "version": _with(first, 0, b"\2").hex()},
            {"name": "another kind", "version": _with(first, 1, b"\3").hex()},
            {"name": "a byte short", "version": first[:-1].hex()},
            {"name": "a byte long", "version": (first + b"\0").hex()},
            {"name": "number 0", "version": _with(first, 18, bytes(4)).hex()},
            {"name": "number 2 without a parent", "version": _with(first, 18, b"\0\0\0\2").hex()},
            {"name": "number 1 with a parent", "version": _with(second, 18, b"\0\0\0\1").hex()},
            {"name": "three parents", "version": _with(second, 22, b"\3").hex()},
            {"name": "the header alone", "version": first[:23].hex()},
        ],
    }


def heads() -> dict[str, object]:
    """Listings with their roots, a chain of heads, and heads that must not open."""
    chain = [sealed for _, sealed, _, _ in _chain()]
    many = {known(f"many {number}", 16): frozenset({known(f"hash {number}", 32)}) for number in range(1000)}
    one = {FIRST: frozenset({chain[0].hash})}
    two = {FIRST: frozenset({chain[1].hash, chain[2].hash}), SECOND: frozenset({known("hash", 32)})}
    sealed, last, links = [], None, []
    for number, listing in enumerate(({}, one, two)):
        drawn = Drawn(f"head {number}")
        sealed.append(seal_head(DIARY, listing, last, NOW, drawn))
        last = open_head(DIARY, sealed[-1])
        links.append(
            {
                "listing": write_listing(listing).hex(),
                "counter": last.counter,
                "previous": last.previous.hex(),
                "written_at": NOW.timestamp(unit="millisecond"),
                "random": drawn.log,
                "head": sealed[-1].hex(),
                "hash": last.hash.hex(),
            }
        )
    listings: tuple[Listing, ...] = ({}, one, two, many)
    return {
        "diary": DIARY_SAID,
        "listings": [
            {
                "listing": write_listing(listing).hex(),
                "count": len(listing),
                "bucket_0": bucket_hashes(listing)[0].hex(),
                f"bucket_{FIRST[0]}": bucket_hashes(listing)[FIRST[0]].hex(),
                "root": root(listing).hex(),
            }
            for listing in listings
        ],
        "malformed_listings": [
            {"name": "cut off", "listing": write_listing(one)[:-1].hex()},
            {"name": "no hash", "listing": (FIRST + b"\0").hex()},
            {"name": "an entry twice", "listing": (write_listing(one) * 2).hex()},
            {"name": "in another order", "listing": b"".join(_leaf(key, two) for key in sorted(two, reverse=True)).hex()},
            {"name": "a hash twice", "listing": (FIRST + b"\2" + chain[0].hash * 2).hex()},
            {"name": "hashes in another order", "listing": (FIRST + b"\2" + b"\2" * 32 + b"\1" * 32).hex()},
        ],
        "heads": links,
        "do_not_open": [
            {"name": f"bit 0 of byte {at} is another", "head": _flipped(sealed[1], at).hex()} for at in (9, 10, 41, 42, 54, 113)
        ],
        "malformed": [
            {"name": "nothing", "head": ""},
            {"name": "a byte short", "head": sealed[1][:-1].hex()},
            {"name": "a byte long", "head": (sealed[1] + b"\0").hex()},
            {"name": "another kind", "head": _with(sealed[1], 1, b"\1").hex()},
            {"name": "counter 0", "head": _with(sealed[0], 2, bytes(8)).hex()},
            {"name": "a counter beyond 53 bits", "head": _with(sealed[1], 2, b"\0\x20" + bytes(6)).hex()},
            {"name": "counter 1 after another", "head": _with(sealed[1], 9, b"\1").hex()},
            {"name": "counter 2 after none", "head": _with(sealed[0], 9, b"\2").hex()},
        ],
    }


def locals_() -> dict[str, object]:
    """What stays on the device."""
    cases = []
    for name, said in (("draft/" + FIRST.hex(), "ett utkast 🙂".encode()), ("remembered", b"")):
        drawn = Drawn(f"local {name}")
        sealed = seal_local(DIARY, name, said, drawn)
        cases.append({"name": name, "says": said.hex(), "random": drawn.log, "sealed": sealed.hex()})
    first = str(cases[0]["sealed"])
    return {
        "diary": DIARY_SAID,
        "locals": cases,
        "do_not_open": [
            {"name": "remembered", "sealed": first},
            {"name": cases[0]["name"], "sealed": _flipped(bytes.fromhex(first), 14).hex()},
        ],
        "malformed": [
            {"name": "remembered", "sealed": "0107"},
            {"name": cases[0]["name"], "sealed": first[: 2 * (2 + 12 + 15)]},
            {"name": "remembered", "sealed": "0101" + first[4:]},
        ],
    }


def _made(name: str, entry_id: bytes, parents: tuple[Sealed, ...]) -> tuple[Sealed, Drawn]:
    drawn = Drawn(f"version {name}")
    return seal_entry(DIARY, entry_id, AUTUMN, drawn, parents), drawn


def _chain() -> Iterator[tuple[str, Sealed, object, Drawn]]:
    written, drawn = _made("written", FIRST, ())
    yield "written", written, members(AUTUMN), drawn
    changed, drawn = _made("changed", FIRST, (written,))
    yield "changed", changed, members(AUTUMN), drawn
    drawn = Drawn("version changed elsewhere")
    elsewhere = seal_entry(DIARY, FIRST, SHORT, drawn, (written,))
    yield "changed elsewhere", elsewhere, members(SHORT), drawn
    merged, drawn = _made("merged", FIRST, (changed, elsewhere))
    yield "merged", merged, members(AUTUMN), drawn
    drawn = Drawn("version deleted")
    yield "deleted", seal_tombstone(DIARY, FIRST, NOW, drawn, (merged,)), {"deleted_at": "2026-11-22T22:10:05Z"}, drawn


def _leaf(entry_id: bytes, listing: dict[bytes, frozenset[bytes]]) -> bytes:
    return write_listing({entry_id: listing[entry_id]})


def _flipped(given: bytes, at: int) -> bytes:
    return _with(given, at, bytes((given[at] ^ 1,)))


def _with(given: bytes, at: int, other: bytes) -> bytes:
    return given[:at] + other + given[at + len(other) :]
