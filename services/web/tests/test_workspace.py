"""The TypeScript workspace is in order, and its own tests pass in Node."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).resolve().parents[1]
FREE = {"MIT", "ISC", "Apache-2.0", "MIT OR Apache-2.0", "(Apache-2.0 AND BSD-3-Clause)"}


def npm(*arguments: str) -> None:
    """A script of the workspace, which has to end well."""
    command = ["npm", "--silent", "run", *arguments]
    done = subprocess.run(command, cwd=WEB, capture_output=True, text=True, timeout=1800, check=False, env={**os.environ})  # noqa: S603
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]


def test_the_style_and_the_types_are_in_order() -> None:
    """No lint, every file formatted, every type checked."""
    npm("check")


def test_what_is_tested_in_node_passes() -> None:
    """Every vector opens, every negative one is refused by its name, and whatever else the packages test."""
    npm("test")


def test_every_package_is_free() -> None:
    """What is installed, for use or for building, is under a permissive licence."""
    packages = json.loads((WEB / "package-lock.json").read_text())["packages"]
    licences = {
        name: one.get("license") for name, one in packages.items() if name.startswith("node_modules/") and not one.get("link")
    }
    assert len(licences) > 40
    assert {name: licence for name, licence in licences.items() if licence not in FREE} == {}


@pytest.mark.parametrize("source", sorted(WEB.glob("packages/*/src/**/*.ts")), ids=lambda path: path.name)
def test_a_source_is_short(source: Path) -> None:
    """A file of more than 400 lines holds two things; what is generated is no source."""
    assert "generated" in source.parts or len(source.read_text().splitlines()) <= 400


def test_what_is_generated_is_as_the_contract_says() -> None:
    """The client of the service, as `make proto` makes it now."""
    command = [sys.executable, "proto/generate.py", "--check"]
    done = subprocess.run(command, cwd=WEB.parents[1], capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")
