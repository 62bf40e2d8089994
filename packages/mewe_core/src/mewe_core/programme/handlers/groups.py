"""Groups: made, started, ended, shown. GroupService."""

from attrs import evolve

from mewe_core.kit.access import Purpose
from mewe_core.kit.checks import zone
from mewe_core.kit.errors import Field, Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import covered
from mewe_core.programme import errors, rules
from mewe_core.programme.definition import Definition
from mewe_core.programme.events import GroupProtected, GroupState
from mewe_core.programme.handlers import changes
from mewe_core.programme.handlers.subject import group_here, page, person, programme_of
from mewe_core.programme.model.groups import (
    CreateGroupRequest,
    EndGroupRequest,
    GetGroupProgrammeRequest,
    GetGroupRequest,
    Group,
    ListGroupsRequest,
    ListGroupsResponse,
    ListMyGroupsRequest,
    ListMyGroupsResponse,
    Membership,
    MembershipState,
    NameSubstituteRequest,
    StartGroupRequest,
)
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.model.programmes import Programme
from mewe_core.programme.model.sessions import CancelReason, SessionState
from mewe_core.programme.offer import Offer, told
from mewe_core.programme.series import PlannedSession, plan_dates, plan_series
from mewe_core.programme.store import belonging, groups, sessions, training


async def create_group(request: CreateGroupRequest, work: Work) -> Group:
    """Make a group and plan all its sessions. Raises NoSuchProgramme; Invalid for a capacity, zone or starts that cannot be."""
    programme = work.settings(Offer).newest(request.programme_id)
    if programme is None:
        raise errors.NoSuchProgramme
    if request.capacity > programme.most_participants:
        raise Invalid(Field("capacity", f"a number from 0 to {programme.most_participants}, as the programme allows"))
    planned = _planned(request, programme)
    group = KeptGroup(
        id=work.new_id(),
        organisation_id=request.organisation_id,
        programme_id=programme.id,
        programme_version=programme.version,
        definition_id=await groups.keep_definition(work.database, programme),
        name=request.name,
        state=GroupState.PLANNED,
        time_zone=zone(request.time_zone),
        language=request.language or "en",
        capacity=request.capacity or programme.most_participants,
        leaders_needed=programme.rules.leaders_needed,
        substitute_id=None,
        create_time=work.now,
        begin_time=None,
        end_time=None,
        end_reason=None,
        without_consent=programme.without_consent,
        participants=0,
        waiting=0,
        leaders=0,
    )
    await groups.add_group(work.database, group)
    for one in planned:
        await sessions.add_session(work.database, _session(request, group, one, work))
    changes.tell_group(work, group)
    return group.told()


def _planned(request: CreateGroupRequest, programme: Definition) -> tuple[PlannedSession, ...]:
    path = "weekly" if request.weekly is not None else "explicit"
    try:
        if request.weekly is not None and request.explicit is None:
            skipped = request.weekly.skipped_dates
            return plan_series(programme, request.weekly.first, request.time_zone, skipped)
        if request.explicit is not None and request.weekly is None:
            return plan_dates(programme, request.explicit.starts, request.time_zone)
    except Invalid as fault:
        within = [Field(one.path if one.path == "time_zone" else f"{path}.{one.path}", one.rule) for one in fault.fields]
        raise Invalid(*within) from None
    raise Invalid(Field("weekly", "exactly one of weekly and explicit"))


def _session(request: CreateGroupRequest, group: KeptGroup, one: PlannedSession, work: Work) -> KeptSession:
    return KeptSession(
        id=work.new_id(),
        group_id=group.id,
        plan_id=one.plan_id,
        number=one.number,
        follow_up=one.follow_up,
        state=SessionState.PLANNED,
        start_time=one.starts_at,
        end_time=one.ends_at,
        mode=request.mode,
        place=request.place,
        link=request.link,
        makes_up_for_id=None,
        cancel_reason=None,
        revision=0,
        change_time=work.now,
        moved=False,
        hold_time=None,
        record_time=None,
        corrections=0,
    )


async def get_group(request: GetGroupRequest, work: Work) -> Group:
    """One group."""
    return (await group_here(work)).told()


async def get_group_programme(request: GetGroupProgrammeRequest, work: Work) -> Programme:
    """The programme as the group was made with it."""
    group = await group_here(work)
    return told(await programme_of(work, group), request.language or group.language)


async def list_groups(request: ListGroupsRequest, work: Work) -> ListGroupsResponse:
    """The groups of an organisation, oldest first. Raises Invalid for a page token of another list."""
    name = f"groups {request.organisation_id} {request.state or ''}"
    found, following = await page(
        name,
        request.page_size,
        request.page_token,
        lambda after, limit: groups.groups_of_organisation(work.database, request.organisation_id, request.state, after, limit),
        lambda one: (one.create_time, one.id),
    )
    return ListGroupsResponse(tuple(one.told() for one in found), following)


async def list_my_groups(request: ListMyGroupsRequest, work: Work) -> ListMyGroupsResponse:
    """The groups that the caller is in, leads or waits for. Raises Invalid for a page token of another list."""
    mine, following = await page(
        "my groups",
        request.page_size,
        request.page_token,
        lambda after, limit: groups.my_memberships(work.database, person(work), after, limit),
        lambda one: (one.create_time, one.id),
    )
    found = await groups.some_groups(work.database, [one.group_id for one in mine])
    is_covered = await covered(work.database, person(work), Purpose.TAKE_PART, work.now)
    shown = tuple(rules.my_group(found[one.group_id], one, is_covered=is_covered) for one in mine)
    return ListMyGroupsResponse(shown, following)


async def start_group(request: StartGroupRequest, work: Work) -> Group:
    """Let a planned group begin.

    Raises GroupNotPlanned, NoParticipants, TooFewLeaders, LeaderNotCertified, BackgroundCheckMissing, GroupHasNoContacts.
    """
    group = await group_here(work)
    programme = await programme_of(work, group)
    leaders = [
        one
        for one in await groups.memberships(work.database, group.id)
        if one.role == "leader" and one.state is MembershipState.ACTIVE
    ]
    leading = [await _leading(work, group, programme, one) for one in leaders]
    substitute = None
    if group.substitute_id is not None:
        substitute = rules.Leading(await is_certified(work, group, programme, group.substitute_id), checked=False)
    rules.may_start(group, programme, leading, substitute)
    rules.is_looked_after(programme, protected=await groups.is_protected(work.database, group.id))
    begun = evolve(group, begin_time=work.now)
    return (await changes.stand(work, begun, GroupState.RUNNING)).told()


async def hear_group_protected(event: GroupProtected, work: Work) -> None:
    """Know which groups have adults who look after their young people."""
    await groups.keep_protected(work.database, event.group_id, protected=event.protected)


async def _leading(work: Work, group: KeptGroup, programme: Definition, one: Membership) -> rules.Leading:
    certified = await is_certified(work, group, programme, one.person_id)
    return rules.Leading(certified, checked=one.background_check_date is not None)


async def is_certified(work: Work, group: KeptGroup, programme: Definition, person_id: str) -> bool:
    """Whether somebody holds the certificate that the programme asks of leaders, good today in the group's time zone."""
    wanted = programme.rules.leader_certificate
    today = work.now.to_tz(group.time_zone).date()
    held = await training.of_person(work.database, person_id, wanted) if wanted else []
    return any(rules.is_valid(one, today) for one in held)


async def end_group(request: EndGroupRequest, work: Work) -> Group:
    """End a group before it is completed, and cancel its sessions to come. Raises GroupOver."""
    group = await group_here(work)
    rules.not_over(group)
    for one in await sessions.sessions(work.database, group.id):
        if one.state is SessionState.PLANNED:
            cancelled = evolve(
                one,
                state=SessionState.CANCELLED,
                cancel_reason=CancelReason.GROUP_ENDED,
                revision=one.revision + 1,
                change_time=work.now,
            )
            await sessions.change_session(work.database, cancelled)
    await changes.stand(work, evolve(group, end_reason=request.reason), GroupState.ENDED)
    return (await group_here(work)).told()


async def name_substitute(request: NameSubstituteRequest, work: Work) -> Group:
    """Name who steps in for a lone leader, or nobody.

    Raises NotFound for whoever belongs to another organisation; GroupOver, AlreadyMember, LeaderNotCertified.
    """
    group = await group_here(work)
    rules.not_over(group)
    if request.person_id is not None:
        if not await belonging.belongs(work.database, request.person_id, group.organisation_id):
            raise NotFound
        programme = await programme_of(work, group)
        members = await groups.memberships(work.database, group.id)
        if any(one.person_id == request.person_id and one.state is not MembershipState.ENDED for one in members):
            raise errors.AlreadyMember
        rules.may_lead(programme, certified=await is_certified(work, group, programme, request.person_id))
    changed = evolve(group, substitute_id=request.person_id)
    await groups.change_group(work.database, changed)
    return changed.told()
