"""The way into a programme: requests and answers of RecruitmentService (``funnel`` has the states and counts)."""

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import between, given, identifier
from mewe_core.programme.funnel import RecruitmentReason, RecruitmentState


@frozen
class Candidate:
    """Somebody on the way into a programme. ``person_id``: once they were invited; ``group_id``: once they have a place."""

    id: str
    organisation_id: str
    programme_id: str
    person_id: str | None
    group_id: str | None
    state: RecruitmentState
    reason: RecruitmentReason | None
    create_time: Instant
    change_time: Instant


@frozen
class AddCandidateRequest:
    """Take note of somebody who was referred or recruited."""

    request_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    programme_id: str = field(validator=identifier)
    person_id: str | None = field(default=None, validator=given(identifier))
    state: RecruitmentState = RecruitmentState.RECRUITED


@frozen
class MoveCandidateRequest:
    """Move somebody on, or out with a reason. ``age`` in whole years: compared with the programme's ages, kept nowhere."""

    request_id: str = field(validator=identifier)
    candidate_id: str = field(validator=identifier)
    state: RecruitmentState
    reason: RecruitmentReason | None = None
    age: int | None = field(default=None, validator=given(between(0, 120)), repr=False)
    person_id: str | None = field(default=None, validator=given(identifier))
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class ListCandidatesRequest:
    """Ask for candidates; ``state``: only those who are in it."""

    organisation_id: str = field(validator=identifier)
    state: RecruitmentState | None = None
    page_size: int = 0
    page_token: str = ""


@frozen
class ListCandidatesResponse:
    """A page of candidates, oldest first; ``next_page_token`` is empty on the last."""

    candidates: tuple[Candidate, ...]
    next_page_token: str


@frozen
class GetFunnelRequest:
    """Ask for the funnel of an organisation and programme."""

    organisation_id: str = field(validator=identifier)
    programme_id: str = field(validator=identifier)
