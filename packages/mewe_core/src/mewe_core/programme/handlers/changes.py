"""What follows from a change in a group: its standing told, its follow-up moved, its state kept, its list moved up."""

from attrs import evolve
from whenever import Instant

from mewe_core.kit.access import ScopeKind
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import StandingChanged
from mewe_core.programme import rules
from mewe_core.programme.definition import Definition
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_core.programme.model.groups import LeaveReason, Membership, MembershipState
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.offer import Offer
from mewe_core.programme.series import lasting
from mewe_core.programme.store import groups, sessions


def tell_standing(work: Work, membership: Membership, until: Instant | None) -> None:
    """Tell that somebody is in a group, from when they got their place to ``until``; nothing for who never got one."""
    if membership.join_time is not None:
        work.emit(
            StandingChanged(
                id=membership.id,
                person_id=membership.person_id,
                role=membership.role,
                scope_kind=ScopeKind.GROUP,
                scope_id=membership.group_id,
                since=membership.join_time,
                until=until,
            )
        )


def tell_group(work: Work, group: KeptGroup) -> None:
    """Tell where a group stands."""
    work.emit(
        GroupChanged(
            group_id=group.id,
            organisation_id=group.organisation_id,
            state=group.state,
            without_consent=group.without_consent,
        )
    )


async def stand(work: Work, group: KeptGroup, state: GroupState) -> KeptGroup:
    """Let the group stand where it now does, and tell; closes it for its members if it is over."""
    over = state in rules.OVER
    changed = evolve(group, state=state, end_time=work.now if over else None)
    await groups.change_group(work.database, changed)
    tell_group(work, changed)
    if over:
        await _close(work, changed)
    return changed


async def _close(work: Work, group: KeptGroup) -> None:
    """Members see the group for some days more; who still waits does so no longer."""
    until = work.now.add(hours=24 * work.settings(Offer).settings.days_open_afterwards)
    for one in await groups.memberships(work.database, group.id):
        if one.state is MembershipState.ACTIVE:
            tell_standing(work, one, until)
        elif one.state is MembershipState.WAITING:
            await end(work, one, LeaveReason.OTHER)


async def end(work: Work, membership: Membership, reason: LeaveReason) -> Membership:
    """End a membership now, and tell."""
    ended = evolve(membership, state=MembershipState.ENDED, end_time=work.now, reason=reason)
    await groups.change_membership(work.database, ended)
    tell_standing(work, ended, work.now)
    return ended


async def move_up(work: Work, group_id: str, programme: Definition) -> None:
    """Give places that are free to those who have waited longest, as long as one may join."""
    group = await groups.held_group(work.database, group_id)
    if group is None:
        return
    held = rules.series_held(await sessions.sessions(work.database, group.id))
    if not rules.still_open(group, programme, held):
        return
    for _ in range(group.capacity - group.participants):
        first = await groups.first_waiting(work.database, group.id)
        if first is None:
            return
        joined = evolve(first, state=MembershipState.ACTIVE, join_time=work.now)
        await groups.change_membership(work.database, joined)
        tell_standing(work, joined, None)


async def settle(work: Work, group: KeptGroup, programme: Definition) -> KeptGroup:
    """Let the follow-up and the state of the group follow its sessions."""
    there = await sessions.sessions(work.database, group.id)
    moves = rules.follow_up_moves(group, programme, there)
    if moves is not None:
        await sessions.change_session(work.database, restarted(work, programme, moves[0], moves[1]))
    state = rules.state_of(group, there)
    return group if state is group.state else await stand(work, group, state)


def restarted(work: Work, programme: Definition, session: KeptSession, start: Instant) -> KeptSession:
    """The session with another start: a change that calendars show."""
    return evolve(
        session,
        start_time=start,
        end_time=lasting(programme, start),
        revision=session.revision + 1,
        change_time=work.now,
    )
