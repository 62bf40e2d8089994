"""Who has joined can post at once, though another service was told of it: fifty times in a row, a process for each feature."""

from collections.abc import Iterator

import pytest

from tests.security.country import PARTICIPANT, Country, Person, new_group, running

TIMES = 50


@pytest.fixture(scope="module")
def split() -> Iterator[Country]:
    """A deployment with a process for each feature."""
    with running(split=True) as country:
        yield country
        assert country.here.faults() == []
        assert country.here.is_ready()


@pytest.fixture
def coordinator(split: Country) -> tuple[str, str]:
    """Somebody who makes groups, and the organisation they make them in."""
    organisation = split.do(split.national.token, "CreateOrganisation", name="A school", kind=2)
    return split.invited(split.national.token, organisation.id, role=4).token, organisation.id


def joined(country: Country, by: str, organisation_id: str, group_id: str) -> Person:
    """Somebody new in a group."""
    person = country.invited(by, organisation_id)
    country.do(by, "AddMember", group_id=group_id, person_id=person.id, role=PARTICIPANT)
    return person


def test_who_has_joined_can_post_at_once(split: Country, coordinator: tuple[str, str]) -> None:
    """With the position that the answer to the joining came with, the first attempt succeeds; on each face."""
    by, organisation = coordinator
    outcomes = []
    for number in range(TIMES):
        group = new_group(split, by, organisation, (1, 2, 3, 4))
        person = joined(split, by, organisation, group.id)
        way = split.ways[number % len(split.ways)]
        outcomes.append(split.ask(person.token, "AcknowledgeLimitOfConfidentiality", way, room_id=group.id, version=1))
        outcomes.append(split.ask(person.token, "PostMessage", way, room_id=group.id, text="I am here"))
    assert [one for one in outcomes if one.code != "OK"] == []


def test_without_the_position_it_is_there_or_not_there_yet(split: Country, coordinator: tuple[str, str]) -> None:
    """Who does not show it may be too early: then there is nothing to be seen, and never another error."""
    by, organisation = coordinator
    codes = set()
    for number in range(TIMES):
        group = new_group(split, by, organisation, (1, 2, 3, 4))
        person = joined(split, by, organisation, group.id)
        way = split.ways[number % len(split.ways)]
        asked = split.ask(person.token, "AcknowledgeLimitOfConfidentiality", way, shown=False, room_id=group.id, version=1)
        codes.add(asked.code)
    assert codes <= {"OK", "NOT_FOUND"}
