"""The rules that everything rests on are changed in hundreds of small ways: the tests notice."""

from pathlib import Path

import pytest

from tests.mutants.mutating import Mutated, killed

AT_LEAST = 0.9
"""Of the mutants of each module, the share that has to be noticed."""

CORE, DIARY, HOST = "packages/mewe_core", "packages/mewe_diary", "services/mewe_host"
CONSENT_TESTS = (
    "tests/people/test_consent.py",
    "tests/people/test_consent_whole.py",
    "tests/people/test_consent_table.py",
    "tests/people/test_consents_rules.py",
)
SAFETY_TESTS = ("tests/safety/test_safety_rules.py", "tests/safety/test_duty.py", "tests/safety/test_lines.py")

RULES = {
    "access": Mutated(
        CORE, ("mewe_core.kit.access",), ("tests/kit/test_access.py", "tests/kit/test_standing.py", "tests/kit/test_earlier.py")
    ),
    "consent": Mutated(
        CORE,
        ("mewe_core.people.consent", "mewe_core.people.consent_table", "mewe_core.people.consents.rules"),
        CONSENT_TESTS,
    ),
    "safety": Mutated(CORE, ("mewe_core.safety.rules", "mewe_core.safety.duty", "mewe_core.safety.lines"), SAFETY_TESTS),
    "privacy": Mutated(
        CORE,
        (
            "mewe_core.kit.privacy.rules",
            "mewe_core.kit.personal",
            "mewe_core.kit.earlier",
            "mewe_core.people.rules",
            "mewe_core.people.privacy.rules",
            "mewe_core.people.returning.rules",
            "mewe_core.programme.emergency.rules",
        ),
        (
            "tests/kit/test_privacy_rules.py",
            "tests/kit/test_personal.py",
            "tests/kit/test_earlier.py",
            "tests/people/test_rules.py",
            "tests/people/test_ending_rules.py",
            "tests/programme/test_emergency_rules.py",
        ),
    ),
    "diary": Mutated(
        DIARY,
        tuple(f"mewe_diary.envelope.{part}" for part in ("opening", "heads", "versions", "encoding", "content")),
        ("tests/test_refusals.py", "tests/test_vectors.py"),
        chosen="not lock and not export and not readme",
        data=("vectors",),
    ),
    "sealing": Mutated(
        HOST,
        ("mewe_host.keyring.sealed", "mewe_host.keyring.keyring", "mewe_host.keyring.rotation"),
        tuple(f"tests/keyring/test_{part}.py" for part in ("sealed", "remembering", "keyring", "rotation", "within", "uses")),
        chosen="not postgresql and not any_text and not changed_or_cut and not killed_rotation",
    ),
}


@pytest.mark.prove
@pytest.mark.parametrize("rules", RULES)
def test_mutants_are_noticed(rules: str, tmp_path: Path) -> None:
    """Nine of ten at least, in each module; those that live are named."""
    tried = killed(RULES[rules], tmp_path)
    for module, one in tried.items():
        print(f"{module}: {one.share:.1%} of {one.mutants} mutants")  # noqa: T201
    weak = {module: one.living for module, one in tried.items() if one.share < AT_LEAST}
    assert weak == {}
