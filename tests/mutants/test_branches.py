"""Of the rules of consent and safety every branch is tried, by the tests beside them alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutants.mutating import ROOT
from tests.mutants.test_mutants import CONSENT_TESTS, CORE, RULES, SAFETY_TESTS

WHOLE = {"consent": CONSENT_TESTS, "safety": SAFETY_TESTS}


@pytest.mark.prove
@pytest.mark.parametrize("rules", WHOLE)
def test_every_branch_is_tried(rules: str, tmp_path: Path) -> None:
    """No statement and no way out of a condition is left out of their modules."""
    files = {f"{CORE}/src/{module.replace('.', '/')}.py" for module in RULES[rules].modules}
    (tmp_path / "settings").write_text(f"[run]\nbranch = true\ndata_file = {tmp_path / 'data'}\n")
    settings, found = f"--rcfile={tmp_path / 'settings'}", tmp_path / "found.json"
    tests = [f"{CORE}/{one}" for one in WHOLE[rules]]
    for command in (
        ["run", f"--include={','.join(sorted(files))}", "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests],
        ["json", "-q", "-o", str(found)],
    ):
        ran = subprocess.run(  # noqa: S603
            [sys.executable, "-m", "coverage", command[0], settings, *command[1:]],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    told = json.loads(found.read_text())["files"]
    left_out = {one: (told[one]["missing_lines"], told[one]["missing_branches"]) for one in told}
    assert left_out == dict.fromkeys(files, ([], []))
    assert all(told[one]["summary"]["num_branches"] for one in files)
