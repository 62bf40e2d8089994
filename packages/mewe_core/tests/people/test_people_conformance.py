"""The kit's rules, held up to people."""

from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import Stage
from mewe_core.kit.values import columns
from mewe_core.people import handlers, model
from mewe_core.people.consents import guardians
from mewe_core.people.consents.guardian_model import RecordBirthDateRequest, RecordGuardianRequestRequest
from mewe_core.people.consents.testing import example_settings
from mewe_core.people.passkeys.store import ADD, KeptPasskey
from mewe_core.people.returning.handlers import ask_for_return
from mewe_core.people.returning.model import AskForReturnRequest, ReturnReason
from mewe_core.people.testing import sign_in
from whenever import Date


class TestPeople(Conformance):
    """The competence centre, and a school with a coordinator; a stranger belongs to neither."""

    feature = "people"
    settings = example_settings()
    open_lists = ("list_consent_texts", "list_staff_issuers")

    def furnish(self, stage: Stage) -> None:
        """Somebody signs in at each of them; somebody waits, for a group with the school's id: lists are asked with one id."""
        [line] = stage.start()
        nina = sign_in(stage, line.split()[-1]).person_id
        organisation = model.CreateOrganisationRequest("r", "North School", model.OrganisationKind.SCHOOL)
        north = stage.call(handlers.create_organisation, organisation, by=nina).id
        request = model.InvitePersonRequest("r", north, role=Role.COORDINATOR)
        code = stage.call(handlers.invite_person, request, by=nina).code
        karin = sign_in(stage, code, nina).person_id
        gone = sign_in(stage, stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=nina).code, nina)
        stage.call(ask_for_return, AskForReturnRequest("r", gone.person_id, ReturnReason.LOST), by=nina)
        waiting = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, group_id=north), by=nina).code
        stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", waiting))
        child = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north), by=karin).person_id
        stage.give(child, Role.PARTICIPANT, ScopeKind.GROUP, "group-oak")
        stage.give("lena", Role.LEADER, ScopeKind.GROUP, "group-oak")
        born = RecordBirthDateRequest("r", child, None, Date(2011, 3, 24))
        stage.call(guardians.record_birth_date, born, by=karin)
        stage.call(guardians.record_guardian_request, RecordGuardianRequestRequest("r", child), by=karin)
        kept = KeptPasskey("key", nina, "credential", "public", 0, stage.clock.now(), None)
        stage.all(ADD, object, **columns(kept))
