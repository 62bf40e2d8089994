"""One host for all tests of the client; who kills it starts it again. What follows a chat is tested where there is one."""

from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from tests.ports import kept_port

from .hosting import Host

collect_ignore = [] if find_spec("mewe_chat") else ["test_readme.py", "test_streams.py"]
collect_ignore += [] if find_spec("mewe_diary") else ["test_diary.py"]


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """A host that runs, with somebody of the competence centre signed in."""
    with kept_port() as port, kept_port() as pages:
        host = Host(tmp_path_factory.mktemp("host"), port, pages)
        try:
            host.start()
            host.sign_in()
            yield host
        finally:
            host.end()
