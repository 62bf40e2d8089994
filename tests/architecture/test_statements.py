"""What SQLite does for each statement: no table that grows is read from end to end."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import pytest
from mewe_core.kit.database import Either, Executable, Statement, compiled, sqlite_dialect
from mewe_core.kit.plugins import installed
from mewe_host.keyring.postgresql import TABLES as KEYRING
from mewe_host.store.migrate import sqlite_schema, upgrade
from mewe_host.store.scripts import KIT, Part
from sqlalchemy import Connection

FEATURES = tuple(entry.load().mewe_feature() for entry in installed().values())
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
    statement = compiled(STATEMENTS[name], sqlite_dialect())
    plan = database.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.text}", (None,) * len(statement.names)).fetchall()
    read = [step[3].removeprefix("SCAN ") for step in plan if step[3].startswith("SCAN ")]
    grows = [one for one in read if one.split()[0] not in SMALL | {"json_each", "CONSTANT"} and one not in FEW_IN_IT]
    assert not grows, f"{statement.text}\n{grows}"


def test_every_kind_of_statement_was_looked_at() -> None:
    """Those of the kit, of the host and of the features."""
    assert {name.split(".")[0] for name in STATEMENTS} == PACKAGES
