"""From the records of a person to what is covered, and what is told of it."""

import hashlib
from collections.abc import Mapping

from attrs import evolve, frozen
from whenever import Date, Instant

from mewe_core.kit.access import Purpose
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import ConsentChanged
from mewe_core.kit.values import columns
from mewe_core.people.consents import rules, store
from mewe_core.people.consents.kept import KeptConsent, KeptObjection, KeptOneGuardian, KeptState, Subject, Terms
from mewe_core.people.consents.of_age import with_adults
from mewe_core.people.consents.personal import SEALED_FOR
from mewe_core.people.consents.rules import Place, Reckoned, Records
from mewe_core.people.model import PeopleSettings

MOST_AT_ONCE = 50


@frozen
class Known:
    """What is recorded of a person, and the moment it is judged at: never before the last change to it."""

    subject: Subject | None
    at: Instant
    records: Records
    consents: tuple[KeptConsent, ...]
    objections: tuple[KeptObjection, ...]


def place_of(work: Work) -> Place:
    """Where this is."""
    settings = work.settings(PeopleSettings).consent
    return Place(work.caller.country, with_adults(settings.table), settings.time_zone.key)


def needed_of(terms: Mapping[Purpose, Terms]) -> dict[Purpose, int]:
    """The text version that a yes to each purpose needs."""
    return {purpose: one.needed_version for purpose, one in terms.items()}


async def known(work: Work, person_id: str, held: Subject | None = None) -> Known:
    """Everything recorded of a person. ``held``: their row, if it was taken for writing."""
    subject = held or await store.subject(work.database, person_id)
    at = work.now if subject is None else max(work.now, subject.last_time)
    consents = await work.database.all(store.CONSENTS_ABOUT, KeptConsent, about=person_id)
    objections = await work.database.all(store.OBJECTIONS_ABOUT, KeptObjection, about=person_id)
    exceptions = await work.database.all(store.ONE_GUARDIANS_OF, KeptOneGuardian, about=person_id)
    records = Records(
        about=person_id,
        born=await birth_date(work, subject),
        consents=[one.record() for one in consents],
        objections=[one.record() for one in objections],
        exceptions=[one.record() for one in exceptions],
        needed=needed_of(await store.terms(work.database)),
    )
    return Known(subject, at, records, tuple(consents), tuple(objections))


async def birth_date(work: Work, subject: Subject | None) -> Date | None:
    """The date of birth; None if it is not known, or its key was destroyed."""
    if subject is None or subject.sealed_birth_date is None:
        return None
    opened = await work.sealing.open(subject.person_id, SEALED_FOR, birth_place(subject.person_id), subject.sealed_birth_date)
    return None if opened is None else Date.parse_iso(opened)


def birth_place(person_id: str) -> str:
    """Where the date of birth stands."""
    return f"people_consent_person/{person_id}/birth_date"


async def tell(work: Work, held: Subject) -> tuple[Known, list[Reckoned]]:
    """Reckon a person's purposes anew, after a change to their records, and tell what has become different."""
    now_known = await known(work, held.person_id, held)
    found = rules.reckoned(place_of(work), now_known.records, held.last_time)
    states = await work.database.all(store.STATES_OF, KeptState, about=held.person_id)
    told = {(one.purpose, one.shared_with_id): one for one in states}
    for one in found:
        is_covered, before = bool(one.coverage), told.get((one.purpose, one.shared_with))
        if before is None and is_covered:
            before = KeptState(work.new_id(), held.person_id, one.purpose, one.shared_with, True, one.until)
            await work.database.execute(store.ADD_STATE, **columns(before))
        elif before is None or (before.covered, before.until) == (is_covered, one.until):
            continue
        else:
            await work.database.execute(store.CHANGE_STATE, which=before.id, is_covered=is_covered, ends=one.until)
        work.emit(
            ConsentChanged(
                id=before.id,
                person_id=held.person_id,
                purpose=one.purpose,
                shared_with_id=one.shared_with or None,
                covered=is_covered,
                until=one.until,
            )
        )
    return now_known, found


async def ask_again(work: Work) -> bool:
    """Each second: reckon anew whoever came to an age at which consent is asked again, or whose text or table is another now.

    Codes that have expired are made worthless for good. At most 50 people a time.
    """
    await work.database.execute(store.END_LINKS, now=work.now)
    due = await work.database.all(store.DUE, str, now=work.now)
    for person_id in dict.fromkeys(due):
        await tell(work, await store.hold(work.database, person_id, work.now))
    behind = [one for one in (await store.terms(work.database)).values() if one.reckoned_to is not None]
    if not behind:
        return len(due) == MOST_AT_ONCE
    first = behind[0]
    persons = await work.database.all(store.SUBJECTS_BEHIND, str, after=first.reckoned_to, most=MOST_AT_ONCE)
    for person_id in persons:
        await tell(work, await store.hold(work.database, person_id, work.now))
    reached = persons[-1] if len(persons) == MOST_AT_ONCE else None
    await store.change_terms(work.database, evolve(first, reckoned_to=reached))
    return True


async def learn_table(work: Work) -> None:
    """At each start: where the table of consent has changed since the last, have everybody reckoned anew."""
    digest = hashlib.sha256(repr(work.settings(PeopleSettings).consent.table).encode()).hexdigest()
    for purpose in Purpose:
        terms = await hold_terms(work, purpose, digest)
        if terms.table_digest != digest:
            await store.change_terms(work.database, evolve(terms, table_digest=digest, reckoned_to=""))


async def hold_terms(work: Work, purpose: Purpose, digest: str = "") -> Terms:
    """Have by what a purpose is judged to oneself."""
    fresh = Terms(purpose, latest_version=0, needed_version=1, table_digest=digest, reckoned_to=None)
    return await work.database.first(store.HOLD_TERMS, Terms, **columns(fresh)) or fresh
