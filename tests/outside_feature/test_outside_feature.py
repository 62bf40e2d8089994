"""A feature from outside this repository: begun by the command, made one's own as docs/feature.md shows, installed, tested."""

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from mewe_host.command.new_feature import new_feature
from mewe_host.running.steps import Refusal

ROOT = Path(__file__).resolve().parents[2]
MEWE = Path(sys.executable).with_name("mewe")
MOST_LINES = 60


def started(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder to its end."""
    words = [str(word) for word in command]
    return subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603


def run(*command: str | Path, cwd: Path) -> str:
    """What a command printed. Fails the test if the command fails."""
    done = started(*command, cwd=cwd)
    assert done.returncode == 0, f"{command}: {done.stdout}\n{done.stderr}"
    return done.stdout


def own_lines() -> str:
    """What the author writes, as docs/feature.md shows it: a patch."""
    (patch,) = re.findall(r"^```diff\n(.*?)^```", (ROOT / "docs" / "feature.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return str(patch)


def uv() -> str:
    """The uv that the Makefile sets up, or one that is there."""
    found = shutil.which("uv", path=str(ROOT / ".tools" / "uv" / "bin")) or shutil.which("uv")
    assert found, "run make: it sets up uv"
    return found


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folder of the author's own feature, and the Python of an environment in which it is installed beside MEWE."""
    place = tmp_path_factory.mktemp("outside")
    feature, environment = place / "mewe_snacks", place / "environment"
    run(MEWE, "new", "feature", "snacks", cwd=place)
    run(uv(), "venv", "-q", "--offline", "--python", sys.executable, environment, cwd=place)
    python = environment / "bin" / "python"
    packages = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=place).strip())
    (packages / "mewe.pth").write_text(f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n")
    run(uv(), "pip", "install", "-q", "--offline", "--no-deps", "--python", python, "-e", feature, cwd=place)
    return feature, python


def test_a_feature_works_from_the_first_minute(outside: tuple[Path, Path]) -> None:
    """Before the author has written a line, its tests pass, conformance included."""
    feature, python = outside
    assert "passed" in run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=feature)


def test_it_is_made_ones_own_in_few_lines(outside: tuple[Path, Path]) -> None:
    """What docs/feature.md shows applies, is at most 60 lines, and passes conformance and style."""
    feature, python = outside
    patch = own_lines()
    written = [line for line in patch.splitlines() if line.startswith("+") and not line.startswith("+++")]
    assert len(written) <= MOST_LINES
    (feature.parent / "own.diff").write_text(patch, encoding="utf-8")
    run("git", "apply", "--unidiff-zero", "../own.diff", cwd=feature)
    run(python, "proto/generate.py", cwd=feature)
    (feature / "src/mewe_snacks/migrations/versions/v0001_first_tables.py").unlink()
    run(python, "-m", "mewe_host.store.draft", "snacks", "first", "tables", cwd=feature)
    printed = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", cwd=feature)
    assert "16 passed" in printed
    run(python, "-m", "ruff", "check", "src", "tests", cwd=feature)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("people", 'The name "people" is taken'),
        ("kit", 'The name "kit" is taken'),
        ("Snacks", "lower-case letters"),
        ("class", "lower-case letters"),
        ("snacks-and-more", "lower-case letters"),
        ("a__b", "lower-case letters"),
        ("s" * 31, "1 to 30"),
    ],
)
def test_a_name_that_cannot_be_is_refused(name: str, words: str, tmp_path: Path) -> None:
    """One sentence, and nothing is written."""
    with pytest.raises(Refusal, match=words):
        new_feature(name, tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """The refusal says how to name another folder; exit code 2."""
    (tmp_path / "mewe_snacks").mkdir()
    (tmp_path / "mewe_snacks" / "mine.txt").write_text("mine")
    done = started(MEWE, "new", "feature", "snacks", cwd=tmp_path)
    assert (done.returncode, "--into" in done.stderr) == (2, True)
    assert [one.name for one in (tmp_path / "mewe_snacks").iterdir()] == ["mine.txt"]
