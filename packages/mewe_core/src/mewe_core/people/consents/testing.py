"""A country in which who decides is known, played on a stage: for tests and documentation of consent."""

from zoneinfo import ZoneInfo

from whenever import Date

from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.consent import ConsentRow, Decides
from mewe_core.people.consent_settings import ConsentSettings
from mewe_core.people.consents import guardian_model as g
from mewe_core.people.consents import guardians
from mewe_core.people.consents import handlers as own
from mewe_core.people.consents import model as c
from mewe_core.people.model import PeopleSettings
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.testing import sign_in

SOURCE = "example for trying out"
PLAN = {
    Purpose.TAKE_PART: ((0, 11, Decides.BOTH_AND_ASSENT), (12, 14, Decides.GUARDIAN), (15, 17, Decides.SELF)),
    Purpose.CHAT: ((0, 14, Decides.GUARDIAN), (15, 17, Decides.SELF)),
    Purpose.EVALUATION: ((12, 14, Decides.BOTH_GUARDIANS), (15, 17, Decides.SELF)),
    Purpose.SHARE: ((12, 17, Decides.SELF),),
}
"""Who decides in the country of these examples; who decides on research is as it is shipped."""


def example_settings(time_zone: str = "UTC") -> PeopleSettings:
    """Settings with the plan above, in a country where the day begins there."""
    rows = tuple(
        ConsentRow(
            country="SE",
            purpose=purpose,
            age_from=age_from,
            age_to=age_to,
            who=who,
            source=SOURCE,
            checked_on=Date(2026, 9, 1),
        )
        for purpose, bands in PLAN.items()
        for age_from, age_to, who in bands
    )
    return PeopleSettings(consent=ConsentSettings(participation=rows, time_zone=ZoneInfo(time_zone)))


class Country:
    """Nina acts for the country, Karin coordinates the school; a text informs about each purpose. It is 1 September 2026."""

    def __init__(self, time_zone: str = "UTC") -> None:
        self.stage = Stage(mewe_feature(), settings=example_settings(time_zone))
        [line] = self.stage.start()
        self.nina = sign_in(self.stage, line.split()[-1]).person_id
        school = model.CreateOrganisationRequest("r", "North School", model.OrganisationKind.SCHOOL)
        self.school = self.stage.call(handlers.create_organisation, school, by=self.nina).id
        self.karin = self.invited(by=self.nina, role=Role.COORDINATOR)
        self.texts = {purpose: self.publish(purpose).id for purpose in Purpose}

    def __enter__(self) -> "Country":
        return self

    def __exit__(self, *_: object) -> None:
        self.stage.close()

    def invited(self, *, by: str = "", role: Role | None = None, group: str = "") -> str:
        """Somebody new who has signed in; who takes part in a group if one is named."""
        request = model.InvitePersonRequest("r", self.school, role=role)
        who = by or self.karin
        person = sign_in(self.stage, self.stage.call(handlers.invite_person, request, by=who).code, who).person_id
        if group:
            self.stage.give(person, Role.PARTICIPANT, ScopeKind.GROUP, group)
        return person

    def child(self, age: int, *, group: str = "") -> str:
        """Somebody who became that old in spring; the date of birth is known."""
        person = self.invited(group=group)
        request = g.RecordBirthDateRequest("r", person, None, Date(2026 - age, 3, 24))
        self.stage.call(guardians.record_birth_date, request, by=self.karin)
        return person

    def guardian(self, child: str, label: str = "the first") -> str:
        """A guardian of somebody."""
        return self.stage.call(guardians.add_guardian, g.AddGuardianRequest("r", child, None, label), by=self.karin).id

    def publish(self, purpose: Purpose, version: int = 1, *, asks_again: bool = False, age_from: int = 0) -> c.ConsentText:
        """A text for all ages from one on."""
        said = f"What {purpose} is, version {version}"
        request = c.PublishConsentTextRequest("r", purpose, version, age_from, None, "en", said, asks_again)
        return self.stage.call(own.publish_consent_text, request, by=self.nina)

    def say_yes(self, child: str, purpose: Purpose, shared_with: str | None = None) -> c.MyConsent:
        """One's own yes to the text there is."""
        request = c.GiveConsentRequest("r", self.texts[purpose], shared_with)
        return self.stage.call(own.give_consent, request, by=child)

    def withdraw(self, child: str, purpose: Purpose, shared_with: str | None = None) -> c.MyConsent:
        """One's own yes is taken back."""
        return self.stage.call(own.withdraw_consent, c.WithdrawConsentRequest("r", purpose, shared_with), by=child)

    def object(self, child: str, purpose: Purpose) -> c.MyConsent:
        """One's own no."""
        return self.stage.call(own.raise_objection, c.RaiseObjectionRequest("r", purpose), by=child)

    def take_back(self, child: str, purpose: Purpose) -> c.MyConsent:
        """One's own no is taken back."""
        return self.stage.call(own.take_back_objection, c.TakeBackObjectionRequest("r", purpose), by=child)

    def paper(self, child: str, guardian: str, purpose: Purpose, day: Date | None = None, *, by: str = "") -> g.PersonConsents:
        """A guardian's yes on paper, of today or another day."""
        signed = day or self.stage.clock.now().to_tz("UTC").date()
        request = g.RecordGuardianConsentRequest("r", child, None, guardian, self.texts[purpose], None, signed)
        return self.stage.call(guardians.record_guardian_consent, request, by=by or self.karin)

    def paper_taken_back(self, child: str, guardian: str, purpose: Purpose) -> g.PersonConsents:
        """A guardian takes a yes back."""
        request = g.RecordGuardianWithdrawalRequest("r", child, None, guardian, purpose)
        return self.stage.call(guardians.record_guardian_withdrawal, request, by=self.karin)

    def mine(self, child: str, purpose: Purpose) -> c.MyConsent:
        """What somebody sees of one purpose of theirs."""
        told = self.stage.call(own.get_my_consents, c.GetMyConsentsRequest(), by=child)
        return next(one for one in told.consents if one.purpose is purpose)
