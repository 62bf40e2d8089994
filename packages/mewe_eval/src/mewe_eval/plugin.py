"""How evaluation declares itself."""

from mewe_core.kit.access import Purpose, Role, member, nationally, signed_in
from mewe_core.kit.commands import Command
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc, Start
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.noticing import NoticesWanted
from mewe_core.kit.standing import ConsentChanged, StandingChanged
from mewe_core.programme.events import AttendanceMarked, GroupChanged, GroupProtected, SessionHeld
from mewe_core.safety.events import ConcernChanged

from mewe_eval import (
    alert_store,
    alerts,
    assigning,
    exporting,
    group_store,
    handlers,
    placing,
    publication_store,
    publishing,
    reminding,
    store,
)
from mewe_eval.errors import ERRORS
from mewe_eval.events import EVENTS
from mewe_eval.personal import PERSONAL_DATA
from mewe_eval.settings import EvaluationSettings, configure

ANSWERS = member(scope=store.scope_of_form, roles=(Role.PARTICIPANT, Role.LEADER), consent=Purpose.EVALUATION)
LEADS = member(scope=group_store.scope_of_group, roles=(Role.LEADER,))
DRAWS = member(scope=group_store.scope_of_group, roles=(Role.COORDINATOR, Role.RESEARCHER, Role.NATIONAL))
ANSWERS_FOR_IT = member(scope=group_store.scope_of_organisation, roles=(Role.RESEARCHER, Role.NATIONAL))
_REPORTS = (Role.COORDINATOR, Role.RESEARCHER, Role.NATIONAL)
REPORTS_ON_IT = member(scope=group_store.scope_of_organisation, roles=_REPORTS)
READS_REPORT = member(scope=publication_store.scope_of_publication, roles=_REPORTS)
OF_THE_CENTRE = nationally(roles=(Role.NATIONAL,))
BROUGHT_TO = member(scope=alert_store.concern_of_alert, roles=(Role.CONTACT,))


@hookimpl
def mewe_feature() -> Feature:
    """Evaluation."""
    return Feature(
        name="eval",
        package="mewe_eval",
        version="0.1.0",
        summary="What people are asked before, after and later; and figures that can be defended.",
        needs=("people", "programme", "safety"),
        rpcs=(
            Rpc(handlers.list_forms, signed_in()),
            Rpc(handlers.list_group_forms, LEADS),
            Rpc(handlers.get_form, ANSWERS),
            Rpc(handlers.put_answers, ANSWERS),
            Rpc(alerts.open_reported_answer, BROUGHT_TO),
            Rpc(assigning.assign_arm, DRAWS),
            Rpc(assigning.list_assignments, OF_THE_CENTRE),
            Rpc(assigning.end_drawing, OF_THE_CENTRE),
            Rpc(exporting.get_study_file, ANSWERS_FOR_IT),
            Rpc(publishing.publish_site_report, REPORTS_ON_IT, prepare=publishing.prepare_site),
            Rpc(publishing.publish_country_report, OF_THE_CENTRE, prepare=publishing.prepare_country),
            Rpc(publishing.list_site_reports, REPORTS_ON_IT),
            Rpc(publishing.list_country_reports, OF_THE_CENTRE),
            Rpc(publishing.get_report, READS_REPORT, gives_much=True),
        ),
        tables=store.METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        hears=(
            Hears(GroupChanged, placing.hear_group_changed, lock=lambda event: event.group_id),
            Hears(GroupProtected, placing.hear_group_protected, lock=lambda event: event.group_id),
            Hears(SessionHeld, placing.hear_session_held, lock=lambda event: event.group_id),
            Hears(AttendanceMarked, placing.hear_attendance_marked, lock=lambda event: event.session_id),
            Hears(StandingChanged, placing.hear_standing_changed, lock=lambda event: event.scope_id),
            Hears(ConsentChanged, placing.hear_consent_changed, lock=lambda event: event.person_id),
            Hears(NoticesWanted, placing.hear_notices_wanted, lock=lambda event: event.person_id),
            Hears(ConcernChanged, alerts.hear_concern_changed),
        ),
        starts=(Start(placing.say_what_waits), Start(assigning.say_commitments)),
        jobs=(Job(reminding.remind), Job(alerts.forget_closed)),
        errors=ERRORS,
        settings=EvaluationSettings,
        configure=configure,
    )


@hookimpl
def mewe_commands() -> tuple[Command, ...]:
    """What evaluation does at the command line."""
    from mewe_eval.commands import COMMANDS

    return COMMANDS
