"""Mutants of some files, tried on a copy: how many there are, and which of them no test notices."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from attrs import frozen

ROOT = Path(__file__).resolve().parents[2]
_SURVIVED = ("survived", "no tests", "suspicious")
_SETTINGS = """
[tool.mutmut]
source_paths = ["src"]
only_mutate = [{files}]
pytest_add_cli_args = ["--import-mode=importlib", "-p", "no:cacheprovider", "-k", "{chosen}"]
pytest_add_cli_args_test_selection = [{tests}]
also_copy = [{data}]
"""


@frozen
class Mutated:
    """What is mutated: modules of one package, and its tests which are to notice.

    ``chosen``: which of these tests, in the words of pytest's ``-k``. ``data``: folders of the package that they read.
    """

    package: str
    modules: tuple[str, ...]
    tests: tuple[str, ...]
    chosen: str = "test"
    data: tuple[str, ...] = ()


@frozen
class Killed:
    """How it went with one module: all mutants, and those that live, by name."""

    mutants: int
    living: tuple[str, ...]

    @property
    def share(self) -> float:
        """Of all mutants, how many were noticed; 0 if there was none."""
        return 1 - len(self.living) / self.mutants if self.mutants else 0.0


def killed(mutated: Mutated, folder: Path) -> dict[str, Killed]:
    """Mutate a copy in ``folder``, a few processes at once; how it went, module by module.

    Raises RuntimeError with what was said if it could not be tried.
    """
    copy = folder / Path(mutated.package).name
    shutil.copytree(ROOT / mutated.package, copy, ignore=shutil.ignore_patterns("__pycache__", "mutants"))
    with (copy / "pyproject.toml").open("a") as settings:
        files = tuple(f"src/{module.replace('.', '/')}.py" for module in mutated.modules)
        written = {"files": files, "tests": mutated.tests, "data": mutated.data}
        settings.write(_SETTINGS.format(**{name: _listed(paths) for name, paths in written.items()}, chosen=mutated.chosen))
    ran = _mutmut(copy, "run", "--max-children", str(os.cpu_count() or 1))
    listed = _mutmut(copy, "results", "--all", "true")
    lines = [line.strip().rpartition(": ") for line in listed.stdout.splitlines() if "__mutmut_" in line]
    if ran.returncode or not lines:
        raise RuntimeError(ran.stdout[-2000:] + ran.stderr[-2000:])
    return {module: _of(module, [(name, verdict) for name, _, verdict in lines]) for module in mutated.modules}


def _of(module: str, tried: list[tuple[str, str]]) -> Killed:
    here = [(name, verdict) for name, verdict in tried if name.rpartition(".")[0] == module]
    return Killed(len(here), tuple(sorted(name for name, verdict in here if verdict in _SURVIVED)))


def _listed(paths: tuple[str, ...]) -> str:
    return ", ".join(f'"{one}"' for one in paths)


def _mutmut(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [str(Path(sys.executable).parent / "mutmut"), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603
