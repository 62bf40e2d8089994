"""The file of a study out of what is kept: only those who consent to what it is wanted for, under names of the study alone."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import takewhile

from mewe_core.kit import paging
from mewe_core.kit.access import Role
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work

from mewe_eval import assignment_store, group_store, store
from mewe_eval.assignment_store import KeptAssignment
from mewe_eval.exports.codebook import codebook_of, variables
from mewe_eval.group_store import Attended, KeptGroup, KeptSession
from mewe_eval.handlers import answers_of
from mewe_eval.instruments.model import Respondent
from mewe_eval.model import ExportPurpose, GetStudyFileRequest, GetStudyFileResponse
from mewe_eval.placing import ROLES, arm_of
from mewe_eval.protocol.definition import Protocol
from mewe_eval.settings import Deployed
from mewe_eval.store import KeptForm
from mewe_eval.study.known import Known

NAMED = "eval.person"
"""What the names that persons have in a study are hashed for."""

_STATES = ("enrolled", "started", "completed_t1", "completed_t2")
"""How far somebody has come, by how many of the first waves in a row they answered."""

Cell = str | int


async def get_study_file(request: GetStudyFileRequest, work: Work) -> GetStudyFileResponse:
    """A page of a study's file. Raises NotFound, and Invalid for a page token of another list."""
    deployed = work.settings(Deployed)
    protocol = deployed.protocols.get(request.study_id)
    if protocol is None:
        raise NotFound
    instruments = [deployed.instruments[one] for one in dict.fromkeys(one.instrument for one in protocol.asked)]
    size, name = paging.size(request.page_size), f"{protocol.id} of {request.organisation_id}"
    after = str(paging.after(name, request.page_token, ""))
    groups = await work.database.all(
        group_store.GROUPS_OF, KeptGroup, which=request.organisation_id, after=after, limit=size + 1
    )
    rows = list[Mapping[str, Cell]]()
    for group in groups[:size]:
        rows += await _rows(group, protocol, request.purpose, work)
    names = [one.name for one in variables(instruments)]
    book = b""
    if not request.page_token:
        cut = work.now.to_tz(deployed.settings.time_zone.key).date().format_iso()
        book = codebook_of(protocol, instruments, cut, request.language or "en")
    following = paging.token(name, groups[size - 1].id) if len(groups) > size else ""
    return GetStudyFileResponse(_csv(names, rows, head=not request.page_token), book, following)


async def _rows(group: KeptGroup, protocol: Protocol, purpose: ExportPurpose, work: Work) -> Sequence[Mapping[str, Cell]]:
    """A row for each person and wave of a group: its participants, then what its leaders answered."""
    forms = await work.database.all(
        store.ANSWERED,
        KeptForm,
        which=group.id,
        of_study=protocol.id,
        for_research=purpose is ExportPurpose.RESEARCH,
        now=work.now,
    )
    drawn = {
        one.unit_id: one
        for one in await work.database.all(assignment_store.OF_GROUP, KeptAssignment, group_id=group.id)
        if one.study == protocol.id
    }
    held = len(await work.database.all(group_store.SESSIONS, KeptSession, which=group.id))
    attended = {one.person_id: one.sessions for one in await work.database.all(group_store.ATTENDED, Attended, which=group.id)}
    where: Mapping[str, Cell] = {
        Known.COUNTRY: work.caller.country,
        Known.ORGANISATION: group.organisation_id,
        Known.GROUP: group.id,
    }
    roles = {role.value: respondent for respondent, role in ROLES.items()}
    people = dict[tuple[str, str], dict[str, dict[str, Cell]]]()
    for form in forms:
        waves = people.setdefault((form.role, form.person_id), {})
        given = {f"{form.instrument}.{item}": value for item, value in (await answers_of(form, work)).items()}
        answers = {column: value for column, value in given.items() if value is not None}
        if answers:
            waves.setdefault(form.wave, {}).update(answers)
    rows = list[Mapping[str, Cell]]()
    for (role, person_id), waves in sorted(people.items(), key=lambda one: one[0][0] != Role.PARTICIPANT.value):
        own: dict[str, Cell] = {**where, "person": _name(work, protocol, person_id), "role": roles[Role(role)].value}
        if roles[Role(role)] is Respondent.PARTICIPANT:
            arm = arm_of(protocol, drawn.get(group.id) or drawn.get(person_id))
            own |= {Known.ARM: arm or "", Known.STATE: _state(protocol, waves), "sessions_held": held}
            own["sessions_attended"] = attended.get(person_id, 0)
            waves = waves or {next(iter(protocol.waves)): {}}
        rows += [{**own, "wave": wave, **waves[wave]} for wave in protocol.waves if wave in waves]
    return rows


def _state(protocol: Protocol, waves: Mapping[str, object]) -> str:
    """By how many waves a participant answered, from the first on, without a gap."""
    reached = len(list(takewhile(waves.__contains__, protocol.waves)))
    return _STATES[min(reached, len(_STATES) - 1)]


def _name(work: Work, protocol: Protocol, person_id: str) -> str:
    return work.keys.digest(NAMED, f"{protocol.id}/{person_id}".encode())[:16]


def _csv(names: Sequence[str], rows: Sequence[Mapping[str, Cell]], *, head: bool) -> bytes:
    shown = io.StringIO(newline="")
    writer = csv.writer(shown, lineterminator="\n")
    if head:
        writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return shown.getvalue().encode()
