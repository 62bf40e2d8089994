"""A study's file out of what is kept: those who consent to what it is wanted for, under names of the study alone."""

import csv
import io
from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.feature import Brought
from mewe_core.kit.testing import ELM, NATIONAL, OAK, Party, Stage, drive
from mewe_core.programme.events import AttendanceMarked
from mewe_eval import assigning, exporting
from mewe_eval.model import AssignArmRequest, ExportPurpose, GetStudyFileRequest, GetStudyFileResponse
from mewe_eval.settings import EvaluationSettings, configure
from mewe_eval.study.known import Known
from mewe_eval.study.reading import read_study

from .asking import TWO_ARMS, forms, gathered, held, over, put, shown, staged

SETTINGS = EvaluationSettings(protocols=(TWO_ARMS,))
STUDY = "ways-of-helping"
RESEARCHER = "rita"
ADA, BO, CLEO = OAK.participants
PINE = evolve(OAK, group_id="group-pine", participants=("finn", "gro"), leaders=("nils", "nora"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """Two groups of one organisation and one of another, and a researcher of the first."""
    with staged(SETTINGS) as stage:
        gathered(stage, OAK, ELM, PINE)
        stage.give(RESEARCHER, Role.RESEARCHER, ScopeKind.ORGANISATION, OAK.organisation_id)
        yield stage


def page(
    stage: Stage,
    purpose: ExportPurpose = ExportPurpose.EVALUATION,
    *,
    study: str = STUDY,
    of: Party = OAK,
    by: str = RESEARCHER,
    page_size: int = 0,
    page_token: str = "",
) -> GetStudyFileResponse:
    """A page of the file."""
    request = GetStudyFileRequest(study, of.organisation_id, purpose, page_size, page_token, "sv")
    return stage.call(exporting.get_study_file, request, by=by)


def rows(*pages: GetStudyFileResponse) -> list[dict[str, str]]:
    """The lines of pages one behind the other, with what is there alone."""
    text = b"".join(one.rows for one in pages).decode()
    return [{name: value for name, value in row.items() if value} for row in csv.DictReader(io.StringIO(text))]


def answer(stage: Stage, person: str, **values: int | None) -> None:
    """Answer some of the study's questions."""
    (form,) = (one.form_id for one in forms(stage, person) if one.study_title == "Two ways of helping")
    put(stage, shown(stage, person, form), {name.replace("_", "-"): value for name, value in values.items()}, by=person)


def draw(stage: Stage, party: Party) -> str:
    """Draw the arm of a group."""
    request = AssignArmRequest(stage.ids.new(), STUDY, party.group_id)
    return stage.call(assigning.assign_arm, request, by=NATIONAL).arm


def test_the_file_is_what_the_library_reads(stage: Stage) -> None:
    """Everybody asked is in it, with their arm and what they answered; what was skipped is empty; no id of a person."""
    answer(stage, ADA, day_to_day=3, energy=None)
    answer(stage, BO, energy=1)
    held(stage, 1)
    for person, present in ((ADA, True), (BO, False), (BO, True), (CLEO, True), (CLEO, False)):
        stage.hear(AttendanceMarked("session-1", OAK.group_id, person, present, stage.clock.now()))
    arms = {party.group_id: draw(stage, party) for party in (OAK, PINE)}
    found = page(stage)
    assert found.next_page_token == ""
    deployed = configure(SETTINGS, Brought())
    study = read_study(deployed.protocols[STUDY], deployed.instruments, found.rows, cut="2026-11-24")
    assert len(study.persons) == 5
    assert {*zip(study.column(Known.GROUP), study.column(Known.ARM), strict=True)} == {*arms.items()}
    assert sorted(study.column(Known.STATE), key=str) == ["enrolled"] * 3 + ["started"] * 2
    assert sorted(study.sessions.tolist()) == [[0, 0], [0, 0], [1, 0], [1, 1], [1, 1]]
    answered = [{name: value for name, value in row.items() if "." in name} for row in rows(found)]
    assert [one for one in answered if one] == [{"how-things-are.day-to-day": "3"}, {"how-things-are.energy": "1"}]
    assert not {row["person"] for row in rows(found)} & {*OAK.participants, *PINE.participants}
    assert b"Hur" in found.codebook
    assert deployed.protocols[STUDY].sha256.encode() in found.codebook


def test_pages_one_behind_the_other_are_the_file(stage: Stage) -> None:
    """Whole groups, each once."""
    first = page(stage, page_size=1)
    second = page(stage, page_size=1, page_token=first.next_page_token)
    assert (second.codebook, second.next_page_token) == (b"", "")
    assert first.rows + second.rows == page(stage).rows
    with pytest.raises(Invalid) as refused:
        page(stage, of=ELM, by=NATIONAL, page_token=first.next_page_token)
    assert [one.path for one in refused.value.fields] == ["page_token"]


def test_only_those_who_consent_to_what_it_is_wanted_for(stage: Stage) -> None:
    """Evaluation wants that consent, research both; whoever takes it back is in no file from then on."""
    answer(stage, ADA, day_to_day=3)
    answer(stage, BO, day_to_day=2)
    stage.consent(ADA, Purpose.RESEARCH)
    assert [row["how-things-are.day-to-day"] for row in rows(page(stage, ExportPurpose.RESEARCH))] == ["3"]
    stage.consent(ADA, Purpose.EVALUATION, covered=False)
    assert rows(page(stage, ExportPurpose.RESEARCH)) == []
    assert [row.get("how-things-are.day-to-day") for row in rows(page(stage))] == ["2", None, None, None]


def test_whoever_changes_groups_is_one_person(stage: Stage) -> None:
    """In the group where they were asked first, with what they began first of each questionnaire, wherever that was."""
    answer(stage, ADA, day_to_day=3)
    held(stage, 1)
    stage.hear(AttendanceMarked("session-1", OAK.group_id, ADA, True, stage.clock.now()))
    drawn = draw(stage, OAK)
    stage.clock.advance(days=2)
    stage.give(ADA, Role.PARTICIPANT, ScopeKind.GROUP, PINE.group_id)
    for number in (1, 2):
        held(stage, number, party=PINE)
        stage.hear(AttendanceMarked(f"pine-{number}", PINE.group_id, ADA, True, stage.clock.now()))
    (again,) = (one for one in forms(stage, ADA) if one.group_id == PINE.group_id and one.study_title == "Two ways of helping")
    put(stage, shown(stage, ADA, again.form_id), {"day-to-day": 0, "energy": 1}, by=ADA)
    found = page(stage)
    deployed = configure(SETTINGS, Brought())
    study = read_study(deployed.protocols[STUDY], deployed.instruments, found.rows, cut="2026-11-24")
    assert len(study.persons) == 5
    (row,) = (one for one in rows(found) if "how-things-are.day-to-day" in one)
    assert (row["group"], row["arm"], row["how-things-are.day-to-day"]) == (OAK.group_id, drawn, "3")
    assert "how-things-are.energy" not in row
    assert (row["sessions_held"], row["sessions_attended"]) == ("2", "2")


def test_everybody_is_in_the_arm_that_was_drawn_for_them() -> None:
    """Where persons are drawn: each in their own; nobody in one before."""
    with staged(EvaluationSettings(protocols=(TWO_ARMS.replace('unit = "group"', 'unit = "person"'),))) as stage:
        gathered(stage, OAK)
        answer(stage, ADA, energy=1)
        answer(stage, BO, energy=2)
        answer(stage, CLEO, energy=3)
        drawn = [
            stage.call(assigning.assign_arm, AssignArmRequest(stage.ids.new(), STUDY, OAK.group_id, one), by=NATIONAL).arm
            for one in (ADA, BO)
        ]
        told = {row["how-things-are.energy"]: row.get("arm") for row in rows(page(stage, by=NATIONAL))}
        assert told == {"1": drawn[0], "2": drawn[1], "3": None}


def test_who_skipped_every_question_has_answered_nothing(stage: Stage) -> None:
    """They are in the file as those are who never opened it."""
    answer(stage, ADA, energy=None, day_to_day=None)
    assert [row["state"] for row in rows(page(stage))] == ["enrolled"] * 5


def test_one_person_has_one_name_in_a_study_and_another_in_the_next(stage: Stage) -> None:
    """Two files of different studies cannot be laid side by side."""
    there = {row["person"] for row in rows(page(stage))}
    assert there == {row["person"] for row in rows(page(stage))}
    others = {row["person"] for row in rows(page(stage, study="follow-up")) if row["role"] == "participant"}
    assert len(others) == len(there) == 5
    assert not others & there


def test_leaders_answers_come_with_their_group(stage: Stage) -> None:
    """They are no participants, and are told by the group that they lead."""
    held(stage, 1)
    over(stage)
    lena = next(one for one in forms(stage, "lena"))
    put(stage, shown(stage, "lena", lena.form_id), {}, by="lena", finish=True)
    deployed = configure(SETTINGS, Brought())
    found = page(stage, study="follow-up")
    read_study(deployed.protocols["follow-up"], deployed.instruments, found.rows, cut="2026-11-24")


def test_who_leads_two_groups_answers_for_each(stage: Stage) -> None:
    """What they say of one is not said of the other."""
    stage.give("lena", Role.LEADER, ScopeKind.GROUP, PINE.group_id)
    for party in (OAK, PINE):
        held(stage, 1, party=party)
        over(stage, party)
    theirs = {one.group_id: one for one in forms(stage, "lena") if one.title == "The session as it was held"}
    for value, party in ((1, OAK), (2, PINE)):
        asked = shown(stage, "lena", theirs[party.group_id].form_id)
        put(stage, asked, {asked.questions[0].item: value}, by="lena")
    found = [row for row in rows(page(stage, study="follow-up")) if row["role"] == "group-leader"]
    answered = {row["group"]: {name: one for name, one in row.items() if name.startswith("leader-fidelity")} for row in found}
    assert [*answered[OAK.group_id].values()] == ["1"]
    assert [*answered[PINE.group_id].values()] == ["2"]


def test_who_is_given_it(stage: Stage) -> None:
    """Researchers of the organisation and the centre: no coordinator, no leader, nobody of another organisation."""
    for by in (OAK.coordinator, OAK.leaders[0], ADA):
        with pytest.raises(NotFound):
            page(stage, by=by)
    with pytest.raises(NotFound):
        page(stage, of=ELM)
    with pytest.raises(NotFound):
        page(stage, of=evolve(OAK, organisation_id="nowhere"), by=NATIONAL)
    with pytest.raises(NotFound):
        page(stage, study="no-such-study")
    assert len(rows(page(stage, of=ELM, by=NATIONAL))) == len(ELM.participants)


def test_who_was_erased_is_not_in_it(stage: Stage) -> None:
    """Where the key was destroyed and the row is not gone yet, nothing of the answers comes out."""
    answer(stage, ADA, day_to_day=3)
    with stage.unit() as work:
        drive(work.sealing.destroy(ADA))
    assert all("how-things-are.day-to-day" not in row for row in rows(page(stage)))
