"""One's own consent: given, taken back, objected to, asked again; and what of it is told to the features."""

from collections.abc import Iterator

import pytest
from attrs import evolve
from mewe_core.kit.access import Purpose
from mewe_core.kit.errors import Invalid, NotAllowed, NotFound
from mewe_core.kit.standing import ConsentChanged
from mewe_core.people.consent import Decides, Reason
from mewe_core.people.consents import handlers, model
from mewe_core.people.consents.testing import Country
from mewe_core.people.errors import BirthDateRecorded, ConsentTextOlder, ConsentTextPublished
from whenever import Date, Instant

FIFTEEN = Instant.from_utc(2027, 3, 24)


@pytest.fixture
def country() -> Iterator[Country]:
    """A country in which who decides is known, except on research at some ages."""
    with Country() as country:
        yield country


def told(country: Country, child: str) -> list[tuple[Purpose, bool]]:
    """What the features were told of somebody, in order."""
    events = [one for one in country.stage.events if isinstance(one, ConsentChanged) and one.person_id == child]
    return [(one.purpose, one.covered) for one in events]


def test_a_yes_of_who_decides_covers_and_is_told_once(country: Country) -> None:
    """Saying it again changes nothing and tells nothing."""
    child = country.child(16)
    first, again = (country.say_yes(child, Purpose.TAKE_PART) for _ in range(2))
    assert (first.covered, first.decides, first.text_id) == (True, Decides.SELF, country.texts[Purpose.TAKE_PART])
    assert again == first
    assert told(country, child) == [(Purpose.TAKE_PART, True)]


def test_taking_back_is_one_call_and_takes_everything_with_it(country: Country) -> None:
    """The chat counts only while taking part is covered; its own yes stands and counts again later."""
    child = country.child(16)
    country.say_yes(child, Purpose.TAKE_PART)
    country.say_yes(child, Purpose.CHAT)
    taken_back = country.withdraw(child, Purpose.TAKE_PART)
    assert (taken_back.covered, taken_back.reason, taken_back.text_id) == (False, Reason.WITHDRAWN, None)
    assert country.mine(child, Purpose.CHAT).reason is Reason.TAKE_PART_MISSING
    country.say_yes(child, Purpose.TAKE_PART)
    assert country.mine(child, Purpose.CHAT).covered
    both = {Purpose.TAKE_PART, Purpose.CHAT}
    changes = told(country, child)
    assert changes[:2] == [(Purpose.TAKE_PART, True), (Purpose.CHAT, True)]
    assert set(changes[2:4]) == {(one, False) for one in both}
    assert set(changes[4:]) == {(one, True) for one in both}


def test_a_yes_to_the_chat_alone_covers_nothing(country: Country) -> None:
    """And is told to nobody."""
    child = country.child(16)
    assert country.say_yes(child, Purpose.CHAT).reason is Reason.TAKE_PART_MISSING
    assert told(country, child) == []


def test_taking_back_what_was_never_given_changes_nothing(country: Country) -> None:
    """Nor does taking back a no that nobody raised."""
    child = country.child(16)
    assert country.withdraw(child, Purpose.CHAT).reason is Reason.NOBODY_DECIDED
    assert country.take_back(child, Purpose.CHAT).reason is Reason.NOBODY_DECIDED
    assert told(country, child) == []


def test_who_may_not_decide_is_told_who_may(country: Country) -> None:
    """At 13 a guardian decides."""
    with pytest.raises(NotAllowed) as refused:
        country.say_yes(country.child(13), Purpose.TAKE_PART)
    assert [one.rule for one in refused.value.fields] == ["a guardian"]


def test_without_a_date_of_birth_nobody_may(country: Country) -> None:
    """Unknown means no, and the answer says what is missing."""
    child = country.invited()
    with pytest.raises(NotAllowed) as refused:
        country.say_yes(child, Purpose.TAKE_PART)
    assert [one.path for one in refused.value.fields] == ["age"]
    assert country.mine(child, Purpose.TAKE_PART).reason is Reason.UNKNOWN_AGE


def test_ones_own_date_of_birth_is_told_once_and_kept_sealed(country: Country) -> None:
    """From then on only a leader or a coordinator changes it; no column shows it."""
    child, born = country.invited(), Date(2010, 3, 24)
    told_once = country.stage.call(handlers.set_my_birth_date, model.SetMyBirthDateRequest("r", born), by=child)
    assert told_once.birth_date_known
    with pytest.raises(BirthDateRecorded):
        country.stage.call(handlers.set_my_birth_date, model.SetMyBirthDateRequest("r", Date(2005, 3, 24)), by=child)
    for wrong in (Date(1899, 1, 1), Date(2026, 9, 2)):
        with pytest.raises(Invalid):
            country.stage.call(handlers.set_my_birth_date, model.SetMyBirthDateRequest("r", wrong), by=country.invited())
    assert "2010-03-24" not in "\n".join(country.stage.database._connection.iterdump())
    assert country.say_yes(child, Purpose.TAKE_PART).covered


def test_a_no_overrides_every_guardian_until_it_is_taken_back(country: Country) -> None:
    """A guardian decides; the young person's no counts more."""
    child = country.child(13)
    country.paper(child, country.guardian(child), Purpose.TAKE_PART)
    assert country.mine(child, Purpose.TAKE_PART).covered
    objecting = country.object(child, Purpose.TAKE_PART)
    assert (objecting.covered, objecting.reason, objecting.objects) == (False, Reason.CHILD_OBJECTS, True)
    assert country.object(child, Purpose.TAKE_PART) == objecting
    assert country.take_back(child, Purpose.TAKE_PART).covered


def test_sharing_is_asked_about_with_each_by_itself(country: Country) -> None:
    """A yes to one is none to another; and only sharing is with somebody."""
    child = country.child(16)
    country.say_yes(child, Purpose.TAKE_PART)
    assert country.say_yes(child, Purpose.SHARE, "lena").covered
    shared = country.stage.call(handlers.get_my_consents, model.GetMyConsentsRequest(), by=child).consents
    assert [one.shared_with_id for one in shared if one.purpose is Purpose.SHARE] == ["lena"]
    assert country.withdraw(child, Purpose.SHARE, "karin").reason is Reason.NOBODY_DECIDED
    for purpose, with_whom in ((Purpose.SHARE, None), (Purpose.CHAT, "lena")):
        with pytest.raises(Invalid):
            country.say_yes(child, purpose, with_whom)
        with pytest.raises(Invalid):
            country.withdraw(child, purpose, with_whom)


def test_at_the_age_at_which_somebody_else_decides_it_is_asked_again(country: Country) -> None:
    """It ends by itself at the first moment of that day, and is told; the young person can say yes then."""
    child = country.child(14)
    country.paper(child, country.guardian(child), Purpose.TAKE_PART)
    covered = [one for one in country.stage.events if isinstance(one, ConsentChanged) and one.person_id == child]
    assert [one.until for one in covered] == [FIFTEEN]
    country.stage.clock.advance(seconds=(FIFTEEN - country.stage.clock.now()).total("seconds") - 1)
    country.stage.do_jobs()
    assert country.mine(child, Purpose.TAKE_PART).covered
    country.stage.clock.advance(seconds=1)
    assert country.mine(child, Purpose.TAKE_PART).reason is Reason.AGE_PASSED
    country.stage.do_jobs()
    assert told(country, child) == [(Purpose.TAKE_PART, True), (Purpose.TAKE_PART, False)]
    assert country.say_yes(child, Purpose.TAKE_PART).covered


def test_a_new_purpose_is_asked_about_again_a_translation_is_not(country: Country) -> None:
    """A version that asks again ends every earlier yes; one that does not leaves them, and either can be said yes to."""
    child, others = country.child(16), [country.child(16) for _ in range(120)]
    for one in (child, *others):
        country.say_yes(one, Purpose.TAKE_PART)
    country.publish(Purpose.TAKE_PART, 2)
    country.stage.do_jobs()
    assert country.mine(child, Purpose.TAKE_PART).covered
    newest = country.publish(Purpose.TAKE_PART, 3, asks_again=True)
    with pytest.raises(ConsentTextOlder):
        country.say_yes(child, Purpose.TAKE_PART)
    country.stage.do_jobs()
    assert {country.mine(one, Purpose.TAKE_PART).reason for one in (child, *others)} == {Reason.TEXT_OLDER}
    assert told(country, others[-1])[-1] == (Purpose.TAKE_PART, False)
    country.texts[Purpose.TAKE_PART] = newest.id
    assert country.say_yes(child, Purpose.TAKE_PART).covered


def test_a_text_is_published_once_in_order_and_never_changes(country: Country) -> None:
    """Versions go up one by one; a purpose without a text cannot be said yes to."""
    with pytest.raises(ConsentTextPublished):
        country.publish(Purpose.CHAT, 1)
    with pytest.raises(Invalid):
        country.publish(Purpose.CHAT, 3)
    assert country.publish(Purpose.CHAT, 1, age_from=15).age_from == 15
    with pytest.raises(NotFound):
        country.stage.call(handlers.give_consent, model.GiveConsentRequest("r", "no-such-text"), by=country.child(16))


def test_a_text_for_others_ages_is_not_said_yes_to(country: Country) -> None:
    """Somebody of 15 who has read what is written for adults was not informed."""
    country.texts[Purpose.TAKE_PART] = country.publish(Purpose.TAKE_PART, 1, age_from=18).id
    with pytest.raises(ConsentTextOlder):
        country.say_yes(country.child(15), Purpose.TAKE_PART)


def test_the_texts_are_open_to_everybody(country: Country) -> None:
    """Page by page, newest first, about one purpose or all; nobody signs in for that."""
    for version in (2, 3, 4):
        country.stage.clock.advance(hours=version % 2)
        country.publish(Purpose.CHAT, version)
    for purpose, count in ((None, 8), (Purpose.CHAT, 4), (Purpose.SHARE, 1)):
        shown, token = list[model.ConsentText](), ""
        while True:
            page = country.stage.call(handlers.list_consent_texts, model.ListConsentTextsRequest(purpose, 2, token))
            shown += page.consent_texts
            token = page.next_page_token
            if not token:
                break
        assert len({one.id for one in shown}) == len(shown) == count
        assert [one.create_time for one in shown] == sorted((one.create_time for one in shown), reverse=True)


def test_a_clock_that_is_set_back_brings_nothing_to_life(country: Country) -> None:
    """What was taken back or has run out stays so, also when everything is reckoned anew."""
    child, young = country.child(16), country.child(14)
    country.say_yes(child, Purpose.TAKE_PART)
    country.paper(young, country.guardian(young), Purpose.TAKE_PART)
    country.stage.clock.advance(days=300)
    country.withdraw(child, Purpose.TAKE_PART)
    country.stage.do_jobs()
    country.stage.clock.advance(days=-299)
    country.stage.do_jobs()
    country.object(child, Purpose.CHAT)
    country.withdraw(young, Purpose.CHAT)
    assert country.mine(child, Purpose.TAKE_PART).reason is Reason.WITHDRAWN
    assert country.mine(young, Purpose.TAKE_PART).reason is Reason.AGE_PASSED
    assert country.say_yes(child, Purpose.TAKE_PART).covered, "a new yes counts whatever the clock says"


def test_the_legal_basis_is_what_the_deployment_has_recorded(country: Country) -> None:
    """Nothing is assumed."""
    assert {one.legal_basis for one in mine(country, country.child(16))} == {"not recorded"}


def mine(country: Country, child: str) -> tuple[model.MyConsent, ...]:
    """Everything somebody is asked for."""
    return country.stage.call(handlers.get_my_consents, model.GetMyConsentsRequest(), by=child).consents


def test_somebody_of_whom_nothing_is_known_consents_to_nothing(country: Country) -> None:
    """A token whose person is not here."""
    with pytest.raises(NotFound):
        country.withdraw("sigrid", Purpose.CHAT)
    told_nothing = country.stage.call(handlers.get_my_consents, model.GetMyConsentsRequest(), by="sigrid")
    assert not told_nothing.birth_date_known
    assert {evolve(one, purpose=Purpose.CHAT) for one in told_nothing.consents} != set()
