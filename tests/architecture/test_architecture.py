"""The architecture's rules hold here, and each is seen to catch its fault."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve, frozen
from mewe_core.kit import events, personal, records
from mewe_core.kit.feature import Feature
from mewe_core.kit.plugins import installed, load
from sqlalchemy import Column, Text

from tests.architecture import rules

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = tuple(
    sorted(
        path.name
        for pattern in ("packages/*/src/*", "services/*/src/*")
        for path in ROOT.glob(pattern)
        if path.is_dir() and path.name.startswith("mewe_")
    )
)


def features() -> tuple[Feature, ...]:
    """The features of this checkout."""
    return load(tuple(sorted(installed())))[0]


def test_imports_point_inward() -> None:
    """Host over features over kit; features know only each other's events and model, and only if they say so."""
    needs = {feature.name: feature.needs for feature in features()}
    assert rules.forbidden_imports(rules.graph(PACKAGES), needs) == []


def test_every_name_says_something() -> None:
    """No file or folder is called utils, helpers, common, misc, manager or base."""
    assert rules.forbidden_names(ROOT) == []


def test_no_file_holds_two_things() -> None:
    """No source has more than 400 lines."""
    assert rules.long_files(ROOT) == []


@pytest.mark.parametrize(
    ("package", "file", "code", "fault"),
    [
        ("mewe_core", "people/rules.py", "import nats", "a package does no I/O"),
        ("mewe_core", "programme/rules.py", "import asyncio", "a package does no I/O"),
        ("mewe_core", "people/rules.py", "from mewe.people.v1 import people_service_pb2", "a package does no I/O"),
        ("mewe_core", "kit/access.py", "from mewe_core.people import model", "the kit knows no feature"),
        ("mewe_core", "people/rules.py", "from mewe_core.programme import events", "people does not name programme"),
        ("mewe_core", "programme/rules.py", "from mewe_core.people import store", "only events and model"),
        ("mewe_host", "guard.py", "from mewe_core.people import model", "the host names no feature"),
    ],
)
def test_a_forbidden_import_is_caught(package: str, file: str, code: str, fault: str, tmp_path: Path) -> None:
    """One planted import of each forbidden kind is found, in the file where it stands."""
    source = next(path for path in ROOT.glob(f"*/{package}/src/{package}"))
    shutil.copytree(source, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / package / file).open("a") as planted:
        planted.write(f"\n{code}\n")
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "tests.architecture.rules", *PACKAGES],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    module = f"{package}.{file.removesuffix('.py').replace('/', '.')}"
    assert [line for line in found.stdout.splitlines() if line.startswith(module) and fault in line]


def test_a_name_that_says_nothing_is_caught(tmp_path: Path) -> None:
    """A planted utils.py and a planted folder common/ are both found."""
    for file in ("packages/mewe_x/src/mewe_x/utils.py", "services/mewe_y/common/thing.py"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    assert [fault.split(":")[0] for fault in rules.forbidden_names(tmp_path)] == [
        "packages/mewe_x/src/mewe_x/utils.py",
        "services/mewe_y/common",
    ]


def test_a_long_file_is_caught(tmp_path: Path) -> None:
    """A planted source of 401 lines is found."""
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages/long.py").write_text("\n" * 401)
    assert rules.long_files(tmp_path) == ["packages/long.py: 401 lines, at most 400"]


@frozen
class SomethingSaid(events.Event):
    """A planted event that holds what somebody wrote."""

    room_id: str
    text: str


def test_an_event_with_free_text_is_caught() -> None:
    """An event with a text that is no id cannot enter the catalogue, and every event of this checkout can."""
    events.catalogue([(feature.name, feature.events) for feature in features()])
    planted = events.Published(SomethingSaid, aggregate="room_id", meaning="Something was said.")
    with pytest.raises(ValueError, match=r"SomethingSaid\.text may hold text"):
        events.catalogue([("chat", [planted])])


@pytest.mark.parametrize("feature", features(), ids=lambda one: one.name)
def test_an_undeclared_personal_column_is_caught(feature: Feature) -> None:
    """Every column of every feature is declared, and one that is added without a word is found."""
    assert personal.faults(feature.personal, feature.tables) == []
    table = feature.tables.sorted_tables[0]
    planted = table.to_metadata(type(feature.tables)())
    planted.append_column(Column("nickname", Text))
    faults = personal.faults(evolve(feature.personal), planted.metadata)
    assert f"{table.name}.nickname is not declared in personal.py" in faults


def test_the_kits_own_columns_are_declared() -> None:
    """What the kit keeps about a person beside every feature is declared as well."""
    assert personal.faults(records.PERSONAL_DATA, records.METADATA) == []
