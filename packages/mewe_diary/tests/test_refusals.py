"""The vectors as another implementation reads them: what opens says what is written there, what must be refused is."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mewe_diary import envelope
from mewe_diary.envelope import Diary, DiaryName, Handed, Sealed, Stub
from mewe_diary.envelope.content import members, of_members, read_entry, read_tombstone, write_entry
from mewe_diary.envelope.encoding import padded, unpadded
from whenever import Instant

from .making import FOLDER

Case = dict[str, Any]
SE = "SE"


def read(file: str, part: str) -> list[Case]:
    """The cases of a part of a file."""
    return cast(list[Case], json.loads((Path(FOLDER) / f"{file}.json").read_text("utf-8"))[part])


def cases(file: str, part: str) -> pytest.MarkDecorator:
    """Each case of a part, by its name."""
    listed = read(file, part)
    return pytest.mark.parametrize("case", listed, ids=[str(case.get("name", at)) for at, case in enumerate(listed)])


def diary(file: str) -> Diary:
    """The diary of a file."""
    said = json.loads((Path(FOLDER) / f"{file}.json").read_text("utf-8"))["diary"]
    return Diary(DiaryName(bytes.fromhex(said["id"]), said["country"]), bytes.fromhex(said["key"]))


def whole(given: str) -> Sealed:
    """A whole version."""
    sealed = envelope.parse(bytes.fromhex(given))
    assert isinstance(sealed, Sealed)
    return sealed


def moment(milliseconds: int) -> Instant:
    """A moment as the vectors say it."""
    return Instant.from_timestamp(milliseconds, unit="millisecond")


def refused(reason: str, act: Callable[[], object]) -> None:
    """It is refused with this reason, and the error says nothing else."""
    with pytest.raises(envelope.EnvelopeError) as error:
        act()
    assert (error.value.reason, str(error.value), error.value.__cause__) == (reason, reason, None)


@cases("texts", "contents")
def test_a_content_is_read(case: Case) -> None:
    """And is what was written."""
    content = read_entry(bytes.fromhex(case["json"]))
    assert members(content) == case["members"]
    assert unpadded(padded(write_entry(content))) == write_entry(content)


@cases("texts", "unreadable")
def test_what_is_no_content_is_unreadable(case: Case) -> None:
    """However near it comes."""
    refused("UNREADABLE", lambda: read_entry(bytes.fromhex(case["json"])))


@cases("texts", "no_tombstones")
def test_what_is_no_tombstone_is_unreadable(case: Case) -> None:
    """There is one way to say a moment."""
    refused("UNREADABLE", lambda: read_tombstone(bytes.fromhex(case["json"])))


@cases("texts", "badly_padded")
def test_what_is_badly_padded_is_unreadable(case: Case) -> None:
    """There is one way to pad."""
    refused("UNREADABLE", lambda: unpadded(bytes.fromhex(case["plain"])))


def test_a_text_too_long_is_refused() -> None:
    """With its own reason, before anything is sealed."""
    said = {**read("texts", "contents")[2]["members"], "text": "a" * 65533}
    drawn = list[int]()

    def draw(bytes_: int) -> bytes:
        drawn.append(bytes_)
        return bytes(bytes_)

    refused("ENTRY_TOO_LONG", lambda: envelope.seal_entry(diary("versions"), bytes(16), of_members(said), draw))
    assert drawn == []


@cases("words", "typed")
def test_recovery_words_are_read_however_they_are_typed(case: Case) -> None:
    """In any case, with anything between."""
    assert envelope.read_recovery_words(case["typed"]).hex() == case["entropy"]


@cases("words", "wrong")
def test_a_slip_of_the_pen_is_found(case: Case) -> None:
    """Before anything is tried."""
    refused("RECOVERY_WORDS_WRONG", lambda: envelope.read_recovery_words(case["typed"]))


@cases("locks", "locks")
def test_a_lock_opens(case: Case) -> None:
    """With what it was made for."""
    lock, name = envelope.read_lock(bytes.fromhex(case["lock"])), diary("locks").name
    if case["way"] == "passphrase":
        assert envelope.open_with_passphrase(name, lock, case["passphrase"]) == diary("locks")
        refused("MALFORMED", lambda: envelope.open_with_material(name, lock, bytes(32)))
    else:
        assert envelope.open_with_material(name, lock, bytes.fromhex(case["material"])) == diary("locks")
        refused("DOES_NOT_OPEN", lambda: envelope.open_with_material(name, lock, bytes(32)))
        refused("MALFORMED", lambda: envelope.open_with_passphrase(name, lock, "any words at all"))


@cases("locks", "do_not_open")
def test_a_wrong_passphrase_and_a_changed_lock_look_the_same(case: Case) -> None:
    """One reason for both."""
    lock, name = envelope.read_lock(bytes.fromhex(case["lock"])), diary("locks").name
    refused("DOES_NOT_OPEN", lambda: envelope.open_with_passphrase(name, lock, case["passphrase"]))


@cases("locks", "do_not_open_in")
def test_a_lock_is_of_one_diary_in_one_country(case: Case) -> None:
    """Elsewhere its own passphrase does not open it."""
    lock, name = envelope.read_lock(bytes.fromhex(case["lock"])), DiaryName(bytes.fromhex(case["id"]), case["country"])
    refused("DOES_NOT_OPEN", lambda: envelope.open_with_passphrase(name, lock, case["passphrase"]))


@cases("locks", "malformed")
def test_a_lock_out_of_bounds_is_not_tried(case: Case) -> None:
    """Neither one that is too cheap to guess at nor one that would exhaust the device."""
    refused("MALFORMED", lambda: envelope.read_lock(bytes.fromhex(case["lock"])))


@cases("versions", "versions")
def test_a_version_opens(case: Case) -> None:
    """It says what was written, and has the name that the next one knows it by."""
    version = envelope.open_version(diary("versions"), whole(case["version"]))
    said = members(version.content) if version.content else {"deleted_at": case["says"]["deleted_at"]}
    assert said == case["says"]
    assert (version.header.number, [one.hex() for one in version.header.parents]) == (case["number"], case["parents"])
    stub = envelope.parse(bytes.fromhex(case["stub"]))
    assert isinstance(stub, Stub)
    assert stub.hash.hex() == version.hash.hex() == case["hash"]


@cases("versions", "do_not_open")
def test_a_changed_version_does_not_open(case: Case) -> None:
    """Whichever part of it is another."""
    refused("DOES_NOT_OPEN", lambda: envelope.open_version(diary("versions"), whole(case["version"])))


@cases("versions", "malformed")
def test_what_is_no_version_is_malformed(case: Case) -> None:
    """And is not tried."""
    refused("MALFORMED", lambda: envelope.parse(bytes.fromhex(case["version"])))


@cases("heads", "heads")
def test_a_head_opens(case: Case) -> None:
    """It is over its listing, at its place in the chain."""
    head = envelope.open_head(diary("heads"), bytes.fromhex(case["head"]))
    listing = envelope.read_listing(bytes.fromhex(case["listing"]))
    assert (head.counter, head.previous.hex(), head.hash.hex()) == (case["counter"], case["previous"], case["hash"])
    assert (head.root, head.count, head.written_at) == (envelope.root(listing), len(listing), moment(case["written_at"]))


@cases("heads", "do_not_open")
def test_a_changed_head_does_not_open(case: Case) -> None:
    """Nor does one that was made up."""
    refused("DOES_NOT_OPEN", lambda: envelope.open_head(diary("heads"), bytes.fromhex(case["head"])))


@cases("heads", "malformed")
def test_what_is_no_head_is_malformed(case: Case) -> None:
    """And is not tried."""
    refused("MALFORMED", lambda: envelope.open_head(diary("heads"), bytes.fromhex(case["head"])))


@cases("heads", "malformed_listings")
def test_what_is_no_listing_is_malformed(case: Case) -> None:
    """There is one way to write one."""
    refused("MALFORMED", lambda: envelope.read_listing(bytes.fromhex(case["listing"])))


@cases("openings", "openings")
def test_a_diary_opens_as_far_as_it_is_true(case: Case) -> None:
    """What is not is named, and kept aside."""
    handed = [Handed(bytes.fromhex(one["entry_id"]), bytes.fromhex(one["given"])) for one in case["handed"]]
    head, listing, kept = (None if case[one] is None else bytes.fromhex(case[one]) for one in ("head", "listing", "remembered"))
    remembered = None if kept is None else envelope.read_remembered(kept)
    opened = envelope.open_diary(diary("openings"), head, handed, listing, remembered)
    assert {one.hex(): [each.hash.hex() for each in versions] for one, versions in opened.entries.items()} == case["entries"]
    assert sorted(one.hash.hex() for one in opened.aside) == case["aside"]
    assert {(fault.kind.value, fault.entry_id and fault.entry_id.hex()) for fault in opened.faults} == {
        (fault["kind"], fault["entry_id"]) for fault in case["faults"]
    }


def test_every_kind_of_fault_is_among_the_vectors() -> None:
    """Of an entry, of the diary, or both."""
    named = {fault["kind"] for case in read("openings", "openings") for fault in case["faults"]}
    assert named == {kind.value for kind in envelope.FaultKind}


@cases("shares", "refused")
def test_a_copy_that_was_not_made_so_is_refused(case: Case) -> None:
    """To a stranger, of another entry, too late, or changed."""
    leaders = {str(one["name"]): one for one in read("shares", "leaders")}
    key = ec.derive_private_key(int(leaders[case["leader"]]["private"], 16), ec.SECP256R1())

    def act() -> object:
        share = envelope.read_share(SE, bytes.fromhex(case["share"]))
        return envelope.open_share(share, bytes.fromhex(case["share_id"]), key, moment(case["now"]))

    refused(case["reason"], act)


@cases("hand_overs", "hand_overs")
def test_a_parcel_opens(case: Case) -> None:
    """With what the old device shows; and brings what that knows of the head."""
    shown = envelope.read_shown(case["shown"])
    assert shown.encoded() == case["shown"]
    taken, remembered = envelope.take_over(shown, bytes.fromhex(case["parcel"]), moment(case["now"]))
    assert taken == diary("hand_overs")
    known = (remembered.counter, remembered.head.hex()) if remembered else (0, "00" * 32)
    assert known == (case["counter"], case["head"])


@cases("hand_overs", "refused")
def test_another_parcel_is_refused(case: Case) -> None:
    """With the wrong secret, too late, or changed."""
    refused(
        case["reason"],
        lambda: envelope.take_over(envelope.read_shown(case["shown"]), bytes.fromhex(case["parcel"]), moment(case["now"])),
    )


@cases("hand_overs", "malformed_codes")
def test_another_code_is_refused(case: Case) -> None:
    """Before anything is fetched."""
    refused("MALFORMED", lambda: envelope.read_shown(case["shown"]))


@pytest.mark.parametrize(("part", "reason"), [("do_not_open", "DOES_NOT_OPEN"), ("malformed", "MALFORMED")])
def test_what_stays_here_is_what_it_is_called(part: str, reason: str) -> None:
    """A draft does not pass for what is remembered."""
    for case in read("locals", part):
        refused(reason, partial(envelope.open_local, diary("locals"), case["name"], bytes.fromhex(case["sealed"])))


@cases("locals", "locals")
def test_what_stays_here_opens(case: Case) -> None:
    """Under its name."""
    assert envelope.open_local(diary("locals"), case["name"], bytes.fromhex(case["sealed"])).hex() == case["says"]


def test_a_json_that_was_spaced_otherwise_is_imported() -> None:
    """Somebody opened their file and kept it again: it says the same."""
    said = json.loads((Path(FOLDER) / "exports.json").read_text("utf-8"))
    assert envelope.read_json(said["json_spaced_otherwise"].encode()) == envelope.read_json(said["json"].encode())


@cases("exports", "bad_json")
def test_another_json_is_not_imported(case: Case) -> None:
    """Not in part either."""
    refused("IMPORT_MALFORMED", lambda: envelope.read_json(case["file"].encode()))


@cases("exports", "bad_markdown")
def test_another_markdown_is_not_imported(case: Case) -> None:
    """Not in part either."""
    refused("IMPORT_MALFORMED", lambda: envelope.read_markdown(case["file"]))
