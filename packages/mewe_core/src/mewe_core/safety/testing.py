"""A group that is looked after, played on a stage: for tests and documentation."""

from whenever import Instant

from mewe_core.kit.testing import ELM, NATIONAL, OAK, Party, Stage
from mewe_core.programme.events import GroupChanged, GroupState
from mewe_core.safety.duty import ALWAYS, DutyHours
from mewe_core.safety.events import Reported, ReportedKind
from mewe_core.safety.handlers import concerns, contacts, help
from mewe_core.safety.model.concerns import Concern, ListConcernsRequest
from mewe_core.safety.model.contacts import (
    ConfirmAlertRequest,
    Contact,
    SetContactRequest,
    SetCountryContactRequest,
    TestAlertRequest,
)
from mewe_core.safety.model.help import AskForHelpRequest, HelpAnswer

ZONE = "Europe/Stockholm"


class Watch:
    """Two groups of two schools; ``guard`` gives a group its two contacts."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        stage.gather(OAK, ELM)
        for party in (OAK, ELM):
            self.group(party)

    def group(self, party: Party, state: GroupState = GroupState.PLANNED) -> None:
        """Let safety hear where a group stands."""
        self.stage.hear(GroupChanged(party.group_id, party.organisation_id, state))

    def contact(
        self, place: int, person: str, *, party: Party = OAK, hours: tuple[DutyHours, ...] = ALWAYS, by: str | None = None
    ) -> Contact:
        """Name a contact of a group."""
        request = SetContactRequest(
            request_id=self.stage.ids.new(),
            group_id=party.group_id,
            place=place,
            person_id=person,
            alert=f"mailto:{person}@example.org",
            time_zone=ZONE,
            duty_hours=hours,
        )
        return self.stage.call(contacts.set_contact, request, by=by or party.coordinator)

    def country(self, place: int, person: str, *, hours: tuple[DutyHours, ...] = ALWAYS) -> Contact:
        """Name a contact of the country."""
        request = SetCountryContactRequest(
            request_id=self.stage.ids.new(),
            place=place,
            person_id=person,
            alert=f"mailto:{person}@example.org",
            time_zone=ZONE,
            duty_hours=hours,
        )
        return self.stage.call(contacts.set_country_contact, request, by=NATIONAL)

    def tested(self, contact: Contact) -> Contact:
        """Let a contact try whether an alert comes."""
        self.stage.call(contacts.test_alert, TestAlertRequest(self.stage.ids.new(), contact.id), by=contact.person_id)
        confirm = ConfirmAlertRequest(self.stage.ids.new(), contact.id)
        return self.stage.call(contacts.confirm_alert, confirm, by=contact.person_id)

    def guard(self, party: Party = OAK) -> tuple[Contact, Contact]:
        """Two contacts, day and night, tested: its leaders."""
        first, second = (self.tested(self.contact(n, one, party=party)) for n, one in enumerate(party.leaders, start=1))
        return first, second

    def help(self, by: str | None, text: str = "", kept_from: str | None = None) -> HelpAnswer:
        """I need help."""
        return self.stage.call(help.ask_for_help, AskForHelpRequest(self.stage.ids.new(), text, kept_from), by=by)

    def reported(
        self, report_id: str, *, author: str | None, reporter: str | None, group_id: str | None = OAK.group_id
    ) -> None:
        """A message is reported."""
        self.stage.hear(Reported(report_id, ReportedKind.MESSAGE, f"thing-{report_id}", group_id, author, reporter))

    def has(self, person: str) -> list[Concern]:
        """The concerns that were brought to somebody."""
        return list(self.stage.call(concerns.list_concerns, ListConcernsRequest(), by=person).concerns)

    def alerted(self) -> list[tuple[str, str]]:
        """Who was alerted since this was last asked, and why."""
        there = [(str(one.kind), one.to.removeprefix("mailto:").partition("@")[0]) for one in self.stage.alerts]
        self.stage.alerts.clear()
        return there

    def later(self, *, minutes: int = 0, hours: int = 0) -> Instant:
        """Let time pass, and do what is due."""
        moment = self.stage.clock.advance(minutes=minutes, hours=hours)
        self.stage.do_jobs()
        return moment
