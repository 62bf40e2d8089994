"""What people write is heard nowhere but where it belongs, and after an erasure nowhere at all.

Each field that words can be written in gets a canary of its own, in a call that is answered. Then everything that the
deployment has written and told is searched for it, and what is sealed is opened with its own keys.
"""

import base64
import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from tests.extent import extent
from tests.security.canaries import Backup, Ears, canary, told
from tests.security.contract import Rpc, contracts, leaves, sample
from tests.security.country import Country, fresh, furnished
from tests.security.deployment import HAS_CHAT, PATIENCE
from tests.security.planting import Planting, close_all, planted
from tests.waiting import eventually

PUBLIC = {
    "CreateOrganisation.name": "organisations are known by name",
    "PublishConsentText.text": "information is for everybody, without an account",
    "CreateGroup.name": "a group's name is told to all who may join it, and says nothing of anybody",
    "CreateGroup.place": "where a group meets, not who does",
    "CreateGroup.link": "as the place",
    "SetMeeting.place": "as the place of a group",
    "SetMeeting.link": "as the place of a group",
    "PublishSiteReport.name": "a report is for everybody, and says of which place it is",
}
"""Words that are about nobody: they may stand in the database of the feature that they were written to, and nowhere else."""

NOT_KEPT = {
    "PublishCountryReport.names[0].name": "stands beside a figure of at least eight people, which there is none of here"
}
"""Words that are used and kept nowhere."""

NOBODYS: dict[str, str] = {}
"""Fields that nobody can write in yet: a test fails as soon as somebody can."""

WORDLESS = {
    "an id of the caller's own making; letters, digits, - and _": ("request_id",),
    "the id of something": (
        *("room_id", "message_id", "report_id", "text_id", "shared_with_id", "person_id", "group_id", "guardian_id"),
        *("one_guardian_id", "guardian_request_id", "device_session_id", "organisation_id", "invitation_id", "role_grant_id"),
        *("emergency_reading_id", "programme_id", "membership_id", "session_id", "activity_id", "candidate_id"),
        *("certificate_id", "concern_id", "passkey_id", "about_id", "contact_id", "kept_from_id", "talk_request_id"),
        *("diary_id", "lock_id", "parcel_id", "share_id", "reply_to_id", "held_id", "act_id", "complaint_id", "device_id"),
        *("form_id", "study_id"),
    ),
    "a code, a secret or words that the platform made: kept as a keyed hash, and refused if it is none": (
        *("OpenConsentLink.code", "AnswerConsentLink.code", "RedeemInvitation.code", "RefreshSession.session_token"),
        *("EraseMe.session_token", "AllowExport.session_token", "RegisterPasskey.session_token", "RemovePasskey.session_token"),
        *("ConfirmPerson.words", "ReopenEarlier.words"),
    ),
    "what a device or an issuer made: taken apart, and refused if it is not whole": (
        *("device_key.x", "device_key.y", "proof.challenge", "proof.signature"),
        *("RegisterPasskey.credential", "SignInWithPasskey.credential"),
        *("FinishStaffSignIn.state", "FinishStaffSignIn.code", "FinishStaffSignIn.secret", "OpenComplaints.page_token"),
        *("AddDevice.endpoint", "AddDevice.public_key", "AddDevice.secret"),
    ),
    "the version of words that the platform shows: compared, and kept nowhere": (
        *("ShareEntry.words_version", "PutAnswers.wording"),
    ),
    "the name of a question: compared with those that there are": ("PutAnswers.answers[0].item",),
    "a language": (
        *("PublishConsentText.language", "SetEmergencyAddress.language", "CreateGroup.language", "SetContact.language"),
        *("SetOrganisationContact.language", "SetCountryContact.language", "SetSubstitute.language"),
        *(
            "PutAnswers.language",
            "PublishSiteReport.language",
            "PublishCountryReport.language",
            "AddDevice.language",
            "RemoveDevice.language",
            "SetNoticeSettings.language",
            "TestNotice.language",
        ),
    ),
    "a time zone": (
        *("CreateGroup.time_zone", "SetContact.time_zone", "SetOrganisationContact.time_zone"),
        *("SetCountryContact.time_zone", "SetNoticeSettings.time_zone", "SetOpeningHours.hours.zone"),
    ),
    "a date or a time of day": (
        *("SetMyBirthDate.birth_date", "RecordBirthDate.birth_date", "RecordGuardianConsent.signed_on"),
        *("CreateGroup.weekly.first.date", "CreateGroup.weekly.first.time", "CreateGroup.weekly.skipped_dates[0]"),
        *("CreateGroup.explicit.starts[0].date", "CreateGroup.explicit.starts[0].time", "NoteBackgroundCheck.date"),
        *("MoveSession.start.date", "MoveSession.start.time", "MakeUpSession.start.date", "MakeUpSession.start.time"),
        *("SetSubstitute.first_date", "SetSubstitute.last_date", "SetOpeningHours.hours.opens", "SetOpeningHours.hours.closes"),
    ),
}
"""Texts that no words can be written in, by why. The name of a field without that of its RPC stands for it in all of them."""

NEVER_REFUSED = ("AskForHelp.kept_from_id",)
"""Fields without words that are passed over in place of a refusal: nothing may stand in the way of help."""

KEPT_BY_LAW = {
    "safety_concern.sealed_text": "legal_duty",
    "safety_concern.sealed_words": "legal_duty",
    "safety_entry.sealed_text": "legal_duty",
    "programme_emergency_reading.sealed_reason": "legal_duty",
    "chat_report.sealed_copy": "legal_duty",
    "chat_act.sealed_reason": "public_task",
}
"""What outlives an erasure, sealed under keys that are not the person's, and under which rule: the receipt says so."""

THREE_DAYS = 72 * 3600 * 1_000_000
COMPLETED = 4
ERASED = ("participant", "leader", "coordinator", "supervisor", "reader", "second national")

if not HAS_CHAT:
    pytest.skip("the fields of the chat are planted too", allow_module_level=True)


def texts() -> Mapping[str, tuple[Rpc, tuple[str, ...]]]:
    """Every text field of every write RPC, by its name in the lists above."""
    found = {}
    for rpc in contracts().values():
        for leaf in leaves(rpc.request):
            if leaf.is_text and not rpc.reads:
                found[f"{rpc.name}.{leaf.shown}"] = rpc, leaf.path
    return found


def wordless(field: str) -> bool:
    """Whether it stands in the list of texts without words, itself or by its name in every RPC."""
    listed = [one for fields in WORDLESS.values() for one in fields]
    return bool({field, field.partition(".")[2], field.rpartition(".")[2]} & set(listed))


@frozen
class Before:
    """What there was when everything was written, and nobody erased."""

    planting: Planting
    told: Mapping[str, bytes]
    files: tuple[tuple[str, str], ...]
    backup: Backup
    opened: tuple[tuple[str, str], ...]

    @property
    def country(self) -> Country:
        """Where."""
        return self.planting.country


@pytest.fixture(scope="module", params=("in one process", "a process for each feature")[: extent(1, 2)])
def country(request: pytest.FixtureRequest) -> Iterator[Country]:
    """A deployment of its own, since everybody in it is erased; in the long form split into processes as well."""
    with furnished(split=request.param != "in one process") as made:
        yield made
        assert made.here.faults() == []
        assert made.here.is_ready()


@pytest.fixture(scope="module")
def planting(country: Country) -> Planting:
    """Every canary in its place."""
    return planted(country)


@pytest.fixture(scope="module")
def before(planting: Planting, tmp_path_factory: pytest.TempPathFactory) -> Before:
    """Everything that is to be heard while everybody is there."""
    here, folder = planting.country.here, tmp_path_factory.mktemp("before")
    settled(planting.country, "kit_outbox", "published = 0")
    backup, ears = Backup.of(here, folder / "rows"), Ears(tuple(texts()))
    return Before(
        planting, told(here), tuple(ears.in_files(here.folder)), backup, opened(backup, ears, here.keys, folder / "keys")
    )


def settled(country: Country, table: str, left: str) -> None:
    """Wait until no database has such a row."""
    count = f"SELECT count(*) FROM {table} WHERE {left}"
    for file in (country.here.folder / "var" / "data").glob("*.db"):
        with closing(sqlite3.connect(file)) as database:
            eventually(lambda database=database: database.execute(count).fetchone() == (0,), PATIENCE)  # type: ignore[misc]


def opened(backup: Backup, ears: Ears, keys: Path, copy: Path) -> tuple[tuple[str, str], ...]:
    """Pairs of field and place: the canaries that a folder of keys brings to light."""
    return tuple((field, place) for place, words in backup.opened(keys, copy) for field in ears.heard(words.encode()))


def test_the_shapes_of_a_canary_are_heard_wherever_they_begin() -> None:
    """The ears hear."""
    ears = Ears(("PostMessage.text", "AskForHelp.text"))
    for skipped in range(7):
        said = b"x" * skipped + canary("PostMessage.text").encode() + b"y" * 5
        for content in (
            said,
            base64.b64encode(said),
            base64.urlsafe_b64encode(said),
            said.hex().encode(),
            said.hex().upper().encode(),
        ):
            assert ears.heard(b"before " + content + b" behind") == {"PostMessage.text"}
    assert ears.heard(canary("NoteConcern.text").encode()) == set()


def test_every_text_is_planted_or_cannot_hold_words(planting: Planting) -> None:
    """A new RPC is not forgotten: its words are planted, or it is said why there are none."""
    fields = set(texts())
    assert planting.written | {one for one in fields if wordless(one)} | set(NOBODYS) == fields
    assert {one for one in planting.written if wordless(one)} == set()
    ends = {end for one in fields for end in (one, one.partition(".")[2], one.rpartition(".")[2])}
    assert {one for listed in WORDLESS.values() for one in listed} <= ends
    assert set(PUBLIC) <= planting.written


def test_nothing_that_goes_out_has_a_canary(before: Before) -> None:
    """No log, no metric, no page, no event in a stream."""
    assert {"log", "pages", "EVENTS_SE_chat", "STATE_SE_people"} <= set(before.told)
    assert all(before.told[one] for one in ("log", "pages", "EVENTS_SE_chat", "STATE_SE_people"))
    ears = Ears(tuple(texts()))
    assert {where: heard for where, content in before.told.items() if (heard := ears.heard(content))} == {}


def test_on_disk_there_is_only_what_is_public(before: Before) -> None:
    """In no file of the deployment, its logs of changes included; what is about nobody, in its own feature's database alone."""
    areas = {f"{rpc.name}": rpc.area for rpc in before.country.rpcs.values()}
    places: dict[str, set[str]] = {}
    for field, file in before.files:
        places.setdefault(field, set()).add(file.removesuffix("-wal"))
    assert places == {one: {f"var/data/{areas[one.partition('.')[0]]}.db"} for one in PUBLIC}


def test_what_is_not_public_is_sealed_and_there(before: Before) -> None:
    """The deployment's keys open each of them: what was not heard on disk was written there all the same."""
    sealed = {field for field, place in before.opened if not place.startswith("kit_")}
    assert sealed == before.planting.written - set(PUBLIC) - set(NOT_KEPT)


def test_who_cannot_write_words_yet_still_cannot(before: Before) -> None:
    """Nobody who is there is answered."""
    for field in NOBODYS:
        rpc, path = texts()[field]
        ids = {**before.country.own.ids, "person_id": before.planting.people["participant"].id}
        for one in before.planting.people.values():
            asked = sample(rpc.request, {**ids, "request_id": fresh()}, path, canary(field)) | {"untold": True}
            assert before.country.ask(one.token, rpc.name, **asked).code == "NOT_FOUND"


def test_words_where_none_belong_are_refused_and_leave_no_trace(before: Before) -> None:
    """Whoever writes them: what cannot hold words does not."""
    country, answered = before.country, set()
    fields = [one for one in texts() if wordless(one)]
    callers = [before.planting.people[one].token for one in ("national", "coordinator", "leader", "participant")]
    for field in fields:
        rpc, path = texts()[field]
        for token in (*callers, ""):
            ids = {**country.own.ids, "request_id": fresh()}
            outcome = country.ask(token, rpc.name, **sample(rpc.request, ids, path, f"{canary(field)} it"))
            answered |= {field} if outcome.code == "OK" else set()
    close_all(before.planting)
    assert answered == set(NEVER_REFUSED)
    settled(country, "kit_outbox", "published = 0")
    ears = Ears(tuple(fields))
    assert list(ears.in_files(country.here.folder)) == []
    assert {where: heard for where, content in told(country.here).items() if (heard := ears.heard(content))} == {}


@frozen
class After:
    """What there is when everybody who wrote anything was erased."""

    receipts: Mapping[str, Mapping[str, Any]]
    told: Mapping[str, bytes]
    files: tuple[tuple[str, str], ...]
    from_backup: tuple[tuple[str, str], ...]
    from_rows: tuple[tuple[str, str], ...]


@pytest.fixture(scope="module")
def after(before: Before, tmp_path_factory: pytest.TempPathFactory) -> After:
    """Everybody asks for it, and three days pass."""
    country, here, folder = before.country, before.country.here, tmp_path_factory.mktemp("after")
    asked = {}
    for who in ERASED:
        person = before.planting.people[who]
        asked[who] = country.do(person.token, "EraseMe", session_token=person.session_token)
    here.clock.advance(THREE_DAYS)
    receipts = {who: json.loads(completed(country, one)) for who, one in asked.items()}
    settled(country, "kit_outbox", "published = 0")
    settled(country, "kit_sweep", "1")
    ears = Ears(tuple(sorted(before.planting.written - set(PUBLIC))))
    return After(
        receipts,
        told(here),
        tuple(ears.in_files(here.folder)),
        opened(before.backup, ears, here.keys, folder / "keys"),
        opened(Backup.of(here, folder / "rows"), ears, here.keys, folder / "same keys"),
    )


def completed(country: Country, erasure: Any) -> str:
    """The receipt, once every feature has answered."""
    named = {"erasure_id": erasure.id, "receipt_token": erasure.receipt_token}
    eventually(lambda: country.do("", "GetErasure", **named).state == COMPLETED, PATIENCE)
    return str(country.do("", "GetErasure", **named).receipt)


def test_after_an_erasure_no_canary_is_told_or_on_disk(after: After) -> None:
    """By or about whoever was erased: in no file, no log of changes, no stream."""
    ears = Ears(tuple(texts()))
    assert after.files == ()
    assert {where: heard for where, content in after.told.items() if (heard := ears.heard(content))} == {}


def test_after_an_erasure_neither_rows_nor_a_backup_can_be_opened(before: Before, after: After) -> None:
    """With the keys as they are now, but for what the law keeps; the rows of the backup are those that opened before."""
    assert {place for _, place in after.from_backup} == set(KEPT_BY_LAW)
    assert {place for _, place in after.from_rows} == set(KEPT_BY_LAW)
    assert {place for _, place in before.opened} > {place for _, place in after.from_backup} | {"kit_request.answer"}


def test_what_the_law_keeps_is_named_in_a_receipt(after: After) -> None:
    """With its rule."""
    named = {json.dumps(one) for one in after.receipts.values()}
    for place, rule in KEPT_BY_LAW.items():
        table = place.partition(".")[0]
        assert any(table in one and rule in one for one in named), f"{table} under {rule}"
