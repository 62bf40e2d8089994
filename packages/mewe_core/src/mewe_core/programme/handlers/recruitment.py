"""The way into a programme: RecruitmentService."""

from attrs import evolve

from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.programme import errors, rules
from mewe_core.programme.funnel import Funnel, RecruitmentState, funnel, may_enter, may_step
from mewe_core.programme.handlers.subject import page
from mewe_core.programme.model.recruitment import (
    AddCandidateRequest,
    Candidate,
    GetFunnelRequest,
    ListCandidatesRequest,
    ListCandidatesResponse,
    MoveCandidateRequest,
)
from mewe_core.programme.offer import Offer
from mewe_core.programme.store import belonging, groups, recruitment


async def add_candidate(request: AddCandidateRequest, work: Work) -> Candidate:
    """Take note of somebody who was referred or recruited.

    Raises NotFound for whoever belongs to another organisation; NoSuchProgramme, PersonIsCandidate; Invalid.
    """
    may_enter(request.state)
    await _of_organisation(work, request.person_id, request.organisation_id)
    if work.settings(Offer).newest(request.programme_id) is None:
        raise errors.NoSuchProgramme
    candidate = Candidate(
        id=work.new_id(),
        organisation_id=request.organisation_id,
        programme_id=request.programme_id,
        person_id=request.person_id,
        group_id=None,
        state=request.state,
        reason=None,
        create_time=work.now,
        change_time=work.now,
    )
    await _once(work, candidate)
    await recruitment.add(work.database, candidate)
    return candidate


async def move_candidate(request: MoveCandidateRequest, work: Work) -> Candidate:
    """Move somebody on, or out with a reason.

    Raises NotFound for whoever belongs to another organisation; NoSuchStep, NotEligible, PersonIsCandidate, NoSuchProgramme;
    Invalid.
    """
    candidate = await recruitment.candidate(work.database, request.candidate_id)
    if candidate is None:
        raise NotFound
    await _of_organisation(work, request.person_id, candidate.organisation_id)
    may_step(candidate.state, request.state, request.reason)
    _may_screen(request, candidate, work)
    if request.person_id is not None and candidate.person_id not in (None, request.person_id):
        raise Invalid(Field("person_id", "the person that was noted before, or nobody"))
    moved = evolve(
        candidate,
        state=request.state,
        reason=request.reason,
        person_id=request.person_id or candidate.person_id,
        group_id=await _group(request, candidate, work),
        change_time=work.now,
    )
    if candidate.person_id is None:
        await _once(work, moved)
    await recruitment.change(work.database, moved)
    return moved


async def _of_organisation(work: Work, person_id: str | None, organisation_id: str) -> None:
    """Raises NotFound for somebody of another organisation, and for nobody at all: the two look alike."""
    if person_id is not None and not await belonging.belongs(work.database, person_id, organisation_id):
        raise NotFound


async def _once(work: Work, one: Candidate) -> None:
    if one.person_id is not None and await recruitment.is_on_the_way(
        work.database, one.organisation_id, one.programme_id, one.person_id
    ):
        raise errors.PersonIsCandidate


def _may_screen(request: MoveCandidateRequest, candidate: Candidate, work: Work) -> None:
    if request.age is None:
        return
    if request.state is not RecruitmentState.SCREENED:
        raise Invalid(Field("age", "nothing: it is asked when somebody is screened"))
    programme = work.settings(Offer).newest(candidate.programme_id)
    if programme is None:
        raise errors.NoSuchProgramme
    if not rules.eligible(programme, request.age):
        raise errors.NotEligible


async def _group(request: MoveCandidateRequest, candidate: Candidate, work: Work) -> str | None:
    if request.group_id is None:
        return candidate.group_id
    group = await groups.group(work.database, request.group_id)
    fits = (
        request.state is RecruitmentState.ENROLLED
        and group is not None
        and (group.organisation_id, group.programme_id) == (candidate.organisation_id, candidate.programme_id)
    )
    if not fits:
        raise Invalid(Field("group_id", "a group of the organisation that runs the programme, when somebody is enrolled"))
    return request.group_id


async def list_candidates(request: ListCandidatesRequest, work: Work) -> ListCandidatesResponse:
    """Candidates of an organisation, oldest first. Raises Invalid for a page token of another list."""
    found, following = await page(
        f"candidates {request.organisation_id} {request.state or ''}",
        request.page_size,
        request.page_token,
        lambda after, limit: recruitment.candidates(work.database, request.organisation_id, request.state, after, limit),
        lambda one: (one.create_time, one.id),
    )
    return ListCandidatesResponse(found, following)


async def get_funnel(request: GetFunnelRequest, work: Work) -> Funnel:
    """How many reached each state, how many are in it, and why the others left."""
    reached = await recruitment.reached(work.database, request.organisation_id, request.programme_id)
    return funnel(reached, await recruitment.places(work.database, request.organisation_id, request.programme_id))
