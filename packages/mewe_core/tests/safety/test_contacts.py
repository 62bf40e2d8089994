"""The two adults of a group: named by coordinators, stood in for, tried; and what is told of it."""

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.privacy.testing import erase
from mewe_core.kit.standing import StandingChanged
from mewe_core.kit.testing import ELM, NATIONAL, OAK, drive
from mewe_core.programme.events import GroupProtected, GroupState
from mewe_core.safety.duty import ALWAYS
from mewe_core.safety.errors import AlertNotTested, ContactEnded, ContactNotAdult, ContactTwice
from mewe_core.safety.handlers import contacts
from mewe_core.safety.model.contacts import (
    ConfirmAlertRequest,
    Contact,
    EndContactRequest,
    ListContactsRequest,
    ListCountryContactsRequest,
    ListOrganisationContactsRequest,
    SetContactRequest,
    SetOrganisationContactRequest,
    SetSubstituteRequest,
    TestAlertRequest,
)
from mewe_core.safety.store.tables import CONTACT
from mewe_core.safety.testing import ZONE, Watch
from sqlalchemy import select
from whenever import Date

LENA, LARS = OAK.leaders
DAY = Date(2026, 9, 1)


def protected(watch: Watch) -> list[bool]:
    """What was told of the oak since this was last asked."""
    told = [one.protected for one in watch.stage.events if isinstance(one, GroupProtected) and one.group_id == OAK.group_id]
    watch.stage.events.clear()
    return told


def end(watch: Watch, contact: Contact, by: str = OAK.coordinator) -> Contact:
    """End a contact."""
    return watch.stage.call(contacts.end_contact, EndContactRequest("r", contact.id), by=by)


def substitute(watch: Watch, contact: Contact, person: str, first: Date = DAY, last: Date = DAY) -> Contact:
    """Somebody stands in."""
    request = SetSubstituteRequest(
        request_id="r",
        contact_id=contact.id,
        person_id=person,
        alert=f"mailto:{person}@example.org",
        first_date=first,
        last_date=last,
    )
    return watch.stage.call(contacts.set_substitute, request, by=OAK.coordinator)


def test_who_is_stood_in_for_can_be_erased(watch: Watch) -> None:
    """Whoever stood in for them then stands in for nobody, and nothing holds an erasure up."""
    contact = watch.contact(1, LENA)
    substitute(watch, contact, LARS)
    assert erase(watch.stage, LENA) is not None
    with watch.stage.unit(reads=True) as work:
        assert drive(work.database.all(select(CONTACT.c.id), str)) == []


def test_a_group_is_protected_once_two_have_said_that_the_alert_came(watch: Watch) -> None:
    """Not when they are named, not when one of them has."""
    lena, lars = watch.contact(1, LENA), watch.contact(2, LARS)
    watch.tested(lena)
    assert protected(watch) == []
    assert watch.tested(lars).confirm_time == watch.stage.clock.now()
    assert protected(watch) == [True]
    assert [one.person_id for one in watch.stage.alerts] == [LENA, LARS]
    assert watch.alerted() == [("test", LENA), ("test", LARS)]


def test_a_new_address_has_to_be_tried_again(watch: Watch) -> None:
    """Whoever has the place is named anew; until the alert came the group is not protected."""
    watch.guard()
    protected(watch)
    again = watch.contact(1, LENA)
    assert protected(watch) == [False]
    watch.tested(again)
    assert protected(watch) == [True]


def test_an_alert_is_confirmed_only_when_one_was_sent_lately(watch: Watch) -> None:
    """By the contact, within 72 hours."""
    lena = watch.contact(1, LENA)
    confirm, test = ConfirmAlertRequest("r", lena.id), TestAlertRequest("r", lena.id)
    with pytest.raises(AlertNotTested):
        watch.stage.call(contacts.confirm_alert, confirm, by=LENA)
    assert watch.stage.call(contacts.test_alert, test, by=LENA).test_time == watch.stage.clock.now()
    watch.stage.clock.advance(hours=72, seconds=1)
    with pytest.raises(AlertNotTested):
        watch.stage.call(contacts.confirm_alert, confirm, by=LENA)
    watch.stage.call(contacts.test_alert, test, by=LENA)
    watch.stage.clock.advance(hours=72)
    watch.stage.call(contacts.confirm_alert, confirm, by=LENA)
    for who in (LARS, OAK.coordinator, NATIONAL, "ada"):
        with pytest.raises(NotFound):
            watch.stage.call(contacts.test_alert, test, by=who)
        with pytest.raises(NotFound):
            watch.stage.call(contacts.confirm_alert, confirm, by=who)


@pytest.mark.parametrize("person", [*OAK.participants, *ELM.participants, *ELM.leaders, ELM.coordinator, "sigrid"])
def test_a_contact_is_an_adult_of_the_group_or_around_it(watch: Watch, person: str) -> None:
    """No participant, nobody of another group or organisation, nobody who belongs nowhere."""
    with pytest.raises(ContactNotAdult):
        watch.contact(1, person)
    lena = watch.contact(1, LENA)
    with pytest.raises(ContactNotAdult):
        substitute(watch, lena, person)


@pytest.mark.parametrize("person", [*OAK.leaders, OAK.coordinator, NATIONAL])
def test_leaders_and_coordinators_may_be_contacts(watch: Watch, person: str) -> None:
    """So may the competence centre."""
    assert watch.contact(1, person).person_id == person


def test_two_places_are_two_people(watch: Watch) -> None:
    """One person twice is refused, also where each names itself anew."""
    watch.contact(1, LENA)
    with pytest.raises(ContactTwice):
        watch.contact(2, LENA)
    watch.contact(1, LENA)
    watch.contact(2, LARS)


@pytest.mark.parametrize("who", [*OAK.leaders, *OAK.participants, *ELM.leaders, ELM.coordinator, "sigrid"])
def test_only_coordinators_and_the_centre_name_contacts(watch: Watch, who: str) -> None:
    """To others the group, and the contact, look as if they were not there."""
    lena = watch.contact(1, LENA)
    with pytest.raises(NotFound):
        watch.contact(2, LARS, by=who)
    with pytest.raises(NotFound):
        end(watch, lena, by=who)
    assert watch.contact(2, LARS, by=NATIONAL).place == 2


def test_whoever_is_in_the_group_sees_the_contacts_and_nobody_sees_an_address(watch: Watch) -> None:
    """Who, when and since when tested; the address stands sealed."""
    watch.guard()
    for who in ("ada", LENA, OAK.coordinator, NATIONAL):
        shown = watch.stage.call(contacts.list_contacts, ListContactsRequest(OAK.group_id), by=who).contacts
        assert [(one.person_id, one.place, one.duty_hours) for one in shown] == [(LENA, 1, ALWAYS), (LARS, 2, ALWAYS)]
        assert "example.org" not in repr(shown)
    for who in ("dina", *ELM.leaders, ELM.coordinator, "sigrid"):
        with pytest.raises(NotFound):
            watch.stage.call(contacts.list_contacts, ListContactsRequest(OAK.group_id), by=who)
    for sealed in watch.stage.all(select(CONTACT.c.sealed_alert), bytes):
        assert b"example" not in sealed


def test_a_contact_who_leaves_protects_no_longer(watch: Watch) -> None:
    """Ended by the coordinator, or no leader of the group any more; who comes back is one again."""
    lena, _ = watch.guard()
    protected(watch)
    end(watch, lena)
    assert protected(watch) == [False]
    with pytest.raises(ContactEnded):
        end(watch, lena)
    with pytest.raises(ContactEnded):
        watch.stage.call(contacts.test_alert, TestAlertRequest("r", lena.id), by=LENA)
    watch.tested(watch.contact(1, LENA))
    assert protected(watch) == [True]
    now = watch.stage.clock.now()
    left = StandingChanged("x", LARS, Role.LEADER, ScopeKind.GROUP, OAK.group_id, now, None)
    watch.stage.hear(left)
    assert protected(watch) == []
    for standing in ("standing-5", "x"):
        watch.stage.hear(StandingChanged(standing, LARS, Role.LEADER, ScopeKind.GROUP, OAK.group_id, now, now))
    assert protected(watch) == [False]
    watch.stage.hear(left)
    assert protected(watch) == [True]


def test_a_group_that_goes_on_stays_protected(watch: Watch) -> None:
    """What the programme tells of it changes nothing about its contacts."""
    watch.guard()
    protected(watch)
    watch.group(OAK, GroupState.RUNNING)
    assert protected(watch) == []


def test_a_substitute_has_the_duty_of_the_contact_and_ends_with_them(watch: Watch) -> None:
    """They are shown behind the contact; nobody stands in for a substitute."""
    lena, _ = watch.guard()
    made = substitute(watch, lena, OAK.coordinator)
    assert (made.duty_hours, made.time_zone, made.stands_in_for_id) == (lena.duty_hours, lena.time_zone, lena.id)
    shown = watch.stage.call(contacts.list_contacts, ListContactsRequest(OAK.group_id), by=LENA).contacts
    assert [one.person_id for one in shown] == [LENA, OAK.coordinator, LARS]
    with pytest.raises(NotFound):
        substitute(watch, made, NATIONAL)
    end(watch, lena)
    with pytest.raises(ContactEnded):
        end(watch, made)
    with pytest.raises(ContactEnded):
        substitute(watch, lena, OAK.coordinator)
    with pytest.raises(Invalid):
        substitute(watch, lena, OAK.coordinator, DAY, DAY.subtract(days=1))


def test_organisations_and_the_country_have_contacts_too(watch: Watch) -> None:
    """Shown to those who hold a role there."""
    request = SetOrganisationContactRequest(
        request_id="r",
        organisation_id=OAK.organisation_id,
        place=1,
        person_id=OAK.coordinator,
        alert="tel:+46701234567",
        time_zone=ZONE,
        duty_hours=ALWAYS,
    )
    made = watch.stage.call(contacts.set_organisation_contact, request, by=OAK.coordinator)
    assert (made.group_id, made.organisation_id) == (None, OAK.organisation_id)
    asked = ListOrganisationContactsRequest(OAK.organisation_id)
    assert watch.stage.call(contacts.list_organisation_contacts, asked, by=OAK.coordinator).contacts == (made,)
    with pytest.raises(NotFound):
        watch.stage.call(contacts.list_organisation_contacts, asked, by=LENA)
    nils = watch.country(1, NATIONAL)
    assert (nils.group_id, nils.organisation_id) == (None, None)
    assert watch.stage.call(contacts.list_country_contacts, ListCountryContactsRequest(), by=NATIONAL).contacts == (nils,)
    watch.tested(nils)
    assert watch.stage.call(contacts.end_contact, EndContactRequest("r", nils.id), by=NATIONAL).id == nils.id
    with pytest.raises(ContactNotAdult):
        watch.country(2, LENA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"alert": "lena@example.org"},
        {"alert": "mailto:lena"},
        {"alert": "tel:0701234567"},
        {"alert": "https://example.org"},
        {"place": 0},
        {"place": 3},
        {"group_id": ""},
        {"time_zone": "Europe/Nowhere"},
    ],
)
def test_what_cannot_be_is_refused(watch: Watch, wrong: dict[str, object]) -> None:
    """An address by mail or telephone, one of two places, hours, one circle, a time zone that there is."""
    usual: dict[str, object] = {
        "request_id": "r",
        "group_id": OAK.group_id,
        "place": 1,
        "person_id": LENA,
        "alert": "mailto:lena@example.org",
        "time_zone": ZONE,
        "duty_hours": ALWAYS,
    }
    with pytest.raises(Invalid):
        watch.stage.call(contacts.set_contact, SetContactRequest(**(usual | wrong)), by=OAK.coordinator)  # type: ignore[arg-type]
