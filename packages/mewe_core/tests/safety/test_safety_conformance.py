"""The kit's rules, held up to safety."""

from typing import Any

from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import OAK, Stage
from mewe_core.safety.duty import ALWAYS
from mewe_core.safety.handlers import cards, contacts, help
from mewe_core.safety.model.cards import OpenCardRequest, WriteCardRequest
from mewe_core.safety.model.contacts import (
    SetContactRequest,
    SetCountryContactRequest,
    SetOrganisationContactRequest,
    SetSubstituteRequest,
)
from mewe_core.safety.model.help import AskToTalkRequest
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.testing import ZONE, Watch
from whenever import Date


class TestSafety(Conformance):
    """Two groups, one of them with contacts, a concern, a talk and an opened card."""

    feature = "safety"
    settings = SafetySettings(lines_accepted_by="the tests")
    open_lists = ("list_help_lines",)

    def example(self, kind: type[Any], id_: str) -> Any:
        """Requests of which one field rules out another."""
        if kind is SetContactRequest:
            return SetContactRequest(
                request_id="r", group_id=id_, place=1, person_id=id_, alert="tel:+4611611", time_zone=ZONE, duty_hours=ALWAYS
            )
        if kind is SetOrganisationContactRequest:
            return SetOrganisationContactRequest(
                request_id="r", organisation_id=id_, place=1, person_id=id_, alert="tel:+4611611", time_zone=ZONE, duty_hours=()
            )
        if kind is SetCountryContactRequest:
            return SetCountryContactRequest(
                request_id="r", place=1, person_id=id_, alert="tel:+4611611", time_zone=ZONE, duty_hours=ALWAYS
            )
        if kind is SetSubstituteRequest:
            day = Date(2026, 10, 5)
            return SetSubstituteRequest(
                request_id="r", contact_id=id_, person_id=id_, alert="tel:+4611611", first_date=day, last_date=day
            )
        return super().example(kind, id_)

    def furnish(self, stage: Stage) -> None:
        """Something in every list."""
        watch = Watch(stage)
        watch.guard()
        watch.country(1, "nils")
        organisation = SetOrganisationContactRequest(
            request_id="r",
            organisation_id=OAK.organisation_id,
            place=1,
            person_id=OAK.coordinator,
            alert="tel:+4611611",
            time_zone=ZONE,
            duty_hours=ALWAYS,
        )
        stage.call(contacts.set_organisation_contact, organisation, by=OAK.coordinator)
        answer = watch.help("ada", "I am afraid")
        stage.call(help.ask_to_talk, AskToTalkRequest("r", "please"), by="bo")
        stage.call(cards.write_card, WriteCardRequest("r", "ada", name="Ada"), by="ada")
        stage.call(cards.open_card, OpenCardRequest("r", concern_id=answer.id), by=OAK.leaders[0])
