"""A distribution names what it imports, so that it works without the others' dependencies."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = sorted(path.parent for pattern in ("packages/*", "services/*") for path in ROOT.glob(f"{pattern}/pyproject.toml"))
PROVIDED_BY = {
    **packages_distributions(),
    **{source.name: [member.name.replace("_", "-")] for member in MEMBERS for source in (member / "src").iterdir()},
    "protobuf": ["protobuf-py"],
}
"""Which distributions an imported name may come from. The workspace's own are installed from their sources; protobuf-py has
its module from a distribution that nobody names."""


def imported(source: Path) -> Iterator[str]:
    """The first names of everything that the sources below a folder import; migrations are run by the host, with its tools."""
    for path in (one for one in source.rglob("*.py") if "migrations" not in one.parts):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                yield from (one.name.split(".")[0] for one in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.split(".")[0]


def undeclared(member: Path) -> list[str]:
    """What a distribution imports, and names neither as a dependency nor in an extra."""
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *(one for extra in project.get("optional-dependencies", {}).values() for one in extra)]
    named = {project["name"], *(re.split(r"[\[<>=!; ]", one)[0].lower() for one in wanted)}
    names = set(imported(member / "src")) - sys.stdlib_module_names
    return sorted(name for name in names if not named & {one.lower().replace("_", "-") for one in PROVIDED_BY.get(name, [])})


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_distribution_names_what_it_imports(member: Path) -> None:
    """Every import beside Python's own comes from a dependency of its pyproject.toml."""
    assert undeclared(member) == []


def test_an_import_that_is_not_named_is_caught(tmp_path: Path) -> None:
    """One is planted deep inside a function, of something that is installed here."""
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "planted"\ndependencies = ["attrs>=26.1"]\n')
    (tmp_path / "src").mkdir()
    (tmp_path / "src/planted.py").write_text("import attr, json\n\ndef later():\n    import psutil\n")
    assert undeclared(tmp_path) == ["psutil"]
