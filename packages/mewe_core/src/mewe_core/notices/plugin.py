"""How notices declares itself."""

from mewe_core.kit.access import signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.standing import SessionEnded
from mewe_core.notices import handlers, hearing, sending
from mewe_core.notices.errors import ERRORS
from mewe_core.notices.events import EVENTS
from mewe_core.notices.model import NoticesSettings
from mewe_core.notices.personal import PERSONAL_DATA
from mewe_core.notices.store import METADATA


@hookimpl
def mewe_feature() -> Feature:
    """Notices."""
    return Feature(
        name="notices",
        package="mewe_core.notices",
        version="1",
        summary='"There is something new", for those who want to know, without a word of what or who.',
        needs=("people",),
        tables=METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        errors=ERRORS,
        settings=NoticesSettings,
        jobs=(Job(sending.look_after_notices), Job(sending.look_after_refused)),
        hears=(
            Hears(NoticeDue, hearing.hear_notice_due, lock=lambda event: event.person_id),
            Hears(NoticeDone, hearing.hear_notice_done, lock=lambda event: event.person_id),
            Hears(SessionEnded, hearing.hear_session_ended),
        ),
        rpcs=(
            Rpc(handlers.get_notice_settings, signed_in()),
            Rpc(handlers.set_notice_settings, signed_in()),
            Rpc(handlers.add_device, signed_in()),
            Rpc(handlers.remove_device, signed_in()),
            Rpc(handlers.test_notice, signed_in()),
        ),
    )
