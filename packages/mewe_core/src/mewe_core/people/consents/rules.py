"""What the records of a person come to, under the table of the country: pure."""

from collections.abc import Mapping, Sequence

from attrs import evolve, frozen
from whenever import Date, Instant, Time

from mewe_core.kit.errors import Field, Invalid
from mewe_core.people.consent import (
    Asked,
    Capacity,
    Consent,
    ConsentTable,
    Coverage,
    Decision,
    Objection,
    OneGuardian,
    Purpose,
    Reason,
    age_on,
    covered,
    decides,
    next_question,
)

OWN = (Purpose.TAKE_PART, Purpose.CHAT, Purpose.EVALUATION, Purpose.RESEARCH)
"""The purposes that everybody is asked about; sharing is asked about with somebody."""

EARLIEST_BIRTH_YEARS = 120
_MIDNIGHT = Time(0)


@frozen(kw_only=True)
class Records:
    """Everything that is recorded of a person. ``born`` None: not known. ``needed``: the text version each purpose needs."""

    about: str
    born: Date | None
    consents: Sequence[Consent] = ()
    objections: Sequence[Objection] = ()
    exceptions: Sequence[OneGuardian] = ()
    needed: Mapping[Purpose, int]


@frozen
class Reckoned:
    """One purpose of a person at a moment. ``until``: what is covered has to be asked again then."""

    purpose: Purpose
    shared_with: str
    rule: Decision | Reason
    coverage: Coverage
    until: Instant | None


@frozen
class Place:
    """Where a day begins: a country by its code, its table, and a time zone."""

    country: str
    table: ConsentTable
    time_zone: str

    def day(self, at: Instant) -> Date:
        """The day it is there at a moment."""
        return at.to_tz(self.time_zone).date()

    def begin(self, day: Date) -> Instant:
        """The first moment of a day there."""
        return day.at(_MIDNIGHT).assume_tz(self.time_zone, disambiguation="compatible").to_instant()


def rule_of(place: Place, records: Records, purpose: Purpose, shared_with: str, at: Instant) -> Decision | Reason:
    """Who must say yes to a purpose of that person at that moment; without a date of birth nobody can."""
    if records.born is None:
        return Reason.UNKNOWN_AGE
    asked = Asked(
        country=place.country,
        purpose=purpose,
        about=records.about,
        age=age_then(place, records.born, at),
        at=at,
        shared_with=shared_with,
    )
    return decides(place.table, asked, records.exceptions)


def age_then(place: Place, born: Date, at: Instant) -> int:
    """Age in whole years on the day it is there."""
    return age_on(born, max(place.day(at), born))


def reckoned(place: Place, records: Records, at: Instant) -> list[Reckoned]:
    """Every purpose of a person, and each sharing that anything was ever said about. All else needs taking part."""
    said: tuple[Consent | Objection, ...] = (*records.consents, *records.objections)
    shared = {one.shared_with for one in said if one.purpose is Purpose.SHARE}
    asked = [*((purpose, "") for purpose in OWN), *((Purpose.SHARE, one) for one in sorted(shared))]
    first, *others = (one(place, records, purpose, shared_with, at) for purpose, shared_with in asked)
    return [first, *(_beside(first, one) for one in others)]


def one(place: Place, records: Records, purpose: Purpose, shared_with: str, at: Instant) -> Reckoned:
    """One purpose by itself, whether taking part is covered or not."""
    rule = rule_of(place, records, purpose, shared_with, at)
    found = covered(rule, records.consents, records.objections, text_version=records.needed.get(purpose, 1))
    until = None
    if found and records.born is not None:
        day = next_question(place.table, place.country, purpose, records.born, place.day(at))
        until = None if day is None else place.begin(day)
    return Reckoned(purpose, shared_with, rule, found, until)


def _beside(taking_part: Reckoned, one: Reckoned) -> Reckoned:
    if not one.coverage:
        return one
    if not taking_part.coverage:
        return evolve(one, coverage=Coverage(Reason.TAKE_PART_MISSING), until=None)
    ends = [end for end in (one.until, taking_part.until) if end is not None]
    return evolve(one, until=min(ends, default=None))


def own_capacity(rule: Decision | Reason) -> Capacity:
    """As what the young person says yes there; as the one who decides, where only others do and they are to be refused."""
    return Capacity.SELF if isinstance(rule, Reason) or rule.young_person is None else rule.young_person


def born_before(place: Place, born: Date, now: Instant) -> None:
    """Raises Invalid for a date of birth to come, or of more than 120 years ago."""
    today = place.day(now)
    if not today.year - EARLIEST_BIRTH_YEARS <= born.year or born > today:
        raise Invalid(Field("birth_date", f"a day of the last {EARLIEST_BIRTH_YEARS} years"))


def signed_at(place: Place, signed_on: Date, born: Date | None, now: Instant) -> Instant:
    """From when a paper counts: now if it was signed today, else from the first moment of its day.

    So a paper from before a withdrawal brings nothing back. Raises Invalid for a day to come or before the birth.
    """
    today = place.day(now)
    if signed_on > today or (born is not None and signed_on < born):
        raise Invalid(Field("signed_on", "a day since the birth, and not to come"))
    return now if signed_on == today else place.begin(signed_on)


def next_version(version: int, latest: int) -> None:
    """Raises Invalid unless a text is of the newest version there is, or of the next."""
    if version not in (latest, latest + 1) or version == 0:
        raise Invalid(Field("version", "the newest version there is, or the next"))
