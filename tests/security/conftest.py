"""A furnished deployment for each file of tests, and the ways to reach it."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.security.country import Country, furnished
from tests.security.faces import Way

collect_ignore = [] if find_spec("mewe_chat") else ["test_joining.py", "test_leaving.py", "test_withdrawing.py"]


@pytest.fixture(scope="module")
def country() -> Iterator[Country]:
    """Two organisations in one deployment, which is as well afterwards as before."""
    with furnished() as country:
        yield country
        assert country.here.faults() == []
        assert country.here.is_ready()


@pytest.fixture(params=("grpc", "connect-proto", "connect-json"))
def way(request: pytest.FixtureRequest, country: Country) -> Way:
    """Each way to send bytes in turn."""
    return next(one for one in country.ways if one.name == request.param)
