"""What is allowed and what follows: pure decisions about groups, sessions and certificates."""

from collections.abc import Collection, Iterable, Sequence

from attrs import frozen
from whenever import Date, Instant

from mewe_core.kit.access import Role, Standing
from mewe_core.kit.errors import Field, Invalid
from mewe_core.programme import errors
from mewe_core.programme.definition import CertificateDefinition, Definition, ProgrammeKind, SessionDefinition
from mewe_core.programme.events import GroupState
from mewe_core.programme.model.groups import Membership, MembershipState, MyGroup
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.model.sessions import ActivityMark, Attendance, AttendanceMark, SessionState
from mewe_core.programme.model.training import Certificate
from mewe_core.programme.series import follow_up_start, lasting, on_the_day

OVER = frozenset({GroupState.COMPLETED, GroupState.ENDED})
"""States after which nothing is planned any more."""

THERE = frozenset({Attendance.PRESENT, Attendance.LATE})
"""Marks of somebody who was at a session."""

LONGEST_DELAY_DAYS = 31
"""How far the real beginning of a session may lie from the planned one; beyond that it is to be moved first."""


def eligible(programme: Definition, age: int) -> bool:
    """Whether somebody of that age in whole years may take part. Nothing else is asked: no relation, no diagnosis, no label."""
    young = programme.age_from is not None and age < programme.age_from
    old = programme.age_to is not None and age > programme.age_to
    return not young and not old


def not_over(group: KeptGroup) -> None:
    """Raises GroupOver for a group that is completed or ended."""
    if group.state in OVER:
        raise errors.GroupOver


def for_coordinators(standing: Standing, role: Role) -> None:
    """Raises OnlyCoordinators unless a coordinator acts, or the role is that of a participant."""
    if role is not Role.PARTICIPANT and Role.COORDINATOR not in standing.roles():
        raise errors.OnlyCoordinators


def joins_as(group: KeptGroup, programme: Definition, role: Role, held: int) -> MembershipState:
    """Whether somebody who joins now is active or waits. ``held``: sessions of the series that were held.

    Raises Invalid for a role that a group does not have, GroupOver, JoiningClosed.
    """
    if role not in (Role.PARTICIPANT, Role.LEADER):
        raise Invalid(Field("role", "participant or leader"))
    not_over(group)
    if role is Role.LEADER:
        return MembershipState.ACTIVE
    if not still_open(group, programme, held):
        raise errors.JoiningClosed
    return MembershipState.ACTIVE if group.participants < group.capacity else MembershipState.WAITING


def may_take_part(group: KeptGroup, role: Role, *, is_covered: bool) -> None:
    """Raises ParticipantWithoutConsent for a participant whose taking part nobody has said yes to, where that is asked."""
    if role is Role.PARTICIPANT and not group.without_consent and not is_covered:
        raise errors.ParticipantWithoutConsent


def my_group(group: KeptGroup, membership: Membership, *, is_covered: bool) -> MyGroup:
    """One's own place in a group. Without consent it still shows, so that one can leave, and says what is missing."""
    asked = membership.role is Role.PARTICIPANT and not group.without_consent
    return MyGroup(group.told(), membership, consent_missing=asked and not is_covered)


def still_open(group: KeptGroup, programme: Definition, held: int) -> bool:
    """Whether participants may still join: before the series is over, and as long as the programme says."""
    until = programme.rules.join_until_session
    return group.state in (GroupState.PLANNED, GroupState.RUNNING) and (until is None or held < until)


def is_valid(certificate: Certificate, day: Date) -> bool:
    """Whether a certificate is good on a day."""
    return certificate.withdraw_time is None and (certificate.last_date is None or day <= certificate.last_date)


@frozen
class Leading:
    """What is known of somebody who is to lead."""

    certified: bool
    checked: bool


def may_start(group: KeptGroup, programme: Definition, leaders: Sequence[Leading], substitute: Leading | None) -> None:
    """Raises GroupNotPlanned, NoParticipants, TooFewLeaders, LeaderNotCertified, BackgroundCheckMissing.

    Fewer leaders than the programme asks for are enough if there is one at least and a substitute is named.
    """
    if group.state is not GroupState.PLANNED:
        raise errors.GroupNotPlanned
    if group.participants == 0:
        raise errors.NoParticipants
    if not leaders or (len(leaders) < programme.rules.leaders_needed and substitute is None):
        raise errors.TooFewLeaders
    for one in (*leaders, *([substitute] if substitute else [])):
        may_lead(programme, certified=one.certified)
    if programme.rules.background_check and not all(one.checked for one in leaders):
        raise errors.BackgroundCheckMissing


def is_looked_after(programme: Definition, *, protected: bool) -> None:
    """Raises GroupHasNoContacts for a group for young people, unless somebody has told that it is protected."""
    if programme.kind is not ProgrammeKind.TRAINING and not protected:
        raise errors.GroupHasNoContacts


def may_lead(programme: Definition, *, certified: bool) -> None:
    """Raises LeaderNotCertified if the programme asks for a certificate and there is none that is valid."""
    if programme.rules.leader_certificate and not certified:
        raise errors.LeaderNotCertified


def planned(group: KeptGroup, session: KeptSession) -> None:
    """Raises GroupOver; SessionNotPlanned for a session that was held or cancelled."""
    not_over(group)
    if session.state is not SessionState.PLANNED:
        raise errors.SessionNotPlanned


def may_make_up(group: KeptGroup, session: KeptSession, sessions: Iterable[KeptSession]) -> None:
    """Raises GroupOver, SessionNotCancelled, SessionMadeUp."""
    not_over(group)
    if session.state is not SessionState.CANCELLED:
        raise errors.SessionNotCancelled
    if any(one.makes_up_for_id == session.id for one in sessions):
        raise errors.SessionMadeUp


def may_record(group: KeptGroup, session: KeptSession, hold_time: Instant, now: Instant) -> None:
    """Raises GroupNotStarted, SessionNotPlanned (cancelled), SessionToCome, SeriesNotOver; Invalid for an unlikely moment."""
    if group.state is GroupState.PLANNED:
        raise errors.GroupNotStarted
    if session.state is SessionState.CANCELLED:
        raise errors.SessionNotPlanned
    if hold_time > now:
        raise errors.SessionToCome
    if abs((hold_time - session.start_time).total("hours")) > 24 * LONGEST_DELAY_DAYS:
        raise Invalid(Field("hold_time", f"a moment within {LONGEST_DELAY_DAYS} days of the planned start"))
    if session.follow_up and session.state is SessionState.PLANNED and group.state is not GroupState.FOLLOW_UP:
        raise errors.SeriesNotOver


def marks_fit(
    marks: Sequence[AttendanceMark], members: Sequence[Membership], begins: Instant, programme: Definition
) -> dict[str, Membership]:
    """The marked memberships by id. Raises Invalid unless the marks are of members at the time, each once, and none of the
    participants who were in the group for the whole session is left out."""
    ends = lasting(programme, begins)
    there = {one.id: one for one in members if _overlaps(one, begins, ends)}
    seen = set[str]()
    for n, mark in enumerate(marks):
        if mark.membership_id not in there or mark.membership_id in seen:
            raise Invalid(Field(f"attendance[{n}].membership_id", "a membership of the group at that time, once"))
        seen.add(mark.membership_id)
    for one in there.values():
        whole = one.join_time is not None and one.join_time <= begins and (one.end_time is None or one.end_time >= ends)
        if one.role is Role.PARTICIPANT and whole and one.id not in seen:
            raise Invalid(Field("attendance", "a mark for each participant who was in the group then"))
    return {one: there[one] for one in seen}


def presence_changed(
    members: Sequence[Membership], before: Sequence[AttendanceMark], after: Sequence[AttendanceMark]
) -> list[tuple[str, bool]]:
    """Of which participants a record says something new: whether they were there. Who is marked no more was not."""
    was, now = ({one.membership_id: one.attendance in THERE for one in marks} for marks in (before, after))
    return [
        (one.person_id, now.get(one.id, False))
        for one in members
        if one.role is Role.PARTICIPANT and was.get(one.id) is not now.get(one.id, False if one.id in was else None)
    ]


def _overlaps(one: Membership, begins: Instant, ends: Instant) -> bool:
    return one.join_time is not None and one.join_time <= ends and (one.end_time is None or one.end_time > begins)


def activities_fit(marks: Sequence[ActivityMark], session: SessionDefinition) -> None:
    """Raises Invalid unless there is no mark at all, or one for each activity of the session."""
    there = {one.id for one in session.activities}
    seen = set[str]()
    for n, mark in enumerate(marks):
        if mark.activity_id not in there or mark.activity_id in seen:
            allowed = ", ".join(sorted(there)) or "none: this session has no activities"
            raise Invalid(Field(f"activities[{n}].activity_id", f"one of {allowed}; each once"))
        seen.add(mark.activity_id)
    if seen and seen != there:
        raise Invalid(Field("activities", "a mark for each activity of the session, or none at all"))


def state_of(group: KeptGroup, sessions: Collection[KeptSession]) -> GroupState:
    """Where a group that has begun stands, by its sessions.

    It runs as long as a session of the series is open or none was held; then the follow-up is to come; once that was held (or
    there is none in the programme) it is completed. Planned, completed and ended groups stay what they are.
    """
    if group.state not in (GroupState.RUNNING, GroupState.FOLLOW_UP):
        return group.state
    series = [one.state for one in sessions if not one.follow_up]
    after = [one.state for one in sessions if one.follow_up]
    if SessionState.PLANNED in series or SessionState.HELD not in series:
        return GroupState.RUNNING
    return GroupState.COMPLETED if SessionState.HELD in after or not after else GroupState.FOLLOW_UP


def series_held(sessions: Iterable[KeptSession]) -> int:
    """How many sessions of the series were held."""
    return sum(1 for one in sessions if not one.follow_up and one.state is SessionState.HELD)


def follow_up_moves(
    group: KeptGroup, programme: Definition, sessions: Collection[KeptSession]
) -> tuple[KeptSession, Instant] | None:
    """The follow-up and its new start, if it follows the series and the series has moved; None if nothing is to be done.

    It counts from the last session of the series: the day on which it was held, or is to be; cancelled ones do not count.
    """
    follows = [one for one in sessions if one.follow_up and one.state is SessionState.PLANNED and not one.moved]
    series = [one for one in sessions if not one.follow_up and one.state is not SessionState.CANCELLED]
    if not follows or not series:
        return None
    last = max(
        one.start_time if one.hold_time is None else on_the_day(one.hold_time, one.start_time, group.time_zone)
        for one in series
    )
    start = follow_up_start(programme, last, group.time_zone)
    if start is None or start == follows[0].start_time:
        return None
    return follows[0], start


def may_certify(
    programme: Definition, group: KeptGroup, membership: Membership, attended: int, given: Collection[Certificate]
) -> CertificateDefinition:
    """What the certificate is to be like. ``given``: those for this membership that were not withdrawn.

    Raises NoCertificate, MembershipEnded, TrainingNotDone, TooFewSessions, CertificateHeld.
    """
    if programme.certificate is None or membership.role is not Role.PARTICIPANT:
        raise errors.NoCertificate
    if membership.state is not MembershipState.ACTIVE:
        raise errors.MembershipEnded
    if group.state is not GroupState.COMPLETED:
        raise errors.TrainingNotDone
    if attended < programme.certificate.least_sessions:
        raise errors.TooFewSessions
    if given:
        raise errors.CertificateHeld
    return programme.certificate
