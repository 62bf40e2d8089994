"""Where the keyrings of a test are: a folder of keys, and databases of either kind."""

from pathlib import Path

import pytest


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """The folder of keys."""
    return tmp_path / "keys"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the databases are."""
    return f"sqlite:{tmp_path / 'data'}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
