"""The rules that everything rests on are changed in hundreds of small ways: the tests notice."""

from pathlib import Path

import pytest

from tests.mutants.mutating import Mutated, killed

AT_LEAST = 0.9
"""Of the mutants of a rule, the share that has to be noticed."""

RULES = {
    "access": Mutated(
        "packages/mewe_core", ("src/mewe_core/kit/access.py",), ("tests/kit/test_access.py", "tests/kit/test_standing.py")
    ),
    "consent": Mutated(
        "packages/mewe_core",
        ("src/mewe_core/people/consent.py",),
        ("tests/people/test_consent.py", "tests/people/test_consent_whole.py", "tests/people/test_consent_table.py"),
    ),
}


@pytest.mark.prove
@pytest.mark.parametrize("rule", RULES)
def test_mutants_are_noticed(rule: str, tmp_path: Path) -> None:
    """Nine of ten at least; those that live are named."""
    tried = killed(RULES[rule], tmp_path)
    print(f"{rule}: {tried.share:.1%} of {tried.mutants} mutants")  # noqa: T201
    assert tried.share >= AT_LEAST, f"{tried.share:.1%} of {tried.mutants}; alive: {', '.join(tried.living)}"
