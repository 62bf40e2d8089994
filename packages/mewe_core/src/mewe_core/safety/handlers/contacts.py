"""The adults who look after a group's young people: named, stood in for, tried. ContactService."""

from mewe_core.kit.access import ScopeKind
from mewe_core.kit.checks import zone
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Alert, AlertKind, Work
from mewe_core.programme.events import GroupProtected
from mewe_core.safety import errors, rules
from mewe_core.safety.duty import DutyHours
from mewe_core.safety.handlers import routing, words
from mewe_core.safety.model.contacts import (
    ConfirmAlertRequest,
    Contact,
    EndContactRequest,
    KeptContact,
    ListContactsRequest,
    ListContactsResponse,
    ListCountryContactsRequest,
    ListOrganisationContactsRequest,
    SetContactRequest,
    SetCountryContactRequest,
    SetOrganisationContactRequest,
    SetSubstituteRequest,
    TestAlertRequest,
)
from mewe_core.safety.store import contacts

_Naming = SetContactRequest | SetOrganisationContactRequest | SetCountryContactRequest

TEST_GOOD_HOURS = 72
"""How long after a test alert one may say that it came."""


async def set_contact(request: SetContactRequest, work: Work) -> Contact:
    """Name who has a place, in place of whoever had it. Raises ContactNotAdult, ContactTwice; Invalid for a time zone."""
    scopes = await routing.around(work, request.group_id)
    return await _set(request, work, ScopeKind.GROUP, request.group_id, scopes)


async def set_organisation_contact(request: SetOrganisationContactRequest, work: Work) -> Contact:
    """The same for an organisation. Raises ContactNotAdult, ContactTwice; Invalid for a time zone."""
    organisation = request.organisation_id
    return await _set(request, work, ScopeKind.ORGANISATION, organisation, (organisation, work.caller.country))


async def set_country_contact(request: SetCountryContactRequest, work: Work) -> Contact:
    """The same for the country. Raises ContactNotAdult, ContactTwice; Invalid for a time zone."""
    country = work.caller.country
    return await _set(request, work, ScopeKind.COUNTRY, country, (country,))


async def _set(request: _Naming, work: Work, kind: ScopeKind, circle_id: str, scopes: tuple[str, ...]) -> Contact:
    time_zone = zone(request.time_zone)
    await _is_adult(work, request.person_id, scopes)
    key = work.new_id()
    there = [one for one in await contacts.contacts(work.database, kind, circle_id) if one.stands_in_for_id is None]
    if any(one.person_id == request.person_id and one.place != request.place for one in there):
        raise errors.ContactTwice
    for one in there:
        if one.place == request.place:
            await contacts.end(work.database, one.id, work.now)
    contact = KeptContact(
        id=key,
        circle_kind=kind,
        circle_id=circle_id,
        organisation_id=scopes[1] if kind is ScopeKind.GROUP else None,
        place=request.place,
        person_id=request.person_id,
        sealed_alert=await _sealed(work, key, request.person_id, request.alert),
        language=request.language or "en",
        time_zone=time_zone,
        duty=_flat(request.duty_hours),
        stands_in_for_id=None,
        first_date=None,
        last_date=None,
        test_time=None,
        confirm_time=None,
        end_time=None,
    )
    await contacts.add(work.database, contact)
    await protect(work, kind, circle_id)
    return contact.told()


def _flat(hours: tuple[DutyHours, ...]) -> tuple[int, ...]:
    return tuple(number for one in hours for number in (one.weekday, one.from_minute, one.to_minute))


async def _is_adult(work: Work, person_id: str, scopes: tuple[str, ...]) -> None:
    if not await routing.is_adult(work, person_id, frozenset(scopes)):
        raise errors.ContactNotAdult


async def _sealed(work: Work, key: str, person_id: str, alert: str) -> bytes:
    return await work.sealing.seal(person_id, words.ALERT, words.place("safety_contact", key, "alert"), alert)


async def set_substitute(request: SetSubstituteRequest, work: Work) -> Contact:
    """Name who stands in for a contact on some dates. Raises ContactEnded, ContactNotAdult."""
    contact = await _live(work, request.contact_id)
    if contact.stands_in_for_id is not None:
        raise NotFound
    await _is_adult(work, request.person_id, _scopes(contact, work))
    key = work.new_id()
    substitute = KeptContact(
        id=key,
        circle_kind=contact.circle_kind,
        circle_id=contact.circle_id,
        organisation_id=contact.organisation_id,
        place=contact.place,
        person_id=request.person_id,
        sealed_alert=await _sealed(work, key, request.person_id, request.alert),
        language=request.language or "en",
        time_zone=contact.time_zone,
        duty=contact.duty,
        stands_in_for_id=contact.id,
        first_date=request.first_date,
        last_date=request.last_date,
        test_time=None,
        confirm_time=None,
        end_time=None,
    )
    await contacts.add(work.database, substitute)
    return substitute.told()


def _scopes(contact: KeptContact, work: Work) -> tuple[str, ...]:
    inner = (contact.circle_id, *((contact.organisation_id,) if contact.organisation_id else ()))
    return inner if contact.circle_kind is ScopeKind.COUNTRY else (*inner, work.caller.country)


async def _live(work: Work, contact_id: str) -> KeptContact:
    contact = await contacts.contact(work.database, contact_id)
    if contact is None:
        raise NotFound
    if contact.end_time is not None:
        raise errors.ContactEnded
    return contact


async def end_contact(request: EndContactRequest, work: Work) -> Contact:
    """End a contact, and all who stand in for them. Raises ContactEnded."""
    contact = await _live(work, request.contact_id)
    await contacts.end(work.database, contact.id, work.now)
    await protect(work, contact.circle_kind, contact.circle_id)
    return contact.told()


async def list_contacts(request: ListContactsRequest, work: Work) -> ListContactsResponse:
    """The contacts of a group, without their addresses."""
    return await _listed(work, ScopeKind.GROUP, request.group_id)


async def list_organisation_contacts(request: ListOrganisationContactsRequest, work: Work) -> ListContactsResponse:
    """The contacts of an organisation, without their addresses."""
    return await _listed(work, ScopeKind.ORGANISATION, request.organisation_id)


async def list_country_contacts(request: ListCountryContactsRequest, work: Work) -> ListContactsResponse:
    """The country's own contacts, without their addresses."""
    return await _listed(work, ScopeKind.COUNTRY, work.caller.country)


async def _listed(work: Work, kind: ScopeKind, circle_id: str) -> ListContactsResponse:
    there = await contacts.contacts(work.database, kind, circle_id)
    return ListContactsResponse(tuple(one.told() for one in there))


async def test_alert(request: TestAlertRequest, work: Work) -> Contact:
    """Send a test alert to one's own address. Raises ContactEnded."""
    contact = await _live(work, request.contact_id)
    where = words.place("safety_contact", contact.id, "alert")
    to = await work.sealing.open(contact.person_id, words.ALERT, where, contact.sealed_alert)
    if to is None:
        raise errors.ContactEnded
    work.alert(Alert(work.new_id(), AlertKind.TEST, to, contact.language, contact.person_id))
    await contacts.tested(work.database, contact.id, work.now)
    return (await _live(work, contact.id)).told()


async def confirm_alert(request: ConfirmAlertRequest, work: Work) -> Contact:
    """Say that the test alert came. Raises ContactEnded, AlertNotTested."""
    contact = await _live(work, request.contact_id)
    if contact.test_time is None or work.now > contact.test_time.add(hours=TEST_GOOD_HOURS):
        raise errors.AlertNotTested
    await contacts.confirmed(work.database, contact.id, work.now)
    await protect(work, contact.circle_kind, contact.circle_id)
    return (await _live(work, contact.id)).told()


async def protect(work: Work, kind: ScopeKind, circle_id: str) -> None:
    """Tell whether a group has two contacts of whom it was tried whether an alert reaches them, if that has changed."""
    if kind is not ScopeKind.GROUP:
        return
    scopes = frozenset(await routing.around(work, circle_id))
    there = await contacts.contacts(work.database, kind, circle_id)
    named = [one for one in there if one.stands_in_for_id is None]
    standing = [one for one in named if await routing.is_adult(work, one.person_id, scopes)]
    protected = rules.is_protected(standing)
    if await contacts.keep_protected(work.database, circle_id, protected=protected):
        work.emit(GroupProtected(circle_id, protected))
