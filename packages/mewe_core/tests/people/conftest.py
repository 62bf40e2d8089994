"""People in a country with two schools, each with a coordinator."""

from collections.abc import Iterator

import pytest
from mewe_core.kit.access import Role
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.testing import sign_in


@pytest.fixture
def stage() -> Iterator[Stage]:
    """People, not started yet."""
    with Stage(mewe_feature()) as stage:
        yield stage


@pytest.fixture
def nina(stage: Stage) -> str:
    """Of the national competence centre: the first who signs in."""
    [line] = stage.start()
    return sign_in(stage, line.split()[-1]).person_id


@pytest.fixture
def north(stage: Stage, nina: str) -> str:
    """A school."""
    request = model.CreateOrganisationRequest("r", "North School", model.OrganisationKind.SCHOOL)
    return stage.call(handlers.create_organisation, request, by=nina).id


@pytest.fixture
def south(stage: Stage, nina: str) -> str:
    """Another school."""
    request = model.CreateOrganisationRequest("r", "South School", model.OrganisationKind.SCHOOL)
    return stage.call(handlers.create_organisation, request, by=nina).id


@pytest.fixture
def karin(stage: Stage, nina: str, north: str) -> str:
    """Coordinator of the school in the north."""
    invitation = stage.call(handlers.invite_person, model.InvitePersonRequest("r", north, role=Role.COORDINATOR), by=nina)
    return sign_in(stage, invitation.code, nina).person_id


@pytest.fixture
def kerstin(stage: Stage, nina: str, south: str) -> str:
    """Coordinator of the school in the south."""
    invitation = stage.call(handlers.invite_person, model.InvitePersonRequest("r", south, role=Role.COORDINATOR), by=nina)
    return sign_in(stage, invitation.code, nina).person_id
