"""The kit's rules, held up to people."""

from mewe_core.kit.access import Role
from mewe_core.kit.conformance import Conformance
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.testing import sign_in


class TestPeople(Conformance):
    """The competence centre, and a school with a coordinator; a stranger belongs to neither."""

    feature = "people"

    def furnish(self, stage: Stage) -> None:
        """Somebody signs in at each of them; somebody waits, for a group with the school's id: lists are asked with one id."""
        [line] = stage.start()
        nina = sign_in(stage, line.split()[-1]).person_id
        organisation = model.CreateOrganisationRequest("r", "North School", model.OrganisationKind.SCHOOL)
        north = stage.call(handlers.create_organisation, organisation, by=nina).id
        request = model.InvitePersonRequest("r", north, role=Role.COORDINATOR)
        code = stage.call(handlers.invite_person, request, by=nina).code
        sign_in(stage, code, nina)
        waiting = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, group_id=north), by=nina).code
        stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", waiting))
