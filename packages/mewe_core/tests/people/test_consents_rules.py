"""What the records of a person come to: each rule by itself, at the edges of days, ages and versions."""

from itertools import product

import pytest
from attrs import evolve
from mewe_core.kit.errors import Invalid
from mewe_core.people.consent import (
    Asked,
    Capacity,
    Consent,
    ConsentRow,
    ConsentTable,
    Coverage,
    Decides,
    Decision,
    Ground,
    Information,
    Objection,
    OneGuardian,
    Purpose,
    Reason,
)
from mewe_core.people.consents import rules
from mewe_core.people.consents.rules import OWN, Place, Reckoned, Records
from whenever import Date, Instant

NOW = Instant.from_utc(2026, 11, 20, 12)
TODAY = Date(2026, 11, 20)
BORN = Date(2010, 3, 24)
SEVENTEEN = Instant.from_utc(2027, 3, 23, 23)
"""The first moment of the seventeenth birthday in Stockholm."""

TABLE = ConsentTable(
    participation=tuple(
        ConsentRow(
            country="SE", purpose=purpose, age_from=least, age_to=most, who=who, source="A law", checked_on=Date(2026, 1, 1)
        )
        for purpose, least, most, who in (
            (Purpose.TAKE_PART, 10, 14, Decides.BOTH_AND_ASSENT),
            (Purpose.TAKE_PART, 15, 17, Decides.SELF),
            (Purpose.CHAT, 13, 16, Decides.SELF),
            (Purpose.EVALUATION, 10, 17, Decides.BOTH_GUARDIANS),
            (Purpose.SHARE, 12, None, Decides.SELF),
        )
    )
)
STOCKHOLM = Place("SE", TABLE, "Europe/Stockholm")
ADA = Records(about="ada", born=BORN, needed={Purpose.TAKE_PART: 2})


def yes(purpose: Purpose, shared_with: str = "", version: int = 1) -> Consent:
    """Ada's yes, an hour ago."""
    return Consent(
        purpose=purpose,
        about="ada",
        by="ada",
        capacity=Capacity.SELF,
        information=Information(version=version, age_band="15-17", language="sv"),
        age=16,
        given_at=NOW.subtract(hours=1),
        shared_with=shared_with,
    )


def no(purpose: Purpose, shared_with: str = "") -> Objection:
    """Ada's no, an hour ago."""
    return Objection(purpose=purpose, about="ada", raised_at=NOW.subtract(hours=1), shared_with=shared_with)


TAKES_PART = yes(Purpose.TAKE_PART, version=2)
WITHOUT_BO = OneGuardian(
    ground=Ground.DANGER, about="ada", purposes=(Purpose.EVALUATION,), without="bo", recorded_by="karin", recorded_at=NOW
)


def fault(raised: pytest.ExceptionInfo[Invalid]) -> list[tuple[str, str]]:
    """What is named, and what is said of it."""
    return [(one.path, one.rule) for one in raised.value.fields]


@pytest.mark.parametrize(
    ("time_zone", "day", "begins"),
    [
        ("Europe/Stockholm", Date(2026, 3, 29), "2026-03-28T23:00:00Z"),
        ("Europe/Stockholm", Date(2026, 3, 30), "2026-03-29T22:00:00Z"),
        ("America/Sao_Paulo", Date(2018, 11, 4), "2018-11-04T03:00:00Z"),
        ("America/Havana", Date(2026, 11, 1), "2026-11-01T04:00:00Z"),
    ],
)
def test_a_day_begins_once_whatever_the_clocks_do(time_zone: str, day: Date, begins: str) -> None:
    """In winter and in summer; after a midnight that is skipped; at the first of two midnights."""
    place = evolve(STOCKHOLM, time_zone=time_zone)
    begin = Instant.parse_iso(begins)
    assert place.begin(day) == begin
    assert place.day(begin) == day
    assert place.day(begin.subtract(seconds=1)) == day.subtract(days=1)


@pytest.mark.parametrize(
    ("at", "age"),
    [
        (SEVENTEEN.subtract(seconds=1), 16),
        (SEVENTEEN, 17),
        (Instant.from_utc(2010, 3, 23, 23), 0),
        (Instant.from_utc(2010, 3, 1), 0),
    ],
)
def test_age_is_that_of_the_day_there(at: Instant, age: int) -> None:
    """On the clocks of the place; before the birth it is nothing less than 0."""
    assert rules.age_then(STOCKHOLM, BORN, at) == age


@pytest.mark.parametrize(("purpose", "shared_with"), [(Purpose.TAKE_PART, ""), (Purpose.CHAT, ""), (Purpose.SHARE, "school")])
def test_who_must_say_yes_is_asked_with_everything_that_is_known(purpose: Purpose, shared_with: str) -> None:
    """The place's country, the person, their age there on that day, the moment, and with whom it is shared."""
    rule = rules.rule_of(STOCKHOLM, ADA, purpose, shared_with, NOW)
    assert isinstance(rule, Decision)
    assert rule.asked == Asked(country="SE", purpose=purpose, about="ada", age=16, at=NOW, shared_with=shared_with)
    assert rule.young_person is Capacity.SELF


def test_without_a_date_of_birth_nobody_can_say_yes() -> None:
    """No purpose is covered, whatever was said."""
    unborn = evolve(ADA, born=None, consents=(TAKES_PART, yes(Purpose.CHAT), yes(Purpose.SHARE, "school")))
    found = rules.reckoned(STOCKHOLM, unborn, NOW)
    assert {(one.rule, one.coverage.reason, one.until) for one in found} == {(Reason.UNKNOWN_AGE, Reason.UNKNOWN_AGE, None)}


def test_an_exception_that_is_recorded_counts() -> None:
    """The guardian who is left out is not asked."""
    rule = rules.rule_of(STOCKHOLM, evolve(ADA, exceptions=(WITHOUT_BO,)), Purpose.EVALUATION, "", NOW)
    assert isinstance(rule, Decision)
    assert (rule.guardians, rule.without) == (1, frozenset({"bo"}))


def test_every_purpose_is_reckoned_and_each_sharing_that_was_spoken_of() -> None:
    """The purposes in their order, then whom something is shared with, by name; once each, whether yes or no was said."""
    said = evolve(
        ADA,
        consents=(yes(Purpose.SHARE, "school"), TAKES_PART, yes(Purpose.SHARE, "club")),
        objections=(no(Purpose.SHARE, "school"), no(Purpose.CHAT), no(Purpose.SHARE, "aunt")),
    )
    shared = [(Purpose.SHARE, one) for one in ("aunt", "club", "school")]
    found = rules.reckoned(STOCKHOLM, said, NOW)
    assert [(one.purpose, one.shared_with) for one in found] == [*((one, "") for one in OWN), *shared]
    reasons = {one.shared_with or one.purpose: one.coverage.reason for one in found}
    objects = Reason.CHILD_OBJECTS
    assert [reasons[one] for one in (Purpose.TAKE_PART, Purpose.CHAT, "aunt", "club", "school")] == [
        None,
        objects,
        objects,
        None,
        objects,
    ]


@pytest.mark.parametrize(("takes_part", "chats"), list(product((True, False), repeat=2)))
def test_all_else_needs_taking_part(*, takes_part: bool, chats: bool) -> None:
    """What is not covered by itself says its own reason; what is, lasts as long as both do."""
    said = (*((TAKES_PART,) if takes_part else ()), *((yes(Purpose.CHAT),) if chats else ()))
    part, chat, *_ = rules.reckoned(STOCKHOLM, evolve(ADA, consents=said), NOW)
    eighteen = STOCKHOLM.begin(Date(2028, 3, 24))
    assert (part.coverage.reason, part.until) == ((None, eighteen) if takes_part else (Reason.NOBODY_DECIDED, None))
    expected = (None, SEVENTEEN) if takes_part else (Reason.TAKE_PART_MISSING, None)
    assert (chat.coverage.reason, chat.until) == (expected if chats else (Reason.NOBODY_DECIDED, None))
    alone = rules.one(STOCKHOLM, evolve(ADA, consents=said), Purpose.CHAT, "", NOW)
    assert (bool(alone.coverage), alone.until) == (chats, SEVENTEEN if chats else None)
    assert (alone.purpose, alone.shared_with, alone.rule) == (Purpose.CHAT, "", chat.rule)


def test_what_would_last_longer_ends_with_taking_part() -> None:
    """Sharing is covered for ever by itself, and asked again when taking part is."""
    said = evolve(ADA, consents=(TAKES_PART, yes(Purpose.SHARE, "school")))
    shared = rules.reckoned(STOCKHOLM, said, NOW)[-1]
    assert shared == Reckoned(Purpose.SHARE, "school", shared.rule, Coverage(None), STOCKHOLM.begin(Date(2028, 3, 24)))
    assert rules.one(STOCKHOLM, said, Purpose.SHARE, "school", NOW).until is None


def test_what_lasts_for_ever_beside_what_lasts_for_ever_does() -> None:
    """Where no row ends, nothing is asked again."""
    rows = tuple(evolve(one, age_to=None) for one in TABLE.participation if one.age_from >= 12 and one.age_to != 14)
    place = evolve(STOCKHOLM, table=ConsentTable(participation=rows))
    found = rules.reckoned(place, evolve(ADA, consents=(TAKES_PART, yes(Purpose.CHAT))), NOW)
    assert [(one.purpose, bool(one.coverage), one.until) for one in found[:2]] == [
        (Purpose.TAKE_PART, True, None),
        (Purpose.CHAT, True, None),
    ]


@pytest.mark.parametrize(
    ("purpose", "version", "reason"),
    [(Purpose.TAKE_PART, 1, Reason.TEXT_OLDER), (Purpose.TAKE_PART, 2, None), (Purpose.CHAT, 1, None)],
)
def test_each_purpose_needs_its_own_text(purpose: Purpose, version: int, reason: Reason | None) -> None:
    """A purpose for which no version is named needs the first."""
    records = evolve(ADA, consents=(yes(purpose, version=version),))
    assert rules.one(STOCKHOLM, records, purpose, "", NOW).coverage.reason is reason


@pytest.mark.parametrize(
    ("born", "purpose", "capacity"),
    [
        (None, Purpose.TAKE_PART, Capacity.SELF),
        (BORN, Purpose.TAKE_PART, Capacity.SELF),
        (BORN, Purpose.EVALUATION, Capacity.SELF),
        (BORN, Purpose.RESEARCH, Capacity.SELF),
        (Date(2014, 3, 24), Purpose.TAKE_PART, Capacity.ASSENT),
    ],
)
def test_as_what_somebody_says_yes_for_themselves(born: Date | None, purpose: Purpose, capacity: Capacity) -> None:
    """As who assents where that is asked for; else as who decides, and so is refused where others do or nobody knows."""
    assert rules.own_capacity(rules.rule_of(STOCKHOLM, evolve(ADA, born=born), purpose, "", NOW)) is capacity


@pytest.mark.parametrize(
    ("born", "good"),
    [
        (TODAY, True),
        (TODAY.add(days=1), False),
        (Date(1906, 1, 1), True),
        (Date(1905, 12, 31), False),
        (Date(2027, 1, 1), False),
    ],
)
def test_a_date_of_birth_is_one_that_can_be(born: Date, *, good: bool) -> None:
    """Not to come, and of the last 120 years."""
    if good:
        rules.born_before(STOCKHOLM, born, NOW)
        return
    with pytest.raises(Invalid) as refused:
        rules.born_before(STOCKHOLM, born, NOW)
    assert fault(refused) == [("birth_date", "a day of the last 120 years")]


@pytest.mark.parametrize("born", [BORN, None])
@pytest.mark.parametrize("days", [-5, -1, 0, 1])
def test_a_paper_counts_from_the_first_moment_of_its_day_or_from_now(days: int, born: Date | None) -> None:
    """A day to come is refused."""
    signed_on = TODAY.add(days=days)
    if days > 0:
        with pytest.raises(Invalid) as refused:
            rules.signed_at(STOCKHOLM, signed_on, born, NOW)
        assert fault(refused) == [("signed_on", "a day since the birth, and not to come")]
        return
    assert rules.signed_at(STOCKHOLM, signed_on, born, NOW) == (NOW if days == 0 else STOCKHOLM.begin(signed_on))


def test_no_paper_is_older_than_the_person() -> None:
    """The day of the birth is the first on which it can be signed, as far as that day is known."""
    before = BORN.subtract(days=1)
    assert rules.signed_at(STOCKHOLM, BORN, BORN, NOW) == STOCKHOLM.begin(BORN)
    assert rules.signed_at(STOCKHOLM, before, None, NOW) == STOCKHOLM.begin(before)
    with pytest.raises(Invalid):
        rules.signed_at(STOCKHOLM, before, BORN, NOW)


@pytest.mark.parametrize(("version", "latest"), list(product(range(6), range(4))))
def test_a_text_is_of_the_newest_version_or_the_next(version: int, latest: int) -> None:
    """And there is no version 0."""
    if version > 0 and version - latest in (0, 1):
        rules.next_version(version, latest)
        return
    with pytest.raises(Invalid) as refused:
        rules.next_version(version, latest)
    assert fault(refused) == [("version", "the newest version there is, or the next")]


@pytest.mark.parametrize("hours", [0, 1, None])
def test_what_ends_may_end_when_it_began(hours: int | None) -> None:
    """In the same moment, or later; or not yet."""
    end = None if hours is None else NOW.add(hours=hours)
    assert evolve(TAKES_PART, given_at=NOW, withdrawn_at=end).withdrawn_at == end
    assert evolve(no(Purpose.CHAT), raised_at=NOW, taken_back_at=end).taken_back_at == end
    assert evolve(WITHOUT_BO, ended_at=end).ended_at == end
