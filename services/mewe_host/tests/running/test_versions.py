"""The short look at embedded databases says yes only where it is certain."""

import sqlite3
from contextlib import closing
from pathlib import Path

from attrs import evolve
from mewe_core.kit.feature import Feature
from mewe_core.kit.plugins import load
from mewe_host.running.versions import are_current
from sqlalchemy import MetaData


def people() -> Feature:
    """A feature with tables and migrations of its own."""
    return load(("people",))[0][0]


def written(folder: Path, **versions: str) -> None:
    """A database file that says these versions of its parts."""
    with closing(sqlite3.connect(folder / "people.db")) as database, database:
        for part, version in versions.items():
            database.execute(f"CREATE TABLE {part}_version (version_num TEXT)")
            database.execute(f"INSERT INTO {part}_version VALUES (?)", (version,))


def newest(package: str) -> str:
    """The newest version there is a migration for."""
    from importlib.resources import files

    return max(one.name[1:5] for one in files(package).joinpath("migrations", "versions").iterdir() if one.name.startswith("v"))


def test_a_file_of_the_newest_versions_is_current(tmp_path: Path) -> None:
    """Both the kit's part and the feature's own have to be."""
    written(tmp_path, kit=newest("mewe_core.kit"), people=newest("mewe_core.people"))
    assert are_current([people()], tmp_path)


def test_anything_else_is_left_to_the_migration_engine(tmp_path: Path) -> None:
    """No file, no tables, an older or newer version, a file that is none: not certain."""
    assert not are_current([people()], tmp_path)
    written(tmp_path)
    assert not are_current([people()], tmp_path)
    written(tmp_path, kit=newest("mewe_core.kit"), people="9999")
    assert not are_current([people()], tmp_path)
    (tmp_path / "people.db").write_text("this is no database, and long enough to be looked at as one")
    assert not are_current([people()], tmp_path)


def test_a_feature_without_well_named_migrations_is_left_to_the_engine(tmp_path: Path) -> None:
    """A package that has no migrations where they belong is for the engine to refuse."""
    written(tmp_path, kit=newest("mewe_core.kit"), people=newest("mewe_core.people"))
    assert not are_current([evolve(people(), package="mewe_host")], tmp_path)
    assert are_current([evolve(people(), tables=MetaData())], tmp_path)
