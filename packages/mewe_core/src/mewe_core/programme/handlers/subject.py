"""What a request is about, found after its access rule has let the caller in; and where a list goes on."""

import re
from collections.abc import Awaitable, Callable
from typing import TypeVar

from whenever import Instant

from mewe_core.kit import paging
from mewe_core.kit.access import Role
from mewe_core.kit.errors import NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import micros, moment
from mewe_core.programme.definition import Definition
from mewe_core.programme.model.groups import Membership
from mewe_core.programme.model.kept import KeptGroup, KeptSession
from mewe_core.programme.offer import Offer
from mewe_core.programme.store import groups, sessions

T = TypeVar("T")

_MICROSECONDS = re.compile("[0-9]{1,17}")


def person(work: Work) -> str:
    """Who calls. Raises SignedOut if nobody does."""
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id


def is_member(work: Work) -> bool:
    """Whether the caller is participant or leader of the group: to them places and links are told."""
    return bool(work.standing.roles() & {Role.PARTICIPANT, Role.LEADER})


async def group_here(work: Work) -> KeptGroup:
    """The group that the access rule has resolved. Raises NotFound."""
    found = await groups.group(work.database, work.standing.scope.id)
    if found is None:
        raise NotFound
    return found


async def session_here(work: Work, session_id: str) -> KeptSession:
    """A session. Raises NotFound."""
    found = await sessions.session(work.database, session_id)
    if found is None:
        raise NotFound
    return found


async def membership_here(work: Work, membership_id: str) -> Membership:
    """A membership. Raises NotFound."""
    found = await groups.membership(work.database, membership_id)
    if found is None:
        raise NotFound
    return found


async def programme_of(work: Work, group: KeptGroup) -> Definition:
    """The programme as the group was made with it, whatever is on offer today."""
    known = work.settings(Offer).fingerprints.get(group.definition_id)
    return known or await groups.definition(work.database, group.definition_id)


async def page(
    list_name: str,
    page_size: int,
    page_token: str,
    read: Callable[[tuple[Instant, str], int], Awaitable[list[T]]],
    place: Callable[[T], tuple[Instant, str]],
) -> tuple[tuple[T, ...], str]:
    """A page of a list in the order of moment and id, and the token of the next. Raises Invalid for another list's token."""
    size = paging.size(page_size)
    at, _, id_ = str(paging.after(list_name, page_token, "0 ")).partition(" ")
    if not _MICROSECONDS.fullmatch(at):
        raise paging.not_of_this_list()
    rows = await read((moment(int(at)), id_), size + 1)
    if len(rows) <= size:
        return tuple(rows), ""
    last_at, last_id = place(rows[size - 1])
    return tuple(rows[:size]), paging.token(list_name, f"{micros(last_at)} {last_id}")
