"""What docs/library.md shows is run as it stands there."""

import re
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "library.md"


def sections() -> list[tuple[str, str]]:
    """Each section of the page with its code, in order."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [
        (title, "\n".join(re.findall(r"^```python\n(.*?)^```", body, flags=re.MULTILINE | re.DOTALL)))
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def runs_here(code: str) -> bool:
    """Whether the features that a section uses are in this checkout: a country may leave one out."""
    return all(find_spec(name) is not None for name in re.findall(r"^from (mewe_\w+)", code, flags=re.MULTILINE))


@pytest.mark.parametrize(("title", "code"), [one for one in sections() if one[1] and runs_here(one[1])])
def test_the_code_of_a_section_runs(title: str, code: str, tmp_path: Path) -> None:
    """Pasted into a file, a section works from top to bottom."""
    file = tmp_path / f"{title}.py"
    file.write_text(code, encoding="utf-8")
    run_path(str(file))


def test_the_page_shows_something() -> None:
    """A page whose code is not found would pass for nothing."""
    assert len([code for _, code in sections() if "assert" in code]) >= 2
