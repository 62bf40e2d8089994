"""Lists by time or number: the place in them that a page goes on behind."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from whenever import Instant

from mewe_core.kit import paging
from mewe_core.kit.errors import SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import micros

T = TypeVar("T")


async def page(
    name: str,
    size: int,
    token: str,
    read: Callable[[tuple[int, str], int], Awaitable[list[T]]],
    place: Callable[[T], tuple[Instant | int, str]],
) -> tuple[tuple[T, ...], str]:
    """A page of what ``read`` gives behind a place, and the token of the next. Raises Invalid for a token of another list."""
    most = paging.size(size)
    found = await read(_after(name, token), most + 1)
    if len(found) <= most:
        return tuple(found), ""
    moment, key = place(found[most - 1])
    return tuple(found[:most]), paging.token(name, f"{moment if isinstance(moment, int) else micros(moment)} {key}")


def _after(name: str, token: str) -> tuple[int, str]:
    after = str(paging.after(name, token, ""))
    moment, _, key = after.partition(" ")
    if not after:
        return 0, ""
    if not moment.isascii() or not moment.isdigit() or len(moment) > 18:
        raise paging.not_of_this_list()
    return int(moment), key


def person(work: Work) -> str:
    """Who calls. Raises SignedOut if it is nobody."""
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id
