"""What one implementation of the diary seals the other opens: Python and TypeScript, both ways, over files."""

import json
import random
import subprocess
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from mewe_diary.envelope import (
    Content,
    Diary,
    DiaryName,
    Handed,
    exported,
    hand_over,
    lock_with_passphrase,
    open_diary,
    open_with_passphrase,
    read_json,
    read_lock,
    read_markdown,
    read_shown,
    seal_entry,
    seal_head,
    take_over,
    write_json,
    write_listing,
    write_markdown,
)
from mewe_diary.envelope.content import members, of_members
from whenever import Instant

from tests.extent import extent

WEB = Path(__file__).resolve().parents[1]
SCRIPT = WEB / "packages/diary/dist/test/across.js"
ENTRIES = extent(240, 2000)
NOW = Instant.from_utc(2026, 11, 22, 21, 30)
ALPHABETS = (
    "abc \n",
    "åäöÅÄÖß",
    "👩🏽\u200d🦽🇸🇪🙂",
    "e\u0301a\u030ao\u0308",
    "שלום\u202eمرحبا",
    '"\\\b\t\r\f\x00\x1f\x7f',
    "\u2028\u2029\ufeff\uffff",
    "漢字かな",
)
LONGEST = 65_532 - 104


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    """The package as it is now."""
    subprocess.run(["npx", "tsc", "-b", "packages/diary"], cwd=WEB, check=True, capture_output=True)  # noqa: S607


def said(draw: random.Random, number: int) -> dict[str, Any]:
    """Something that an entry can say; the first ones are the edges."""
    length = {0: 0, 1: LONGEST}.get(number, draw.randrange(600))
    alphabet = "a" if number == 1 else draw.choice(ALPHABETS)
    moment = Instant.from_timestamp(draw.randrange(0, 4_000_000_000))
    return {
        "mood": None if number == 1 else draw.choice([None, 1, 2, 3, 4, 5]),
        "prompt": None if number == 1 else draw.choice([None, "me-we/session-2/annoying-thoughts"]),
        "tags": sorted(draw.sample(["advisor", "discoverer", "noticer", "values"], draw.randrange(5) if number > 1 else 0)),
        "text": "".join(draw.choices(alphabet, k=length)),
        "written_at": moment.format_iso().replace("+00:00", "Z"),
        "zone": "UTC" if number == 1 else draw.choice(["Europe/Stockholm", "Pacific/Chatham", "Etc/GMT+3", "Middle/Earth"]),
    }


@pytest.fixture(scope="module")
def plain() -> dict[str, Any]:
    """What the diary is to say: entries, some of them written twice."""
    draw = random.Random(seed := random.SystemRandom().randrange(2**32))  # noqa: S311
    print(f"seed {seed}")  # noqa: T201
    entries = [
        {"entry_id": token_bytes(16).hex(), "contents": [said(draw, number) for _ in range(1 + number % 2)]}
        for number in range(ENTRIES)
    ]
    named = {"id": token_bytes(16).hex(), "country": "SE", "key": token_bytes(32).hex()}
    return {"diary": named, "passphrase": " en lång åsna ② ", "now": NOW.timestamp(unit="millisecond"), "entries": entries}


def across(does: str, given: object, folder: Path) -> Any:
    """What the other implementation makes of it."""
    (folder / "from.json").write_text(json.dumps(given))
    command = ["node", str(SCRIPT), does, str(folder / "from.json"), str(folder / "to.json")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    return json.loads((folder / "to.json").read_text())


def diary_of(plain: dict[str, Any]) -> Diary:
    """The open diary."""
    named = plain["diary"]
    return Diary(DiaryName(bytes.fromhex(named["id"]), named["country"]), bytes.fromhex(named["key"]))


def sealed(plain: dict[str, Any]) -> dict[str, Any]:
    """The same, sealed in Python."""
    diary, last, current = diary_of(plain), None, []
    for one in plain["entries"]:
        last = None
        for content in one["contents"]:
            last = seal_entry(diary, bytes.fromhex(one["entry_id"]), of_members(content), token_bytes, (last,) if last else ())
        assert last is not None
        current.append((bytes.fromhex(one["entry_id"]), last))
    listing = {entry_id: frozenset({version.hash}) for entry_id, version in current}
    head = seal_head(diary, listing, None, NOW, token_bytes)
    shown, parcel = hand_over(diary, None, NOW, token_bytes)
    says = exported(open_diary(diary, head, [Handed(entry_id, version.encoded()) for entry_id, version in current]))
    return {
        "versions": [{"entry_id": entry_id.hex(), "version": version.encoded().hex()} for entry_id, version in current],
        "head": head.hex(),
        "listing": write_listing(listing).hex(),
        "lock": lock_with_passphrase(diary, plain["passphrase"], token_bytes).encoded().hex(),
        "shown": shown.encoded(),
        "parcel": parcel.hex(),
        "json": write_json(plain["diary"]["country"], says).decode(),
        "markdown": write_markdown(says),
    }


def test_typescript_opens_what_python_sealed(plain: dict[str, Any], tmp_path: Path) -> None:
    """Lock, hand-over, head, listing and every entry; both exports say the same."""
    given = sealed(plain)
    opened = across("open", {"plain": plain, "sealed": given}, tmp_path)
    assert opened["keys"] == [plain["diary"]["key"]] * 2
    assert opened["faults"] == []
    assert opened["entries"] == {one["entry_id"]: [one["contents"][-1]] for one in plain["entries"]}
    assert opened["json"] == opened["markdown"] == json.loads(given["json"])["entries"]


def test_python_opens_what_typescript_sealed(plain: dict[str, Any], tmp_path: Path) -> None:
    """The other way round."""
    given = across("seal", plain, tmp_path)
    diary = diary_of(plain)
    assert open_with_passphrase(diary.name, read_lock(bytes.fromhex(given["lock"])), plain["passphrase"]) == diary
    assert take_over(read_shown(given["shown"]), bytes.fromhex(given["parcel"]), NOW) == (diary, None)
    handed = [Handed(bytes.fromhex(one["entry_id"]), bytes.fromhex(one["version"])) for one in given["versions"]]
    opened = open_diary(diary, bytes.fromhex(given["head"]), handed, bytes.fromhex(given["listing"]))
    assert opened.faults == ()
    contents: dict[str, list[Content | None]] = {
        entry_id.hex(): [version.content for version in versions] for entry_id, versions in opened.entries.items()
    }
    assert contents == {one["entry_id"]: [of_members(one["contents"][-1])] for one in plain["entries"]}
    assert read_json(given["json"].encode()) == read_markdown(given["markdown"])
    assert given["json"].encode() == write_json(plain["diary"]["country"], exported(opened))
    assert given["markdown"] == write_markdown(exported(opened))
    assert members(read_json(given["json"].encode())[0].content)["zone"]
