"""Very many calls for help of nobody in particular: each is taken in and answered, and they bury nobody's.

So many an hour become a concern each. Those beyond are one concern: one alert, one row in the list, their words in its log.
When it is full a next one begins, a few an hour; once somebody has acknowledged it, what comes is a new one with its alert.
Whoever is signed in is never one of them.
"""

from attrs import frozen

from mewe_core.kit.ports import Work
from mewe_core.safety.handlers import routing
from mewe_core.safety.model.concerns import ConcernKind, EntryKind
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.rules import Reachable
from mewe_core.safety.store import concerns

MOST_KEPT = 500
"""So many calls are gathered in one concern, with their words."""

MOST_UNSEEN = 4
"""So many of these begin within an hour while nobody acknowledges one; calls beyond them all are counted, without words."""

LONGEST = 500
"""So many characters of each are kept."""

_ANY = 2**31 - 1


@frozen
class TakenIn:
    """A call that others were taken in with: an id of its own, and who reads it."""

    id: str
    readers: tuple[Reachable, ...]


async def is_flood(work: Work) -> bool:
    """Whether nobody in particular has called so often within the last hour that one more is taken in with the others."""
    most = work.settings(SafetySettings).nobodys_an_hour
    return await concerns.of_nobody(work.database, work.now.subtract(hours=1), most) >= most


async def take_in(work: Work, kept_from: str | None, text: str) -> TakenIn:
    """Take a call in with the others of this hour that nobody has seen; the first of them asks the country's contacts to look.

    Whom it is kept from is known to be one of those who would read it, or makes no difference: else each name that anybody
    makes up would gather calls of its own.
    """
    country = (await routing.circle(work, None)).country
    never = kept_from if kept_from in {one.person_id for one in country} else None
    since = work.now.subtract(hours=1)
    there, is_kept = await concerns.join(work.database, since, never, MOST_KEPT), True
    if there is None and await concerns.unseen(work.database, since, never, MOST_UNSEEN) >= MOST_UNSEEN:
        there, is_kept = await concerns.join(work.database, since, never, _ANY), False
    if there is None:
        there, is_kept = routing.new(work, ConcernKind.GATHERED, work.new_id(), kept_from_id=never), True
        await routing.begin(work, there)
    if is_kept and text.strip():
        await routing.enter(work, there.id, EntryKind.JOINED, None, text[:LONGEST])
    reading = {one.person_id for one in await concerns.recipients(work.database, there.id) if one.end_time is None}
    return TakenIn(work.new_id(), tuple(one for one in country if one.person_id in reading))
