"""Migration scripts: where they are, and which versions they make."""

from importlib.resources import files
from pathlib import Path

from alembic.script import Script, ScriptDirectory
from attrs import field, frozen
from mewe_core.kit import records
from mewe_core.kit.feature import Feature
from sqlalchemy import MetaData

from mewe_host.store.fault import StoreFault


@frozen
class Part:
    """What is versioned for itself in a feature's database: the kit's tables, and the feature's own."""

    name: str
    package: str
    tables: MetaData = field(repr=False, eq=False)

    @property
    def version_table(self) -> str:
        """Where the database says which version it is of."""
        return f"{self.name}_version"

    @property
    def folder(self) -> Path:
        """Where the scripts are."""
        return Path(str(files(self.package).joinpath("migrations", "versions")))


KIT = Part("kit", "mewe_core.kit", records.METADATA)


def parts(feature: Feature) -> tuple[Part, ...]:
    """The kit's part and, if the feature has tables, its own."""
    own = Part(feature.name, feature.package, feature.tables)
    return (KIT, own) if feature.tables.tables else (KIT,)


@frozen
class Scripts:
    """The scripts of a part, oldest first."""

    part: Part
    ordered: tuple[Script, ...] = field(repr=False)
    directory: ScriptDirectory = field(repr=False)

    @property
    def newest(self) -> str:
        """The version that they lead to."""
        return self.ordered[-1].revision

    def after(self, version: str | None) -> tuple[Script, ...]:
        """Those still to run for a database of that version (None: an empty one)."""
        if version is None:
            return self.ordered
        names = [script.revision for script in self.ordered]
        return self.ordered[names.index(version) + 1 :]

    def knows(self, version: str) -> bool:
        """Whether a version is one of these."""
        return any(script.revision == version for script in self.ordered)


def scripts(part: Part) -> Scripts:
    """The scripts of a part. Raises StoreFault if there are none, or they are no rising line of well-named files."""
    if not part.folder.is_dir() or not any(part.folder.glob("*.py")):
        raise StoreFault(f"{part.name} has tables and no migrations: there are none in migrations/versions of {part.package}")
    directory = ScriptDirectory(part.folder.parent, version_locations=[part.folder])
    heads = directory.get_heads()
    if len(heads) != 1:
        raise StoreFault(f"the migrations of {part.name} must be one line, and they end in {len(heads)} places")
    ordered = tuple(reversed(list(directory.walk_revisions("base", heads[0]))))
    for script in ordered:
        if not Path(script.path).name.startswith(f"v{script.revision}_"):
            raise StoreFault(f"the migration {script.revision} of {part.name} must be in a file v{script.revision}_WORDS.py")
    if [script.revision for script in ordered] != sorted(script.revision for script in ordered):
        raise StoreFault(f"the migrations of {part.name} must rise from each to the next: 0001, 0002, ...")
    return Scripts(part, ordered, directory)
