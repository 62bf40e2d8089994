"""Where the databases of a test may be made."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Once in a folder, once on the server."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'databases'}"
    return str(request.getfixturevalue("postgresql_url"))


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """In a folder."""
    return f"sqlite:{tmp_path / 'databases'}"
