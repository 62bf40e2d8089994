"""What guardians say, on paper and by a one-time code; who records it, and who sees what of it."""

from collections.abc import Iterator

import pytest
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotAllowed, NotFound
from mewe_core.kit.standing import ConsentChanged
from mewe_core.people.consent import Ground, Reason
from mewe_core.people.consents import guardian_model as g
from mewe_core.people.consents import guardians, links
from mewe_core.people.consents.testing import Country
from mewe_core.people.errors import CodeNotGood, GuardianRequestAnswered, TooManyGuardians
from whenever import Date

OAK = "group-oak"


@pytest.fixture
def country() -> Iterator[Country]:
    """A country in which who decides is known; Lena leads the oak."""
    with Country() as country:
        country.stage.give("lena", Role.LEADER, ScopeKind.GROUP, OAK)
        yield country


def reason(country: Country, child: str, purpose: Purpose = Purpose.TAKE_PART) -> Reason | None:
    """Why a purpose is not covered; None: it is."""
    return country.mine(child, purpose).reason


def link(country: Country, child: str, guardian: str, *, hours: int = 0) -> str:
    """A code for a guardian, about taking part."""
    request = g.MakeConsentLinkRequest("r", child, None, guardian, country.texts[Purpose.TAKE_PART], valid_hours=hours)
    return country.stage.call(links.make_consent_link, request, by=country.karin).code


def answer(country: Country, code: str, *, agrees: bool = True) -> None:
    """A guardian's answer."""
    country.stage.call(links.answer_consent_link, g.AnswerConsentLinkRequest("r", code, agrees))


def test_a_leader_records_a_paper_of_their_group_alone(country: Country) -> None:
    """Of somebody in another group they find nobody; nor do they without naming their group."""
    child, other = country.child(13, group=OAK), country.child(13, group="group-elm")
    guardian = country.guardian(child)
    paper = g.RecordGuardianConsentRequest("r", child, OAK, guardian, country.texts[Purpose.TAKE_PART], None, Date(2026, 9, 1))
    told = country.stage.call(guardians.record_guardian_consent, paper, by="lena")
    assert next(one.covered for one in told.purposes if one.purpose is Purpose.TAKE_PART)
    assert [one.label for one in told.guardians] == ["the first"]
    for person, group in ((other, OAK), (other, "group-elm"), (child, None), ("nobody", OAK)):
        with pytest.raises(NotFound):
            country.stage.call(guardians.get_person_consents, g.GetPersonConsentsRequest(person, group), by="lena")


def test_leaders_see_what_is_covered_and_why_not_and_no_more(country: Country) -> None:
    """Of their group; a coordinator of whom the organisation invited."""
    children = sorted(country.child(16, group=OAK) for _ in range(3))
    country.say_yes(children[1], Purpose.TAKE_PART)
    first = country.stage.call(guardians.list_group_consents, g.ListGroupConsentsRequest(OAK, 2), by="lena")
    rest = g.ListGroupConsentsRequest(OAK, 2, first.next_page_token)
    shown = [*first.persons, *country.stage.call(guardians.list_group_consents, rest, by="lena").persons]
    assert [one.person_id for one in shown] == children
    assert [one.purposes[0].covered for one in shown] == [False, True, False]
    assert shown[0].purposes[0].reason is Reason.NOBODY_DECIDED
    whole = g.ListOrganisationConsentsRequest(country.school, 1)
    page = country.stage.call(guardians.list_organisation_consents, whole, by=country.karin)
    assert (len(page.persons), bool(page.next_page_token)) == (1, True)
    with pytest.raises(NotFound):
        country.stage.call(guardians.list_group_consents, g.ListGroupConsentsRequest(OAK), by=country.karin)


def test_both_guardians_are_two(country: Country) -> None:
    """One of them twice is one; with a documented exception one is enough, until it ends."""
    child = country.child(13)
    first, second = country.guardian(child), country.guardian(child, "the second")
    for purpose in (Purpose.TAKE_PART, Purpose.EVALUATION, Purpose.EVALUATION):
        country.paper(child, first, purpose)
    assert reason(country, child, Purpose.EVALUATION) is Reason.GUARDIAN_MISSING
    request = g.RecordOneGuardianRequest("r", child, Ground.AUTHORITY, (Purpose.EVALUATION,), None, "A decision of May")
    held = country.stage.call(guardians.record_one_guardian, request, by=country.karin)
    assert reason(country, child, Purpose.EVALUATION) is None
    ended = country.stage.call(guardians.end_one_guardian, g.EndOneGuardianRequest("r", held.id), by=country.karin)
    assert ended.end_time is not None
    assert country.stage.call(guardians.end_one_guardian, g.EndOneGuardianRequest("r", held.id), by=country.karin) == ended
    assert reason(country, child, Purpose.EVALUATION) is Reason.GUARDIAN_MISSING
    country.paper(child, second, Purpose.EVALUATION)
    assert reason(country, child, Purpose.EVALUATION) is None


def test_who_is_not_asked_says_nothing(country: Country) -> None:
    """The guardian whom an exception leaves out can neither give nor take back; the note stands nowhere in plain words."""
    child = country.child(13)
    left_out, asked = country.guardian(child), country.guardian(child, "the second")
    request = g.RecordOneGuardianRequest("r", child, Ground.DANGER, (Purpose.TAKE_PART,), left_out, "He must never know of it")
    country.stage.call(guardians.record_one_guardian, request, by=country.karin)
    with pytest.raises(NotAllowed):
        country.paper(child, left_out, Purpose.TAKE_PART)
    country.paper(child, asked, Purpose.TAKE_PART)
    country.paper_taken_back(child, left_out, Purpose.TAKE_PART)
    assert reason(country, child) is None
    assert "He must never" not in "\n".join(country.stage.database._connection.iterdump())


def test_what_a_guardian_takes_back_changes_nothing_where_the_young_person_decides(country: Country) -> None:
    """Nor can a guardian say yes there."""
    child = country.child(14)
    guardian = country.guardian(child)
    country.paper(child, guardian, Purpose.TAKE_PART)
    country.stage.clock.advance(days=210)
    country.say_yes(child, Purpose.TAKE_PART)
    told = len(country.stage.events)
    country.paper_taken_back(child, guardian, Purpose.TAKE_PART)
    assert reason(country, child) is None
    assert [one for one in country.stage.events[told:] if isinstance(one, ConsentChanged)] == []
    with pytest.raises(NotAllowed) as refused:
        country.paper(child, guardian, Purpose.TAKE_PART)
    assert [one.rule for one in refused.value.fields] == ["the young person themselves"]


def test_a_paper_from_before_a_withdrawal_brings_nothing_back(country: Country) -> None:
    """However late it is recorded; one that is signed afterwards does."""
    child = country.child(13)
    guardian = country.guardian(child)
    country.paper(child, guardian, Purpose.TAKE_PART)
    country.stage.clock.advance(days=1)
    country.paper_taken_back(child, guardian, Purpose.TAKE_PART)
    country.stage.clock.advance(days=1)
    country.paper(child, guardian, Purpose.TAKE_PART, Date(2026, 8, 30))
    assert reason(country, child) is Reason.WITHDRAWN
    for wrong in (Date(2026, 9, 4), Date(2010, 1, 1)):
        with pytest.raises(Invalid):
            country.paper(child, guardian, Purpose.TAKE_PART, wrong)
    country.paper(child, guardian, Purpose.TAKE_PART)
    assert reason(country, child) is None


def test_a_paper_from_another_age_does_not_count(country: Country) -> None:
    """At 11 both guardians and the young person decided; a paper of then says nothing at 13."""
    child = country.child(13)
    country.paper(child, country.guardian(child), Purpose.TAKE_PART, Date(2025, 1, 1))
    assert reason(country, child) is Reason.AGE_PASSED


def test_a_guardian_belongs_to_one_person(country: Country) -> None:
    """Of another they are nobody; and there are four at most."""
    child, other = country.child(13), country.child(13)
    with pytest.raises(NotFound):
        country.paper(child, country.guardian(other), Purpose.TAKE_PART)
    for label in ("1", "2", "3", "4"):
        country.guardian(child, label)
    with pytest.raises(TooManyGuardians):
        country.guardian(child, "5")


def test_a_code_is_answered_once(country: Country) -> None:
    """With yes; what it shows names nobody, no group and no school."""
    child = country.child(13, group=OAK)
    guardian = country.guardian(child)
    code = link(country, child, guardian)
    shown = country.stage.call(links.open_consent_link, g.OpenConsentLinkRequest("r", code.upper()))
    assert (shown.purpose, shown.text) == (Purpose.TAKE_PART, "What take_part is, version 1")
    assert not any(one in str(shown) for one in (child, guardian, OAK, country.school, "North"))
    answer(country, code)
    assert reason(country, child) is None
    for asked in (code, "lamo-seke", link(country, child, guardian, hours=1)):
        country.stage.clock.advance(hours=2)
        with pytest.raises(CodeNotGood):
            answer(country, asked)
        with pytest.raises(CodeNotGood):
            country.stage.call(links.open_consent_link, g.OpenConsentLinkRequest("r", asked))


def test_a_no_by_code_takes_an_earlier_yes_back(country: Country) -> None:
    """It is the guardian's own yes that ends."""
    child = country.child(13)
    guardian = country.guardian(child)
    country.paper(child, guardian, Purpose.TAKE_PART)
    answer(country, link(country, child, guardian), agrees=False)
    assert reason(country, child) is Reason.WITHDRAWN


def test_a_code_is_worthless_once_the_young_person_decides(country: Country) -> None:
    """The same answer as for any other code; and a code that has expired stays so when the clock is set back."""
    child = country.child(14)
    guardian = country.guardian(child)
    code, short = link(country, child, guardian, hours=336), link(country, child, guardian, hours=1)
    country.stage.clock.advance(hours=2)
    country.stage.do_jobs()
    country.stage.clock.advance(hours=-2)
    with pytest.raises(CodeNotGood):
        answer(country, short)
    born = g.RecordBirthDateRequest("r", child, None, Date(2010, 1, 1))
    country.stage.call(guardians.record_birth_date, born, by=country.karin)
    with pytest.raises(CodeNotGood):
        answer(country, code)


def test_a_guardian_who_asks_what_is_held_is_answered_by_a_person(country: Country) -> None:
    """It is recorded, and answered once; nothing is shown by it."""
    child = country.child(13)
    asked = country.stage.call(guardians.record_guardian_request, g.RecordGuardianRequestRequest("r", child), by=country.karin)
    listed = country.stage.call(
        guardians.list_guardian_requests, g.ListGuardianRequestsRequest(country.school), by=country.karin
    )
    assert listed.guardian_requests == (asked,)
    for state in (g.GuardianRequestState.OPEN, g.GuardianRequestState.REFUSED, g.GuardianRequestState.GRANTED):
        request = g.AnswerGuardianRequestRequest("r", asked.id, state)
        if state is g.GuardianRequestState.REFUSED:
            assert country.stage.call(guardians.answer_guardian_request, request, by=country.karin).state is state
        else:
            with pytest.raises((Invalid, GuardianRequestAnswered)):
                country.stage.call(guardians.answer_guardian_request, request, by=country.karin)
