"""How the diary declares itself."""

from mewe_core.kit.access import member, signed_in
from mewe_core.kit.events import Hears
from mewe_core.kit.feature import Feature, Job, Rpc
from mewe_core.kit.hookspecs import hookimpl
from mewe_core.programme.events import SessionHeld

from mewe_diary import handlers, prompts, store, versions
from mewe_diary.errors import ERRORS
from mewe_diary.events import EVENTS
from mewe_diary.model import DiarySettings
from mewe_diary.personal import PERSONAL_DATA
from mewe_diary.sharing import handlers as sharing
from mewe_diary.sharing import rules
from mewe_diary.sharing.store import group_of_request, group_of_share

OWN = signed_in(earlier=True)
"""What is one's own alone; closed to whoever came back on a new device: changing it too, so that they cannot destroy it."""


@hookimpl
def mewe_feature() -> Feature:
    """The diary."""
    return Feature(
        name="diary",
        package="mewe_diary",
        version="0.1.0",
        summary="A diary that nobody but its writer can open.",
        needs=("people", "programme"),
        rpcs=(
            Rpc(handlers.adopt_diary, OWN),
            Rpc(handlers.list_diaries, OWN),
            Rpc(handlers.erase_diary, OWN),
            Rpc(versions.put_versions, OWN),
            Rpc(versions.list_changes, OWN),
            Rpc(versions.get_versions, OWN),
            Rpc(versions.get_head, OWN),
            Rpc(versions.get_listing, OWN),
            Rpc(handlers.put_lock, OWN),
            Rpc(handlers.list_locks, OWN),
            Rpc(handlers.remove_lock, OWN),
            Rpc(handlers.put_parcel, OWN),
            Rpc(handlers.take_parcel, OWN),
            Rpc(prompts.list_prompts, signed_in()),
            Rpc(sharing.put_sharing_key, member(scope=group_of_request, roles=rules.READERS)),
            Rpc(sharing.list_sharing_keys, member(scope=group_of_request, roles=rules.MEMBERS)),
            Rpc(sharing.get_sharing_words, signed_in()),
            Rpc(sharing.share_entry, member(scope=group_of_request, roles=rules.WRITERS)),
            Rpc(sharing.list_my_shares, OWN),
            Rpc(sharing.revoke_share, signed_in()),
            Rpc(sharing.list_shared, signed_in()),
            Rpc(sharing.open_shared, member(scope=group_of_share, roles=rules.READERS)),
        ),
        tables=store.METADATA,
        personal=PERSONAL_DATA,
        events=EVENTS,
        hears=(Hears(SessionHeld, prompts.hear_session_held),),
        jobs=(Job(handlers.forget_what_is_over), Job(sharing.forget_shares)),
        errors=ERRORS,
        settings=DiarySettings,
    )
