"""Who is in a group: joining, waiting, leaving. GroupService."""

from contextlib import suppress

from attrs import evolve
from whenever import Date, Instant

from mewe_core.kit.access import Purpose, Role
from mewe_core.kit.errors import Conflict, Field, Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import ErasureDecided, is_erased
from mewe_core.kit.standing import covered
from mewe_core.people.events import GuestConfirmed, PersonInvited
from mewe_core.programme import errors, rules
from mewe_core.programme.events import GroupState
from mewe_core.programme.handlers import changes
from mewe_core.programme.handlers.groups import is_certified
from mewe_core.programme.handlers.subject import group_here, membership_here, page, person, programme_of
from mewe_core.programme.model.groups import (
    AddMemberRequest,
    EndMembershipRequest,
    LeaveGroupRequest,
    LeaveReason,
    ListMembersRequest,
    ListMembersResponse,
    Membership,
    MembershipState,
    NoteBackgroundCheckRequest,
)
from mewe_core.programme.model.kept import KeptGroup
from mewe_core.programme.store import belonging, groups, sessions

MOST_GROUPS = 1000
"""More groups at once than anybody is in."""

EARLIEST_CHECK = Date(2000, 1, 1)


async def add_member(request: AddMemberRequest, work: Work) -> Membership:
    """Take somebody of the organisation into a group, or to the end of its waiting list.

    Raises NotFound for whoever belongs to another organisation,
    OnlyCoordinators, ParticipantWithoutConsent, GroupOver, AlreadyMember, JoiningClosed, LeaderNotCertified; Invalid for
    another role.
    """
    rules.for_coordinators(work.standing, request.role)
    group = await group_here(work)
    if not await belonging.belongs(work.database, request.person_id, group.organisation_id):
        raise NotFound
    is_covered = await covered(work.database, request.person_id, Purpose.TAKE_PART, work.now)
    rules.may_take_part(group, request.role, is_covered=is_covered)
    return await _join(work, group, request.person_id, request.role)


async def hear_person_invited(event: PersonInvited, work: Work) -> None:
    """Know to which organisation somebody belongs; nothing is kept of somebody who was erased."""
    if await is_erased(work.database, event.person_id):
        return
    await belonging.keep(work.database, event.person_id, event.organisation_id)


async def hear_erasure_decided(event: ErasureDecided, work: Work) -> None:
    """Whoever is erased is in no group any more, and waits for none: their place is free."""
    there = await groups.my_memberships(work.database, event.person_id, (Instant.MIN, ""), MOST_GROUPS)
    for group_id in sorted({one.group_id for one in there}):
        group = await groups.held_group(work.database, group_id)
        for one in await groups.my_memberships(work.database, event.person_id, (Instant.MIN, ""), MOST_GROUPS):
            if one.group_id == group_id:
                await changes.end(work, one, LeaveReason.OWN_WISH)
        if group is not None:
            await changes.move_up(work, group.id, await programme_of(work, group))


async def hear_guest_confirmed(event: GuestConfirmed, work: Work) -> None:
    """Take whoever was invited for a group into it, or to its waiting list; not if it is another's, or one cannot join.

    Consent may come later: they have their place, and nothing in the group opens for them until it has.
    """
    group = await groups.group(work.database, event.group_id)
    if group is None or group.organisation_id != event.organisation_id or await is_erased(work.database, event.person_id):
        return
    with suppress(Conflict):
        await _join(work, group, event.person_id, Role.PARTICIPANT)


async def _join(work: Work, group: KeptGroup, person_id: str, role: Role) -> Membership:
    programme = await programme_of(work, group)
    group = await groups.held_group(work.database, group.id) or group
    held = rules.series_held(await sessions.sessions(work.database, group.id))
    state = rules.joins_as(group, programme, role, held)
    there = await groups.memberships(work.database, group.id)
    if any(one.person_id == person_id and one.state is not MembershipState.ENDED for one in there):
        raise errors.AlreadyMember
    if role is Role.LEADER and group.state is not GroupState.PLANNED:
        rules.may_lead(programme, certified=await is_certified(work, group, programme, person_id))
    membership = Membership(
        id=work.new_id(),
        group_id=group.id,
        person_id=person_id,
        role=role,
        state=state,
        create_time=work.now,
        join_time=work.now if state is MembershipState.ACTIVE else None,
        end_time=None,
        reason=None,
        background_check_date=None,
        background_check_seen_by_id=None,
    )
    await groups.add_membership(work.database, membership)
    changes.tell_standing(work, membership, None)
    return membership


async def note_background_check(request: NoteBackgroundCheckRequest, work: Work) -> Membership:
    """Note that a leader has shown a background check, and that the caller saw it.

    Raises NotALeader, MembershipEnded; Invalid for a date to come.
    """
    membership = await membership_here(work, request.membership_id)
    group = await group_here(work)
    if membership.role is not Role.LEADER:
        raise errors.NotALeader
    if membership.state is MembershipState.ENDED:
        raise errors.MembershipEnded
    if not EARLIEST_CHECK <= request.date <= work.now.to_tz(group.time_zone).date():
        raise Invalid(Field("date", f"a date from {EARLIEST_CHECK} to today"))
    noted = evolve(membership, background_check_date=request.date, background_check_seen_by_id=person(work))
    await groups.change_membership(work.database, noted)
    return noted


async def leave_group(request: LeaveGroupRequest, work: Work) -> Membership:
    """Leave a group, or its waiting list, oneself. Raises MembershipEnded."""
    return await _end(work, request.membership_id, LeaveReason.OWN_WISH)


async def end_membership(request: EndMembershipRequest, work: Work) -> Membership:
    """End somebody's membership. Raises OnlyCoordinators (for a leader's), MembershipEnded."""
    rules.for_coordinators(work.standing, (await membership_here(work, request.membership_id)).role)
    return await _end(work, request.membership_id, request.reason)


async def _end(work: Work, membership_id: str, reason: LeaveReason) -> Membership:
    await groups.held_group(work.database, work.standing.scope.id)
    membership = await membership_here(work, membership_id)
    if membership.state is MembershipState.ENDED:
        raise errors.MembershipEnded
    ended = await changes.end(work, membership, reason)
    group = await group_here(work)
    await changes.move_up(work, group.id, await programme_of(work, group))
    return ended


async def list_members(request: ListMembersRequest, work: Work) -> ListMembersResponse:
    """Who is or was in a group, or waits for it. Raises Invalid for a page token of another list."""
    found, following = await page(
        f"members {request.group_id}",
        request.page_size,
        request.page_token,
        lambda after, limit: groups.memberships_by_page(work.database, request.group_id, after, limit),
        lambda one: (one.create_time, one.id),
    )
    return ListMembersResponse(found, following)
