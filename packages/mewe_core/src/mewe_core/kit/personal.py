"""What is held about a person: purpose, legal basis, retention, and how it is found, exported and erased.

Each feature declares every column that is about a person in its ``personal.py``; a column that is neither declared personal
nor declared impersonal fails the feature's tests. What a declaration says is what is done: export, erasure and retention runs
(``kit.privacy``) read nothing else.
"""

from enum import StrEnum

from attrs import field, frozen
from sqlalchemy import Column, LargeBinary, MetaData, Table, Text

SEALED = "sealed_"
"""How the name of a sealed column begins; the rest is its place as ``work.sealing`` is told it."""

KIT_KEYS = "kit."
"""How the purposes of keys begin that the kit itself seals with: no feature may have one."""


class Basis(StrEnum):
    """The ground in law for holding it (GDPR art. 6). Which one applies is for a lawyer of each country to confirm."""

    CONSENT = "consent"
    PUBLIC_TASK = "public_task"
    LEGAL_DUTY = "legal_duty"
    VITAL_INTERESTS = "vital_interests"
    LEGITIMATE_INTERESTS = "legitimate_interests"


class Erasure(StrEnum):
    """What erasing a person does to it.

    ``DELETE_ROW`` removes the row. ``CLEAR`` leaves the row and takes out of it who it was about, and every word and date that
    may say so (``cleared`` says exactly what). ``KEEP_PSEUDONYM`` leaves it under the bare id. What is sealed in it under the
    person's own keys cannot be opened any more; what is sealed under the key of something else (a concern, a reading in an
    emergency) can, for as long as the term of that thing lets its row be: such a key goes with its row.
    """

    DELETE_ROW = "delete_row"
    CLEAR = "clear"
    KEEP_PSEUDONYM = "keep_pseudonym"


@frozen
class Through:
    """How rows are found that do not name the person: ``column`` holds the ``key`` of a row of ``table``, which does."""

    column: str
    table: str
    key: str = "id"


@frozen
class Hold:
    """Rows that stay in spite of an erasure while ``while_empty`` has no value in them: a concern that is not closed, say.

    ``rule`` is what a receipt calls it. With ``Through``, the column is that of the other table.
    """

    rule: str
    while_empty: str


@frozen
class Personal:
    """Columns of one table that are about a person. ``found_by`` is the column with the person's id (with ``through``, a column
    of that other table).

    ``retention_days``: how long after ``kept_from`` (a column with a moment or a date, empty while the row is in use; or
    ``table.column`` of a row that this one refers to) it may be kept at most; None: as long as the person takes part.
    An index begins with that column (of rows that are not yet empty, where ``erasure`` is ``CLEAR``): a run looks every hour.
    ``forgotten_by`` says in words what removes it, if the retention run does not. ``sealed``: the purpose of the keys that
    its sealed columns are under, and ``about`` the column that says whose keys (``found_by``, if None). ``opened_by``: who
    alone can open what is sealed in it, where no key of it is here: it is exported as it is, in base64. ``unsealed``: why
    words in it are not sealed. ``hold``: which of its rows stay for the time being.
    """

    table: str
    columns: tuple[str, ...]
    found_by: str = field(kw_only=True)
    purpose: str = field(kw_only=True)
    basis: Basis = field(kw_only=True)
    retention_days: int | None = field(kw_only=True)
    erasure: Erasure = field(kw_only=True)
    exported: bool = field(default=True, kw_only=True)
    kept_from: str | None = field(default=None, kw_only=True)
    forgotten_by: str | None = field(default=None, kw_only=True)
    through: Through | None = field(default=None, kw_only=True)
    sealed: str | None = field(default=None, kw_only=True)
    about: str | None = field(default=None, kw_only=True)
    opened_by: str | None = field(default=None, kw_only=True)
    unsealed: str | None = field(default=None, kw_only=True)
    hold: Hold | None = field(default=None, kw_only=True)

    @property
    def is_row(self) -> bool:
        """Whether it speaks for the whole row: it names the column that finds it. Else it is a part of somebody's row."""
        return self.through is not None or self.found_by in self.columns

    @property
    def own_keys(self) -> bool:
        """Whether what is sealed in it is sealed under the person's own keys."""
        return self.sealed is not None and self.about in (None, self.found_by)


@frozen
class PersonalData:
    """A feature's whole declaration. ``impersonal`` names the columns that say nothing about anybody, as ``table.column``."""

    personal: tuple[Personal, ...] = ()
    impersonal: frozenset[str] = frozenset()


def holds_nothing(tables: MetaData) -> PersonalData:
    """The declaration of a feature none of whose columns is about a person: to be said, not left out."""
    return PersonalData(impersonal=frozenset(f"{t.name}.{c.name}" for t in tables.sorted_tables for c in t.columns))


CODES = frozenset(
    {"id", "role", "state", "kind", "purpose", "basis", "reason", "outcome", "status", "language", "country", "locale"}
    | {"method", "attendance", "fidelity", "relation", "action", "version", "source", "channel", "level", "area", "provider"}
)
CODE_ENDINGS = ("_id", "_ids", "_role", "_state", "_kind", "_purpose", "_basis", "_reason", "_outcome", "_status", "_language")
DIGEST_ENDINGS = ("_date", "_digest", "_hash", "_version", "_country", "_band", "_method", "_relation")
"""Texts that a machine makes or that come from a closed list: everything else counts as somebody's words."""


def holds_words(column: Column[object]) -> bool:
    """Whether a column may hold what somebody wrote, as far as its name and kind tell."""
    name = column.name
    return isinstance(column.type, Text) and not (name in CODES or name.endswith((*CODE_ENDINGS, *DIGEST_ENDINGS)))


def cleared(one: Personal, table: Table) -> tuple[str, ...]:
    """The columns that ``CLEAR`` empties. Pure.

    In a row that is about one person: the column that finds it, what is sealed, and every word; what is left (codes, moments,
    ids of other things) says nothing of anybody then. Of a part of somebody's row, all of it that can be empty. Never a part of
    the key, nor a reference to another row that must be there.
    """
    keys = {column.name for column in table.primary_key.columns}
    found = []
    for name in one.columns:
        column = table.c[name]
        if name in keys or (column.foreign_keys and not column.nullable):
            continue
        is_text = isinstance(column.type, Text | LargeBinary)
        tells = name == one.found_by or isinstance(column.type, LargeBinary) or holds_words(column)
        if (tells or not one.is_row) and (column.nullable or is_text):
            found.append(name)
    return tuple(found)


def faults(declared: PersonalData, tables: MetaData) -> list[str]:
    """Everything that is wrong with a declaration: a column that is not in it, or what it says and cannot be done."""
    there = {f"{table.name}.{column.name}" for table in tables.sorted_tables for column in table.columns}
    personal = [f"{one.table}.{column}" for one in declared.personal for column in one.columns]
    named = [*personal, *declared.impersonal]
    found = [
        *(f"{column} is not declared in personal.py" for column in sorted(there - set(named))),
        *(f"{column} is declared in personal.py and is no column" for column in sorted(set(named) - there)),
        *(f"{column} is declared twice in personal.py" for column in sorted({c for c in named if named.count(c) > 1})),
    ]
    for one in declared.personal:
        if one.table in tables.tables:
            found += _line_faults(one, there, tables.tables[one.table])
    return found


def _line_faults(one: Personal, there: set[str], table: Table) -> list[str]:
    finder = one.table if one.through is None else one.through.table
    wanted = [] if one.through is None else [f"{one.table}.{one.through.column}", f"{finder}.{one.through.key}"]
    wanted += [] if one.hold is None else [f"{finder}.{one.hold.while_empty}"]
    wanted += [name if "." in name else f"{one.table}.{name}" for name in (one.kept_from, one.about) if name is not None]
    found = [f"{finder}.{one.found_by} finds rows in personal.py and is no column"] * (f"{finder}.{one.found_by}" not in there)
    found += [f"{name} is named in personal.py and is no column" for name in wanted if name not in there]
    columns = [table.c[name] for name in one.columns if name in table.c]
    words = [column.name for column in columns if holds_words(column)]
    sealed = [column.name for column in columns if isinstance(column.type, LargeBinary)]
    where = f"{one.table}.{one.columns[0]}"
    if one.sealed is not None and one.opened_by is not None:
        found.append(f"{where}: sealed=... is by a key that is here, opened_by=... by one that is not: one of them")
    if one.opened_by is not None and (not sealed or not all(name.startswith(SEALED) for name in sealed)):
        found.append(f"{where}: opened_by=... is said of bytes named {SEALED}... alone")
    if sealed and one.sealed is None and one.opened_by is None:
        found.append(f"{one.table}.{sealed[0]}: for which purpose is it sealed? (sealed=...) Erasure destroys the keys first")
    if one.sealed is not None and not any(name.startswith(SEALED) for name in sealed):
        found.append(f"{where}: sealed={one.sealed!r} is said, and no column of the line is bytes named {SEALED}...")
    if one.sealed is not None and one.sealed.startswith(KIT_KEYS) and not one.table.startswith("kit_"):
        found.append(f"{where}: sealed={one.sealed!r} is a purpose of the kit's own keys; choose one without {KIT_KEYS}")
    if words and one.unsealed is None:
        found.append(f"{one.table}.{words[0]} may hold somebody's words: seal it, or say why not (unsealed=...)")
    if one.retention_days is not None and one.kept_from is None and one.forgotten_by is None:
        found.append(f"{where}: {one.retention_days} days from when? (kept_from=..., or forgotten_by=...)")
    if one.erasure is Erasure.CLEAR and len(columns) == len(one.columns) and not cleared(one, table):
        found.append(f"{where}: nothing of it can be emptied, so erasure would change nothing")
    return found
