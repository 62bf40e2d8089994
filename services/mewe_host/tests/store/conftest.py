"""A feature with tables of its own, made on the spot, and a place for its database on either kind."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
from mewe_core.kit.feature import Feature
from mewe_core.kit.personal import holds_nothing
from mewe_host.store.schema import drafted
from mewe_host.store.scripts import Part
from sqlalchemy import MetaData

MakeFeature = Callable[[str, MetaData], Feature]


@pytest.fixture
def make_feature(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeFeature:
    """Makes a feature of a name and tables, in a package of its own with the migration that the draft tool writes."""

    def make(name: str, tables: MetaData) -> Feature:
        package = f"{name}_{uuid4().hex[:8]}"
        versions = tmp_path / "packages" / package / "migrations" / "versions"
        versions.mkdir(parents=True)
        versions.parents[1].joinpath("__init__.py").write_text("")
        monkeypatch.syspath_prepend(tmp_path / "packages")
        file, text = drafted(Part(name, package, tables), "First tables")
        versions.joinpath(file).write_text(text)
        personal = holds_nothing(tables)
        return Feature(name=name, package=package, version="1", summary="For tests.", tables=tables, personal=personal)

    return make


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where databases may be made: once in a folder, once on the server."""
    if request.param == "sqlite":
        return f"sqlite:{tmp_path / 'databases'}"
    return str(request.getfixturevalue("postgresql_url"))
