"""How much one person may ask for, on what really runs: as the program comes, over both faces, and with help open to them."""

from collections.abc import Iterator
from time import monotonic

import grpc
import httpx
import pytest
from google.rpc.error_details_pb2 import RetryInfo
from grpc_status import rpc_status
from mewe_core.kit.plugins import installed, load
from mewe_host.mix.model import Limits
from mewe_host.wire.assembling import assemble

from tests.security.contract import contracts
from tests.security.country import COORDINATOR, Country, Person, fresh, running
from tests.security.faces import Way

ORDINARY = Limits()
MUCH = ("List", "Export", "GetCalendar")


@pytest.fixture(scope="module")
def ordinary() -> Iterator[Country]:
    """A deployment that says nothing of limits."""
    with running(limits="") as country:
        yield country
        assert country.here.faults() == []


@pytest.fixture(params=("grpc", "connect-proto", "connect-json"))
def way(request: pytest.FixtureRequest, ordinary: Country) -> Way:
    """Each way to send bytes in turn."""
    return next(one for one in ordinary.ways if one.name == request.param)


@pytest.fixture
def somebody(ordinary: Country) -> Person:
    """A coordinator who has not called yet."""
    organisation = ordinary.do(ordinary.national.token, "CreateOrganisation", name=fresh(), kind=1)
    return ordinary.invited(ordinary.national.token, organisation.id, role=COORDINATOR)


def until_refused(country: Country, way: Way, person: Person, name: str) -> int:
    """How often somebody is answered, one call after the other, until they are refused for it."""
    answered, most = 0, monotonic() + 60
    while (outcome := country.ask(person.token, name, way, shown=False)).reason != "TOO_MANY_CALLS":
        assert outcome.code == "OK", outcome
        assert monotonic() < most, "nothing was refused"
        answered += 1
    assert outcome.code == "RESOURCE_EXHAUSTED"
    return answered


def test_what_gives_much_is_known() -> None:
    """Every list, export, file, search and calendar, and nothing else; a new list is found by its contract."""
    methods = assemble(load(tuple(sorted(installed())))[0]).methods
    reads = {path.rpartition("/")[2] for path, one in contracts().items() if one.reads and not one.streams}
    much = {path.rpartition("/")[2] for path, one in methods.items() if one.gives_much}
    assert much == {name for name in reads if name.startswith(MUCH)} | {"SearchMessages", "GetStudyFile", "GetReport"}


def test_a_program_with_somebody_s_token_is_slowed_down_and_help_is_not(ordinary: Country, way: Way, somebody: Person) -> None:
    """A minute's worth of calls is answered at once, then a few each second; asking for help goes on, and so do all others."""
    begun = monotonic()
    answered = until_refused(ordinary, way, somebody, "GetMe")
    most = ORDINARY.calls_a_minute * (1 + (monotonic() - begun) / 60)
    assert ORDINARY.calls_a_minute - 10 <= answered <= most
    for name in ("AskForHelp", "AskForHelp", "ListHelpLines"):
        assert ordinary.ask(somebody.token, name, way, shown=False).code == "OK"
    assert ordinary.ask(ordinary.national.token, "GetMe", way, shown=False).code == "OK"


def test_lists_are_slowed_down_earlier(ordinary: Country, way: Way, somebody: Person) -> None:
    """Whoever copies page by page is told to wait, and may still do everything else."""
    begun = monotonic()
    answered = until_refused(ordinary, way, somebody, "ListMyGroups")
    most = ORDINARY.lists_a_minute * (1 + (monotonic() - begun) / 60)
    assert ORDINARY.lists_a_minute - 10 <= answered <= most
    assert ordinary.ask(somebody.token, "GetMe", way, shown=False).code == "OK"


def test_it_is_told_after_how_many_seconds(ordinary: Country, somebody: Person) -> None:
    """As google.rpc.RetryInfo on both faces, and over HTTP as 429 with Retry-After."""
    path = ordinary.rpc("ListMyGroups").path
    headers = {"authorization": f"Bearer {somebody.token}", "content-type": "application/json", "connect-timeout-ms": "5000"}
    with httpx.Client(base_url=ordinary.here.health[0], headers=headers, trust_env=False) as client:
        until_refused(ordinary, ordinary.quick, somebody, "ListMyGroups")
        refused = [client.post(path, content=b"{}") for _ in range(20)]
    assert {(one.status_code, one.headers.get("retry-after")) for one in refused} - {(200, None)} == {(429, "1")}
    with grpc.insecure_channel(ordinary.here.addresses["programme"]) as channel, pytest.raises(grpc.RpcError) as caught:
        _insist(channel, path, somebody)
    retry = RetryInfo()
    assert rpc_status.from_call(caught.value).details[1].Unpack(retry)  # type: ignore[arg-type]
    assert retry.retry_delay.seconds == 1


def _insist(channel: grpc.Channel, path: str, person: Person) -> None:
    for _ in range(20):
        channel.unary_unary(path, None, None)(b"", timeout=5, metadata=(("authorization", f"Bearer {person.token}"),))
