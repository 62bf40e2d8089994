"""Where the databases of a test may be made."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where the database is."""
    return f"sqlite:{tmp_path / 'data'}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
