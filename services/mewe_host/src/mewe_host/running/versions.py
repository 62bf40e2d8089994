"""A short look at embedded databases: whether each is of the newest version there is a migration for.

It saves loading the migration engine at every start. It only ever says yes when that is certain; if not, the engine looks.
"""

import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from importlib.resources import files
from pathlib import Path

from mewe_core.kit.feature import Feature

_SCRIPT = re.compile(r"v(\w+?)_\w+\.py")


def are_current(features: Sequence[Feature], folder: Path) -> bool:
    """Whether the file of each feature has the newest version of the kit's tables and of the feature's own."""
    return all(_is_current(feature, folder / f"{feature.name}.db") for feature in features)


def _is_current(feature: Feature, file: Path) -> bool:
    if not file.exists():
        return False
    wanted = {"kit": _newest("mewe_core.kit")}
    if feature.tables.tables:
        wanted[feature.name] = _newest(feature.package)
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            return all(_kept(connection, part) == version for part, version in wanted.items())
    except sqlite3.Error:
        return False


def _kept(connection: sqlite3.Connection, part: str) -> str | None:
    rows = connection.execute(f'SELECT version_num FROM "{part}_version"').fetchall()
    return rows[0][0] if len(rows) == 1 else None


def _newest(package: str) -> str:
    """The version in the name of the last script (``v0002_places.py`` makes ``0002``); empty if they are named otherwise."""
    try:
        scripts = [one.name for one in files(package).joinpath("migrations", "versions").iterdir() if one.name.endswith(".py")]
    except OSError:
        return ""
    versions = [found[1] if (found := _SCRIPT.fullmatch(name)) else "" for name in scripts]
    return max(versions, default="") if all(versions) else ""
