"""Who may consent to what, whether consent covers it at this moment, and when to ask again. Pure; unknown means no.

Consent to the service, consent to research and the ground in law for holding data are three things (``consent_table``).
What a young person may always do is in ``NEVER_ASKED``: no consent is needed for it, and none can take it away.
"""

from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import Any

import attrs
from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit.access import Purpose
from mewe_core.kit.checks import between, few, given, identifier, text
from mewe_core.kit.errors import Field, Invalid, NotAllowed
from mewe_core.people.consent_table import (
    OLDEST,
    ConsentRow,
    ConsentTable,
    ConsentTableFault,
    DataAge,
    Decides,
    country_code,
    overlaid,
    read_table,
    shipped_table,
)

__all__ = [
    "NEVER_ASKED",
    "Asked",
    "Capacity",
    "Consent",
    "ConsentRow",
    "ConsentTable",
    "ConsentTableFault",
    "Coverage",
    "DataAge",
    "Decides",
    "Decision",
    "Ground",
    "Information",
    "Objection",
    "OneGuardian",
    "Purpose",
    "Reason",
    "age_on",
    "covered",
    "decides",
    "may_consent",
    "next_question",
    "overlaid",
    "read_table",
    "shipped_table",
]

NEVER_ASKED = ("help", "reporting", "information", "own_data", "diary")
"""What is no purpose: getting help, reporting, the open information, one's own data (read, exported, erased), one's diary."""


class Capacity(StrEnum):
    """As what somebody says yes: a young person who decides, a young person who assents, a guardian."""

    SELF = "self"
    ASSENT = "assent"
    GUARDIAN = "guardian"


class Ground(StrEnum):
    """Why one guardian is enough, or why one of them is not asked."""

    SOLE_CUSTODY = "sole_custody"
    AUTHORITY = "authority"
    DANGER = "danger"


class Reason(StrEnum):
    """Why a purpose is not covered: the closed list."""

    UNKNOWN_COUNTRY = "unknown_country"
    UNKNOWN_PURPOSE = "unknown_purpose"
    UNKNOWN_AGE = "unknown_age"
    CHILD_OBJECTS = "child_objects"
    WITHDRAWN = "withdrawn"
    AGE_PASSED = "age_passed"
    TEXT_OLDER = "text_older"
    NOBODY_DECIDED = "nobody_decided"
    GUARDIAN_MISSING = "guardian_missing"
    YOUNG_PERSON_MISSING = "young_person_missing"
    TAKE_PART_MISSING = "take_part_missing"


def _shared(thing: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if thing.purpose is Purpose.SHARE:
        identifier(thing, attribute, value)
    elif value:
        raise Invalid(Field(attribute.name, "nothing: only sharing is with somebody"))


@frozen
class _NotBefore:
    began: str

    def __call__(self, thing: Any, attribute: "attrs.Attribute[Any]", value: Instant | None) -> None:
        if value is not None and value < getattr(thing, self.began):
            raise Invalid(Field(attribute.name, f"a moment not before {self.began}"))


@frozen(kw_only=True)
class Asked:
    """What is asked: may this purpose of the person ``about`` go on, at this moment?

    ``age``: theirs, in whole years, on the day. ``shared_with``: an id, for sharing alone; each is a question of its own.
    """

    country: str = field(validator=country_code)
    purpose: Purpose
    about: str = field(validator=identifier)
    age: int = field(validator=between(0, OLDEST))
    at: Instant
    shared_with: str = field(default="", validator=_shared)


@frozen(kw_only=True)
class Information:
    """The text that somebody was informed by: its version (from 1), for which ages ("12-14"), in which language ("sv")."""

    version: int = field(validator=between(1, 1_000_000))
    age_band: str = field(validator=text(20))
    language: str = field(validator=text(35))


@frozen(kw_only=True)
class Consent:
    """A yes, and its end. ``by`` is who said it, ``age`` that of the young person in whole years on the day it was given.

    ``withdrawn_at`` ends this yes and every earlier one of the same person to the same purpose.
    """

    purpose: Purpose
    about: str = field(validator=identifier)
    by: str = field(validator=identifier)
    capacity: Capacity
    information: Information
    age: int = field(validator=between(0, OLDEST))
    given_at: Instant
    withdrawn_at: Instant | None = field(default=None, validator=_NotBefore("given_at"))
    shared_with: str = field(default="", validator=_shared)

    def __attrs_post_init__(self) -> None:
        if (self.capacity is Capacity.GUARDIAN) == (self.by == self.about):
            raise Invalid(Field("capacity", "guardian for somebody else, self or assent for oneself"))


@frozen(kw_only=True)
class Objection:
    """The young person's no. It overrides every guardian, until they themselves take it back.

    In research, of somebody who understands, by Swedish law; in all else, and without asking how well they understand, by our
    own policy.
    """

    purpose: Purpose
    about: str = field(validator=identifier)
    raised_at: Instant
    taken_back_at: Instant | None = field(default=None, validator=_NotBefore("raised_at"))
    shared_with: str = field(default="", validator=_shared)


@frozen(kw_only=True)
class OneGuardian:
    """A documented exception to "both guardians": why one is enough, for which purposes, who recorded it and when.

    ``without``: the guardian who is not asked; their yes counts for nothing and their withdrawal ends nothing. None if there is
    no second one.
    """

    ground: Ground
    about: str = field(validator=identifier)
    purposes: tuple[Purpose, ...] = field(validator=few(len(Purpose), least=1))
    without: str | None = field(default=None, validator=given(identifier))
    recorded_by: str = field(validator=identifier)
    recorded_at: Instant
    ended_at: Instant | None = field(default=None, validator=_NotBefore("recorded_at"))

    def __attrs_post_init__(self) -> None:
        if self.without == self.about:
            raise Invalid(Field("without", "a guardian, or nothing"))


@frozen
class Decision:
    """Who must say yes: so many different guardians, none of them in ``without``, and the young person as ``young_person``."""

    asked: Asked
    row: ConsentRow
    guardians: int
    young_person: Capacity | None
    without: frozenset[str]

    def asks(self, by: str, capacity: Capacity) -> bool:
        """Whether a yes of that person counts here."""
        if capacity is Capacity.GUARDIAN:
            return self.guardians > 0 and by != self.asked.about and by not in self.without
        return capacity is self.young_person and by == self.asked.about


@frozen
class Coverage:
    """Whether a purpose is covered (true as a truth value), and if not, why."""

    reason: Reason | None

    def __bool__(self) -> bool:
        return self.reason is None


_NEEDED: dict[Decides, tuple[int, Capacity | None]] = {
    Decides.SELF: (0, Capacity.SELF),
    Decides.GUARDIAN: (1, None),
    Decides.BOTH_GUARDIANS: (2, None),
    Decides.BOTH_AND_ASSENT: (2, Capacity.ASSENT),
}


def decides(table: ConsentTable, asked: Asked, exceptions: Iterable[OneGuardian] = ()) -> Decision | Reason:
    """Who must say yes to what is asked; or, where the table does not know, the reason why the answer is no."""
    row = table.row(asked.country, asked.purpose, asked.age)
    if row is None:
        if not table.knows(asked.country):
            return Reason.UNKNOWN_COUNTRY
        return Reason.UNKNOWN_AGE if table.rows(asked.country, asked.purpose) else Reason.UNKNOWN_PURPOSE
    guardians, young_person = _NEEDED[row.who]
    held = [
        one
        for one in exceptions
        if one.about == asked.about
        and asked.purpose in one.purposes
        and one.recorded_at <= asked.at
        and (one.ended_at is None or asked.at < one.ended_at)
    ]
    left_out = frozenset(one.without for one in held if one.without is not None)
    return Decision(asked, row, min(guardians, 1) if held else guardians, young_person, left_out)


def covered(
    rule: Decision | Reason, consents: Iterable[Consent], objections: Iterable[Objection], *, text_version: int
) -> Coverage:
    """Whether what is asked is covered at that moment, by the rule that ``decides`` found.

    ``text_version``: the first version of the information that tells all that the purpose is now; a yes to an older one does
    not count. Nor does one that was given at an age of another row. Where one guardian is enough, one yes that stands is.
    """
    if isinstance(rule, Reason):
        return Coverage(rule)
    asked = rule.asked
    if any(
        _same(one, asked) and one.raised_at <= asked.at and (one.taken_back_at is None or asked.at < one.taken_back_at)
        for one in objections
    ):
        return Coverage(Reason.CHILD_OBJECTS)
    told = sorted((one for one in consents if _same(one, asked) and one.given_at <= asked.at), key=lambda one: one.given_at)
    standing = [one for one in told if not _ended(one, told, asked.at) and one.by not in rule.without]
    good = [
        one
        for one in standing
        if rule.asks(one.by, one.capacity) and rule.row.includes(one.age) and one.information.version >= text_version
    ]
    guardian_missing = len({one.by for one in good if one.capacity is Capacity.GUARDIAN}) < rule.guardians
    young_person_missing = rule.young_person is not None and all(one.capacity is Capacity.GUARDIAN for one in good)
    if not (guardian_missing or young_person_missing):
        return Coverage(None)
    said = {one.by for one in good}
    last = {one.by: one for one in told if one.by not in said}.values()
    if any(one not in standing and rule.asks(one.by, one.capacity) for one in last):
        return Coverage(Reason.WITHDRAWN)
    if any(one in standing and not rule.row.includes(one.age) for one in last):
        return Coverage(Reason.AGE_PASSED)
    if any(rule.asks(one.by, one.capacity) for one in last):
        return Coverage(Reason.TEXT_OLDER)
    if not good:
        return Coverage(Reason.NOBODY_DECIDED)
    return Coverage(Reason.GUARDIAN_MISSING if guardian_missing else Reason.YOUNG_PERSON_MISSING)


def _same(one: Consent | Objection, asked: Asked) -> bool:
    """Whether it is about the same person, the same purpose, and sharing with the same."""
    return (one.about, one.purpose, one.shared_with) == (asked.about, asked.purpose, asked.shared_with)


def _ended(one: Consent, told: Collection[Consent], at: Instant) -> bool:
    return any(
        other.by == one.by and other.withdrawn_at is not None and one.given_at <= other.withdrawn_at <= at for other in told
    )


_WHO_MAY = {
    Decides.SELF: "the young person themselves",
    Decides.GUARDIAN: "a guardian",
    Decides.BOTH_GUARDIANS: "both guardians",
    Decides.BOTH_AND_ASSENT: "both guardians, and the assent of the young person",
}

_UNKNOWN = {
    Reason.UNKNOWN_COUNTRY: Field("country", "a country of which the table of consent says who decides"),
    Reason.UNKNOWN_PURPOSE: Field("purpose", "a purpose of which the table of consent says who decides in this country"),
    Reason.UNKNOWN_AGE: Field("age", "an age at which the table of consent says who decides in this country"),
}


def may_consent(rule: Decision | Reason, by: str, capacity: Capacity) -> None:
    """Raises NotAllowed unless that person may say yes in that capacity; its field says who may.

    Objecting and withdrawing are never asked about: the young person may always object, and everybody end their own yes.
    """
    if isinstance(rule, Reason):
        raise NotAllowed(_UNKNOWN[rule])
    if not rule.asks(by, capacity):
        excepted = "; of the guardians, one whom no documented exception leaves out" if rule.without else ""
        raise NotAllowed(Field("capacity", f"{_WHO_MAY[rule.row.who]}{excepted}"))


def age_on(born: Date, day: Date) -> int:
    """Age in whole years. Born on 29 February, one is a year older on 1 March of a common year (our choice; laws differ).

    Raises Invalid for a day before the birth.
    """
    if day < born:
        raise Invalid(Field("day", "a day not before the birth"))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def next_question(table: ConsentTable, country: str, purpose: Purpose, born: Date, today: Date) -> Date | None:
    """The first day after today on which consent has to be asked again, because another row begins or this one ends.

    None if none comes. Nothing here keeps the date of birth: who asks for it keeps the answer, and the age. Raises Invalid for
    a day before the birth.
    """
    age = age_on(born, today)
    row = table.row(country, purpose, age)
    for older in range(age + 1, OLDEST + 2):
        if table.row(country, purpose, older) is not row:
            return _birthday(born, older)
    return None


def _birthday(born: Date, age: int) -> Date:
    """The first day on which somebody is that old."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return Date(born.year + age, 3, 1)
