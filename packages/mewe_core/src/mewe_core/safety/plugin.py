"""How safety declares itself."""

from mewe_core.kit.access import Role, always, anyone, member, nationally, signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc, Start
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.standing import StandingChanged
from mewe_core.programme.events import GroupChanged
from mewe_core.safety.errors import ERRORS
from mewe_core.safety.events import EVENTS, Reported
from mewe_core.safety.handlers import cards, clockwork, concerns, contacts, hearing, help
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.personal import PERSONAL_DATA
from mewe_core.safety.store import scopes
from mewe_core.safety.store.tables import METADATA

NAMES = (Role.COORDINATOR, Role.NATIONAL)
SEES = (Role.PARTICIPANT, Role.LEADER, Role.SUPERVISOR, Role.COORDINATOR, Role.NATIONAL)
OVERSEES = (Role.SUPERVISOR, Role.COORDINATOR, Role.NATIONAL)
HAS_IT = member(scope=scopes.of_concern, roles=(Role.CONTACT,))


@hookimpl
def mewe_feature() -> Feature:
    """Safety."""
    return Feature(
        name="safety",
        package="mewe_core.safety",
        version=clockwork.VERSION,
        summary="Concerns, from report to closure; help that nobody is refused; contact cards.",
        needs=("people", "programme"),
        tables=METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        errors=ERRORS,
        settings=SafetySettings,
        starts=(Start(clockwork.look_at_lines),),
        jobs=(Job(clockwork.look_after_concerns), Job(clockwork.look_after_talks)),
        hears=(
            Hears(GroupChanged, hearing.hear_group_changed),
            Hears(StandingChanged, hearing.hear_standing_changed, lock=lambda event: event.scope_id),
            Hears(Reported, hearing.hear_reported),
        ),
        rpcs=(
            Rpc(help.ask_for_help, always()),
            Rpc(help.ask_to_talk, always()),
            Rpc(help.list_help_lines, anyone()),
            Rpc(help.list_my_concerns, signed_in()),
            Rpc(help.list_talk_requests, member(scope=scopes.within_group, roles=(Role.LEADER,))),
            Rpc(help.answer_talk_request, member(scope=scopes.of_talk, roles=(Role.LEADER,))),
            Rpc(contacts.set_contact, member(scope=scopes.of_group, roles=NAMES)),
            Rpc(contacts.set_organisation_contact, member(scope=scopes.of_organisation, roles=NAMES)),
            Rpc(contacts.set_country_contact, nationally(roles=(Role.NATIONAL,))),
            Rpc(contacts.set_substitute, member(scope=scopes.of_contact, roles=NAMES)),
            Rpc(contacts.end_contact, member(scope=scopes.of_contact, roles=NAMES)),
            Rpc(contacts.list_contacts, member(scope=scopes.of_group, roles=SEES)),
            Rpc(contacts.list_organisation_contacts, member(scope=scopes.of_organisation, roles=OVERSEES)),
            Rpc(contacts.list_country_contacts, nationally(roles=(Role.NATIONAL,))),
            Rpc(contacts.test_alert, member(scope=scopes.of_contact, own=True)),
            Rpc(contacts.confirm_alert, member(scope=scopes.of_contact, own=True)),
            Rpc(concerns.raise_concern, member(scope=scopes.within_group, roles=(Role.LEADER,))),
            Rpc(concerns.list_concerns, signed_in()),
            Rpc(concerns.open_concern, HAS_IT),
            Rpc(concerns.acknowledge_concern, HAS_IT),
            Rpc(concerns.note_concern, HAS_IT),
            Rpc(concerns.record_hand_over, HAS_IT),
            Rpc(concerns.close_concern, HAS_IT),
            Rpc(concerns.list_concern_entries, HAS_IT),
            Rpc(cards.write_card, member(scope=scopes.of_card_to_write, roles=(Role.LEADER,), own=True)),
            Rpc(cards.get_my_card, signed_in(earlier=True)),
            Rpc(cards.open_card, HAS_IT),
            Rpc(cards.open_card_in_emergency, member(scope=scopes.of_person, roles=(Role.EMERGENCY_READER,))),
            Rpc(cards.list_my_card_openings, signed_in()),
        ),
    )
