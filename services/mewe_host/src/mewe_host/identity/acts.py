"""The book of acts: what is done to a country from outside its calls, by operators and by starting hosts.

A file of JSON lines beside the folder of keys, readable by its owner alone, that only grows. It holds which signing keys were
the country's and since when, who looked into or exported whose data, and where a chain of the audit was begun anew. Each line
holds the mark of the line before it in its own keyed hash, and is signed: so no line can be changed, removed or put elsewhere.
That no last line is cut off is for the audit of the features: each records how long the book is, and its mark.
"""

import fcntl
import json
import os
import pwd
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import evolve, field, frozen
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import PublicKey
from mewe_core.kit.values import micros, moment
from whenever import Instant, TimeDelta

from mewe_host.identity import folder, signing
from mewe_host.identity.folder import KeyFault
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.kms import Kms

NAME = "audit-acts"

SIGNING_KEY = "signing key"
"""The act by which a key becomes the country's: ``id``, ``x``, ``y``."""

STILL_GOOD = TimeDelta(hours=24 * 7)
"""How long hosts may go on with a key that was replaced, until somebody starts them again."""

_EARLIER = TimeDelta(hours=1)
_PURPOSE = "audit act"

Said = Mapping[str, str | int]


@frozen
class Act:
    """A line of the book: something that somebody did. ``mark`` is what the next line goes on from."""

    number: int
    kind: str
    said: Said
    at: int
    by: str
    key_id: str
    signature: str = ""
    mark: str = ""

    @property
    def moment(self) -> Instant:
        """When it was done."""
        return moment(self.at)

    def text(self, name: str) -> str:
        """What it says under a name; empty if it does not."""
        return str(self.said.get(name, ""))


@frozen
class SigningKey:
    """A key that was the country's: from ``since`` (None: from before the book was begun) until the next came."""

    key: PublicKey
    since: Instant | None
    until: Instant | None
    vouched: bool
    """Whether the key before it signed for it; the first has none before it."""

    def could_sign(self, at: int) -> bool:
        """Whether it was the country's at a moment in microseconds, allowing for clocks and for hosts not yet started again."""
        begun = self.since is None or at >= micros(self.since - _EARLIER)
        return begun and (self.until is None or at <= micros(self.until + STILL_GOOD))


@frozen
class Book:
    """What a book holds: the acts that are as they were written, and for each line that is not, why."""

    file: Path
    acts: Sequence[Act] = ()
    wrong: Sequence[str] = ()
    marks: Sequence[str] = field(default=(), repr=False)
    """The mark of each line, whole or not: what the audit of the features has recorded."""

    @property
    def id(self) -> str:
        """What tells this book from every other: its first mark. Empty for a book that was never begun."""
        return self.marks[0] if self.marks else ""

    @property
    def keys(self) -> list[SigningKey]:
        """The signing keys in the order in which they came."""
        found = [act for act in self.acts if act.kind == SIGNING_KEY]
        keys = []
        for place, act in enumerate(found):
            since = act.moment if place else None
            until = found[place + 1].moment if place + 1 < len(found) else None
            vouched = not place or act.key_id != act.text("id")
            keys.append(SigningKey(_public(act.said), since, until, vouched))
        return keys

    def of(self, kind: str) -> list[Act]:
        """The acts of a kind, in order."""
        return [act for act in self.acts if act.kind == kind]


def beside(keys_folder: Path) -> Path:
    """The book that belongs to a key folder: ``audit-acts`` beside it."""
    return keys_folder.absolute().parent / NAME


def operator() -> str:
    """Who runs this program, as the machine knows them."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    before = os.environ.get("SUDO_USER", "")
    return f"{before} as {name}" if before and before != name else name


def enter(file: Path, kind: str, said: Said, keys: FileKeys, now: Instant, *, by: str | None = None) -> Act:
    """Write an act, and return when it is on disk; a line that a power cut left unfinished is taken away first.

    Raises KeyFault if it cannot be written, or if ``keys`` hold a signing key that was replaced since they were opened: what
    cannot be entered is not to be done.
    """
    with _writing(file, keys) as handle:
        return _entered(handle, file, kind, said, keys, now, by=by)


def change_signing_key(keys_folder: Path, keys: FileKeys, now: Instant, kms: Kms | None = None) -> PublicKey:
    """Have a new signing key in place of that of ``keys``, which signs for it in the book: both, or neither.

    Raises KeyFault.
    """
    file = beside(keys_folder)
    with _writing(file, keys) as handle, FileKeys.replaced_signing_key(keys_folder, kms):
        key = FileKeys.of(keys_folder, keys.country, kms).public_key()
        _entered(handle, file, SIGNING_KEY, key_said(key), keys, now)
    return key


def know_signing_keys(file: Path, keys: FileKeys) -> Book:
    """Have keys of the past verify what they have signed; the book is only read. Raises KeyFault if it cannot be."""
    book = read(file, keys)
    keys.know(one.key for one in book.keys)
    return book


def enter_signing_key(file: Path, keys: FileKeys, now: Instant) -> None:
    """At each start of a host: the key in the folder is the country's newest, also if somebody put it there by hand."""
    known = know_signing_keys(file, keys).keys
    if not known or known[-1].key != keys.public_key():
        enter(file, SIGNING_KEY, key_said(keys.public_key()), keys, now, by="host")


def key_said(key: PublicKey) -> Said:
    """How a key stands in the book."""
    return {"id": key.id, "x": key.x, "y": key.y}


def read(file: Path, keys: FileKeys) -> Book:
    """What a book holds; nothing, if it is not there. A last line without an end is being written, and left out.

    Raises KeyFault if it cannot be read.
    """
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        content = b""
    except OSError as fault:
        raise KeyFault(f"the book of acts {file} cannot be read: {fault.strerror}") from fault
    return _read(file, content, keys)


def _read(file: Path, content: bytes, keys: FileKeys) -> Book:
    acts: list[Act] = []
    marks: list[str] = []
    wrong: list[str] = []
    public: dict[str, PublicKey] = {}
    newest, before = "", ""
    for number, line in enumerate(content.split(b"\n")[:-1], 1):
        act = _parsed(line)
        marks.append("" if act is None else act.mark)
        fault = "was changed" if act is None else _fault(act, number, before, newest, public, keys)
        before = marks[-1]
        if act is None or fault is not None:
            wrong.append(f"line {number} {fault}")
            continue
        acts.append(act)
        if act.kind == SIGNING_KEY:
            newest = act.text("id")
            public[newest] = _public(act.said)
    return Book(file, acts, wrong, marks)


def _fault(act: Act, number: int, before: str, newest: str, public: Mapping[str, PublicKey], keys: FileKeys) -> str | None:
    said = _told(act, before)
    if act.number != number or keys.digest(_PURPOSE, said) != act.mark:
        return "was changed, or lines before it were removed or put elsewhere, or these are not the keys it was made with"
    key = public.get(act.key_id)
    if act.kind == SIGNING_KEY and act.key_id == act.text("id"):
        key = _public(act.said)
    elif act.key_id != newest:
        key = None
    if key is None:
        return f"was signed with the key {act.key_id}, which was not the country's then"
    return None if signing.verified(key, keys.country, _PURPOSE, said, act.signature) else "bears a wrong signature"


@contextmanager
def _writing(file: Path, keys: FileKeys) -> Iterator[int]:
    """The book, and nobody else writing it or changing the signing key."""
    try:
        handle = os.open(file, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)  # let go of with the file
            if not keys.is_in_use():
                raise KeyFault("the signing key was changed at this moment. Nothing was done: run this again")
            yield handle
        finally:
            os.close(handle)
    except OSError as fault:
        raise KeyFault(f"the book of acts {file} cannot be written: {fault.strerror}. Nothing was done") from fault


def _entered(handle: int, file: Path, kind: str, said: Said, keys: FileKeys, now: Instant, *, by: str | None = None) -> Act:
    content = file.read_bytes()
    book = _read(file, content, keys)
    if kind == SIGNING_KEY and book.keys and book.keys[-1].key.id == said["id"]:
        return book.of(SIGNING_KEY)[-1]  # another process was first
    whole = content.rfind(b"\n") + 1
    os.ftruncate(handle, whole)
    bare = Act(len(book.marks) + 1, kind, dict(said), micros(now), by or operator(), keys.public_key().id)
    told = _told(bare, book.marks[-1] if book.marks else "")
    act = evolve(bare, signature=keys.sign(_PURPOSE, told), mark=keys.digest(_PURPOSE, told))
    try:
        with open(handle, "ab", closefd=False) as writing:
            writing.write(_line(act))
        os.fsync(handle)
        if not content:
            folder.settle(file.parent)
    except OSError:
        os.ftruncate(handle, whole)
        raise
    return act


def _line(act: Act) -> bytes:
    told = {"number": act.number, "kind": act.kind, "said": act.said, "at": act.at, "by": act.by}
    return json.dumps({**told, "key": act.key_id, "signature": act.signature, "mark": act.mark}).encode() + b"\n"


def _parsed(line: bytes) -> Act | None:
    try:
        told = json.loads(line)
        said = told["said"]
        if not all(isinstance(key, str) and type(value) in (str, int) for key, value in said.items()):
            return None
        texts = [str(told[name]) for name in ("kind", "by", "key", "signature", "mark")]
        kind, by, key, signature, mark = texts
        act = Act(int(told["number"]), kind, said, int(told["at"]), by, key, signature, mark)
        return act if _line(act) == line + b"\n" else None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _told(act: Act, before: str) -> bytes:
    return json.dumps([before, act.number, act.kind, sorted(act.said.items()), act.at, act.by, act.key_id]).encode()


def _public(said: Said) -> PublicKey:
    return PublicKey(str(said.get("id")), Hexadecimal(str(said.get("x"))), Hexadecimal(str(said.get("y"))))
