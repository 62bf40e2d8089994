"""Migrations in a process of their own: done as if in this one, and nothing of them stays here."""

import asyncio
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from mewe_host.mix import mount
from mewe_host.running.migrating import migrated_apart
from mewe_host.running.opening import migrated
from mewe_host.running.plan import Plan
from mewe_host.store.fault import StoreFault

MIX = """
country = "SE"
[features.people]
[features.programme]
[database]
url = "sqlite:{folder}/data"
[keys]
folder = "{folder}/keys"
"""

LOADED = """
import asyncio, sys
from pathlib import Path
from mewe_host.mix import mount
from mewe_host.running.opening import migrated
from mewe_host.running.plan import Plan
mounted = mount(Path(sys.argv[1]))
print(asyncio.run(migrated(Plan(mounted, mounted.features, brings_all=True))))
print(sorted({one.partition(".")[0] for one in sys.modules} & {"alembic", "asyncpg", "mako"}))
"""


def plan(folder: Path) -> Plan:
    """What to run, on files in a folder."""
    file = folder / "mix.toml"
    file.write_text(MIX.format(folder=folder))
    mounted = mount(file)
    return Plan(mounted, mounted.features, brings_all=True)


def test_databases_are_brought_up_once(tmp_path: Path) -> None:
    """What was done is said; a second time there is nothing to do."""
    here = plan(tmp_path)
    assert asyncio.run(migrated(here)) == "migrated people, programme"
    assert asyncio.run(migrated(here)) == ""
    assert asyncio.run(migrated_apart(here)) == []


def test_what_migrates_is_not_kept_in_memory(tmp_path: Path) -> None:
    """Not even by the start that made the databases."""
    plan(tmp_path)
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", LOADED, tmp_path / "mix.toml"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["migrated people, programme", "[]"]


def test_why_it_cannot_be_done_is_told(tmp_path: Path) -> None:
    """In the words of the store."""
    here = plan(tmp_path)
    asyncio.run(migrated_apart(here))
    with closing(sqlite3.connect(tmp_path / "data" / "people.db")) as database, database:
        database.execute("UPDATE kit_version SET version_num = '9999'")
    with pytest.raises(StoreFault, match="kit of the feature people is of version 9999, newer than this code knows"):
        asyncio.run(migrated_apart(here))


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """In a sentence, not by a traceback of the process that tried."""
    here = plan(tmp_path)
    (tmp_path / "data").write_text("a file where the folder should be")
    with pytest.raises(StoreFault, match=f"{tmp_path}/data cannot be made a folder for databases: File exists"):
        asyncio.run(migrated_apart(here))
