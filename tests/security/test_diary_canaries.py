"""A thousand entries sealed on a device and kept by a real service: nobody reads one of them with everything that it has."""

import base64
import shutil
from collections.abc import Iterator
from pathlib import Path
from secrets import token_bytes

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.security.canaries import Backup, told
from tests.security.country import Country, running

pytest.importorskip("mewe_diary")

from mewe_diary.envelope import (
    Content,
    Diary,
    EnvelopeError,
    Sealed,
    lock_with_passphrase,
    new_diary,
    open_head,
    open_version,
    parse,
    seal_entry,
    seal_head,
)
from mewe_diary.headers import KEY, NONCE, WRAP

COUNT, BATCH = 1000, 50
MARK = "kanariefågel"


@pytest.fixture(scope="module")
def country() -> Iterator[Country]:
    """A service on files, in one process."""
    with running() as country:
        yield country


@pytest.fixture(scope="module")
def diary(country: Country) -> Diary:
    """A thousand entries, each with a canary, put by the API; and a lock."""
    made, do = new_diary("SE", token_bytes), country.do
    token, now = country.national.token, country.here.clock.now()
    diary_id, head, listing = made.name.id.hex(), None, dict[bytes, frozenset[bytes]]()
    do(token, "AdoptDiary", diary_id=diary_id)
    for start in range(0, COUNT, BATCH):
        versions = list[bytes]()
        for number in range(start, start + BATCH):
            content = Content(f"{MARK} {number}: {'jag såg den i dag ' * 20}", now, "UTC")
            sealed = seal_entry(made, token_bytes(16), content, token_bytes)
            listing[sealed.header.entry_id] = frozenset({sealed.hash})
            versions.append(sealed.encoded())
        given = seal_head(made, listing, head, now, token_bytes)
        head = open_head(made, given)
        do(token, "PutVersions", diary_id=diary_id, versions=versions, head=given)
    lock = lock_with_passphrase(made, "en lång mening som ingen annan kan", token_bytes)
    do(token, "PutLock", diary_id=diary_id, sealed=lock.encoded())
    return made


def kept(country: Country, diary: Diary) -> list[Sealed]:
    """Everything that the service gives of it."""
    found, cursor, more = list[Sealed](), 0, True
    while more:
        asked = {"diary_id": diary.name.id.hex(), "after_cursor": cursor, "page_size": 40}
        page = country.do(country.national.token, "ListChanges", **asked)
        found += [one for version in page.versions if isinstance(one := parse(version.sealed), Sealed)]
        cursor, more = page.next_cursor, page.more
    return found


def shapes() -> list[bytes]:
    """A canary as it may stand anywhere: plain, in two encodings, in digits, in base64 at each of its three beginnings."""
    found = []
    for plain in (MARK.encode(), MARK.encode("utf-16-le")):
        found += [plain, plain.hex().encode(), plain.hex().upper().encode()]
        found += [base64.b64encode(b"x" * skip + plain)[4:-4] for skip in range(3)]
    return found


def test_its_owner_reads_every_one(country: Country, diary: Diary) -> None:
    """Or the rest would say nothing."""
    said = {content.text for one in kept(country, diary) if (content := open_version(diary, one).content)}
    assert len(said) == COUNT
    assert all(one.startswith(MARK) for one in said)


def test_nothing_that_the_service_has_or_tells_holds_a_word(country: Country, diary: Diary, tmp_path: Path) -> None:
    """Every file of it (rows, logs of writing, event server, logs, keys), what goes out, and all that its own keys open."""
    here, wanted = country.here, shapes()
    content = {str(file.relative_to(here.folder)): file.read_bytes() for file in here.folder.rglob("*") if file.is_file()}
    assert sum(len(held) for name, held in content.items() if "diary.db" in name) > COUNT * 1000
    content |= told(here)
    opened = Backup.of(here, tmp_path / "rows").opened(here.keys, tmp_path / "keys")
    content |= {f"{place} {number}": words.encode() for number, (place, words) in enumerate(opened)}
    assert {name for name, held in content.items() for one in wanted if one in held} == set()


def test_no_key_of_the_service_opens_one(country: Country, diary: Diary, tmp_path: Path) -> None:
    """Whatever 32 bytes stand anywhere in its keys, taken for any key of the diary: nothing opens."""
    folder = tmp_path / "keys"
    shutil.copytree(country.here.keys, folder)
    files = [file.read_bytes() for file in folder.rglob("*") if file.is_file() and file.stat().st_size < 5_000]
    keys = {held[at : at + KEY] for held in files for at in range(max(0, len(held) - KEY + 1))}
    assert len(keys) > 100
    one = kept(country, diary)[0]
    whole = one.encoded()
    nonces = (one.wrap[:NONCE], one.nonce)
    assert len(one.wrap) == WRAP
    for key in keys | {diary.name.id * 2, bytes(KEY)}:
        for nonce, sealed in zip(nonces, (one.wrap[NONCE:], one.content), strict=True):
            for bound in (None, b"", whole):
                with pytest.raises(InvalidTag):
                    AESGCM(key).decrypt(nonce, sealed, bound)
        with pytest.raises(EnvelopeError):
            open_version(Diary(diary.name, key), one)
