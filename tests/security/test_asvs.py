"""What the platform says of itself against OWASP ASVS 5.0.0 is whole, and every test it names is there."""

import ast
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WAYS = {"test", "not_here", "deployment", "open"}

SECTIONS = """
1.1:2 1.2:9 1.3:11 1.4:3 1.5:2  2.1:3 2.2:3 2.3:4 2.4:1  3.2:2 3.3:4 3.4:6 3.5:5 3.7:2  4.1:3 4.2:1 4.3:2 4.4:4  5.1:1 5.2:3
5.3:2 5.4:3  6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4  7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2  8.1:2 8.2:3 8.3:1 8.4:1  9.1:3
9.2:4  10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3  11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1  12.1:3 12.2:2 12.3:4
13.1:1 13.2:5 13.3:2 13.4:5  14.1:2 14.2:4 14.3:3  15.1:3 15.2:3 15.3:7  16.1:1 16.2:5 16.3:4 16.4:3 16.5:3  17.1:1 17.2:4
17.3:2
"""
"""How many requirements of levels 1 and 2 each section has; they stand first in it. Source: the list of ASVS 5.0.0 (2025)."""

OF_LEVEL_3 = {"6.3.6", "8.2.4", "11.3.4", "14.2.7"}
"""Those of level 3 that are kept besides; 16.3.2 is of level 2, and level 3 asks more of it."""


def asked() -> set[str]:
    """Every number that has to be there."""
    sections = [one.split(":") for one in SECTIONS.split()]
    return {f"{section}.{number}" for section, count in sections for number in range(1, int(count) + 1)} | OF_LEVEL_3


def entries() -> Iterator[tuple[str, str, str, str]]:
    """Chapter, number, way and words of each entry."""
    for chapter, requirements in tomllib.loads((ROOT / "security/asvs.toml").read_text()).items():
        for number, said in requirements.items():
            assert len(said) == 1, f"{number} says one thing"
            ((way, words),) = said.items()
            yield chapter, number, way, words


@cache
def known_tests() -> frozenset[str]:
    """The name of every test of the checkout."""
    files = [one for folder in ("packages", "services", "tests") for one in (ROOT / folder).rglob("test_*.py")]
    named = [ast.walk(ast.parse(one.read_text())) for one in files if "node_modules" not in one.parts]
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(one.name for nodes in named for one in nodes if isinstance(one, kinds) and one.name.startswith("test_"))


def test_every_requirement_is_answered() -> None:
    """253 of levels 1 and 2, and four of level 3; each in its chapter, in one of four ways."""
    assert len(asked()) == 257
    assert {number for _, number, _, _ in entries()} == asked()
    assert [number for chapter, number, _, _ in entries() if not number.startswith(f"{chapter.removeprefix('V')}.")] == []
    assert {way for _, _, way, _ in entries()} <= WAYS
    assert [number for _, number, _, words in entries() if not words.strip()] == []


def test_every_test_that_is_named_is_there() -> None:
    """Under the very name."""
    assert [(number, words) for _, number, way, words in entries() if way == "test" and words not in known_tests()] == []
