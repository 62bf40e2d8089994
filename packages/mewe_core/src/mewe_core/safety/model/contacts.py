"""The adults who look after a group's young people, and when."""

from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit.access import ScopeKind
from mewe_core.kit.checks import between, few, identifier, language_tag, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.safety.duty import DutyHours
from mewe_core.safety.model.settings import address

MOST_HOURS = 50


@frozen
class Contact:
    """One of the two adults of a group, an organisation (``organisation_id``) or, without either, the country; or who stands in
    for one on certain dates, both included. The address of an alert is shown to nobody.

    ``test_time``: when a test alert was sent; ``confirm_time``: when the contact said that it came.
    """

    id: str
    group_id: str | None
    organisation_id: str | None
    place: int
    person_id: str
    language: str
    time_zone: str
    duty_hours: tuple[DutyHours, ...]
    stands_in_for_id: str | None
    first_date: Date | None
    last_date: Date | None
    test_time: Instant | None
    confirm_time: Instant | None


@frozen
class KeptContact:
    """A contact as it is kept. ``duty``: weekday, from, to of each part of the week, one behind the other."""

    id: str
    circle_kind: ScopeKind
    circle_id: str
    organisation_id: str | None
    place: int
    person_id: str
    sealed_alert: bytes = field(repr=False)
    language: str
    time_zone: str
    duty: tuple[int, ...]
    stands_in_for_id: str | None
    first_date: Date | None
    last_date: Date | None
    test_time: Instant | None
    confirm_time: Instant | None
    end_time: Instant | None

    def hours(self) -> tuple[DutyHours, ...]:
        """The duty hours."""
        return tuple(DutyHours(*self.duty[n : n + 3]) for n in range(0, len(self.duty), 3))

    def told(self) -> Contact:
        """As it is shown."""
        return Contact(
            id=self.id,
            group_id=self.circle_id if self.circle_kind is ScopeKind.GROUP else None,
            organisation_id=self.circle_id if self.circle_kind is ScopeKind.ORGANISATION else None,
            place=self.place,
            person_id=self.person_id,
            language=self.language,
            time_zone=self.time_zone,
            duty_hours=self.hours(),
            stands_in_for_id=self.stands_in_for_id,
            first_date=self.first_date,
            last_date=self.last_date,
            test_time=self.test_time,
            confirm_time=self.confirm_time,
        )


@frozen(kw_only=True)
class SetContactRequest:
    """Name who has a place of a group. Raises Invalid."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    place: int = field(validator=between(1, 2))
    person_id: str = field(validator=identifier)
    alert: str = field(validator=address, repr=False)
    language: str = field(default="en", validator=language_tag)
    time_zone: str = field(validator=text(60))
    duty_hours: tuple[DutyHours, ...] = field(validator=few(MOST_HOURS))


@frozen(kw_only=True)
class SetOrganisationContactRequest:
    """Name who has a place of an organisation: they come after the contacts of its groups. Raises Invalid."""

    request_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    place: int = field(validator=between(1, 2))
    person_id: str = field(validator=identifier)
    alert: str = field(validator=address, repr=False)
    language: str = field(default="en", validator=language_tag)
    time_zone: str = field(validator=text(60))
    duty_hours: tuple[DutyHours, ...] = field(validator=few(MOST_HOURS))


@frozen(kw_only=True)
class SetCountryContactRequest:
    """Name who has a place of the country: they take what no group's contacts take. Raises Invalid."""

    request_id: str = field(validator=identifier)
    place: int = field(validator=between(1, 2))
    person_id: str = field(validator=identifier)
    alert: str = field(validator=address, repr=False)
    language: str = field(default="en", validator=language_tag)
    time_zone: str = field(validator=text(60))
    duty_hours: tuple[DutyHours, ...] = field(validator=few(MOST_HOURS))


@frozen(kw_only=True)
class SetSubstituteRequest:
    """Name who stands in for a contact on some dates, with the same duty hours. Raises Invalid."""

    request_id: str = field(validator=identifier)
    contact_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    alert: str = field(validator=address, repr=False)
    language: str = field(default="en", validator=language_tag)
    first_date: Date
    last_date: Date

    def __attrs_post_init__(self) -> None:
        if self.last_date < self.first_date:
            raise Invalid(Field("last_date", "a date not before first_date"))


@frozen
class EndContactRequest:
    """End a contact, or that somebody stands in for one."""

    request_id: str = field(validator=identifier)
    contact_id: str = field(validator=identifier)


@frozen
class TestAlertRequest:
    """Have a test alert sent to one's own address."""

    request_id: str = field(validator=identifier)
    contact_id: str = field(validator=identifier)

    __test__ = False


@frozen
class ConfirmAlertRequest:
    """Say that the test alert came."""

    request_id: str = field(validator=identifier)
    contact_id: str = field(validator=identifier)


@frozen
class ListContactsRequest:
    """Ask for the contacts of a group."""

    group_id: str = field(validator=identifier)


@frozen
class ListOrganisationContactsRequest:
    """Ask for the contacts of an organisation."""

    organisation_id: str = field(validator=identifier)


@frozen
class ListContactsResponse:
    """The contacts by place, each before those who stand in for them."""

    contacts: tuple[Contact, ...]


@frozen
class ListCountryContactsRequest:
    """Ask for the country's contacts."""
