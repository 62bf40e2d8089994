"""Every state of every record under every rule, against a table written by hand; and what holds whatever is drawn."""

from itertools import product

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as draw
from mewe_core.kit.errors import Invalid, NotAllowed
from mewe_core.people.consent import (
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
    age_on,
    covered,
    decides,
    may_consent,
    next_question,
    shipped_table,
)
from whenever import Date, Instant

NOW = Instant.from_utc(2026, 11, 20, 12)
AGES = (11, 12, 14, 15, 17, 18)

# Who decides at which age, one letter a year-group of AGES: - nobody knows, s self, g guardian, b both, a both and assent.
LETTERS = {"s": Decides.SELF, "g": Decides.GUARDIAN, "b": Decides.BOTH_GUARDIANS, "a": Decides.BOTH_AND_ASSENT}
PLAN = {
    Purpose.TAKE_PART: "-aasss",
    Purpose.CHAT: "-ggss-",
    Purpose.EVALUATION: "-bbaa-",
    Purpose.RESEARCH: "bbbss-",
    Purpose.SHARE: "-ssgg-",
}
SPANS = {11: (0, 11), 12: (12, 14), 14: (12, 14), 15: (15, 17), 17: (15, 17), 18: (18, 18)}


def planned() -> ConsentTable:
    """The plan as a table, and research as it is shipped."""
    rows = tuple(
        ConsentRow(
            country="SE",
            purpose=purpose,
            age_from=SPANS[age][0],
            age_to=SPANS[age][1],
            who=LETTERS[letter],
            source="A law",
            checked_on=Date(2026, 1, 1),
        )
        for purpose, letters in PLAN.items()
        for age, letter in zip(AGES, letters, strict=True)
        if purpose is not Purpose.RESEARCH and letter != "-" and age not in (14, 17)
    )
    return ConsentTable(participation=rows, research=shipped_table().research)


TABLE = planned()

# One letter each for the first guardian, the second, the young person: what they have said.
#   . nothing   y yes   w withdrawn   o yes to the older text   a yes at an age of another row   n yes, in a moment
STATES = ".ywoan"

# The oracle: by what those who are asked have said, in order of importance. The first line that fits is the answer.
ALWAYS = ("w", "withdrawn"), ("a", "age_passed"), ("o", "text_older")


def expected(letter: str, first: str, second: str, own: str) -> str:
    """What ought to come out, "" for covered; thought out from the rules, not from the code."""
    first, second, own = (one.replace("n", ".") for one in (first, second, own))
    asked = {"s": own, "g": first + second, "b": first + second, "a": first + second + own}[letter]
    rest = "".join({"s": first + second, "g": own, "b": own, "a": ""}[letter])
    yeses = asked.count("y")
    enough = {"s": 1, "g": 1, "b": 2, "a": 3}[letter]
    if yeses >= enough:
        return ""
    for sign, answer in ALWAYS:
        if sign in asked or (sign == "a" and "a" in rest):
            return answer
    if yeses == 0:
        return "nobody_decided"
    return "young_person_missing" if letter == "a" and first + second == "yy" else "guardian_missing"


def said(state: str, by: str, asked: Asked, capacity: Capacity) -> tuple[Consent, ...]:
    """The records behind a letter."""
    if state == ".":
        return ()
    one = Consent(
        purpose=asked.purpose,
        about="ada",
        by=by,
        capacity=capacity,
        information=Information(version=1 if state == "o" else 2, age_band="12-17", language="sv"),
        age=(16 if asked.age < 15 else 5) if state == "a" else asked.age,
        given_at=NOW.add(hours=1 if state == "n" else -2),
        withdrawn_at=NOW.subtract(hours=1) if state == "w" else None,
        shared_with=asked.shared_with,
    )
    return (one,)


def ask(purpose: Purpose, age: int) -> Asked:
    """About Ada, now."""
    return Asked(
        country="SE",
        purpose=purpose,
        about="ada",
        age=age,
        at=NOW,
        shared_with="lena" if purpose is Purpose.SHARE else "",
    )


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("purpose", Purpose)
def test_every_state_of_every_record_comes_out_as_the_table_says(purpose: Purpose, age: int) -> None:
    """Two guardians and a young person in six states each, with and without an objection, under the rule of the age."""
    asked, letter = ask(purpose, age), PLAN[purpose][AGES.index(age)]
    rule = decides(TABLE, asked)
    own_capacity = Capacity.SELF if letter == "s" else Capacity.ASSENT
    no = Objection(purpose=purpose, about="ada", raised_at=NOW, shared_with=asked.shared_with)
    wrong = []
    for first, second, own in product(STATES, repeat=3):
        consents = (
            *said(first, "bo", asked, Capacity.GUARDIAN),
            *said(second, "cia", asked, Capacity.GUARDIAN),
            *said(own, "ada", asked, own_capacity),
        )
        unknown = letter == "-"
        for objections, right in (
            ((), "unknown_age" if unknown else expected(letter, first, second, own)),
            ((no,), "unknown_age" if unknown else "child_objects"),
        ):
            found = covered(rule, consents, objections, text_version=2)
            if (found.reason or "") != right or bool(found) != (right == ""):
                wrong.append((first, second, own, len(objections), found.reason, right))
    assert wrong == []


@pytest.mark.parametrize("age", AGES)
@pytest.mark.parametrize("purpose", Purpose)
def test_exactly_those_may_consent_whose_yes_counts(purpose: Purpose, age: int) -> None:
    """Person x capacity, under the rule of the age."""
    may = {"s": {"ada self"}, "g": {"bo guardian"}, "b": {"bo guardian"}, "a": {"bo guardian", "ada assent"}, "-": set[str]()}
    found = set()
    for by, capacity in product(("ada", "bo"), Capacity):
        try:
            may_consent(decides(TABLE, ask(purpose, age)), by, capacity)
        except NotAllowed:
            continue
        found.add(f"{by} {capacity}")
    assert found == may[PLAN[purpose][AGES.index(age)]]


HOURS = draw.integers(-50, 50).map(lambda hours: NOW.add(hours=hours))


@draw.composite
def consents_about(pick: draw.DrawFn, purpose: Purpose = Purpose.TAKE_PART) -> Consent:
    """Any yes of anybody about Ada, withdrawn or not."""
    by = pick(draw.sampled_from(("ada", "bo", "cia", "dan")))
    given_at = pick(HOURS)
    return Consent(
        purpose=pick(draw.sampled_from((purpose, purpose, Purpose.CHAT))),
        about="ada",
        by=by,
        capacity=pick(draw.sampled_from((Capacity.SELF, Capacity.ASSENT))) if by == "ada" else Capacity.GUARDIAN,
        information=Information(version=pick(draw.integers(1, 3)), age_band="12-17", language="sv"),
        age=pick(draw.integers(11, 18)),
        given_at=given_at,
        withdrawn_at=pick(draw.none() | draw.integers(0, 50).map(lambda hours: given_at.add(hours=hours))),
    )


@draw.composite
def objections_about(pick: draw.DrawFn) -> Objection:
    """Any objection of Ada's, taken back or not."""
    raised_at = pick(HOURS)
    back = pick(draw.none() | draw.integers(0, 50).map(lambda hours: raised_at.add(hours=hours)))
    return Objection(purpose=Purpose.TAKE_PART, about="ada", raised_at=raised_at, taken_back_at=back)


@draw.composite
def rules_at(pick: draw.DrawFn, purpose: Purpose = Purpose.TAKE_PART) -> Decision:
    """Any rule that can come out, with and without an exception."""
    who, age = pick(draw.sampled_from(Decides)), pick(draw.integers(12, 17))
    row = evolve(TABLE.participation[0], purpose=purpose, who=who, age_from=12, age_to=17)
    table = ConsentTable(research=(row,)) if purpose is Purpose.RESEARCH else ConsentTable(participation=(row,))
    exception = OneGuardian(
        ground=Ground.DANGER,
        about="ada",
        purposes=(purpose,),
        without=pick(draw.sampled_from((None, "bo"))),
        recorded_by="karin",
        recorded_at=NOW.subtract(hours=1000),
    )
    found = decides(table, evolve(ask(purpose, age), at=pick(HOURS)), pick(draw.sampled_from(((), (exception,)))))
    assert isinstance(found, Decision)
    return found


ANY = draw.lists(consents_about(), max_size=8)
NOES = draw.lists(objections_about(), max_size=1)


@settings(deadline=None)
@given(rules_at(), ANY, NOES, draw.data())
def test_withdrawing_never_widens(
    rule: Decision, consents: list[Consent], noes: list[Objection], data: draw.DataObject
) -> None:
    """Whoever withdraws one yes more: what was not covered stays so."""
    before = covered(rule, consents, noes, text_version=2)
    for n, one in enumerate(consents):
        if one.withdrawn_at is None:
            ended = evolve(one, withdrawn_at=one.given_at.add(hours=data.draw(draw.integers(0, 50))))
            after = covered(rule, [*consents[:n], ended, *consents[n + 1 :]], noes, text_version=2)
            assert before or not after


@settings(deadline=None)
@given(rules_at(), ANY, NOES, consents_about())
def test_one_guardian_more_never_narrows(rule: Decision, consents: list[Consent], noes: list[Objection], more: Consent) -> None:
    """Whatever a guardian says who had said nothing: what was covered stays so."""
    more = evolve(more, by="eva", capacity=Capacity.GUARDIAN)
    assert covered(rule, [*consents, more], noes, text_version=2) or not covered(rule, consents, noes, text_version=2)


@settings(deadline=None)
@given(rules_at(Purpose.RESEARCH), draw.lists(consents_about(Purpose.RESEARCH), max_size=8))
def test_an_objection_always_wins_in_research(rule: Decision, consents: list[Consent]) -> None:
    """Whatever anybody has said, and whoever decides."""
    no = Objection(purpose=Purpose.RESEARCH, about="ada", raised_at=rule.asked.at)
    assert not covered(rule, consents, [no], text_version=1)


@settings(deadline=None)
@given(rules_at(), ANY, NOES, draw.integers(0, 50))
def test_time_alone_covers_nothing(rule: Decision, consents: list[Consent], noes: list[Objection], hours: int) -> None:
    """What is covered later was covered before, unless somebody has said yes or taken back a no in between."""
    then, later = rule.asked.at, rule.asked.at.add(hours=hours)
    changed = [*(one.given_at for one in consents), *(one.taken_back_at for one in noes if one.taken_back_at is not None)]
    if not any(then < moment <= later for moment in changed):
        after = evolve(rule, asked=evolve(rule.asked, at=later))
        assert covered(rule, consents, noes, text_version=2) or not covered(after, consents, noes, text_version=2)


@settings(deadline=None)
@given(rules_at(), ANY, NOES)
def test_the_order_of_the_records_does_not_matter(rule: Decision, consents: list[Consent], noes: list[Objection]) -> None:
    """Whether a purpose is covered does not depend on how the records come."""
    assert bool(covered(rule, consents, noes, text_version=2)) == bool(covered(rule, consents[::-1], noes, text_version=2))


@settings(deadline=None)
@given(rules_at(), ANY, NOES)
def test_a_newer_text_never_widens(rule: Decision, consents: list[Consent], noes: list[Objection]) -> None:
    """When the information changes, nobody is covered who was not."""
    found = [bool(covered(rule, consents, noes, text_version=version)) for version in (1, 2, 3, 4)]
    assert found == sorted(found, reverse=True)
    assert not found[3]


@settings(deadline=None)
@given(rules_at(), ANY)
def test_only_those_who_may_consent_cover(rule: Decision, consents: list[Consent]) -> None:
    """All that others say is nothing."""
    others = [one for one in consents if not rule.asks(one.by, one.capacity)]
    assert not covered(rule, others, [], text_version=1)


DAYS = draw.integers(0, 20_000).map(lambda days: Date(1990, 1, 1).add(days=days))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (Date(2011, 11, 20), Date(2026, 11, 19), 14),
        (Date(2011, 11, 20), Date(2026, 11, 20), 15),
        (Date(2011, 11, 20), Date(2026, 12, 1), 15),
        (Date(2011, 11, 20), Date(2011, 11, 20), 0),
        (Date(2012, 2, 29), Date(2027, 2, 28), 14),
        (Date(2012, 2, 29), Date(2027, 3, 1), 15),
        (Date(2012, 2, 29), Date(2028, 2, 29), 16),
    ],
)
def test_age_is_counted_in_whole_years(born: Date, day: Date, age: int) -> None:
    """From birthday to birthday; of 29 February, from 1 March in a common year."""
    assert age_on(born, day) == age


def test_nobody_has_an_age_before_birth() -> None:
    """Such a day is refused."""
    with pytest.raises(Invalid) as refused:
        age_on(Date(2011, 11, 20), Date(2011, 11, 19))
    assert [(one.path, one.rule) for one in refused.value.fields] == [("day", "a day not before the birth")]
    assert age_on(Date(2011, 11, 20), Date(2011, 11, 20)) == 0


@pytest.mark.parametrize(
    ("purpose", "born", "today", "then"),
    [
        (Purpose.RESEARCH, Date(2011, 11, 20), Date(2026, 11, 19), Date(2026, 11, 20)),
        (Purpose.RESEARCH, Date(2011, 11, 20), Date(2026, 11, 20), Date(2029, 11, 20)),
        (Purpose.RESEARCH, Date(2011, 11, 20), Date(2029, 11, 20), None),
        (Purpose.RESEARCH, Date(2012, 2, 29), Date(2026, 11, 20), Date(2027, 3, 1)),
        (Purpose.RESEARCH, Date(2013, 2, 28), Date(2026, 11, 20), Date(2028, 2, 28)),
        (Purpose.CHAT, Date(2020, 5, 1), Date(2026, 11, 20), Date(2032, 5, 1)),
        (Purpose.CHAT, Date(1890, 5, 1), Date(2026, 11, 20), None),
    ],
)
def test_the_next_question_comes_where_another_row_begins_or_ends(
    purpose: Purpose, born: Date, today: Date, then: Date | None
) -> None:
    """On the birthday, and never for somebody for whom nothing changes any more."""
    assert next_question(TABLE, "SE", purpose, born, today) == then


def test_a_row_that_goes_on_to_the_last_age_ends_behind_it() -> None:
    """An open row never asks again; one that ends at the highest age does once more."""
    row = evolve(TABLE.participation[0], age_from=12, age_to=None)
    born, today = Date(2010, 5, 1), Date(2026, 11, 20)
    assert next_question(ConsentTable(participation=(row,)), "SE", row.purpose, born, today) is None
    ends = ConsentTable(participation=(evolve(row, age_to=120),))
    assert next_question(ends, "SE", row.purpose, born, today) == Date(2131, 5, 1)


def test_where_nothing_is_known_nothing_is_asked_again() -> None:
    """Another country, another purpose."""
    assert next_question(TABLE, "IT", Purpose.RESEARCH, Date(2011, 11, 20), Date(2026, 11, 20)) is None
    assert next_question(shipped_table(), "SE", Purpose.CHAT, Date(2011, 11, 20), Date(2026, 11, 20)) is None


@settings(deadline=None)
@given(draw.sampled_from(Purpose), DAYS, draw.integers(0, 9000))
def test_until_the_next_question_the_same_row_holds_and_then_another(purpose: Purpose, born: Date, days: int) -> None:
    """Told by counting the age on each birthday and on the day before it."""
    today = born.add(days=days)
    then = next_question(TABLE, "SE", purpose, born, today)
    now = TABLE.row("SE", purpose, age_on(born, today))
    if then is None:
        assert all(TABLE.row("SE", purpose, age) is now for age in range(age_on(born, today), 120))
    else:
        assert then > today
        assert TABLE.row("SE", purpose, age_on(born, then.subtract(days=1))) is now
        assert TABLE.row("SE", purpose, age_on(born, then)) is not now
        assert age_on(born, then) == age_on(born, then.subtract(days=1)) + 1
