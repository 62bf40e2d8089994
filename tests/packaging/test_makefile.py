"""Whoever lacks something that the Makefile needs is told what, in one sentence, before anything is set up."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
THERE = ("make", "sh", "cksum", "sed", "git", "npm", "chromium")
PYTHON = """#!/bin/sh
exec {python} -c 'import sys; {lacking}; exec(sys.argv[1])' "$2"
"""
OLD, BARE, WHOLE = "sys.version_info = (3, 10, 14)", 'sys.modules["ensurepip"] = None', "pass"


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout that has not been set up, as far as the Makefile looks at it."""
    for name in ("Makefile", "requirements.lock"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def made(checkout: Path, target: str, *, without: str = "", lacking: str = WHOLE) -> "subprocess.CompletedProcess[str]":
    """Make a target where one of the programs is not there, or python3 lacks something."""
    programs = checkout / "programs"
    programs.mkdir()
    for name in THERE:
        if name != without:
            (programs / name).symlink_to(shutil.which(name) or "/bin/true")
    if without != "python3":
        (programs / "python3").write_text(PYTHON.format(python=sys.executable, lacking=lacking))
        (programs / "python3").chmod(0o755)
    command = [str(programs / "make"), target]
    return subprocess.run(  # noqa: S603
        command, cwd=checkout, env={"PATH": str(programs)}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("lack", "told"),
    [
        ({"without": "git"}, "MEWE needs git; please install it and try again."),
        ({"without": "python3"}, "MEWE needs Python 3.11 or newer; please install it (python3), or name it:"),
        ({"lacking": OLD}, "MEWE needs Python 3.11 or newer, and python3 is older; name another:"),
        ({"lacking": BARE}, "Python's venv module is missing; on Debian: apt-get install python3-venv"),
    ],
    ids=["git", "python3", "a newer python3", "venv"],
)
@pytest.mark.parametrize("target", ["up", "test", "check"])
def test_what_is_missing_is_named(lack: dict[str, str], told: str, target: str, checkout: Path) -> None:
    """One sentence and an exit code that is not 0; no half environment is left to be mistaken for a whole one."""
    done = made(checkout, target, **lack)
    assert [line for line in done.stdout.splitlines() if told in line] == done.stdout.splitlines()
    assert done.returncode == 2
    assert not (checkout / ".venv").exists()
    assert not (checkout / ".tools").exists()


@pytest.mark.parametrize("program", ["npm", "chromium"])
def test_what_the_page_tests_need_is_asked_for_first(program: str, checkout: Path) -> None:
    """Before anything is downloaded, and by `make test` alone."""
    done = made(checkout, "test", without=program)
    assert done.stdout == "The page tests need npm and chromium; on Debian: apt-get install npm chromium\n"
    assert done.returncode == 2
    assert not (checkout / ".tools").exists()


def test_help_lists_every_command(checkout: Path) -> None:
    """Each target that is a command, with what it does."""
    commands = re.findall(r"^([a-z]+):.*?(?=  ##|$)", (ROOT / "Makefile").read_text(), re.MULTILINE)
    listed = [line.split()[1] for line in made(checkout, "help").stdout.splitlines()]
    assert listed == [one for one in commands if one != "browser"]
