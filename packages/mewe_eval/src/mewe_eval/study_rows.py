"""A study's people and answers out of what is kept, as rows: only those who consent, under names of the study alone."""

import csv
import io
from collections.abc import Mapping, Sequence
from itertools import takewhile

from attrs import frozen
from mewe_core.kit.access import Role
from mewe_core.kit.database import Database
from mewe_core.kit.ports import Keys, Sealing
from whenever import Instant

from mewe_eval import assignment_store, group_store
from mewe_eval.assignment_store import KeptAssignment
from mewe_eval.exports.codebook import variables
from mewe_eval.group_store import Attended, KeptGroup, KeptSession
from mewe_eval.handlers import answers_of
from mewe_eval.instruments import Instrument
from mewe_eval.model import ExportPurpose
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
Row = Mapping[str, Cell]


@frozen
class Kept:
    """What a study's rows are made of: what is kept, and what opens and names it."""

    database: Database
    keys: Keys
    sealing: Sealing
    country: str
    now: Instant


@frozen
class Rows:
    """Rows of a study, and who is in them under which name: ``people``, by name."""

    rows: Sequence[Row]
    people: Mapping[str, str]


@frozen
class _Happened:
    """What happened in some groups: draws by group or person, sessions held by group, how often people came, by group."""

    drawn: Mapping[str, KeptAssignment]
    held: Mapping[str, int]
    attended: Mapping[str, Mapping[str, int]]


async def rows_of(group: KeptGroup, protocol: Protocol, purpose: ExportPurpose, kept: Kept) -> Rows:
    """A row for each person and wave of a group: its participants, then what its leaders answered.

    Whoever has been in several groups of an organisation is in the one in which they were asked first, with what they were
    asked first at each wave, wherever it was.
    """
    found = await kept.database.all(
        group_store.ANSWERED,
        KeptForm,
        which=group.id,
        organisation_id=group.organisation_id,
        of_study=protocol.id,
        for_research=purpose is ExportPurpose.RESEARCH,
        now=kept.now,
    )
    homes = homes_of(found)
    forms = [one for one in found if homes.get(one.person_id, group.id) == group.id or _leads(one)]
    happened = await _happened([group.id, *sorted({one.group_id for one in forms} - {group.id})], protocol, kept)
    where: Row = {Known.COUNTRY: kept.country, Known.ORGANISATION: group.organisation_id, Known.GROUP: group.id}
    roles = {role.value: respondent for respondent, role in ROLES.items()}
    rows, named = list[Row](), dict[str, str]()
    for (role, person_id), theirs in sorted(_by_person(forms).items(), key=lambda one: _leads(one[1][0])):
        name, waves = name_of(kept.keys, protocol, person_id), await _answers(theirs, kept)
        named[name] = person_id
        own: dict[str, Cell] = {**where, "person": name, "role": roles[Role(role)].value}
        if not _leads(theirs[0]):
            arm = arm_of(protocol, happened.drawn.get(group.id) or happened.drawn.get(person_id))
            own |= {Known.ARM: arm or "", Known.STATE: _state(protocol, waves), **_sessions(person_id, theirs, happened)}
            waves = waves or {next(iter(protocol.waves)): {}}
        rows += [{**own, "wave": wave, **waves[wave]} for wave in protocol.waves if wave in waves]
    return Rows(rows, named)


def homes_of(forms: Sequence[KeptForm]) -> Mapping[str, str]:
    """The group of each participant: the one in which they were asked first. Pure."""
    asked = sorted((one for one in forms if not _leads(one)), key=lambda one: (one.open_time, one.group_id), reverse=True)
    return {one.person_id: one.group_id for one in asked}


def name_of(keys: Keys, protocol: Protocol, person_id: str) -> str:
    """What somebody is called in the files and reports of a study, and nowhere else."""
    return keys.digest(NAMED, f"{protocol.id}/{person_id}".encode())[:16]


def asked_instruments(deployed: Deployed, protocol: Protocol) -> Sequence[Instrument]:
    """What a study asks, each once."""
    return [deployed.instruments[one] for one in dict.fromkeys(one.instrument for one in protocol.asked)]


def as_csv(instruments: Sequence[Instrument], rows: Sequence[Row], *, head: bool = True) -> bytes:
    """Rows as lines of CSV; with ``head``, the names of all columns first."""
    shown = io.StringIO(newline="")
    writer = csv.writer(shown, lineterminator="\n")
    names = [one.name for one in variables(instruments)]
    if head:
        writer.writerow(names)
    writer.writerows([row.get(name, "") for name in names] for row in rows)
    return shown.getvalue().encode()


def _leads(form: KeptForm) -> bool:
    return form.role != Role.PARTICIPANT.value


def _by_person(forms: Sequence[KeptForm]) -> Mapping[tuple[str, str], Sequence[KeptForm]]:
    people = dict[tuple[str, str], list[KeptForm]]()
    for one in forms:
        people.setdefault((one.role, one.person_id), []).append(one)
    return people


async def _answers(forms: Sequence[KeptForm], kept: Kept) -> Mapping[str, Mapping[str, Cell]]:
    """What somebody answered, by wave; of what they were asked twice, what they began first."""
    waves = dict[str, dict[str, Cell]]()
    answered = set[tuple[str, str]]()
    for form in sorted(forms, key=lambda one: (one.begin_time or one.open_time, one.id)):
        given = {f"{form.instrument}.{item}": value for item, value in (await answers_of(form, kept.sealing)).items()}
        answers = {column: value for column, value in given.items() if value is not None}
        if answers and (form.wave, form.instrument) not in answered:
            answered.add((form.wave, form.instrument))
            waves.setdefault(form.wave, {}).update(answers)
    return waves


async def _happened(groups: Sequence[str], protocol: Protocol, kept: Kept) -> _Happened:
    drawn, held, attended = dict[str, KeptAssignment](), dict[str, int](), dict[str, Mapping[str, int]]()
    for group_id in groups:
        for draw in await kept.database.all(assignment_store.OF_GROUP, KeptAssignment, group_id=group_id):
            if draw.study == protocol.id:
                drawn[draw.unit_id] = draw
        held[group_id] = len(await kept.database.all(group_store.SESSIONS, KeptSession, which=group_id))
        came = await kept.database.all(group_store.ATTENDED, Attended, which=group_id)
        attended[group_id] = {one.person_id: one.sessions for one in came}
    return _Happened(drawn, held, attended)


def _sessions(person_id: str, forms: Sequence[KeptForm], happened: _Happened) -> Row:
    """At how many sessions somebody was, in all their groups, of the most that one of these has held."""
    groups = {one.group_id for one in forms}
    held = max(happened.held[one] for one in groups)
    return {
        "sessions_held": held,
        "sessions_attended": min(held, sum(happened.attended[one].get(person_id, 0) for one in groups)),
    }


def _state(protocol: Protocol, waves: Mapping[str, object]) -> str:
    """By how many waves a participant answered, from the first on, without a gap."""
    reached = len(list(takewhile(waves.__contains__, protocol.waves)))
    return _STATES[min(reached, len(_STATES) - 1)]
