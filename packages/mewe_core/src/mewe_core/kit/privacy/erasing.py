"""Erasing a person in one feature, by its declarations: keys first, then rows, in units of at most 500.

Every unit may be repeated after a crash: a destroyed key is gone, a deleted row is not found again, and what was done is
counted in the unit that does it.
"""

from collections.abc import Sequence

from attrs import frozen
from whenever import Instant

from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.feature import Feature
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy import rules, sweeping, telling
from mewe_core.kit.privacy.receipts import Answer, signed_answer
from mewe_core.kit.privacy.rows import Line, lines
from mewe_core.kit.privacy.rules import Archive, Done, Fate, Outcome
from mewe_core.kit.privacy.telling import Pending, PersonErased, RowsErased

LOOK_AGAIN_HOURS = 1
"""How often it is looked whether what is held (by an open concern, say) may go."""

__all__ = ["Archive", "Erased", "erase_some", "pending"]


@frozen
class Erased:
    """What one unit did: whether there is ``more`` to do at once, and the feature's ``answer`` when it is through."""

    more: bool
    answer: Answer | None = None


async def pending(work: Work) -> list[Pending]:
    """The erasures that are to be gone on with now."""
    return await work.database.all(telling.PENDING, Pending, now=work.now)


async def erase_some(feature: Feature, erasure: Pending, archives: Sequence[Archive], work: Work) -> Erased:
    """Go on with an erasure: at most 500 rows of one table. When nothing is left to do the feature answers, signed."""
    here = lines(feature.personal, feature.tables)
    fates = [rules.fate(line.one, archives, erasure.decided_at, work.now) for line in here]
    held = [await _rows_held(line, erasure.person_id, work) for line in here]
    await _destroy_keys(erasure, here, fates, held, work)
    for line, fate in zip(here, fates, strict=True):
        done = await _change(line, fate, erasure.person_id, work)
        if done:
            await work.database.execute(
                telling.ADD_ROWS, erasure_id=erasure.id, table_name=line.one.table, done=fate.done, row_count=done
            )
            return Erased(more=True)
    await sweeping.gather(erasure.person_id, work.database)
    return Erased(more=False, answer=await _answered(feature.name, erasure, here, fates, held, work))


async def _rows_held(line: Line, person_id: str, work: Work) -> int:
    if line.count_held is None:
        return 0
    return await work.database.first(line.count_held, int, person=person_id) or 0


async def _destroy_keys(erasure: Pending, here: Sequence[Line], fates: Sequence[Fate], held: Sequence[int], work: Work) -> None:
    ends = [(line.one, Done.HELD if stays else fate.done) for line, fate, stays in zip(here, fates, held, strict=True)]
    chosen = rules.purposes(ends)
    if chosen.every:
        gone = await work.sealing.destroy(erasure.person_id)
    else:
        gone = sum([await work.sealing.destroy(erasure.person_id, purpose) for purpose in chosen.named])
    if gone:
        await work.database.execute(telling.ADD_KEYS, which=erasure.id, more=gone)


async def _change(line: Line, fate: Fate, person_id: str, work: Work) -> int:
    """Delete or empty the next rows of a line; says how many."""
    if fate.done is Done.DELETED:
        if line.ids is not None:
            ids = await work.database.all(line.ids, str, person=person_id)
            await sweeping.of_aggregates(person_id, ids, work.database)
            await destroy_with_rows(ids, line.row_keys, work)
        return await work.database.execute(line.delete, person=person_id)
    if fate.done is Done.CLEARED and line.clear is not None:
        if line.clear_ids is not None:
            ids = await work.database.all(line.clear_ids, str, person=person_id)
            await destroy_with_rows(ids, line.line_keys, work)
        return await work.database.execute(line.clear, person=person_id)
    return 0


async def destroy_with_rows(ids: Sequence[str], purposes: Sequence[str], work: Work) -> None:
    """Destroy the keys that belong to rows by themselves, and not to a person: no backup of the rows is opened either."""
    for about in ids:
        for purpose in purposes:
            await work.sealing.destroy(about, purpose)


async def _answered(
    area: str, erasure: Pending, here: Sequence[Line], fates: Sequence[Fate], held: Sequence[int], work: Work
) -> Answer | None:
    outcomes = await telling.counted(work.database, erasure.id)
    ends: list[Instant] = []
    for line, fate, stays in zip(here, fates, held, strict=True):
        if stays and line.one.hold is not None:
            outcomes.append(Outcome(line.one.table, Done.HELD, stays, line.one.hold.rule))
            ends.append(work.now.add(hours=LOOK_AGAIN_HOURS))
        if fate.done in (Done.KEPT, Done.HELD):
            count = await work.database.first(line.count, int, person=erasure.person_id) or 0
            outcomes.append(Outcome(line.one.table, fate.done, count, fate.rule, fate.until))
            if fate.until is not None and count:
                ends.append(fate.until)
    destroyed = await work.database.first(telling.KEYS_OF, int, which=erasure.id) or 0
    total = destroyed + sum(one.rows for one in outcomes)
    state = telling.HELD if ends else telling.DONE
    next_at = min(ends, default=None)
    await work.database.execute(telling.MARK, which=erasure.id, to_state=state, next_at=next_at, total=total)
    if erasure.answered == total:
        return None
    answer = signed_answer(erasure.id, area, work.now, destroyed, rules.summed(outcomes), work.keys)
    tell(erasure.id, answer, work)
    return answer


def tell(erasure_id: str, answer: Answer, work: Work) -> None:
    """Tell an answer: its lines, then itself, in the order of one aggregate."""
    which = work.new_id()
    for one in answer.outcomes:
        work.emit(RowsErased(which, erasure_id, answer.area, one.table, one.done, one.rows, one.rule, one.until))
    count = len(answer.outcomes)
    signature = Hexadecimal(answer.signature)
    work.emit(PersonErased(which, erasure_id, answer.area, answer.keys, count, answer.erased_at, signature, answer.key_id))
