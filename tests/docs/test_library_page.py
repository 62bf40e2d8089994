"""What the pages on the library show is run as it stands there."""

import re
from importlib.util import find_spec
from pathlib import Path
from runpy import run_path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = ("library.md", "protocol.md", "fhir.md")


def sections(page: str) -> list[tuple[str, str]]:
    """Each section of a page with its code, in order."""
    parts = re.split(r"^## (.+)$", (DOCS / page).read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [
        (title, "\n".join(re.findall(r"^```python\n(.*?)^```", body, flags=re.MULTILINE | re.DOTALL)))
        for title, body in zip(parts[::2], parts[1::2], strict=True)
    ]


def runs_here(code: str) -> bool:
    """Whether the features that a section uses are in this checkout: a country may leave one out."""
    return all(find_spec(name) is not None for name in re.findall(r"^from (mewe_\w+)", code, flags=re.MULTILINE))


@pytest.mark.parametrize(("title", "code"), [one for page in PAGES for one in sections(page) if one[1] and runs_here(one[1])])
def test_the_code_of_a_section_runs(title: str, code: str, tmp_path: Path) -> None:
    """Pasted into a file, a section works from top to bottom."""
    file = tmp_path / f"{title}.py"
    file.write_text(code, encoding="utf-8")
    run_path(str(file))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_shows_something(page: str) -> None:
    """A page whose code is not found would pass for nothing."""
    assert len([code for _, code in sections(page) if "assert" in code]) >= 1
