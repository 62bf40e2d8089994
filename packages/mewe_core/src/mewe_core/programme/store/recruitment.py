"""Candidates and their steps: statements."""

from sqlalchemy import Text, bindparam, func, insert, or_, select, update
from sqlalchemy.sql import Executable
from whenever import Instant

from mewe_core.kit.database import Database
from mewe_core.kit.values import columns
from mewe_core.programme.funnel import EXITS, Place, Reached, RecruitmentState
from mewe_core.programme.model.recruitment import Candidate
from mewe_core.programme.store.tables import CANDIDATE, CANDIDATE_STEP

ADD_CANDIDATE: Executable = insert(CANDIDATE)
ADD_STEP: Executable = insert(CANDIDATE_STEP)
ONE_CANDIDATE: Executable = select(*CANDIDATE.c).where(CANDIDATE.c.id == bindparam("candidate_id"))
ON_THE_WAY: Executable = (
    select(CANDIDATE.c.id)
    .where(
        CANDIDATE.c.organisation_id == bindparam("organisation_id"),
        CANDIDATE.c.programme_id == bindparam("programme_id"),
        CANDIDATE.c.person_id == bindparam("person_id"),
        *(CANDIDATE.c.state != state.value for state in sorted({*EXITS, RecruitmentState.COMPLETED_T2})),
    )
    .limit(1)
)
CANDIDATES: Executable = (
    select(*CANDIDATE.c)
    .where(
        CANDIDATE.c.organisation_id == bindparam("organisation_id"),
        or_(CANDIDATE.c.state == bindparam("state", type_=Text()), bindparam("state", type_=Text()) == ""),
        or_(
            CANDIDATE.c.create_time > bindparam("after_time"),
            (CANDIDATE.c.create_time == bindparam("after_time")) & (CANDIDATE.c.id > bindparam("after_id")),
        ),
    )
    .order_by(CANDIDATE.c.create_time, CANDIDATE.c.id)
    .limit(bindparam("limit"))
)
_CHANGING = ("person_id", "group_id", "state", "reason", "change_time")
CHANGE_CANDIDATE: Executable = (
    update(CANDIDATE).where(CANDIDATE.c.id == bindparam("key")).values({name: bindparam(f"new_{name}") for name in _CHANGING})
)
PLACES: Executable = (
    select(CANDIDATE.c.state, CANDIDATE.c.reason, func.count())
    .where(CANDIDATE.c.organisation_id == bindparam("organisation_id"), CANDIDATE.c.programme_id == bindparam("programme_id"))
    .group_by(CANDIDATE.c.state, CANDIDATE.c.reason)
)
REACHED: Executable = (
    select(CANDIDATE_STEP.c.state, func.count())
    .select_from(CANDIDATE_STEP.join(CANDIDATE, CANDIDATE_STEP.c.candidate_id == CANDIDATE.c.id))
    .where(CANDIDATE.c.organisation_id == bindparam("organisation_id"), CANDIDATE.c.programme_id == bindparam("programme_id"))
    .group_by(CANDIDATE_STEP.c.state)
)


async def add(database: Database, candidate: Candidate) -> None:
    """Keep a new candidate, and the state they begin in."""
    await database.execute(ADD_CANDIDATE, **columns(candidate))
    await database.execute(ADD_STEP, candidate_id=candidate.id, state=candidate.state, at=candidate.change_time)


async def change(database: Database, candidate: Candidate) -> None:
    """Keep where a candidate is now, and that they came there."""
    row = columns(candidate)
    await database.execute(CHANGE_CANDIDATE, key=candidate.id, **{f"new_{name}": row[name] for name in _CHANGING})
    await database.execute(ADD_STEP, candidate_id=candidate.id, state=candidate.state, at=candidate.change_time)


async def candidate(database: Database, candidate_id: str) -> Candidate | None:
    """One candidate."""
    return await database.first(ONE_CANDIDATE, Candidate, candidate_id=candidate_id)


async def is_on_the_way(database: Database, organisation_id: str, programme_id: str, person_id: str) -> bool:
    """Whether a person is a candidate there who is neither out nor through."""
    found = await database.first(
        ON_THE_WAY, str, organisation_id=organisation_id, programme_id=programme_id, person_id=person_id
    )
    return found is not None


async def candidates(
    database: Database, organisation_id: str, state: RecruitmentState | None, after: tuple[Instant, str], limit: int
) -> list[Candidate]:
    """An organisation's candidates behind a place in the list, oldest first."""
    return await database.all(
        CANDIDATES,
        Candidate,
        organisation_id=organisation_id,
        state=state or "",
        after_time=after[0],
        after_id=after[1],
        limit=limit,
    )


async def places(database: Database, organisation_id: str, programme_id: str) -> list[Place]:
    """How many candidates are in each state now, by reason."""
    return await database.all(PLACES, Place, organisation_id=organisation_id, programme_id=programme_id)


async def reached(database: Database, organisation_id: str, programme_id: str) -> list[Reached]:
    """How many candidates ever came to each state."""
    return await database.all(REACHED, Reached, organisation_id=organisation_id, programme_id=programme_id)
