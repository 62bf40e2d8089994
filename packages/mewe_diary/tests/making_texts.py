"""Vectors of what is not sealed: canonical JSON, padding, words, exports."""

import hashlib
import json

from attrs import evolve
from mewe_core.kit import words as kit_words
from mewe_diary.envelope import Content, Exported, Mood, Tag, key_words, recovery_words, write_json, write_markdown
from mewe_diary.envelope.content import members, write_entry, write_tombstone
from mewe_diary.envelope.encoding import fields, padded
from whenever import Instant

from .drawn import AUTUMN, FIRST, NOW, SECOND, SHORT, THIRD, known

SAID = {
    "words, tags and a prompt": AUTUMN,
    "a mood alone": SHORT,
    "nothing at all": evolve(SHORT, mood=None),
    "emoji beyond the first plane, joined and with skin": evolve(SHORT, text="👩🏽‍🦽 och 👨‍👩‍👧‍👦 🇸🇪"),
    "combining characters, composed and not, kept as typed": evolve(SHORT, text="é e\u0301 å a\u030a ẛ̣"),
    "right to left, and marks that turn the direction": evolve(SHORT, text="\u202eשלום\u202c مرحبا"),
    "what JSON escapes": evolve(SHORT, text="\"\\/\b\t\n\f\r\0\x1f\x7f\u2028\u2029<>&'"),
    "lines that end in other ways": evolve(SHORT, text="a\r\nb\rc\n\n"),
    "zero width, byte order mark, not a character": evolve(SHORT, text="\u200b\ufeff\uffff\U0010ffff"),
    "all tags": evolve(SHORT, tags=frozenset(Tag), mood=Mood.GOOD),
    "the first moment": evolve(SHORT, written_at=Instant.from_utc(1, 1, 1)),
    "the last moment": evolve(SHORT, written_at=Instant.from_utc(9999, 12, 31, 23, 59, 59)),
}
WHOLE = '{"mood":null,"prompt":null,"tags":[],"text":"","written_at":"2026-11-22T22:10:05Z","zone":"UTC"}'
NOT_SAID = {
    "empty": "",
    "no object": "[]",
    "not UTF-8": None,
    "a space": WHOLE.replace(",", ", ", 1),
    "another order": WHOLE.replace('"mood":null,"prompt":null', '"prompt":null,"mood":null'),
    "a member too few": WHOLE.replace(',"zone":"UTC"', ""),
    "a member too many": WHOLE.replace("{", '{"a":1,'),
    "a member twice": WHOLE.replace("{", '{"mood":null,'),
    "mood 0": WHOLE.replace("null", "0", 1),
    "mood 6": WHOLE.replace("null", "6", 1),
    "mood 3.0": WHOLE.replace("null", "3.0", 1),
    "mood true": WHOLE.replace("null", "true", 1),
    "a tag twice": WHOLE.replace("[]", '["values","values"]'),
    "tags in another order": WHOLE.replace("[]", '["values","advisor"]'),
    "an unknown tag": WHOLE.replace("[]", '["anger"]'),
    "a tag that is no text": WHOLE.replace("[]", "[[]]"),
    "a text that is none": WHOLE.replace('"text":""', '"text":null'),
    "an escape that need not be": WHOLE.replace('"text":""', '"text":"\\u00e5"'),
    "a lone surrogate": WHOLE.replace('"text":""', '"text":"\\ud83d"'),
    "a thirteenth month": WHOLE.replace("2026-11", "2026-13"),
    "fractions of a second": WHOLE.replace("05Z", "05.5Z"),
    "an offset": WHOLE.replace("05Z", "05+01:00"),
    "a zone with a space": WHOLE.replace("UTC", "U C"),
    "no zone": WHOLE.replace("UTC", ""),
    "a prompt with a space": WHOLE.replace('"prompt":null', '"prompt":"a b"'),
    "a tombstone": '{"deleted_at":"2026-11-22T22:10:05Z"}',
}
"""Texts that no writer makes, and bytes that are none (None)."""

BARE = len(write_entry(evolve(SHORT, mood=None)))
"""Bytes of an entry's JSON without mood and words."""


def texts() -> dict[str, object]:
    """Contents as canonical JSON and padded; what is no content; the edges of the buckets; fields."""
    edges = (1, 1023, 1024, 1025, 2048, 2049, 4097, 8193, 16385, 32769, 65536)
    zeros = padded(write_entry(SHORT))
    return {
        "fields": [
            {"parts": ["MEWE diary 1", "a", ""], "bytes": fields("MEWE diary 1", "a", "").hex()},
            {"parts": ["MEWE diary 1", "", "å🙂"], "bytes": fields("MEWE diary 1", "", "å🙂").hex()},
        ],
        "contents": [
            {
                "name": name,
                "members": members(content),
                "json": write_entry(content).hex(),
                "padded": _digest(padded(write_entry(content))),
            }
            for name, content in SAID.items()
        ],
        "no_tombstones": [
            {"name": name, "json": said.encode().hex()}
            for name, said in {
                "a leap second": '{"deleted_at":"2016-12-31T23:59:60Z"}',
                "midnight as the end of a day": '{"deleted_at":"2026-11-22T24:00:00Z"}',
                "a day that is none": '{"deleted_at":"2026-02-30T00:00:00Z"}',
                "a further member": '{"deleted_at":"2026-11-22T22:10:05Z","mood":null}',
                "no moment": '{"deleted_at":null}',
            }.items()
        ],
        "tombstone": {"deleted_at": "2026-11-22T22:10:05Z", "json": write_tombstone(NOW).hex()},
        "unreadable": [
            {"name": name, "json": b"\xff".hex() if said is None else said.encode().hex()} for name, said in NOT_SAID.items()
        ],
        "buckets": [
            {"letters": size - 4 - BARE, "json_bytes": size - 4, "padded_bytes": len(padded(bytes(size - 4)))}
            for size in edges
            if size - 4 >= BARE
        ],
        "too_long": {"letters": 65533 - BARE, "reason": "ENTRY_TOO_LONG"},
        "badly_padded": [
            {"name": "no byte", "plain": ""},
            {"name": "a byte short", "plain": zeros[:-1].hex()},
            {"name": "a larger bucket than needed", "plain": zeros.ljust(2048, b"\0").hex()},
            {"name": "a byte that is not zero", "plain": (zeros[:-1] + b"\1").hex()},
            {"name": "a length beyond the end", "plain": ((1021).to_bytes(4, "big") + zeros[4:]).hex()},
            {"name": "a length beyond everything", "plain": (b"\xff" * 4 + zeros[4:]).hex()},
        ],
    }


def words() -> dict[str, object]:
    """The list, recovery words, words of a key."""
    entropies = [bytes(16), b"\xff" * 16, bytes(range(16)), *(known(f"entropy {number}", 16) for number in range(4))]
    first = recovery_words(entropies[3]).split("-")
    return {
        "consonants": kit_words.CONSONANTS,
        "vowels": kit_words.VOWELS,
        "left_out": kit_words.LEFT_OUT.split(),
        "count": len(kit_words.words()),
        "sha256_of_all_joined_by_spaces": hashlib.sha256(" ".join(kit_words.words()).encode()).hexdigest(),
        "recovery": [{"entropy": one.hex(), "words": recovery_words(one)} for one in entropies],
        "typed": [
            {"typed": " ".join(first).upper(), "entropy": entropies[3].hex()},
            {"typed": "\n".join(first) + "\n", "entropy": entropies[3].hex()},
            {"typed": ", ".join(word.title() for word in first) + ".\u200b", "entropy": entropies[3].hex()},
        ],
        "wrong": [
            {"name": "nothing", "typed": ""},
            {"name": "thirteen words", "typed": "-".join(first[:13])},
            {"name": "fifteen words", "typed": "-".join([*first, first[0]])},
            {"name": "two words in another order", "typed": "-".join([first[1], first[0], *first[2:]])},
            {"name": "another word", "typed": "-".join([kit_words.words()[0], *first[1:]])},
            {"name": "a word that is left out", "typed": "-".join(["kaka", *first[1:]])},
            {"name": "a digit", "typed": "1 " + "-".join(first)},
            {"name": "a letter that no word has", "typed": "-".join(["båko", *first[1:]])},
            {"name": "a number beyond all", "typed": "-".join([kit_words.words()[-1]] * 14)},
        ],
        "keys": [{"key_id": known(f"key {one}", 32).hex(), "words": key_words(known(f"key {one}", 32))} for one in range(3)],
    }


def exports() -> dict[str, object]:
    """A diary with a conflict, as JSON and Markdown."""
    tricky = "## no heading\n<!-- mewe-diary-entry {} -->\n\n"
    entries = [
        Exported(SECOND, AUTUMN),
        Exported(FIRST, evolve(AUTUMN, text="another text", mood=None)),
        Exported(FIRST, AUTUMN),
        Exported(THIRD, Content(tricky, Instant.from_utc(2026, 7, 1, 3), "America/St_Johns")),
        Exported(known("entry 4", 16), evolve(SHORT, zone="Middle/Earth")),
    ]
    bad_json = {
        "nothing": "",
        "another format": '{"country":"SE","entries":[],"format":"another","version":1}',
        "a later version": '{"country":"SE","entries":[],"format":"mewe-diary-export","version":2}',
        "true in place of the version": '{"country":"SE","entries":[],"format":"mewe-diary-export","version":true}',
        "a country that is none": '{"country":5,"entries":[],"format":"mewe-diary-export","version":1}',
        "a further member": '{"country":"SE","entries":[],"format":"mewe-diary-export","more":1,"version":1}',
        "an entry without an id": '{"country":"SE","entries":[{}],"format":"mewe-diary-export","version":1}',
    }
    said = '"mood":null,"prompt":null,"tags":[],"written_at":"2026-11-22T22:10:05Z","zone":"UTC"'
    comment = '# Diary\n\n<!-- mewe-diary-entry {"entry_id":"%s","lines":%s,' + said + "} -->\n\nwords\n"
    bad_markdown = {
        "more lines than there are": comment % (FIRST.hex(), "9"),
        "no lines": comment % (FIRST.hex(), "0"),
        "no number of lines": comment % (FIRST.hex(), "true"),
        "an id that is none": comment % ("x", "1"),
        "no empty line": (comment % (FIRST.hex(), "1")).replace("-->\n\n", "-->\nwords\n"),
        "not from its beginning": (comment % (FIRST.hex(), "1")).removeprefix("# Diary\n\n"),
        "other ends of lines": write_markdown(entries).replace("\n", "\r\n"),
    }
    return {
        "country": "SE",
        "given": [one.members() for one in entries],
        "json": write_json("SE", entries).decode(),
        "markdown": write_markdown(entries),
        "json_spaced_otherwise": json.dumps(json.loads(write_json("SE", entries)), indent=2) + "\n",
        "bad_json": [{"name": name, "file": file, "reason": "IMPORT_MALFORMED"} for name, file in bad_json.items()],
        "bad_markdown": [{"name": name, "file": file, "reason": "IMPORT_MALFORMED"} for name, file in bad_markdown.items()],
    }


def _digest(plain: bytes) -> dict[str, object]:
    return {"bytes": len(plain), "sha256": hashlib.sha256(plain).hexdigest()}
