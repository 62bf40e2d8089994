"""Two thousand calls for help of nobody, and one of somebody among them: it is the first that is seen, and alerts at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import grpc
import pytest
from mewe.safety.v1.help_service_pb2 import AskForHelpRequest
from mewe.safety.v1.help_service_pb2_grpc import HelpServiceStub

from tests.security.country import COORDINATOR, LEADER, PARTICIPANT, Country, Person, contact, fresh, new_group, running

CALLS = 2000
AT_ONCE = 100
WORDS = "x" * 8000
LEAST_LEFT_OUT = 0.75
"""Of what was said so much at least is left out, whatever else there is written of each call."""

GATHERED = 8


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest) -> Iterator[Country]:
    """A country on files, and one on a server."""
    url = "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    with running(database=url) as country:
        yield country
        assert country.here.faults() == []


def young_and_contact(country: Country) -> tuple[Person, Person]:
    """Somebody of a group, and the adult who looks after it; the adult is the country's contact besides."""
    do, centre = country.do, country.national.token
    organisation = do(centre, "CreateOrganisation", name="Exempelby", kind=1).id
    coordinator = country.invited(centre, organisation, role=COORDINATOR)
    leader, young = (country.invited(coordinator.token, organisation) for _ in range(2))
    group = new_group(country, coordinator.token, organisation, (-2, 30, 60, 90))
    do(coordinator.token, "AddMember", group_id=group.id, person_id=leader.id, role=LEADER)
    do(coordinator.token, "AddMember", group_id=group.id, person_id=young.id, role=PARTICIPANT)
    do(coordinator.token, "StartGroup", group_id=group.id)
    contact(country, coordinator.token, group.id, 1, country.national.id)
    return young, country.national


def flood(country: Country, calls: int) -> None:
    """So many calls of nobody, a hundred at a time; all are answered, and told who reads them and what is open now."""
    with grpc.insecure_channel(country.here.addresses["safety"]) as channel:
        ask = HelpServiceStub(channel).AskForHelp
        for _ in range(calls // AT_ONCE):
            asked = [ask.future(AskForHelpRequest(request_id=fresh(), text=WORDS), timeout=60) for _ in range(AT_ONCE)]
            assert all(one.result().readers and one.result().lines for one in asked)


def size(folder: Path) -> int:
    """How many bytes of the databases of a folder are in use; on a server there are none in it."""
    held = 0
    for file in (folder / "var" / "data").glob("*.db"):
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            pages, each, free = (
                database.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_count", "page_size", "freelist_count")
            )
            held += (pages - free) * each
    return held


def test_one_call_for_help_is_seen_beside_two_thousand(here: Country) -> None:
    """It is told at once and stands first; nearly all of the flood is one row of the list, and what it leaves is bounded."""
    young, adult = young_and_contact(here)
    before = size(here.here.folder)
    flood(here, CALLS // 2)
    answer = here.do(young.token, "AskForHelp", text="please")
    assert [one.person_id for one in answer.readers] == [adult.id]
    flood(here, CALLS // 2)
    there = here.do(adult.token, "ListConcerns", page_size=200).concerns
    assert there[0].id == answer.id
    gathered = [one for one in there if one.kind == GATHERED]
    assert sum(one.calls for one in there[1:]) == CALLS
    assert len(gathered) <= 10, "as many as begin in the same moment"
    assert len(there) <= 100
    grown = size(here.here.folder) - before
    assert grown < CALLS * len(WORDS) * (1 - LEAST_LEFT_OUT), f"{grown} bytes"
