"""How the chat declares itself."""

from typing import Never

from mewe_core.kit.access import Purpose, Role, always, anyone, member, signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.message_checks import MessageCheck
from mewe_core.kit.noticing import NoticesWanted
from mewe_core.kit.standing import ConsentChanged, StandingChanged
from mewe_core.programme.events import GroupChanged
from mewe_core.safety.events import ConcernChanged

from mewe_chat import handlers, hearing, limits, marks, news, report_store, reports, rooms, rules, searching, store
from mewe_chat.checks import chain
from mewe_chat.checks.shipped import CHECKS
from mewe_chat.errors import ERRORS
from mewe_chat.events import EVENTS
from mewe_chat.moderation import act_store, acting, complaint_store, complaints, held
from mewe_chat.personal import PERSONAL_DATA
from mewe_chat.settings import ChatSettings, configure

IN_ROOM = rules.IN_ROOM
OWN_WORDS = member(scope=store.group_of_room, roles=rules.MEMBERS)
TAKES_PART = member(scope=store.group_of_room, roles=(Role.PARTICIPANT,), consent=Purpose.CHAT)
READS_ROOM = member(scope=store.group_of_room, roles=rules.READERS, consent=Purpose.CHAT)

BROUGHT_TO = member(scope=report_store.concern_of_report, roles=(Role.CONTACT,))


LEADS = member(scope=store.group_of_room, roles=(Role.LEADER,))
LEADS_GROUP = member(scope=act_store.group_of_own_room, roles=(Role.LEADER,))

MODERATION: tuple[Rpc[Never, object], ...] = (
    Rpc(held.list_checks, anyone()),
    Rpc(held.list_held_messages, IN_ROOM),
    Rpc(held.decide_held_message, LEADS),
    Rpc(reports.list_reports, LEADS),
    Rpc(acting.hide_message, LEADS),
    Rpc(acting.restore_message, LEADS),
    Rpc(acting.remove_message, LEADS),
    Rpc(acting.open_hidden_message, OWN_WORDS),
    Rpc(acting.pause_member, LEADS_GROUP),
    Rpc(acting.end_pause, LEADS_GROUP),
    Rpc(acting.set_room_open, LEADS_GROUP),
    Rpc(acting.set_opening_hours, LEADS_GROUP),
    Rpc(acting.list_acts_about_me, signed_in()),
    Rpc(acting.list_acts, LEADS),
    Rpc(complaints.make_complaint, signed_in()),
    Rpc(complaints.open_complaints, member(scope=complaint_store.organisation, roles=(Role.COORDINATOR,))),
    Rpc(complaints.answer_complaint, member(scope=complaint_store.organisation_of_complaint, roles=(Role.COORDINATOR,))),
    Rpc(complaints.list_my_complaints, signed_in()),
)


@hookimpl
def mewe_feature() -> Feature:
    """The chat."""
    return Feature(
        name="chat",
        package="mewe_chat",
        version="0.1.0",
        summary="The chat of a group: for its participants and leaders only.",
        needs=("people", "programme", "safety"),
        rpcs=(
            Rpc(handlers.list_rooms, signed_in()),
            Rpc(limits.get_limit_of_confidentiality, IN_ROOM),
            Rpc(limits.acknowledge_limit_of_confidentiality, IN_ROOM),
            Rpc(handlers.post_message, IN_ROOM, chain.check_message, chain.waits),
            Rpc(handlers.edit_message, IN_ROOM, chain.check_message, chain.waits),
            Rpc(handlers.delete_message, OWN_WORDS),
            Rpc(handlers.list_messages, READS_ROOM),
            Rpc(handlers.watch_messages, IN_ROOM),
            Rpc(searching.search_messages, signed_in(), gives_much=True),
            Rpc(marks.mark_read, IN_ROOM),
            Rpc(marks.set_muted, TAKES_PART),
            Rpc(marks.list_muted, signed_in()),
            Rpc(reports.report_message, always()),
            Rpc(reports.open_reported_message, BROUGHT_TO),
            *MODERATION,
        ),
        tables=store.METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        hears=(
            Hears(GroupChanged, hearing.hear_group_changed),
            Hears(StandingChanged, hearing.hear_standing_changed, lock=lambda event: event.scope_id),
            Hears(ConcernChanged, reports.hear_concern_changed),
            Hears(ConsentChanged, news.hear_consent_changed, lock=lambda event: event.person_id),
            Hears(NoticesWanted, news.hear_notices_wanted, lock=lambda event: event.person_id),
        ),
        jobs=(Job(reports.forget_closed), Job(rooms.archive_some), Job(news.tell_new)),
        errors=ERRORS,
        settings=ChatSettings,
        configure=configure,
    )


@hookimpl
def mewe_message_checks() -> tuple[MessageCheck, ...]:
    """The checks that come with the chat."""
    return CHECKS
