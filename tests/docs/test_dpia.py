"""Every risk of the impact assessment names the test that guards it, and the test is there."""

import re
from pathlib import Path

from tests.security.test_asvs import known_tests

ROOT = Path(__file__).resolve().parents[2]


def risks() -> list[list[str]]:
    """The rows of its table."""
    lines = (ROOT / "docs/dpia.md").read_text().split("## Risks")[1].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    return [row for row in rows if row[0] not in ("risk", "---")]


def test_every_risk_has_its_guard() -> None:
    """Risk, who is hurt, what is done, by which test, what is left: the first four are never empty."""
    assert len(risks()) >= 15
    assert [row[0] for row in risks() if len(row) != 5 or not all(row[:4])] == []


def test_every_guard_is_a_test() -> None:
    """One at least in each row, under its very name."""
    named = {row[0]: re.findall(r"`(test_\w+)`", row[3]) for row in risks()}
    assert [risk for risk, tests in named.items() if not tests] == []
    assert [one for tests in named.values() for one in tests if one not in known_tests()] == []
