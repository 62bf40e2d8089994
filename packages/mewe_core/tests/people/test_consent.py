"""Who must say yes, what covers, who may, when to ask again: each rule by itself."""

from collections.abc import Callable
from typing import Any

import pytest
from attrs import evolve
from mewe_core.kit.errors import Invalid, NotAllowed
from mewe_core.people.consent import (
    NEVER_ASKED,
    Asked,
    Capacity,
    Consent,
    ConsentRow,
    ConsentTable,
    Decides,
    Decision,
    Ground,
    Information,
    Objection,
    OneGuardian,
    Purpose,
    Reason,
    covered,
    decides,
    may_consent,
    shipped_table,
)
from whenever import Date, Instant

NOW = Instant.from_utc(2026, 11, 20, 12)
TEXT = Information(version=2, age_band="12-14", language="sv")
TABLE = ConsentTable(
    participation=tuple(
        ConsentRow(
            country="SE", purpose=purpose, age_from=least, age_to=most, who=who, source="A law", checked_on=Date(2026, 1, 1)
        )
        for purpose, least, most, who in (
            (Purpose.TAKE_PART, 10, 11, Decides.GUARDIAN),
            (Purpose.TAKE_PART, 12, 14, Decides.BOTH_AND_ASSENT),
            (Purpose.TAKE_PART, 15, None, Decides.SELF),
            (Purpose.CHAT, 13, 17, Decides.SELF),
            (Purpose.SHARE, 12, None, Decides.SELF),
        )
    ),
    research=shipped_table().research,
)


def ask(purpose: Purpose = Purpose.TAKE_PART, age: int = 13, *, country: str = "SE", shared_with: str = "") -> Asked:
    """May this purpose of Ada's go on, now?"""
    return Asked(country=country, purpose=purpose, about="ada", age=age, at=NOW, shared_with=shared_with)


def yes(by: str, capacity: Capacity = Capacity.GUARDIAN, **others: Any) -> Consent:
    """A yes about Ada at thirteen, a day ago."""
    said = {"purpose": Purpose.TAKE_PART, "about": "ada", "information": TEXT, "age": 13, "given_at": NOW.subtract(hours=24)}
    return Consent(**{**said, "by": by, "capacity": capacity, **others})


def exception(**others: Any) -> OneGuardian:
    """Bo need not be asked."""
    said = {"ground": Ground.AUTHORITY, "about": "ada", "purposes": (Purpose.TAKE_PART,), "without": "bo"}
    return OneGuardian(**{**said, "recorded_by": "karin", "recorded_at": NOW, **others})


def rule(asked: Asked, *exceptions: OneGuardian) -> Decision:
    """The decision that the table knows."""
    found = decides(TABLE, asked, exceptions)
    assert isinstance(found, Decision)
    return found


ALL = (yes("bo"), yes("cia"), yes("ada", Capacity.ASSENT))


def why(consents: tuple[Consent, ...], *objections: Objection, asked: Asked | None = None) -> Reason | None:
    """Why it is not covered; None if it is."""
    return covered(decides(TABLE, asked or ask()), consents, objections, text_version=2).reason


def test_the_purposes_are_these_five() -> None:
    """Help, reporting, information and one's own data are asked for by nobody, and cannot become purposes by accident."""
    assert [one.value for one in Purpose] == ["take_part", "chat", "evaluation", "research", "share"]
    never = ("help", "report", "inform", "data", "diary", "export", "eras", "emergenc", "concern", "complain", "withdraw")
    names = [one.value for one in Purpose] + [one.name.lower() for one in Purpose]
    assert [name for name in names for word in never if word in name] == []
    assert NEVER_ASKED == ("help", "reporting", "information", "own_data", "diary")
    for word in NEVER_ASKED:
        with pytest.raises(ValueError, match="not a valid Purpose"):
            Purpose(word)


@pytest.mark.parametrize(
    ("asked", "who", "guardians", "young_person"),
    [
        (ask(age=10), Decides.GUARDIAN, 1, None),
        (ask(age=14), Decides.BOTH_AND_ASSENT, 2, Capacity.ASSENT),
        (ask(age=15), Decides.SELF, 0, Capacity.SELF),
        (ask(Purpose.RESEARCH, 14), Decides.BOTH_GUARDIANS, 2, None),
        (ask(Purpose.RESEARCH, 15), Decides.SELF, 0, Capacity.SELF),
    ],
)
def test_who_must_say_yes(asked: Asked, who: Decides, guardians: int, young_person: Capacity | None) -> None:
    """The row of the day's age says who."""
    found = rule(asked)
    assert (found.asked, found.row.who, found.guardians, found.young_person) == (asked, who, guardians, young_person)
    assert found.without == frozenset()


@pytest.mark.parametrize(
    ("asked", "reason", "path"),
    [
        (ask(country="IT"), Reason.UNKNOWN_COUNTRY, "country"),
        (ask(Purpose.EVALUATION), Reason.UNKNOWN_PURPOSE, "purpose"),
        (ask(age=9), Reason.UNKNOWN_AGE, "age"),
        (ask(Purpose.RESEARCH, 18), Reason.UNKNOWN_AGE, "age"),
    ],
)
def test_where_nobody_knows_the_answer_is_no(asked: Asked, reason: Reason, path: str) -> None:
    """Whatever anybody has said yes to; and a yes is not taken."""
    assert decides(TABLE, asked) is reason
    everything = tuple(evolve(one, purpose=asked.purpose) for one in ALL)
    assert not covered(reason, everything, (), text_version=1)
    assert why(everything, asked=asked) is reason
    with pytest.raises(NotAllowed) as refused:
        may_consent(reason, "ada", Capacity.SELF)
    assert [one.path for one in refused.value.fields] == [path]


def test_taking_part_in_any_country_is_refused_until_somebody_knows() -> None:
    """The shipped table has no row of participation, and an article 8 age is none."""
    found = [decides(shipped_table(), ask(one, 16, shared_with="lena" if one is Purpose.SHARE else "")) for one in Purpose]
    assert [one for one in found if not isinstance(one, Decision)] == [Reason.UNKNOWN_PURPOSE] * 4
    assert decides(shipped_table(), ask(country="NL", age=16)) is Reason.UNKNOWN_COUNTRY


@pytest.mark.parametrize("ground", Ground)
def test_a_documented_exception_makes_one_guardian_enough(ground: Ground) -> None:
    """The other one's yes is then not asked for, while the young person's assent still is."""
    found = rule(ask(), exception(ground=ground))
    assert (found.guardians, found.young_person, found.without) == (1, Capacity.ASSENT, frozenset({"bo"}))
    assert covered(found, ALL[1:], (), text_version=2)
    assert covered(found, ALL[1:2], (), text_version=2).reason is Reason.YOUNG_PERSON_MISSING
    assert covered(found, (ALL[0], ALL[2]), (), text_version=2).reason is Reason.GUARDIAN_MISSING
    withdrawn = yes("bo", withdrawn_at=NOW.subtract(hours=1))
    assert covered(found, (withdrawn, *ALL[1:]), (), text_version=2)
    assert covered(found, (withdrawn, ALL[2]), (), text_version=2).reason is Reason.GUARDIAN_MISSING
    assert covered(found, (yes("bo", age=11), ALL[2]), (), text_version=2).reason is Reason.GUARDIAN_MISSING


@pytest.mark.parametrize(
    ("one", "holds"),
    [
        (exception(), True),
        (exception(ended_at=NOW.add(microseconds=1)), True),
        (exception(ended_at=NOW), False),
        (exception(recorded_at=NOW.add(microseconds=1)), False),
        (exception(about="bea"), False),
        (exception(purposes=(Purpose.CHAT, Purpose.RESEARCH)), False),
    ],
)
def test_an_exception_holds_for_whom_what_and_when_it_was_recorded(one: OneGuardian, holds: bool) -> None:
    """Another person's, another purpose's, an ended one and one to come change nothing."""
    found = rule(ask(), one)
    assert (found.guardians, found.without) == ((1, {"bo"}) if holds else (2, frozenset()))


def test_an_exception_does_not_make_guardians_decide() -> None:
    """Where the young person decides, none is asked; where one was enough, the one left out still does not count."""
    assert rule(ask(age=15), exception()).guardians == 0
    found = rule(ask(age=11), exception())
    assert (found.guardians, found.asks("bo", Capacity.GUARDIAN), found.asks("cia", Capacity.GUARDIAN)) == (1, False, True)


def test_an_exception_may_leave_nobody_out() -> None:
    """With sole custody there may be no second guardian to name."""
    found = rule(ask(), exception(ground=Ground.SOLE_CUSTODY, without=None))
    assert (found.guardians, found.without) == (1, frozenset())
    assert covered(found, (ALL[0], ALL[2]), (), text_version=2)


def test_all_yeses_together_cover() -> None:
    """Two different guardians and the young person's assent; a coverage is true as a truth value."""
    assert covered(rule(ask()), ALL, (), text_version=2)
    assert why(ALL) is None


@pytest.mark.parametrize(
    ("consents", "reason"),
    [
        ((), Reason.NOBODY_DECIDED),
        (ALL[:1], Reason.GUARDIAN_MISSING),
        ((ALL[0], ALL[0], ALL[2]), Reason.GUARDIAN_MISSING),
        (ALL[2:], Reason.GUARDIAN_MISSING),
        (ALL[:2], Reason.YOUNG_PERSON_MISSING),
        ((*ALL[:2], yes("ada", Capacity.SELF)), Reason.YOUNG_PERSON_MISSING),
    ],
)
def test_what_is_missing_is_said(consents: tuple[Consent, ...], reason: Reason) -> None:
    """The same guardian twice is one guardian; consent is not the assent that was asked for."""
    assert why(consents) is reason


@pytest.mark.parametrize("n", range(3))
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"withdrawn_at": NOW}, Reason.WITHDRAWN),
        ({"withdrawn_at": NOW.add(microseconds=1)}, None),
        ({"information": evolve(TEXT, version=1)}, Reason.TEXT_OLDER),
        ({"information": evolve(TEXT, version=3)}, None),
        ({"age": 11}, Reason.AGE_PASSED),
        ({"age": 12}, None),
        ({"given_at": NOW}, None),
        ({"given_at": NOW.add(microseconds=1)}, "missing"),
        ({"purpose": Purpose.CHAT}, "missing"),
    ],
)
def test_one_yes_that_does_not_count_is_enough_to_uncover(n: int, change: dict[str, Any], reason: object) -> None:
    """Withdrawn, of an older text, of a younger age, to come, of another purpose: whoever it was."""
    missing = Reason.YOUNG_PERSON_MISSING if n == 2 else Reason.GUARDIAN_MISSING
    changed = tuple(evolve(one, **change) if m == n else one for m, one in enumerate(ALL))
    assert why(changed) is (missing if reason == "missing" else reason)


def test_what_is_said_about_somebody_else_covers_nothing() -> None:
    """A sister's guardians have not decided about Ada."""
    assert why((yes("bo", about="bea"), *ALL[1:])) is Reason.GUARDIAN_MISSING


def test_withdrawing_ends_every_earlier_yes_of_the_same_person() -> None:
    """Who said yes twice and withdraws once has withdrawn; a yes afterwards counts anew, one at the same moment does not."""
    first, hour_ago = yes("bo", given_at=NOW.subtract(hours=48)), NOW.subtract(hours=1)
    second = yes("bo", withdrawn_at=hour_ago)
    assert why((first, second, *ALL[1:])) is Reason.WITHDRAWN
    assert why((second, first, *ALL[1:])) is Reason.WITHDRAWN
    assert why((first, second, yes("bo", given_at=hour_ago), *ALL[1:])) is Reason.WITHDRAWN
    assert why((first, second, yes("bo", given_at=hour_ago.add(microseconds=1)), *ALL[1:])) is None
    assert why((second, yes("bo", given_at=NOW, information=evolve(TEXT, version=1)), *ALL[1:])) is Reason.TEXT_OLDER
    assert why((yes("bo", given_at=NOW, information=evolve(TEXT, version=1)), second, *ALL[1:])) is Reason.TEXT_OLDER


def test_one_guardians_withdrawal_does_not_end_the_others_yes() -> None:
    """Where one is enough, one yes that stands is enough."""
    eleven = ask(age=11)
    both = (yes("bo", age=11, withdrawn_at=NOW), yes("cia", age=11))
    assert why(both, asked=eleven) is None
    assert why(both[:1], asked=eleven) is Reason.WITHDRAWN


@pytest.mark.parametrize("withdrawn_at", [None, NOW.subtract(hours=2), NOW])
def test_a_guardians_withdrawal_has_no_effect_where_the_child_decides(withdrawn_at: Instant | None) -> None:
    """From fifteen on, guardians neither cover nor uncover."""
    guardian = yes("bo", age=14, withdrawn_at=withdrawn_at)
    own = yes("ada", Capacity.SELF, age=15)
    assert why((guardian, own), asked=ask(age=15)) is None
    alone = Reason.AGE_PASSED if withdrawn_at is None else Reason.NOBODY_DECIDED
    assert why((guardian,), asked=ask(age=15)) is alone
    assert why((evolve(guardian, age=15),), asked=ask(age=15)) is Reason.NOBODY_DECIDED


def test_consent_is_asked_for_again_at_the_age_threshold() -> None:
    """What covered at fourteen does not at fifteen, the young person's own assent included."""
    assert why(ALL, asked=ask(age=14)) is None
    assert why(ALL, asked=ask(age=15)) is Reason.AGE_PASSED
    assert why((*ALL, yes("ada", Capacity.SELF, age=14)), asked=ask(age=15)) is Reason.AGE_PASSED
    assert why((*ALL, yes("ada", Capacity.SELF, age=15)), asked=ask(age=15)) is None


@pytest.mark.parametrize(("purpose", "age"), [(Purpose.TAKE_PART, 11), (Purpose.TAKE_PART, 13), (Purpose.TAKE_PART, 15)])
def test_a_childs_objection_overrides_everybody(purpose: Purpose, age: int) -> None:
    """Guardians, and an earlier yes of their own; until they take it back, and from the moment they raise it."""
    consents = (
        *(yes(one, age=age, purpose=purpose) for one in ("bo", "cia")),
        yes("ada", Capacity.SELF if age == 15 else Capacity.ASSENT, age=age, purpose=purpose),
    )
    no = Objection(purpose=purpose, about="ada", raised_at=NOW)
    asked = ask(purpose, age)
    assert why(consents, asked=asked) is None
    assert why(consents, no, asked=asked) is Reason.CHILD_OBJECTS
    assert why((), no, asked=asked) is Reason.CHILD_OBJECTS
    assert why(consents, evolve(no, taken_back_at=NOW.add(microseconds=1)), asked=asked) is Reason.CHILD_OBJECTS
    for other in (
        evolve(no, taken_back_at=NOW),
        evolve(no, raised_at=NOW.add(microseconds=1)),
        evolve(no, about="bea"),
        evolve(no, purpose=Purpose.CHAT),
    ):
        assert why(consents, other, asked=asked) is None


def test_sharing_with_one_is_not_sharing_with_another() -> None:
    """Each somebody is a question of its own, for the yes and for the no."""
    asked = ask(Purpose.SHARE, shared_with="lena")
    own = yes("ada", Capacity.SELF, purpose=Purpose.SHARE, shared_with="lena")
    no = Objection(purpose=Purpose.SHARE, about="ada", raised_at=NOW, shared_with="lars")
    assert why((own,), no, asked=asked) is None
    assert why((own,), evolve(no, shared_with="lena"), asked=asked) is Reason.CHILD_OBJECTS
    assert why((evolve(own, shared_with="lars"),), asked=asked) is Reason.NOBODY_DECIDED


@pytest.mark.parametrize(
    ("age", "by", "capacity", "allowed"),
    [
        (11, "bo", Capacity.GUARDIAN, None),
        (11, "ada", Capacity.ASSENT, "a guardian"),
        (11, "ada", Capacity.GUARDIAN, "a guardian"),
        (13, "bo", Capacity.GUARDIAN, None),
        (13, "ada", Capacity.ASSENT, None),
        (13, "bo", Capacity.ASSENT, "both guardians, and the assent of the young person"),
        (13, "ada", Capacity.SELF, "both guardians, and the assent of the young person"),
        (15, "ada", Capacity.SELF, None),
        (15, "bo", Capacity.SELF, "the young person themselves"),
        (15, "bo", Capacity.GUARDIAN, "the young person themselves"),
        (15, "ada", Capacity.ASSENT, "the young person themselves"),
    ],
)
def test_a_yes_of_somebody_who_may_not_is_refused_with_who_may(
    age: int, by: str, capacity: Capacity, allowed: str | None
) -> None:
    """The refusal names no person."""
    if allowed is None:
        may_consent(rule(ask(age=age)), by, capacity)
        return
    with pytest.raises(NotAllowed) as refused:
        may_consent(rule(ask(age=age)), by, capacity)
    assert [(one.path, one.rule) for one in refused.value.fields] == [("capacity", allowed)]


def test_in_research_both_guardians_are_named() -> None:
    """Under fifteen in Sweden."""
    with pytest.raises(NotAllowed) as refused:
        may_consent(rule(ask(Purpose.RESEARCH, 14)), "ada", Capacity.ASSENT)
    assert [one.rule for one in refused.value.fields] == ["both guardians"]


def test_the_guardian_whom_an_exception_leaves_out_may_not_consent() -> None:
    """The refusal says that there is an exception, and names nobody."""
    found = rule(ask(), exception())
    may_consent(found, "cia", Capacity.GUARDIAN)
    with pytest.raises(NotAllowed) as refused:
        may_consent(found, "bo", Capacity.GUARDIAN)
    assert [one.rule for one in refused.value.fields] == [
        "both guardians, and the assent of the young person; of the guardians, one whom no documented exception leaves out"
    ]


AS_WHOM = "guardian for somebody else, self or assent for oneself"
ONLY_SHARING = "nothing: only sharing is with somebody"
AN_ID = "an id: 1 to 64 letters, digits, - or _"
A_COUNTRY = 'a country as two capital letters, such as "SE"'


@pytest.mark.parametrize(
    ("make", "path", "allowed"),
    [
        (lambda: yes("ada", Capacity.GUARDIAN), "capacity", AS_WHOM),
        (lambda: yes("bo", Capacity.ASSENT), "capacity", AS_WHOM),
        (lambda: yes("bo", Capacity.SELF), "capacity", AS_WHOM),
        (lambda: yes("bo", withdrawn_at=NOW.subtract(hours=25)), "withdrawn_at", "a moment not before given_at"),
        (lambda: yes("bo", age=-1), "age", "a number from 0 to 120"),
        (lambda: yes("bo", shared_with="lena"), "shared_with", ONLY_SHARING),
        (lambda: yes("bo", purpose=Purpose.SHARE), "shared_with", AN_ID),
        (lambda: yes("bo", about="a d a"), "about", AN_ID),
        (lambda: yes("b o"), "by", AN_ID),
        (lambda: ask(Purpose.SHARE), "shared_with", AN_ID),
        (lambda: ask(shared_with="lena"), "shared_with", ONLY_SHARING),
        (lambda: ask(age=121), "age", "a number from 0 to 120"),
        (lambda: ask(country="se"), "country", A_COUNTRY),
        (lambda: evolve(ask(), about=""), "about", AN_ID),
        (lambda: evolve(TEXT, version=0), "version", "a number from 1 to 1000000"),
        (lambda: evolve(TEXT, age_band=""), "age_band", "a text of 1 to 20 characters"),
        (lambda: evolve(TEXT, language=""), "language", "a text of 1 to 35 characters"),
        (lambda: exception(purposes=()), "purposes", "1 to 5 entries"),
        (lambda: exception(without="ada"), "without", "a guardian, or nothing"),
        (lambda: exception(without=""), "without", AN_ID),
        (lambda: exception(about=""), "about", AN_ID),
        (lambda: exception(recorded_by=""), "recorded_by", AN_ID),
        (lambda: exception(ended_at=NOW.subtract(hours=1)), "ended_at", "a moment not before recorded_at"),
        (lambda: Objection(purpose=Purpose.CHAT, about="", raised_at=NOW), "about", AN_ID),
        (lambda: Objection(purpose=Purpose.SHARE, about="ada", raised_at=NOW), "shared_with", AN_ID),
        (
            lambda: Objection(purpose=Purpose.CHAT, about="ada", raised_at=NOW, taken_back_at=NOW.subtract(hours=1)),
            "taken_back_at",
            "a moment not before raised_at",
        ),
    ],
)
def test_a_record_that_cannot_be_is_refused(make: Callable[[], object], path: str, allowed: str) -> None:
    """By the name of the field, with what is allowed in it."""
    with pytest.raises(Invalid) as refused:
        make()
    assert [(one.path, one.rule) for one in refused.value.fields] == [(path, allowed)]
