"""What safety does: one coroutine an RPC or event heard."""

from mewe_core.kit.ports import Work
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_core.safety import store


async def hear_group_changed(event: GroupChanged, work: Work) -> None:
    """Know the groups, and which of them are over."""
    over = event.state in (GroupState.COMPLETED, GroupState.ENDED)
    await store.keep_group(work.database, event.group_id, event.organisation_id, over=over)
