"""The reference pages say what the features say, and every hook is on its page."""

import importlib.util
from pathlib import Path
from types import ModuleType

from mewe_core.kit import hookspecs

ROOT = Path(__file__).resolve().parents[2]


def generator() -> ModuleType:
    """The script that makes the pages."""
    spec = importlib.util.spec_from_file_location("generate_docs", ROOT / "docs/generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_generated_pages_are_fresh() -> None:
    """Every section of every generated page is as it would be made now."""
    assert generator().stale() == []


def test_an_undocumented_hook_is_caught() -> None:
    """There are at most ten hooks; one without a word about failing is found."""
    pages = generator()
    assert len(pages.hooks()) <= 10
    assert pages.undocumented(hookspecs) == []
    planted = ModuleType("planted")
    exec("def mewe_new() -> None:\n    '''Does something.'''", planted.__dict__)  # noqa: S102
    assert pages.undocumented(planted) == [
        "mewe_new: say when it is called, what several answers mean, and what an exception does"
    ]
