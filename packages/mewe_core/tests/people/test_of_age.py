"""Turning 18: nobody decides for a person any more, and what a guardian gave is asked again, from them."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from mewe_core.kit.access import Purpose
from mewe_core.kit.errors import NotAllowed
from mewe_core.kit.standing import ConsentChanged, StandingChanged
from mewe_core.people.consent import ConsentRow, ConsentTable, Decides, Ground, Reason, next_question
from mewe_core.people.consents import guardian_model as g
from mewe_core.people.consents import guardians, links
from mewe_core.people.consents.of_age import OF_AGE, is_of_age, with_adults
from mewe_core.people.consents.rules import Place
from mewe_core.people.consents.testing import Country
from mewe_core.people.errors import CodeNotGood, OfAge
from whenever import Date, Instant

STOCKHOLM = "Europe/Stockholm"
SPANS = ((0, 14), (0, 17), (12, 17), (14, 30), (15, None), (18, None), (20, 25), (0, None))


def row(who: Decides, age_from: int, age_to: int | None, purpose: Purpose = Purpose.CHAT) -> ConsentRow:
    """Somebody decides, from one age to another."""
    return ConsentRow(
        country="SE",
        purpose=purpose,
        age_from=age_from,
        age_to=age_to,
        who=who,
        source="an example",
        checked_on=Date(2026, 9, 1),
    )


@pytest.mark.parametrize(("span", "who"), list(product(SPANS, Decides)))
def test_from_eighteen_on_everybody_decides_alone(span: tuple[int, int | None], who: Decides) -> None:
    """Whatever a table says of that age; below it nothing changes, and a country or purpose it does not know stays unknown."""
    table = ConsentTable(participation=(row(who, *span),))
    grown = with_adults(table)
    for age in range(121):
        here, before = grown.row("SE", Purpose.CHAT, age), table.row("SE", Purpose.CHAT, age)
        if age < OF_AGE:
            assert (here and here.who) == (before and before.who)
        else:
            assert here is not None
            assert here.who is Decides.SELF
        assert grown.row("SE", Purpose.RESEARCH, age) is None
        assert grown.row("NL", Purpose.CHAT, age) is None


def test_who_decided_alone_before_is_not_asked_again() -> None:
    """Where one row goes on beyond that age nothing begins on that day; where others decided, it is asked on it."""
    born, today = Date(2009, 3, 24), Date(2026, 9, 1)
    own = with_adults(ConsentTable(participation=(row(Decides.SELF, 15, None),)))
    theirs = with_adults(ConsentTable(participation=(row(Decides.GUARDIAN, 0, None),)))
    assert next_question(own, "SE", Purpose.CHAT, born, today) is None
    assert next_question(theirs, "SE", Purpose.CHAT, born, today) == Date(2027, 3, 24)


@pytest.mark.parametrize(
    ("zone", "born", "last_as_child"),
    [
        (STOCKHOLM, Date(2008, 9, 15), Instant.from_utc(2026, 9, 14, 21, 59, 59)),
        ("Europe/London", Date(2008, 9, 15), Instant.from_utc(2026, 9, 14, 22, 59, 59)),
        (STOCKHOLM, Date(2008, 2, 29), Instant.from_utc(2026, 2, 28, 22, 59, 59)),
        (STOCKHOLM, Date(2008, 1, 1), Instant.from_utc(2025, 12, 31, 22, 59, 59)),
    ],
)
def test_one_is_of_age_with_the_first_second_of_the_day_it_is_there(zone: str, born: Date, last_as_child: Instant) -> None:
    """In the time zone of the country; born on 29 February, on 1 March of a common year."""
    place = Place("SE", ConsentTable(), zone)
    assert not is_of_age(place, born, last_as_child)
    assert is_of_age(place, born, last_as_child.add(seconds=1))
    assert not is_of_age(place, None, last_as_child)


@pytest.fixture
def country() -> Iterator[Country]:
    """A country whose table ends at 17, where the day begins in Stockholm; it is 1 September 2026."""
    with Country(STOCKHOLM) as country:
        yield country


def told(country: Country, person: str, purpose: Purpose) -> list[tuple[bool, Instant | None]]:
    """What was told of a purpose of somebody."""
    found = [one for one in country.stage.events if isinstance(one, ConsentChanged)]
    return [(one.covered, one.until) for one in found if (one.person_id, one.purpose) == (person, purpose)]


def nearly_adult(country: Country) -> str:
    """Somebody who turns 18 on 3 September 2026, and has a guardian."""
    person = country.invited()
    request = g.RecordBirthDateRequest("r", person, None, Date(2008, 9, 3))
    country.stage.call(guardians.record_birth_date, request, by=country.karin)
    return person


def grow(country: Country) -> None:
    """To the first moment of the birthday, and the work of a second."""
    until = Instant.from_utc(2026, 9, 2, 22)
    country.stage.clock.advance(seconds=int(until.timestamp() - country.stage.clock.now().timestamp()))
    country.stage.do_jobs()


def test_what_was_said_for_a_child_is_asked_again_of_the_adult(country: Country) -> None:
    """By itself, at midnight there: it ends, nothing else does, and their own yes opens it again."""
    person = nearly_adult(country)
    country.say_yes(person, Purpose.TAKE_PART)
    assert told(country, person, Purpose.TAKE_PART) == [(True, Instant.from_utc(2026, 9, 2, 22))]
    roles = [one for one in country.stage.events if isinstance(one, StandingChanged)]
    grow(country)
    assert told(country, person, Purpose.TAKE_PART)[1:] == [(False, None)]
    assert country.mine(person, Purpose.TAKE_PART).reason is Reason.AGE_PASSED
    assert [one for one in country.stage.events if isinstance(one, StandingChanged)] == roles
    country.say_yes(person, Purpose.TAKE_PART)
    assert told(country, person, Purpose.TAKE_PART)[2:] == [(True, None)]


Act = Callable[[Country, str, str], object]


def add(country: Country, person: str, guardian: str) -> object:
    """Another guardian is noted."""
    return country.guardian(person)


def take_back(country: Country, person: str, guardian: str) -> object:
    """A guardian takes something back."""
    return country.paper_taken_back(person, guardian, Purpose.TAKE_PART)


def leave_out(country: Country, person: str, guardian: str) -> object:
    """A guardian is not asked."""
    request = g.RecordOneGuardianRequest("r", person, Ground.DANGER, (Purpose.TAKE_PART,), guardian, "why")
    return country.stage.call(guardians.record_one_guardian, request, by=country.karin)


def ask_to_see(country: Country, person: str, guardian: str) -> object:
    """A guardian asks what is held."""
    return country.stage.call(guardians.record_guardian_request, g.RecordGuardianRequestRequest("r", person), by=country.karin)


@pytest.mark.parametrize("act", [add, take_back, leave_out, ask_to_see])
def test_no_guardian_has_any_standing_then(country: Country, act: Act) -> None:
    """Until then it is as it was; from that day on it is refused, and changes nothing."""
    person = nearly_adult(country)
    guardian = country.guardian(person)
    act(country, person, guardian)
    grow(country)
    country.say_yes(person, Purpose.TAKE_PART)
    with pytest.raises(OfAge):
        act(country, person, guardian)
    assert country.mine(person, Purpose.TAKE_PART).reason is None


def test_what_a_guardian_asked_for_before_is_not_granted_after(country: Country) -> None:
    """It can be refused, which is all that is left to do with it."""
    person = nearly_adult(country)
    asked = country.stage.call(guardians.record_guardian_request, g.RecordGuardianRequestRequest("r", person), by=country.karin)
    grow(country)
    with pytest.raises(OfAge):
        answered(country, asked.id, g.GuardianRequestState.GRANTED)
    assert answered(country, asked.id, g.GuardianRequestState.REFUSED).state is g.GuardianRequestState.REFUSED


def answered(country: Country, request_id: str, state: g.GuardianRequestState) -> g.GuardianRequest:
    """What a person says to it."""
    request = g.AnswerGuardianRequestRequest("r", request_id, state)
    return country.stage.call(guardians.answer_guardian_request, request, by=country.karin)


def test_neither_paper_nor_code_of_a_guardian_counts(country: Country) -> None:
    """A code that was made before opens nothing on that day; on paper it is said who decides."""
    child = country.child(14)
    guardian = country.guardian(child)
    link = g.MakeConsentLinkRequest("r", child, None, guardian, country.texts[Purpose.TAKE_PART])
    code = country.stage.call(links.make_consent_link, link, by=country.karin).code
    grown = g.RecordBirthDateRequest("r", child, None, Date(2008, 8, 1))
    country.stage.call(guardians.record_birth_date, grown, by=country.karin)
    with pytest.raises(CodeNotGood):
        country.stage.call(links.open_consent_link, g.OpenConsentLinkRequest("r", code))
    with pytest.raises(NotAllowed):
        country.paper(child, guardian, Purpose.TAKE_PART)


def test_leaders_are_told_what_is_covered_and_of_no_guardian(country: Country) -> None:
    """The names that somebody gave the guardians are shown to nobody any more; the date of birth never was."""
    person = nearly_adult(country)
    country.guardian(person)
    asked = g.GetPersonConsentsRequest(person)
    before = country.stage.call(guardians.get_person_consents, asked, by=country.karin)
    grow(country)
    after = country.stage.call(guardians.get_person_consents, asked, by=country.karin)
    assert (len(before.guardians), after.guardians) == (1, ())
    assert {one.purpose for one in after.purposes} == {one.purpose for one in before.purposes}
