"""What can be run here: requests and answers of ProgrammeService."""

from attrs import field, frozen

from mewe_core.kit.checks import between, identifier, language_tag
from mewe_core.programme.definition import ProgrammeKind


@frozen
class Part:
    """A part of the model that a programme builds on."""

    id: str
    name: str


@frozen
class Activity:
    """Something done in a session, for about ``minutes``."""

    id: str
    name: str
    minutes: int


@frozen
class SessionPlan:
    """A session as the programme has it. ``number`` counts from 1; the follow-up comes after the last."""

    id: str
    number: int
    follow_up: bool
    aim: str
    part_ids: tuple[str, ...]
    activities: tuple[Activity, ...]


@frozen
class CertificateRule:
    """What it takes to get a certificate, and for how long it is valid (None: for ever)."""

    least_sessions: int
    valid_months: int | None


@frozen
class Programme:
    """A programme in one language. Ages in whole years, both included; None: open."""

    id: str
    version: int
    kind: ProgrammeKind
    language: str
    name: str
    summary: str
    age_from: int | None
    age_to: int | None
    session_minutes: int
    days_between: int
    most_participants: int
    follow_up_months: int | None
    leaders_needed: int
    leader_certificate_id: str | None
    background_check: bool
    parts: tuple[Part, ...]
    sessions: tuple[SessionPlan, ...]
    certificate: CertificateRule | None


@frozen
class ListProgrammesRequest:
    """Ask for the programmes on offer."""

    language: str = field(default="", validator=language_tag)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListProgrammesResponse:
    """A page of programmes by id; ``next_page_token`` is empty on the last."""

    programmes: tuple[Programme, ...]
    next_page_token: str


@frozen
class GetProgrammeRequest:
    """Ask for one programme; ``version`` 0 is the newest."""

    programme_id: str = field(validator=identifier)
    version: int = field(default=0, validator=between(0, 1_000_000))
    language: str = field(default="", validator=language_tag)
