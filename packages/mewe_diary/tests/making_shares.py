"""Vectors of shared copies and of handing over."""

from cryptography.hazmat.primitives.asymmetric import ec
from mewe_diary.envelope import (
    Head,
    Remembered,
    Version,
    hand_over,
    key_id,
    key_words,
    open_version,
    point,
    seal_entry,
    share_entry,
)
from mewe_diary.envelope.content import members

from .drawn import AUTUMN, DIARY, FIRST, NOW, UNTIL, Drawn, known

ELSEWHERE = known("another share", 16)


def leader(name: str) -> ec.EllipticCurvePrivateKey:
    """A leader's key."""
    return ec.derive_private_key(int.from_bytes(known(name, 32), "big") % 2**255, ec.SECP256R1())


def shared_version() -> Version:
    """What is shared."""
    return open_version(DIARY, seal_entry(DIARY, FIRST, AUTUMN, Drawn("shared version")))


def shares() -> dict[str, object]:
    """To one and to two leaders; copies that must not open."""
    leaders = [leader("lena"), leader("omar"), leader("a stranger")]
    points = [point(one.public_key()) for one in leaders]
    cases = []
    for name, count in (("to one leader", 1), ("to two leaders", 2)):
        drawn = Drawn(f"share {name}")
        share = share_entry(DIARY.name, shared_version(), points[:count], UNTIL, drawn)
        cases.append(
            {
                "name": name,
                "recipients": [one.hex() for one in points[:count]],
                "until": share.until,
                "random": drawn.log,
                "share_id": share.id.hex(),
                "share": share.encoded().hex(),
            }
        )
    two = bytes.fromhex(str(cases[1]["share"]))
    asked = {"share_id": cases[1]["share_id"], "leader": "lena", "now": NOW.timestamp(unit="millisecond")}
    body = 91 + 64
    return {
        "diary": {"id": DIARY.name.id.hex(), "country": "SE"},
        "entry_id": FIRST.hex(),
        "version": shared_version().hash.hex(),
        "says": members(AUTUMN),
        "leaders": [
            {
                "name": name,
                "private": f"{one.private_numbers().private_value:064x}",
                "point": public.hex(),
                "key_id": key_id("SE", public).hex(),
                "words": key_words(key_id("SE", public)),
            }
            for name, one, public in zip(("lena", "omar", "stranger"), leaders, points, strict=True)
        ],
        "shares": cases,
        "refused": [
            {"name": "a stranger", **asked, "leader": "stranger", "share": two.hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "another share", **asked, "share_id": ELSEWHERE.hex(), "share": two.hex(), "reason": "DOES_NOT_OPEN"},
            {
                "name": "the moment it ends",
                **asked,
                "now": UNTIL.timestamp(unit="millisecond"),
                "share": two.hex(),
                "reason": "EXPIRED",
            },
            {"name": "a later end", **asked, "share": _flipped(two, 88).hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "of another entry", **asked, "share": _flipped(two, 34).hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "of another version", **asked, "share": _flipped(two, 50).hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "of another diary", **asked, "share": _flipped(two, 18).hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "another encapsulated point", **asked, "share": _flipped(two, body + 70).hex(), "reason": "DOES_NOT_OPEN"},
            {
                "name": "the two sealed keys in each other's place",
                **asked,
                "share": (two[:body] + two[body + 113 : body + 226] + two[body : body + 113] + two[body + 226 :]).hex(),
                "reason": "DOES_NOT_OPEN",
            },
            {"name": "the last bit", **asked, "share": _flipped(two, len(two) - 1).hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "a byte short", **asked, "share": two[:-1].hex(), "reason": "MALFORMED"},
            {
                "name": "an end behind the year 9999",
                **asked,
                "share": (two[:82] + b"\xff" * 8 + two[90:]).hex(),
                "reason": "MALFORMED",
            },
            {"name": "no recipient", **asked, "share": (two[:90] + b"\0" + two[91:]).hex(), "reason": "MALFORMED"},
            {"name": "another kind", **asked, "share": (b"\1\1" + two[2:]).hex(), "reason": "MALFORMED"},
        ],
    }


def hand_overs() -> dict[str, object]:
    """With and without a head; parcels that must not open."""
    cases = []
    last = Remembered(7, known("head 7", 32))
    for name, head in (("with a head", last), ("with nothing yet", None)):
        drawn = Drawn(f"hand-over {name}")
        given: Remembered | Head | None = head
        shown, parcel = hand_over(DIARY, given, NOW, drawn)
        cases.append(
            {
                "name": name,
                "now": NOW.timestamp(unit="millisecond"),
                "counter": head.counter if head else 0,
                "head": (head.head if head else bytes(32)).hex(),
                "random": drawn.log,
                "shown": shown.encoded(),
                "parcel": parcel.hex(),
            }
        )
    shown_, parcel = str(cases[0]["shown"]), bytes.fromhex(str(cases[0]["parcel"]))
    asked = {"shown": shown_, "now": NOW.timestamp(unit="millisecond")}
    late = NOW.timestamp(unit="millisecond") + 600_000
    return {
        "diary": {"id": DIARY.name.id.hex(), "country": "SE", "key": DIARY.key.hex()},
        "hand_overs": cases,
        "refused": [
            {"name": "ten minutes later", **asked, "now": late, "parcel": parcel.hex(), "reason": "EXPIRED"},
            {"name": "a later end", **asked, "parcel": _flipped(parcel, 24).hex(), "reason": "DOES_NOT_OPEN"},
            {"name": "the parcel of another", **asked, "parcel": cases[1]["parcel"], "reason": "DOES_NOT_OPEN"},
            {"name": "another secret", **asked, "shown": cases[1]["shown"], "parcel": parcel.hex(), "reason": "DOES_NOT_OPEN"},
            {
                "name": "another country",
                **asked,
                "shown": shown_.replace(":SE:", ":NL:"),
                "parcel": parcel.hex(),
                "reason": "DOES_NOT_OPEN",
            },
            {
                "name": "an end behind the year 9999",
                **asked,
                "parcel": (parcel[:18] + b"\xff" * 8 + parcel[26:]).hex(),
                "reason": "MALFORMED",
            },
            {"name": "a byte short", **asked, "parcel": parcel[:-1].hex(), "reason": "MALFORMED"},
            {"name": "another kind", **asked, "parcel": (b"\1\1" + parcel[2:]).hex(), "reason": "MALFORMED"},
        ],
        "malformed_codes": [
            {"name": name, "shown": said, "reason": "MALFORMED"}
            for name, said in {
                "nothing": "",
                "an invitation": "mewe:SE:bako-fimo",
                "a letter short": shown_[:-1],
                "a later protocol": shown_.replace(":1:", ":2:"),
                "another alphabet": shown_[:-1] + "+",
            }.items()
        ],
    }


def _flipped(given: bytes, at: int) -> bytes:
    return given[:at] + bytes((given[at] ^ 1,)) + given[at + 1 :]
