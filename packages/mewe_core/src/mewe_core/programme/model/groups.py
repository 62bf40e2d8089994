"""Groups and who is in them: requests and answers of GroupService."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit.access import Role
from mewe_core.kit.checks import between, few, given, identifier, language_tag, text
from mewe_core.programme.events import GroupState
from mewe_core.programme.model.sessions import MeetingMode, https_link
from mewe_core.programme.series import LocalStart


class EndReason(StrEnum):
    """Why a group was ended before it was completed."""

    TOO_FEW_PARTICIPANTS = "too_few_participants"
    NO_LEADER = "no_leader"
    ORGANISATION = "organisation"
    SAFETY = "safety"
    OTHER = "other"


class MembershipState(StrEnum):
    """Where a membership stands."""

    WAITING = "waiting"
    ACTIVE = "active"
    ENDED = "ended"


class LeaveReason(StrEnum):
    """Why a membership ended. Who leaves is asked for no reason: ``OWN_WISH``."""

    OWN_WISH = "own_wish"
    DID_NOT_COME = "did_not_come"
    OTHER_GROUP = "other_group"
    OTHER_SUPPORT = "other_support"
    SAFETY = "safety"
    OTHER = "other"


@frozen
class Group:
    """A group that runs a programme in the version it was made with."""

    id: str
    organisation_id: str
    programme_id: str
    programme_version: int
    name: str
    state: GroupState
    time_zone: str
    language: str
    capacity: int
    participants: int
    waiting: int
    leaders: int
    leaders_needed: int
    substitute_named: bool
    create_time: Instant
    begin_time: Instant | None
    end_time: Instant | None
    end_reason: EndReason | None


@frozen
class Membership:
    """Somebody in a group, or on its waiting list. ``id`` is also that of the standing which goes with it."""

    id: str
    group_id: str
    person_id: str
    role: Role
    state: MembershipState
    create_time: Instant
    join_time: Instant | None
    end_time: Instant | None
    reason: LeaveReason | None
    background_check_date: Date | None
    background_check_seen_by_id: str | None


@frozen
class WeeklySeries:
    """Sessions at the programme's interval. A skipped date has none: it and those behind it come an interval later."""

    first: LocalStart
    skipped_dates: tuple[Date, ...] = field(default=(), validator=few(100))


@frozen
class ExplicitSeries:
    """Sessions on dates of one's own: one start for each session of the series, rising."""

    starts: tuple[LocalStart, ...] = field(validator=few(60, least=1))


@frozen
class CreateGroupRequest:
    """Make a group. Exactly one of ``weekly`` and ``explicit``; ``capacity`` 0: as many as the programme allows."""

    request_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    programme_id: str = field(validator=identifier)
    name: str = field(validator=text(100))
    time_zone: str = field(validator=text(60))
    language: str = field(validator=language_tag)
    capacity: int = field(default=0, validator=between(0, 200))
    weekly: WeeklySeries | None = None
    explicit: ExplicitSeries | None = None
    mode: MeetingMode = MeetingMode.IN_PERSON
    place: str | None = field(default=None, validator=given(text(300)), repr=False)
    link: str | None = field(default=None, validator=given(https_link), repr=False)


@frozen
class GetGroupRequest:
    """Ask for one group."""

    group_id: str = field(validator=identifier)


@frozen
class GetGroupProgrammeRequest:
    """Ask for the programme as a group runs it."""

    group_id: str = field(validator=identifier)
    language: str = field(default="", validator=language_tag)


@frozen
class ListGroupsRequest:
    """Ask for the groups of an organisation; ``state``: only those that stand there."""

    organisation_id: str = field(validator=identifier)
    state: GroupState | None = None
    page_size: int = 0
    page_token: str = ""


@frozen
class ListGroupsResponse:
    """A page of groups, oldest first; ``next_page_token`` is empty on the last."""

    groups: tuple[Group, ...]
    next_page_token: str


@frozen
class ListMyGroupsRequest:
    """Ask for the groups one is in, leads, or waits for."""

    page_size: int = 0
    page_token: str = ""


@frozen
class MyGroup:
    """A group one is in, and what one is in it."""

    group: Group
    membership: Membership
    consent_missing: bool = False


@frozen
class ListMyGroupsResponse:
    """A page of groups, oldest membership first; ``next_page_token`` is empty on the last."""

    groups: tuple[MyGroup, ...]
    next_page_token: str


@frozen
class StartGroupRequest:
    """Let a planned group begin."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)


@frozen
class EndGroupRequest:
    """End a group before it is completed."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    reason: EndReason


@frozen
class NameSubstituteRequest:
    """Name who steps in for a lone leader; None: nobody."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    person_id: str | None = field(default=None, validator=given(identifier))


@frozen
class AddMemberRequest:
    """Take somebody into a group, as participant or leader."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    role: Role


@frozen
class NoteBackgroundCheckRequest:
    """Note the day on which a leader showed a background check."""

    request_id: str = field(validator=identifier)
    membership_id: str = field(validator=identifier)
    date: Date


@frozen
class LeaveGroupRequest:
    """Leave a group, or its waiting list, oneself."""

    request_id: str = field(validator=identifier)
    membership_id: str = field(validator=identifier)


@frozen
class EndMembershipRequest:
    """End somebody's membership."""

    request_id: str = field(validator=identifier)
    membership_id: str = field(validator=identifier)
    reason: LeaveReason


@frozen
class ListMembersRequest:
    """Ask for who is or was in a group, or waits for it."""

    group_id: str = field(validator=identifier)
    page_size: int = 0
    page_token: str = ""


@frozen
class ListMembersResponse:
    """A page of memberships in the order in which they came; ``next_page_token`` is empty on the last."""

    memberships: tuple[Membership, ...]
    next_page_token: str
