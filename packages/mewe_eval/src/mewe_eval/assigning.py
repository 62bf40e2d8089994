"""Arms of a study: drawn when somebody asks, from a secret that only the country's key gives, and told in a log."""

from collections.abc import Mapping

from mewe_core.kit import paging
from mewe_core.kit.access import Role
from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns

from mewe_eval import assignment_store, group_store, placing
from mewe_eval.assignment_store import KeptAssignment, KeptDrawing
from mewe_eval.errors import DrawingEnded
from mewe_eval.group_store import KeptGroup, Member
from mewe_eval.model import (
    AssignArmRequest,
    Assignment,
    EndDrawingRequest,
    EndDrawingResponse,
    ListAssignmentsRequest,
    ListAssignmentsResponse,
)
from mewe_eval.protocol.assignment import Assigned, assigned, commitment
from mewe_eval.protocol.definition import Protocol, Unit
from mewe_eval.settings import Deployed

DRAWN = "eval.drawing"
"""What the secret of a study is derived for."""

_ALL = 1_000_000


def secret_of(work: Work, protocol: Protocol) -> bytes:
    """The 32 bytes that a version of a study is drawn from: the same on every host of the country, known to nobody before."""
    return bytes.fromhex(work.keys.digest(DRAWN, f"{protocol.id}/{protocol.version}".encode()))


async def assign_arm(request: AssignArmRequest, work: Work) -> Assignment:
    """Draw an arm, or say which was drawn already. Raises NotFound, Invalid, DrawingEnded."""
    protocol = _drawn(work, request.study_id)
    group = await work.database.first(group_store.GROUP_BY_ID, KeptGroup, which=request.group_id)
    if group is None:
        raise NotFound
    unit_id = await _unit(request, protocol, work)
    await work.database.execute(assignment_store.BEGIN, **columns(KeptDrawing(protocol.id, protocol.version, end_time=None)))
    drawing = await work.database.first(assignment_store.HOLD_DRAWING, KeptDrawing, which=protocol.id, version=protocol.version)
    there = await work.database.first(assignment_store.OF_UNIT, KeptAssignment, which=protocol.id, unit=unit_id)
    if there is not None:
        return _told(there)
    if drawing is None or drawing.end_time is not None:
        raise DrawingEnded
    log = await work.database.all(
        assignment_store.LOG, KeptAssignment, which=protocol.id, version=protocol.version, after=0, limit=_ALL
    )
    within: Mapping[str, str] = {"organisation": group.organisation_id, "country": work.caller.country}
    stratum = "/".join(within[one] for one in protocol.assignment.strata)
    before = [_entry(one) for one in log]
    drawn = assigned(protocol.assignment, secret_of(work, protocol), before, stratum, unit_id, work.now)
    kept = KeptAssignment(
        protocol.id,
        protocol.version,
        drawn.number,
        stratum,
        unit_id,
        group.id,
        drawn.arm,
        drawn.assign_time,
        drawn.before,
    )
    await work.database.execute(assignment_store.ADD, **columns(kept))
    await placing.place(work, group.id)
    return _told(kept)


async def list_assignments(request: ListAssignmentsRequest, work: Work) -> ListAssignmentsResponse:
    """The log of the study's draws. Raises NotFound, and Invalid for a page token of another list."""
    protocol = _drawn(work, request.study_id)
    size, name = paging.size(request.page_size), f"assignments of {protocol.id}"
    after = paging.after(name, request.page_token, 0)
    drawing = await work.database.first(assignment_store.DRAWING_OF, KeptDrawing, which=protocol.id, version=protocol.version)
    found = await work.database.all(
        assignment_store.LOG, KeptAssignment, which=protocol.id, version=protocol.version, after=after, limit=size + 1
    )
    secret = secret_of(work, protocol)
    return ListAssignmentsResponse(
        tuple(_told(one) for one in found[:size]),
        commitment(secret),
        protocol.version,
        secret.hex() if drawing is not None and drawing.end_time is not None else "",
        paging.token(name, found[size - 1].number) if len(found) > size else "",
    )


async def end_drawing(request: EndDrawingRequest, work: Work) -> EndDrawingResponse:
    """Draw no arm of a study any more. Raises NotFound."""
    protocol = _drawn(work, request.study_id)
    await work.database.execute(assignment_store.BEGIN, **columns(KeptDrawing(protocol.id, protocol.version, end_time=None)))
    await work.database.execute(assignment_store.END, which=protocol.id, version=protocol.version, now=work.now)
    return EndDrawingResponse()


async def say_commitments(work: Work) -> str | None:
    """The hash of each study's secret, said to whoever starts it: before anything is drawn."""
    drawn = [one for one in work.settings(Deployed).protocols.values() if one.assignment.unit is not Unit.NONE]
    told = [
        f'The arms of "{one.id}", version {one.version}, are drawn from a secret with the SHA-256 '
        f"{commitment(secret_of(work, one))}"
        for one in drawn
    ]
    return "\n".join(told) or None


def _drawn(work: Work, study_id: str) -> Protocol:
    """A study of this deployment that draws arms. Raises NotFound."""
    protocol = work.settings(Deployed).protocols.get(study_id)
    if protocol is None or protocol.assignment.unit is Unit.NONE:
        raise NotFound
    return protocol


async def _unit(request: AssignArmRequest, protocol: Protocol, work: Work) -> str:
    if protocol.assignment.unit is Unit.GROUP:
        if request.person_id:
            raise Invalid(Field("person_id", "left out: this study draws for whole groups"))
        return request.group_id
    members = await work.database.all(group_store.MEMBERS, Member, which=request.group_id, now=work.now)
    if request.person_id not in {one.person_id for one in members if one.role is Role.PARTICIPANT}:
        raise Invalid(Field("person_id", "a participant of the group: this study draws for each person"))
    return request.person_id


def _entry(kept: KeptAssignment) -> Assigned:
    return Assigned(kept.number, kept.stratum, kept.unit_id, kept.arm, kept.assign_time, kept.before)


def _told(kept: KeptAssignment) -> Assignment:
    return Assignment(kept.number, kept.stratum, kept.unit_id, kept.arm, kept.assign_time, kept.before, _entry(kept).sha256)
