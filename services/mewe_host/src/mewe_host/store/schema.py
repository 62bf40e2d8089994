"""Schemas compared: what the migrations make, beside what a feature declares as its tables."""

import re

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from mewe_core.kit.feature import Feature
from sqlalchemy import Connection, MetaData, inspect

from mewe_host.store.migrate import sqlite_schema, upgrade
from mewe_host.store.scripts import Part, parts, scripts


def differences(feature: Feature) -> list[str]:
    """Where the migrated schema of a feature (the kit's tables included) is not what its ``tables`` declare; none if alike.

    Compared are tables, columns with type, nullability, default and key, indexes, unique constraints and foreign keys.
    """
    found: list[str] = []
    for part in parts(feature):
        with sqlite_schema(":memory:") as declared, sqlite_schema(":memory:") as migrated:
            part.tables.create_all(declared)
            upgrade(migrated, [part])
            wanted, there = _described(declared), _described(migrated)
            found += [f"{line}: declared in tables, and no migration makes it" for line in sorted(wanted - there)]
            found += [f"{line}: made by a migration, and not declared in tables" for line in sorted(there - wanted)]
    return found


def _described(connection: Connection) -> set[str]:
    seen = inspect(connection)
    lines: set[str] = set()
    for table in seen.get_table_names():
        if table.endswith("_version") or table.startswith("sqlite_"):
            continue
        lines.add(f"table {table}")
        key = seen.get_pk_constraint(table)["constrained_columns"]
        for column in seen.get_columns(table):
            name, kind = column["name"], column["type"]
            null = "NULL" if column["nullable"] else "NOT NULL"
            place = f" key {key.index(name) + 1}" if name in key else ""
            lines.add(f"column {table}.{name} {kind} {null} default {_plain(column['default'])}{place}")
        for index in seen.get_indexes(table):
            where = _plain(index.get("dialect_options", {}).get("sqlite_where", ""))
            unique = "unique " if index["unique"] else ""
            lines.add(f"{unique}index {index['name']} of {table} on {index['column_names']} {where}".rstrip())
        for rule in seen.get_unique_constraints(table):
            lines.add(f"unique {table} {rule['column_names']}")
        for check in seen.get_check_constraints(table):
            lines.add(f"check {table} {check['sqltext']}")
        for foreign in seen.get_foreign_keys(table):
            other = f"{foreign['referred_table']} {foreign['referred_columns']} {foreign['options']}"
            lines.add(f"foreign key {table} {foreign['constrained_columns']} to {other}")
    return lines


def _plain(sql: object) -> str:
    return re.sub(r"\bfalse\b", "0", re.sub(r"\btrue\b", "1", str(sql), flags=re.IGNORECASE), flags=re.IGNORECASE)


def drafted(part: Part, words: str) -> tuple[str, str]:
    """A migration from what the scripts of a part make to what its ``tables`` declare: name of the file, and text.

    A draft: rename, move and fill columns by hand where it would drop and add them.
    """
    known = scripts(part).ordered if part.folder.is_dir() and any(part.folder.glob("v*.py")) else ()
    number = f"{len(known) + 1:04}"
    with sqlite_schema(":memory:") as connection:
        if known:
            upgrade(connection, [part])
        body = _steps(connection, part.tables, part.version_table)
    earlier = f'"{known[-1].revision}"' if known else "None"
    text = (
        f'"""{words.strip().capitalize().rstrip(".")}."""\n\n'
        "import sqlalchemy as sa\nfrom alembic.operations import Operations\n\n"
        f'revision: str = "{number}"\ndown_revision: str | None = {earlier}\n\n\n'
        f'def upgrade(operations: Operations) -> None:\n    """{words.strip().capitalize().rstrip(".")}."""\n    {body}\n'
    )
    return f"v{number}_{'_'.join(words.lower().split())}.py", text


def _steps(connection: Connection, tables: MetaData, version_table: str) -> str:
    context = MigrationContext.configure(connection, opts={"version_table": version_table, "compare_type": True})
    steps = produce_migrations(context, tables).upgrade_ops
    if steps is None or steps.is_empty():
        return "pass"
    both = MigrationContext.configure(dialect_name="postgresql")
    code = render_python_code(
        steps, sqlalchemy_module_prefix="sa.", alembic_module_prefix="operations.", migration_context=both
    )
    return "\n".join(line for line in code.split("\n") if not line.lstrip().startswith("# ###")).strip()
