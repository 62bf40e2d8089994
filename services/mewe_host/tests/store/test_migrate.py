"""Migrations: whole or not at all, once, and never on a database that this code does not know."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import evolve
from mewe_core.kit.feature import Feature
from mewe_host.store.draft import main as draft
from mewe_host.store.fault import StoreFault
from mewe_host.store.migrate import State, migrate, require_current, versions
from mewe_host.store.open import open_store
from mewe_host.store.schema import differences, drafted
from mewe_host.store.scripts import KIT, Part
from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, insert, select

MakeFeature = Callable[[str, MetaData], Feature]

FIRST = MetaData()
BOX = Table("shelf_box", FIRST, Column("id", Text, primary_key=True), Column("label", Text, unique=True))
SECOND = MetaData()
Table(
    "shelf_box",
    SECOND,
    Column("id", Text, primary_key=True),
    Column("label", Text, unique=True),
    Column("size", BigInteger, nullable=False, server_default="0"),
    Index("shelf_box_by_size", "size"),
)
KEEP = insert(BOX)
BOXES = select(BOX.c.id)
BROKEN = '''
"""Half of it works."""
import sqlalchemy as sa
revision = "0002"
down_revision = "0001"
def upgrade(operations):
    operations.create_table("shelf_half", sa.Column("id", sa.Text(), primary_key=True))
    operations.execute("INSERT INTO shelf_nowhere VALUES (1)")
'''


def folder(feature: Feature) -> Path:
    """Where a feature's migrations are."""
    return Part(feature.name, feature.package, feature.tables).folder


def grown(feature: Feature) -> Feature:
    """The feature as it is one version later, its migration drafted."""
    name, script = drafted(Part(feature.name, feature.package, SECOND), "Boxes have a size")
    folder(feature).joinpath(name).write_text(script)
    return evolve(feature, tables=SECOND)


def states(feature: Feature, url: str) -> list[State]:
    """How the kit's part and the feature's own stand."""
    return [one.state for one in asyncio.run(versions([feature], url))]


def test_a_migrated_database_is_current(make_feature: MakeFeature, url: str) -> None:
    """Empty before, current after, and migrating again changes nothing."""
    feature = make_feature("shelf", FIRST)

    assert states(feature, url) == [State.EMPTY, State.EMPTY]
    with pytest.raises(StoreFault, match='has no tables yet; run "mewe migrate" first'):
        asyncio.run(require_current([feature], url))
    assert [one.kept for one in asyncio.run(migrate([feature], url))] == [None, None]
    assert states(feature, url) == [State.CURRENT, State.CURRENT]
    assert [one.kept for one in asyncio.run(migrate([feature], url))] == ["0001", "0001"]
    asyncio.run(require_current([feature], url))


def test_rows_live_through_a_migration(make_feature: MakeFeature, url: str) -> None:
    """A database of an older version is behind, says what to do, and keeps its rows on the way to the next."""
    feature = make_feature("shelf", FIRST)

    async def kept() -> list[str]:
        store = await open_store("shelf", url)
        try:
            return await store.read(lambda database: database.all(BOXES, str))
        finally:
            await store.close()

    async def fill() -> None:
        await migrate([feature], url)
        store = await open_store("shelf", url)
        await store.write(lambda database: database.execute(KEEP, id="a", label=None))
        await store.close()

    asyncio.run(fill())
    later = grown(feature)

    assert states(later, url) == [State.CURRENT, State.BEHIND]
    with pytest.raises(StoreFault, match='shelf is of version 0001, and this code wants 0002; run "mewe migrate" first'):
        asyncio.run(require_current([later], url))
    asyncio.run(migrate([later], url))
    assert states(later, url) == [State.CURRENT, State.CURRENT]
    assert asyncio.run(kept()) == ["a"]


def test_a_newer_database_is_left_alone(make_feature: MakeFeature, url: str) -> None:
    """Code of before refuses a database of a later version, naming both, and touches no other database of the mix either."""
    feature, other = make_feature("shelf", FIRST), make_feature("cellar", FIRST)
    asyncio.run(migrate([grown(feature)], url))
    folder(feature).joinpath("v0002_boxes_have_a_size.py").unlink()

    assert states(feature, url) == [State.CURRENT, State.NEWER]
    for refuses in (migrate, require_current):
        with pytest.raises(StoreFault, match=r"shelf is of version 0002, newer than this code knows \(up to 0001\)"):
            asyncio.run(refuses([other, feature], url))
    assert states(other, url) == [State.EMPTY, State.EMPTY]


def test_a_migration_that_fails_changes_nothing(make_feature: MakeFeature, url: str) -> None:
    """What broke off in the middle has not begun: the database is as it was, and the corrected migration runs."""
    feature = make_feature("shelf", FIRST)
    asyncio.run(migrate([feature], url))
    broken = folder(feature) / "v0002_half.py"
    broken.write_text(BROKEN)

    with pytest.raises(StoreFault, match="the migration 0002 of shelf failed, and nothing was changed"):
        asyncio.run(migrate([feature], url))
    assert states(feature, url) == [State.CURRENT, State.BEHIND]
    broken.write_text(BROKEN.replace("shelf_nowhere VALUES (1)", "shelf_half VALUES ('a')"))
    asyncio.run(migrate([feature], url))
    assert states(feature, url) == [State.CURRENT, State.CURRENT]


def test_two_migrations_at_once_happen_once(make_feature: MakeFeature, postgresql_url: str) -> None:
    """On PostgreSQL the second waits for the first and finds nothing left to do."""
    feature = make_feature("shelf", FIRST)

    async def both() -> None:
        await asyncio.gather(*(migrate([feature], postgresql_url) for _ in range(4)))

    asyncio.run(both())

    assert states(feature, postgresql_url) == [State.CURRENT, State.CURRENT]


def test_a_file_in_use_is_not_migrated(make_feature: MakeFeature, tmp_path: Path) -> None:
    """While a host runs on a SQLite file, a migration is told so; looking at its version is allowed."""
    feature, url = make_feature("shelf", FIRST), f"sqlite:{tmp_path}"

    async def story() -> list[State]:
        await migrate([feature], url)
        store = await open_store("shelf", url)
        try:
            with pytest.raises(StoreFault, match=r"shelf\.db is in use"):
                await migrate([feature], url)
            return [one.state for one in await versions([feature], url)]
        finally:
            await store.close()

    assert asyncio.run(story()) == [State.CURRENT, State.CURRENT]


def test_looking_makes_nothing(make_feature: MakeFeature, tmp_path: Path) -> None:
    """Asking how a database stands leaves no file and no folder behind."""
    states(make_feature("shelf", FIRST), f"sqlite:{tmp_path / 'databases'}")
    assert not (tmp_path / "databases").exists()


def test_a_feature_of_no_tables_has_the_kits(make_feature: MakeFeature, url: str) -> None:
    """A feature that declares no table needs no migrations, and its database holds the kit's tables all the same."""
    feature = evolve(make_feature("shelf", FIRST), tables=MetaData(), package="nowhere_to_be_found")
    asyncio.run(migrate([feature], url))

    assert states(feature, url) == [State.CURRENT]


def test_migrations_make_what_is_declared(make_feature: MakeFeature) -> None:
    """What the draft tool writes, and what the kit ships, is what the tables declare."""
    feature = make_feature("shelf", FIRST)

    assert differences(feature) == []
    assert differences(grown(feature)) == []


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (Table("shelf_box", MetaData(), Column("id", Text, primary_key=True)), "column shelf_box.label"),
        (
            Table("shelf_box", MetaData(), Column("id", Integer, primary_key=True), Column("label", Text)),
            "shelf_box.id INTEGER",
        ),
        (Table("shelf_bag", MetaData(), Column("id", Text, primary_key=True)), "table shelf_bag"),
        (
            Table("shelf_box", MetaData(), Column("id", Text, primary_key=True), Column("label", Text, nullable=False)),
            "column shelf_box.label TEXT NOT NULL",
        ),
        (
            Table("shelf_box", MetaData(), Column("id", Text, primary_key=True), Column("label", Text, index=True)),
            "index ix_shelf_box_label of shelf_box",
        ),
        (
            Table("shelf_box", MetaData(), Column("id", Text, primary_key=True), Column("label", Text)),
            "unique shelf_box ['label']: made by a migration",
        ),
    ],
)
def test_a_difference_is_found(make_feature: MakeFeature, declared: Table, said: str) -> None:
    """A column, type, nullability, index or constraint that only one side has is named."""
    feature = evolve(make_feature("shelf", FIRST), tables=declared.metadata)

    assert any(said in one for one in differences(feature))


def test_migrations_are_one_line(make_feature: MakeFeature, url: str) -> None:
    """Two migrations that follow the same one are refused before anything is touched; so is a feature without any."""
    feature = make_feature("shelf", FIRST)
    first = next(folder(feature).glob("v0001*"))
    for number in ("0002", "0003"):
        folder(feature).joinpath(f"v{number}_more.py").write_text(
            f"revision = '{number}'\ndown_revision = '0001'\ndef upgrade(operations): pass\n"
        )
    with pytest.raises(StoreFault, match="the migrations of shelf must be one line, and they end in 2 places"):
        asyncio.run(migrate([feature], url))
    for file in folder(feature).glob("v*.py"):
        file.unlink()
    with pytest.raises(StoreFault, match="shelf has tables and no migrations"):
        asyncio.run(migrate([feature], url))
    shutil.rmtree(first.parent)
    with pytest.raises(StoreFault, match="shelf has tables and no migrations"):
        asyncio.run(migrate([feature], url))


def test_a_migration_is_in_a_file_of_its_name(make_feature: MakeFeature, tmp_path: Path) -> None:
    """The version in a file's name is the version it makes, and versions rise: whoever looks at the folder sees the newest."""
    feature, url = make_feature("shelf", FIRST), f"sqlite:{tmp_path / 'databases'}"
    second = "revision = '{0}'\ndown_revision = '0001'\ndef upgrade(operations): pass\n"
    folder(feature).joinpath("v0003_later.py").write_text(second.format("0002"))
    with pytest.raises(StoreFault, match=r"the migration 0002 of shelf must be in a file v0002_WORDS\.py"):
        asyncio.run(migrate([feature], url))
    folder(feature).joinpath("v0003_later.py").unlink()
    folder(feature).joinpath("v0000_later.py").write_text(second.format("0000"))
    with pytest.raises(StoreFault, match="the migrations of shelf must rise from each to the next"):
        asyncio.run(migrate([feature], url))


@pytest.mark.parametrize(
    "url", ["postgresql://[x/y", "mysql://x", "sqlite:", "sqlite:///x.db", "postgresql:x", "", "var/databases"]
)
def test_a_url_says_what_it_may_be(make_feature: MakeFeature, url: str) -> None:
    """A URL of another kind is refused with the two that are allowed."""
    with pytest.raises(StoreFault, match="sqlite:FOLDER or postgresql://USER@HOST/DATABASE"):
        asyncio.run(versions([make_feature("shelf", FIRST)], url))


@pytest.mark.parametrize("name", ["kit", "public", "pg_shelf", "Shelf", "../shelf", 'a"b', "", "information_schema"])
def test_a_feature_cannot_be_called_anything(make_feature: MakeFeature, url: str, name: str) -> None:
    """A name that could not name a file and a schema is refused, never used."""
    feature = evolve(make_feature("shelf", FIRST), name=name)
    with pytest.raises(StoreFault, match="no database can be named after the feature"):
        asyncio.run(migrate([feature], url))
    with pytest.raises(StoreFault, match="no database can be named after the feature"):
        asyncio.run(open_store(name, url))


def test_a_migration_leaves_no_row_pointing_nowhere(make_feature: MakeFeature, tmp_path: Path) -> None:
    """SQLite looks at foreign keys after a migration: one that breaks them is undone."""
    feature = make_feature("shelf", FIRST)
    folder(feature).joinpath("v0002_lost.py").write_text(
        "revision = '0002'\ndown_revision = '0001'\ndef upgrade(operations):\n"
        "    operations.execute('CREATE TABLE shelf_lid (box TEXT REFERENCES shelf_box (id))')\n"
        "    operations.execute(\"INSERT INTO shelf_lid VALUES ('none')\")\n"
    )
    with pytest.raises(StoreFault, match="a migration would leave rows of shelf_lid pointing nowhere"):
        asyncio.run(migrate([feature], f"sqlite:{tmp_path}"))
    assert states(feature, f"sqlite:{tmp_path}") == [State.EMPTY, State.EMPTY]


def test_the_draft_of_nothing_changes_nothing(make_feature: MakeFeature) -> None:
    """Where tables and migrations agree, a draft has no step."""
    feature = make_feature("shelf", FIRST)
    name, script = drafted(Part(feature.name, feature.package, feature.tables), "Nothing new")

    assert name == "v0002_nothing_new.py"
    assert 'down_revision: str | None = "0001"' in script
    assert script.endswith("    pass\n")
    assert "pass" in drafted(KIT, "Nothing new")[1]


def test_the_draft_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    """Too few words, or a feature that is not installed: exit code 2 and a sentence."""
    assert draft(["chat"]) == 2
    assert draft(["no-such-feature", "first", "tables"]) == 2
    said = capsys.readouterr().err
    assert "use: python -m mewe_host.store.draft FEATURE WORDS" in said
    assert 'there is no plugin "no-such-feature" here' in said
