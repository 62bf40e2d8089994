"""One host for all tests of the client; who kills it starts it again."""

from collections.abc import Iterator

import pytest

from .hosting import Host


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that runs, with somebody of the competence centre signed in."""
    host = Host(tmp_path_factory.mktemp("host"))
    try:
        host.start()
        host.sign_in()
        yield host
    finally:
        host.end()
