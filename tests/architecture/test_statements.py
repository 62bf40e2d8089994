"""What SQLite does for each statement: no table that grows is read from end to end."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from mewe_core.kit.database import Either, Executable, Statement, compiled, sqlite_dialect
from mewe_core.kit.personal import Erasure
from mewe_core.kit.plugins import installed, load
from mewe_core.kit.privacy.rows import Line, lines
from mewe_host.keyring.postgresql import TABLES as KEYRING
from mewe_host.store.migrate import sqlite_schema, upgrade
from mewe_host.store.scripts import KIT, Part
from sqlalchemy import Connection

FEATURES = load(tuple(sorted(installed())))[0]
PACKAGES = {"mewe_core", "mewe_host", *(feature.package.split(".")[0] for feature in FEATURES)}

SMALL = {"kit_signing_key", "kit_ended_session", "kit_parked", "people_organisation", "master", "shelf"}
SMALL |= {"kit_sweep", "kit_erasure", "kit_audit_anchor", "kit_checkpoint"}
SMALL |= {"people_consent_terms", "people_consent_text"}
"""Tables that hold few rows, always: a country's keys, an hour's ended sessions, what went wrong, organisations, masters;
who was erased, and what of them is still to be swept out of transport; where the audit begins, and where that of others stood
each hour, which nobody reads but who verifies; a row a purpose of consent, and the texts that inform about them."""

FEW_IN_IT = {"kit_outbox USING INDEX kit_outbox_unpublished", "chat_room USING INDEX chat_room_untold"}
"""Indexes that hold few of their table's rows."""


def modules() -> Iterator[ModuleType]:
    """Everything that holds statements."""
    for package in sorted(PACKAGES):
        for found in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not found.name.endswith("__main__") and "migrations" not in found.name:
                yield importlib.import_module(found.name)


STATEMENTS: dict[str, Statement] = {
    f"{module.__name__}.{name}": value
    for module in modules()
    for name, value in vars(module).items()
    if isinstance(value, Either | Executable)
}


LINES: dict[str, Line] = {
    f"{feature.name}.{line.one.table}.{line.one.columns[0]}": line
    for feature in FEATURES
    for line in lines(feature.personal, feature.tables)
}
STATEMENTS |= {
    f"{name}.{way}": statement
    for name, line in LINES.items()
    for way in ("retain", "retain_ids", "count_due")
    if isinstance(statement := getattr(line, way), Executable)
}
RETAINED = sorted(name for name, line in LINES.items() if line.retain is not None)


@pytest.fixture(scope="module")
def database() -> Iterator[Connection]:
    """Every table there is, as the migrations make it."""
    with sqlite_schema(":memory:") as connection:
        upgrade(connection, [KIT, *(Part(feature.name, feature.package, feature.tables) for feature in FEATURES)])
        KEYRING.create_all(connection)
        yield connection


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_no_table_that_grows_is_read_from_end_to_end(database: Connection, name: str) -> None:
    """SQLite looks things up by an index, or reads what is small."""
    read = [step.removeprefix("SCAN ") for step in plan(database, STATEMENTS[name]) if step.startswith("SCAN ")]
    grows = [one for one in read if one.split()[0] not in SMALL | {"json_each", "CONSTANT"} and one not in FEW_IN_IT]
    assert not grows, f"{STATEMENTS[name]}\n{grows}"


@pytest.mark.parametrize("name", RETAINED)
def test_a_run_of_retention_costs_what_it_takes(database: Connection, name: str) -> None:
    """It begins at the oldest: not all that is due is put in order for each unit, and what is empty is not looked at again."""
    line = LINES[name]
    assert line.retain is not None
    steps = plan(database, line.retain)
    assert "USE TEMP B-TREE FOR ORDER BY" not in steps
    if line.one.erasure is Erasure.CLEAR:
        of_filled = {str(index.name) for index in line.table.indexes if index.dialect_options["sqlite"]["where"] is not None}
        assert any(f" USING INDEX {index} (" in step for step in steps for index in of_filled), steps


def plan(database: Connection, statement: Statement) -> list[str]:
    """What SQLite does, step by step."""
    one = compiled(statement, sqlite_dialect())
    return [row[3] for row in database.exec_driver_sql(f"EXPLAIN QUERY PLAN {one.text}", (None,) * len(one.names))]


def test_every_kind_of_statement_was_looked_at() -> None:
    """Those of the kit, of the host and of the features."""
    assert {name.split(".")[0] for name in STATEMENTS} == PACKAGES | {feature.name for feature in FEATURES}
    assert {LINES[name].one.table for name in RETAINED} >= {"kit_standing", "people_consent", "safety_concern"}
