"""One code, a thousand devices: over real connections, on both databases, one of them gets in; and one adult confirms it."""

from collections import Counter
from collections.abc import Iterator
from typing import TypeVar

import grpc
import pytest
from google.protobuf.message import Message
from mewe.people.v1 import people_service_pb2 as people
from mewe.people.v1.people_service_pb2_grpc import PeopleServiceStub

from tests.security.country import COORDINATOR, Country, fresh, running

Q = TypeVar("Q", bound=Message)
A = TypeVar("A", bound=Message)

DEVICES = 1000
SECONDS = 120


@pytest.fixture(params=["sqlite", "postgresql"])
def here(request: pytest.FixtureRequest) -> Iterator[Country]:
    """A country on a file, and one on a server."""
    url = "" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    with running(database=url) as country:
        yield country
        assert country.here.faults() == []


def outcomes(method: "grpc.UnaryUnaryMultiCallable[Q, A]", requests: list[Q], token: str = "") -> tuple[Counter[str], list[A]]:
    """How calls that were made at once ended, and what was answered. One that the host has no room for just now is repeated."""
    ended, answers = Counter[str](), list[A]()
    signed = (("authorization", f"Bearer {token}"),) if token else ()
    while requests:
        calls = [method.future(one, timeout=SECONDS, metadata=signed) for one in requests]
        sent, requests = requests, []
        for request, call in zip(sent, calls, strict=True):
            refused = call.exception()
            if refused is None:
                ended["OK"] += 1
                answers.append(call.result())
            elif not isinstance(refused, grpc.RpcError):
                raise refused
            elif refused.code() is grpc.StatusCode.UNAVAILABLE:
                requests.append(request)
            else:
                ended[refused.code().name] += 1
    return ended, answers


def test_of_a_thousand_devices_with_one_code_one_gets_in(here: Country) -> None:
    """The others are told that the code does not work; then a hundred say which words it shows, and one confirms it."""
    by = here.national.token
    organisation = here.do(by, "CreateOrganisation", name="North", kind=2).id
    invitation = here.do(by, "InvitePerson", organisation_id=organisation, role=COORDINATOR)
    with grpc.insecure_channel(here.here.addresses["people"]) as channel:
        stub = PeopleServiceStub(channel)
        requests = [people.RedeemInvitationRequest(request_id=fresh(), code=invitation.code) for _ in range(DEVICES)]
        ended, sessions = outcomes(stub.RedeemInvitation, requests)
        assert ended == {"OK": 1, "FAILED_PRECONDITION": DEVICES - 1}
        [session] = sessions
        words = {"person_id": invitation.person_id, "words": session.words}
        confirming = [people.ConfirmPersonRequest(request_id=fresh(), **words) for _ in range(100)]
        confirmed, _ = outcomes(stub.ConfirmPerson, confirming, by)
        assert confirmed == {"OK": 1, "FAILED_PRECONDITION": 99}
    token = here.do("", "RefreshSession", session_token=session.session_token).token
    assert [one.role for one in here.do(token, "GetMe").role_grants] == [COORDINATOR]
    assert len(here.do(token, "ListDeviceSessions").device_sessions) == 1
