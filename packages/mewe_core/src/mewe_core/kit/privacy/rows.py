"""A declaration as statements: what finds, counts, deletes, empties, exports the rows of a person, and what is past its term.

Built once for a feature and kept, since a database compiles a statement by its identity. Every change touches at most
``MOST`` rows, or ``MOST_KEYED`` where each row has keys to be destroyed.
"""

from collections.abc import Sequence
from functools import cache

import attrs
from attrs import field, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    LargeBinary,
    MetaData,
    Table,
    Text,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal,
    literal_column,
    not_,
    null,
    or_,
    select,
    tuple_,
    update,
)

from mewe_core.kit import records
from mewe_core.kit.database import Executable
from mewe_core.kit.personal import Erasure, Personal, PersonalData, cleared

MOST = 500
"""The most rows that one unit changes."""

MOST_KEYED = 20
"""The most rows that one unit changes where each has keys of its own: to destroy one takes some milliseconds."""

_PERSON = bindparam("person", type_=Text())

_NOTHING = literal_column("0", BigInteger)
"""Written out: with a value for it, no database takes an index of the rows that are not empty yet."""


@frozen(eq=False)
class Line:
    """One declaration and its statements. All of them want ``person``; those that are about time want ``before`` alone.

    ``count`` counts what can go, ``count_held`` what its hold keeps (None: it has none). ``ids`` are the keys of the rows that
    the next ``delete`` takes, where a row has one key of text; ``clear_ids`` and ``retain_ids`` are those of the next ``clear``
    and ``retain`` (None: no keys go with them). ``row_keys``: the purposes of the keys that belong to a row of the table itself
    and go with it; ``line_keys``: of what is sealed in this line alone. ``export`` wants ``offset`` and ``limit`` as well.
    """

    one: Personal
    table: Table
    count: Executable
    count_held: Executable | None
    delete: Executable
    clear: Executable | None
    ids: Executable | None
    export: Executable
    exported: tuple[str, ...]
    row: type
    retain: Executable | None
    count_due: Executable | None
    past_is_text: bool = field(default=False)
    clear_ids: Executable | None = field(default=None)
    retain_ids: Executable | None = field(default=None)
    row_keys: tuple[str, ...] = field(default=())
    line_keys: tuple[str, ...] = field(default=())

    @property
    def retain_keys(self) -> tuple[str, ...]:
        """The purposes of the keys that go with what ``retain`` takes: of whole rows, or of what is emptied in them."""
        return self.line_keys if self.one.erasure is Erasure.CLEAR else self.row_keys


@cache
def lines(declared: PersonalData, tables: MetaData) -> tuple[Line, ...]:
    """The lines of a feature, tables that refer to others before those, and the kit's own after them."""
    order = {table.name: place for place, table in enumerate(reversed(tables.sorted_tables))}
    own = sorted(declared.personal, key=lambda one: order[one.table])
    made = [_line(one, declared, tables) for one in own]
    kit = records.PERSONAL_DATA
    if tables is not records.METADATA:
        made += [_line(one, kit, records.METADATA) for one in kit.personal if one.table not in records.PRIVACY_TABLES]
    return tuple(made)


def _line(one: Personal, declared: PersonalData, tables: MetaData) -> Line:
    table = tables.tables[one.table]
    found, held = _found(one, table, tables), _held(one, table, tables)
    free = found if held is None else and_(found, not_(held))
    key = list(table.primary_key.columns)
    emptied = cleared(one, table)
    left = or_(*(_filled(table.c[name]) for name in emptied)) if emptied else None
    due = _due(one, table, tables)
    has_id = len(key) == 1 and isinstance(key[0].type, Text)
    row_keys = _row_keys(table, declared) if has_id else ()
    line_keys = tuple(name for name in row_keys if name == one.sealed and one.about == key[0].name)
    most = MOST_KEYED if row_keys else MOST
    chosen = select(*key).where(free).order_by(*key).limit(most)
    exported = tuple(one.columns)
    extra = [
        key[0] if has_id else literal(""),
        table.c[one.about or one.found_by] if one.sealed and not one.through else _PERSON,
    ]
    past = _past(one, declared, table, tables, due, held, left)
    due_keys = None
    if due is not None and past is not None:
        due_keys = select(*key).where(past).order_by(*dict.fromkeys((due.order, *key))).limit(most)
    to_clear = None if left is None else select(*key).where(free, left).order_by(*key).limit(most)
    retain = None
    if due_keys is not None:
        whole = one.erasure is not Erasure.CLEAR
        retain = delete(table).where(_among(key, due_keys)) if whole else _emptying(table, emptied, key, due_keys)
    return Line(
        one,
        table,
        count=select(func.count())
        .select_from(table)
        .where(free if one.erasure is not Erasure.CLEAR else and_(free, _or(left))),
        count_held=None if held is None else select(func.count()).select_from(table).where(found, held),
        delete=delete(table).where(_among(key, chosen)),
        clear=None if to_clear is None else _emptying(table, emptied, key, to_clear),
        ids=chosen if has_id else None,
        export=select(*(table.c[name] for name in exported), *(one_ for one_ in extra))
        .where(found)
        .order_by(*key)
        .limit(bindparam("limit"))
        .offset(bindparam("offset")),
        exported=exported,
        row=_row_class(len(exported) + len(extra)),
        retain=retain,
        count_due=None if past is None else select(func.count()).select_from(table).where(past),
        past_is_text=due is not None and due.is_text,
        clear_ids=to_clear if line_keys else None,
        retain_ids=due_keys if (line_keys if one.erasure is Erasure.CLEAR else row_keys) else None,
        row_keys=row_keys,
        line_keys=line_keys,
    )


def _row_keys(table: Table, declared: PersonalData) -> tuple[str, ...]:
    """The purposes of the keys that belong to a row of a table with one key of text, whichever line declares them."""
    (key,) = table.primary_key.columns
    of_row = {one.sealed for one in declared.personal if one.table == table.name and one.about == key.name and not one.own_keys}
    return tuple(sorted(purpose for purpose in of_row if purpose is not None))


def _or(left: ColumnElement[bool] | None) -> ColumnElement[bool]:
    return literal(True) if left is None else left


@cache
def _row_class(width: int) -> type:
    return attrs.make_class("Cells", {f"cell{place}": attrs.field(type=object) for place in range(width)}, frozen=True)


def _found(one: Personal, table: Table, tables: MetaData) -> ColumnElement[bool]:
    if one.through is None:
        return table.c[one.found_by] == _PERSON
    other = tables.tables[one.through.table]
    return table.c[one.through.column].in_(select(other.c[one.through.key]).where(other.c[one.found_by] == _PERSON))


def _held(one: Personal, table: Table, tables: MetaData) -> ColumnElement[bool] | None:
    if one.hold is None:
        return None
    if one.through is None:
        return table.c[one.hold.while_empty].is_(None)
    other = tables.tables[one.through.table]
    return table.c[one.through.column].in_(select(other.c[one.through.key]).where(other.c[one.hold.while_empty].is_(None)))


def _filled(column: Column[object]) -> ColumnElement[bool]:
    return column.is_not(None) if column.nullable else func.length(column) > _NOTHING


def _emptying(table: Table, names: Sequence[str], key: list[Column[object]], chosen: "select[object]") -> Executable:  # type: ignore[valid-type]
    values: dict[str, object] = {}
    for name in names:
        column = table.c[name]
        empty: object = literal(b"") if isinstance(column.type, LargeBinary) else literal("")
        values[name] = null() if column.nullable else empty
    return update(table).where(_among(key, chosen)).values(values)


def _among(key: list[Column[object]], chosen: object) -> ColumnElement[bool]:
    if len(key) == 1:
        return key[0].in_(chosen)  # type: ignore[arg-type]
    return tuple_(*key).in_(chosen)  # type: ignore[arg-type]


@frozen(eq=False)
class _Due:
    """Which rows are past their term, in an order that an index has, and whether it is a date that says so, not a moment."""

    past: ColumnElement[bool]
    order: Column[object]
    is_text: bool


def _due(one: Personal, table: Table, tables: MetaData) -> _Due | None:
    if one.retention_days is None or one.kept_from is None:
        return None
    other, dot, name = one.kept_from.partition(".")
    column = tables.tables[other].c[name] if dot else table.c[one.kept_from]
    past = column < bindparam("before", type_=column.type)
    is_text = not isinstance(column.type, BigInteger)
    if not dot:
        return _Due(past, column, is_text)
    links = (foreign for own in table.columns for foreign in own.foreign_keys)
    link = next(foreign for foreign in links if foreign.column.table is column.table)
    return _Due(link.parent.in_(select(link.column).where(past)), link.parent, is_text)


def _past(
    one: Personal,
    declared: PersonalData,
    table: Table,
    tables: MetaData,
    due: _Due | None,
    held: ColumnElement[bool] | None,
    left: ColumnElement[bool] | None,
) -> ColumnElement[bool] | None:
    """What a retention run takes of a line: the whole row goes, a part is emptied, or (None) another line sees to it."""
    if due is None:
        return None
    past = due.past if held is None else and_(due.past, not_(held))
    if one.erasure is Erasure.CLEAR:
        return None if left is None else and_(past, left)
    if not speaks_for_row(one, declared, table):
        return None
    used = [
        exists(select(literal(1)).where(foreign.parent == foreign.column))
        for other in tables.sorted_tables
        if other is not table
        for column in other.columns
        for foreign in column.foreign_keys
        if foreign.column.table is table
    ]
    return and_(past, *(not_(one_) for one_ in used))


def speaks_for_row(one: Personal, declared: PersonalData, table: Table) -> bool:
    """Whether the end of this line's term is the end of the row: it names the key, or nobody does and it names the person."""
    keys = {column.name for column in table.primary_key.columns}
    if keys & set(one.columns):
        return True
    others = {name for other in declared.personal if other.table == one.table for name in other.columns}
    first = next(other for other in declared.personal if other.table == one.table and other.is_row) if one.is_row else None
    return not keys & others and first is one
