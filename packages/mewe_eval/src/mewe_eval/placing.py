"""What evaluation hears of groups and of who is in them: everybody has the forms that the studies ask of them."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.noticing import NoticesWanted
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.telling import is_erased
from mewe_core.kit.standing import ConsentChanged, StandingChanged
from mewe_core.kit.values import columns, micros
from mewe_core.programme.events import AttendanceMarked, GroupChanged, GroupProtected, GroupState, SessionHeld
from whenever import Instant

from mewe_eval import assignment_store, group_store, reminding, store
from mewe_eval.assignment_store import KeptAssignment
from mewe_eval.group_store import KeptAttendance, KeptGroup, KeptSession, Member
from mewe_eval.instruments.licence import may_schedule
from mewe_eval.instruments.model import Respondent
from mewe_eval.protocol.definition import Asked, From, Protocol, Unit
from mewe_eval.protocol.reading import may_begin
from mewe_eval.protocol.timing import Opening, opening
from mewe_eval.settings import Deployed
from mewe_eval.store import KeptForm

NAMED = "eval.form"
"""What the ids of forms are hashed for: the same form has the same id, however often it is placed."""

ROLES: Mapping[Respondent, Role] = {Respondent.PARTICIPANT: Role.PARTICIPANT, Respondent.GROUP_LEADER: Role.LEADER}
"""Who is asked by the service, and what they are in a group."""


async def hear_group_changed(event: GroupChanged, work: Work) -> None:
    """Keep where a group stands, and place its forms: the sessions are over when only the follow-up is left."""
    kept = KeptGroup(event.group_id, event.organisation_id, event.state, event.without_consent, staffed=False)
    await work.database.execute(group_store.KEEP_GROUP, **columns(kept))
    await place(work, event.group_id)


async def hear_group_protected(event: GroupProtected, work: Work) -> None:
    """Keep whether a group has adults who look at what alarms."""
    kept = KeptGroup(event.group_id, "", GroupState.PLANNED, training=True, staffed=event.protected)
    await work.database.execute(group_store.KEEP_STAFFED, **columns(kept))


async def hear_session_held(event: SessionHeld, work: Work) -> None:
    """Keep that a session was held, and place what is counted from it."""
    held = KeptSession(event.session_id, event.group_id, event.number, event.follow_up, event.held_at)
    await work.database.execute(group_store.KEEP_SESSION, **columns(held))
    await place(work, event.group_id)


async def hear_attendance_marked(event: AttendanceMarked, work: Work) -> None:
    """Keep whether somebody was at a session, as it was told last; nothing is kept of somebody who was erased."""
    if not await is_erased(work.database, event.person_id):
        kept = KeptAttendance(event.session_id, event.person_id, event.group_id, event.present, event.held_at)
        await work.database.execute(group_store.KEEP_ATTENDANCE, **columns(kept))


async def hear_standing_changed(event: StandingChanged, work: Work) -> None:
    """Place the forms of whoever joins a group; whoever leaves is asked nothing any more."""
    if event.scope_kind is not ScopeKind.GROUP:
        return
    if event.until is not None and event.until <= work.now:
        await reminding.asked_no_more(work, event.person_id, event.scope_id)
    elif not await is_erased(work.database, event.person_id):
        await place(work, event.scope_id)


async def hear_consent_changed(event: ConsentChanged, work: Work) -> None:
    """Whoever consents to the evaluation no more is asked nothing any more."""
    if event.purpose is Purpose.EVALUATION and not event.covered:
        await reminding.asked_no_more(work, event.person_id, None)


async def hear_notices_wanted(event: NoticesWanted, work: Work) -> None:
    """Keep who wants notices; nothing is kept of somebody who was erased."""
    wanted = event.wanted and not await is_erased(work.database, event.person_id)
    await work.database.execute(store.WANTS if wanted else store.WANTS_NOT, person_id=event.person_id)


async def say_what_waits(work: Work) -> str | None:
    """Which studies of this deployment cannot run, and why: said to whoever starts it."""
    deployed, told = work.settings(Deployed), list[str]()
    today = work.now.to_tz(deployed.settings.time_zone.key).date()
    licences = {one.instrument: one for one in deployed.settings.licences}
    sign_offs = {one.instrument: one for one in deployed.settings.sign_offs}
    for protocol in deployed.protocols.values():
        told += [
            f'The study "{protocol.id}" does not ask {why}'
            for why in may_begin(protocol, deployed.instruments, licences, sign_offs, today)
        ]
    return "\n".join(told) or None


async def place(work: Work, group_id: str) -> None:
    """Have every form that can be placed by what has happened so far; one that is not finished moves with it."""
    group = await work.database.first(group_store.GROUP_BY_ID, KeptGroup, which=group_id)
    if group is None or group.training or group.state is GroupState.ENDED:
        return
    deployed = work.settings(Deployed)
    shared = moments(group, await work.database.all(group_store.SESSIONS, KeptSession, which=group_id))
    there = {one.id: one for one in await work.database.all(store.FORMS_OF_GROUP, KeptForm, which=group_id)}
    drawn = {
        (one.study, one.unit_id): one
        for one in await work.database.all(assignment_store.OF_GROUP, KeptAssignment, group_id=group_id)
    }
    for member in _joined(await work.database.all(group_store.MEMBERS, Member, which=group_id, now=work.now)):
        happened = {**shared, From.JOINED.value: member.since}
        for protocol in deployed.protocols.values():
            draw = drawn.get((protocol.id, group_id)) or drawn.get((protocol.id, member.person_id))
            since = {} if draw is None else {From.ASSIGNED.value: draw.assign_time}
            for asked, when in _asked(deployed, protocol, member.role, arm_of(protocol, draw), {**happened, **since}):
                await _place(work, there, _form(work, deployed, protocol, asked, member, group_id, when))


def moments(group: KeptGroup, sessions: Sequence[KeptSession]) -> Mapping[str, Instant]:
    """What has happened in a group, by what a protocol calls it. Pure. ``sessions``: by when they were held."""
    regular = [one for one in sessions if not one.follow_up]
    happened = {f"session-{one.number}": one.held_time for one in reversed(regular)}
    if regular:
        happened[From.STARTED.value] = regular[0].held_time
        if group.state in (GroupState.FOLLOW_UP, GroupState.COMPLETED):
            happened[From.ENDED.value] = regular[-1].held_time
    for one in sessions:
        if one.follow_up:
            happened[From.FOLLOW_UP.value] = one.held_time
    return happened


def _joined(members: Sequence[Member]) -> tuple[Member, ...]:
    """Everybody once a role, since they first had it."""
    first = dict[tuple[str, Role], Member]()
    for one in members:
        first.setdefault((one.person_id, one.role), one)
    return tuple(first.values())


def arm_of(protocol: Protocol, draw: KeptAssignment | None) -> str | None:
    """The arm of somebody: the only one, or what was drawn for them; None: nothing was drawn yet."""
    if protocol.assignment.unit is Unit.NONE:
        return next(iter(protocol.arms))
    return None if draw is None or draw.arm not in protocol.arms else draw.arm


def _asked(
    deployed: Deployed, protocol: Protocol, role: Role, arm: str | None, happened: Mapping[str, Instant]
) -> Iterator[tuple[Asked, Opening]]:
    zone = deployed.settings.time_zone
    for asked in protocol.asked:
        window = protocol.window(asked.wave, arm)
        when = None if window is None or ROLES.get(asked.role) is not role else opening(window, happened, zone)
        if when is not None:
            yield asked, when


async def _place(work: Work, there: Mapping[str, KeptForm], form: KeptForm) -> None:
    before = there.get(form.id)
    if before is None:
        if form.close_time > work.now and _is_allowed(work, form):
            await store.add_form(work.database, form)
        return
    moved = (before.open_time, before.close_time, before.remind_times) != (form.open_time, form.close_time, form.remind_times)
    if moved and before.finish_time is None:
        await work.database.execute(
            store.MOVE_FORM,
            which=form.id,
            opens=form.open_time,
            closes=form.close_time,
            times=form.remind_times,
            next=reminding.following(form.remind_times, before.reminded),
        )


def _form(
    work: Work, deployed: Deployed, protocol: Protocol, asked: Asked, member: Member, group_id: str, when: Opening
) -> KeptForm:
    named = "/".join((protocol.id, asked.wave, asked.instrument, member.role.value, group_id, member.person_id))
    times = " ".join(str(micros(one)) for one in when.reminders)
    form = KeptForm(
        work.keys.digest(NAMED, named.encode())[:32],
        protocol.id,
        protocol.version,
        asked.wave,
        asked.instrument,
        asked.version,
        member.role.value,
        member.person_id,
        group_id,
        when.opens,
        when.closes,
        times,
    )
    return evolve(form, remind_time=reminding.following(times, 0))


def _is_allowed(work: Work, form: KeptForm) -> bool:
    """Whether the instrument may be put before everybody whom the study asks."""
    deployed = work.settings(Deployed)
    instrument, protocol = deployed.instruments[form.instrument], deployed.protocols[form.study]
    day = work.now.to_tz(deployed.settings.time_zone.key).date()
    of_protocol = range(protocol.ages.least, protocol.ages.most + 1) if protocol.ages else ()
    ages = of_protocol if form.role == Role.PARTICIPANT.value else ()
    licence, sign_off = deployed.licence(form.instrument), deployed.sign_off(form.instrument)
    return all(may_schedule(instrument, licence, age, sign_off, day) is None for age in ages or (instrument.ages.least,))
