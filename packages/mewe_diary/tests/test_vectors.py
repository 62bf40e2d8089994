"""The vectors are what this implementation makes, byte for byte; and what the README shows runs."""

import re
from pathlib import Path
from runpy import run_path

import pytest

from . import making


@pytest.mark.parametrize("name", sorted(making.FILES))
def test_the_vectors_are_made_again(name: str) -> None:
    """With the same random bytes the same file comes of it."""
    assert (making.FOLDER / f"{name}.json").read_text("utf-8") == making.made(name)


def test_every_file_is_made() -> None:
    """No file of vectors is left from before, and each is named by the README beside it."""
    there = {file.stem for file in making.FOLDER.glob("*.json")}
    assert there == set(making.FILES)
    assert there == set(re.findall(r"^\| `(\w+)\.json`", (making.FOLDER / "README.md").read_text(), re.MULTILINE))


def test_the_readme_runs(tmp_path: Path) -> None:
    """Its program works as it stands there."""
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    shown = re.findall(r"^```python\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert shown
    file = tmp_path / "shown.py"
    file.write_text("\n".join(shown))
    run_path(str(file))
