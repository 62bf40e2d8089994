"""How the programme declares itself, and the programmes that come with it."""

from collections.abc import Sequence
from importlib.resources import files

from mewe_core.kit.access import Purpose, Role, member, signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.people.events import GuestConfirmed, PersonInvited
from mewe_core.programme.emergency import handlers as emergency
from mewe_core.programme.emergency.rules import BREAK_GLASS, SECOND
from mewe_core.programme.emergency.store import organisation_of_reading
from mewe_core.programme.errors import ERRORS
from mewe_core.programme.events import EVENTS, GroupProtected
from mewe_core.programme.handlers import groups, members, programmes, records, recruitment, sessions, training
from mewe_core.programme.offer import ProgrammeSettings, configure
from mewe_core.programme.personal import PERSONAL_DATA
from mewe_core.programme.store import scopes
from mewe_core.programme.store.tables import METADATA

COORDINATES = (Role.COORDINATOR,)
OVERSEES = (Role.COORDINATOR, Role.SUPERVISOR)
LEADS = (Role.LEADER, Role.COORDINATOR)
FOLLOWS = (Role.LEADER, Role.COORDINATOR, Role.SUPERVISOR)
SEES = (Role.PARTICIPANT, Role.LEADER, Role.COORDINATOR, Role.SUPERVISOR)

SEES_GROUP = member(scope=scopes.of_group, roles=SEES, consent=Purpose.TAKE_PART)


@hookimpl
def mewe_feature() -> Feature:
    """Programmes, groups, recruitment, training."""
    return Feature(
        name="programme",
        package="mewe_core.programme",
        version="1",
        summary="Programmes as data; groups that run them, from the first plan to the follow-up; training and certificates.",
        needs=("people",),
        tables=METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        errors=ERRORS,
        settings=ProgrammeSettings,
        jobs=(Job(emergency.end_readings_without_a_role),),
        configure=configure,
        hears=(
            Hears(GroupProtected, groups.hear_group_protected),
            Hears(PersonInvited, members.hear_person_invited),
            Hears(ErasureDecided, members.hear_erasure_decided, lock=lambda event: event.person_id),
            Hears(GuestConfirmed, members.hear_guest_confirmed, lock=lambda event: event.group_id),
        ),
        rpcs=(
            Rpc(programmes.list_programmes, signed_in()),
            Rpc(programmes.get_programme, signed_in()),
            Rpc(groups.create_group, member(scope=scopes.of_organisation, roles=COORDINATES)),
            Rpc(groups.get_group, SEES_GROUP),
            Rpc(groups.get_group_programme, SEES_GROUP),
            Rpc(groups.list_groups, member(scope=scopes.of_organisation, roles=OVERSEES)),
            Rpc(groups.list_my_groups, signed_in()),
            Rpc(groups.start_group, member(scope=scopes.of_group, roles=LEADS)),
            Rpc(groups.end_group, member(scope=scopes.of_group, roles=COORDINATES)),
            Rpc(groups.name_substitute, member(scope=scopes.of_group, roles=COORDINATES)),
            Rpc(members.add_member, member(scope=scopes.of_group, roles=LEADS)),
            Rpc(members.note_background_check, member(scope=scopes.of_membership, roles=COORDINATES)),
            Rpc(members.leave_group, member(scope=scopes.of_membership, own=True)),
            Rpc(members.end_membership, member(scope=scopes.of_membership, roles=LEADS)),
            Rpc(members.list_members, member(scope=scopes.of_group, roles=FOLLOWS)),
            Rpc(sessions.list_sessions, SEES_GROUP),
            Rpc(sessions.move_session, member(scope=scopes.of_session, roles=LEADS)),
            Rpc(sessions.cancel_session, member(scope=scopes.of_session, roles=LEADS)),
            Rpc(sessions.make_up_session, member(scope=scopes.of_session, roles=LEADS)),
            Rpc(sessions.set_meeting, member(scope=scopes.of_session, roles=LEADS)),
            Rpc(sessions.get_calendar, SEES_GROUP, gives_much=True),
            Rpc(records.record_session, member(scope=scopes.of_session, roles=LEADS)),
            Rpc(records.get_session_record, member(scope=scopes.of_session, roles=FOLLOWS)),
            Rpc(records.get_group_summary, member(scope=scopes.of_group, roles=FOLLOWS)),
            Rpc(recruitment.add_candidate, member(scope=scopes.of_organisation, roles=COORDINATES)),
            Rpc(recruitment.move_candidate, member(scope=scopes.of_candidate, roles=COORDINATES)),
            Rpc(recruitment.list_candidates, member(scope=scopes.of_organisation, roles=COORDINATES)),
            Rpc(recruitment.get_funnel, member(scope=scopes.of_organisation, roles=OVERSEES)),
            Rpc(training.issue_certificate, member(scope=scopes.of_membership, roles=OVERSEES)),
            Rpc(training.withdraw_certificate, member(scope=scopes.of_certificate, roles=OVERSEES)),
            Rpc(training.list_certificates, member(scope=scopes.of_organisation, roles=OVERSEES)),
            Rpc(training.list_my_certificates, signed_in()),
            Rpc(emergency.begin_emergency_reading, member(scope=scopes.of_group, roles=BREAK_GLASS)),
            Rpc(emergency.end_emergency_reading, member(scope=organisation_of_reading, roles=SECOND, own=True)),
            Rpc(emergency.list_emergency_readings, signed_in()),
            Rpc(emergency.set_emergency_address, member(scope=scopes.of_organisation, roles=SECOND)),
        ),
    )


@hookimpl
def mewe_programmes() -> Sequence[str]:
    """The programmes in the folder ``programmes``: ME-WE, and the training of its leaders."""
    folder = files("mewe_core.programme") / "programmes"
    return [one.read_text("utf-8") for one in sorted(folder.iterdir(), key=lambda one: one.name) if one.name.endswith(".toml")]
