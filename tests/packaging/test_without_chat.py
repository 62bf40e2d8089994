"""A country may leave the chat out for good: without its folder everything else is checked, tested and run as before."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import httpx
import pytest

ROOT = Path(__file__).resolve().parents[2]
OWN_UV = ROOT / ".tools/uv/bin/uv"
UV = str(OWN_UV) if OWN_UV.is_file() else shutil.which("uv") or "uv"
LEFT_OUT = "packages/mewe_chat/"
PARTS = tuple(ROOT / "services/mewe_host/tests" / part for part in ("command", "desk", "mix", "running", "wire"))
LOADS = re.compile(r"mewe_host\.(mix|command)|kit\.plugins|mewe_core\.(people|programme|safety)|mewe_(chat|demo)|\"mewe_host\"")
"""What a test of the host names that loads features, a mix, or the program itself. Where it names none of this, it brings
features of its own along, and cannot tell whether another is installed: there is nothing to try a second time."""
FEATURES = re.compile(r"kit\.(testing|plugins|conformance)|mewe_(host|chat|demo)|mewe_core\.(people|programme|safety)")
"""What a test of a package names that stands on a feature. A folder that names none of this computes from what it is handed."""
PATIENCE = 1200
"""Seconds until a command that does not end is given up."""


def tells_apart(part: Path) -> list[str]:
    """Of a folder of tests, those files that could miss a feature: all of them where their conftest could."""
    loading = [one for one in sorted(part.glob("*.py")) if LOADS.search(one.read_text())]
    chosen = [part] if part / "conftest.py" in loading else [one for one in loading if one.name.startswith("test_")]
    return [str(one.relative_to(ROOT)) for one in chosen]


def computing() -> list[str]:
    """Folders of tests of packages that stand on no feature, and cannot tell whether another is installed."""
    folders = [one for one in sorted(ROOT.glob("packages/*/tests/*/")) if any(one.rglob("test_*.py"))]
    pure = [one for one in folders if not any(FEATURES.search(test.read_text()) for test in one.rglob("*.py"))]
    return [str(one.relative_to(ROOT)) for one in pure]


def called(*command: str, folder: Path, without: tuple[str, ...] = ()) -> str:
    """What a command prints that runs in a folder, and ends well; ``without``: tests that are left out of it."""
    own = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTEST", "VIRTUAL_ENV"))
    }
    own["PYTEST_ADDOPTS"] = " ".join(f"--ignore={one}" for one in without)
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-20_000:]
    return done.stdout


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """This checkout as it stands, committed or not, without the folder of the chat.

    It is open to other users of the machine, unlike what pytest makes: PostgreSQL runs as one of them from its environment.
    """
    copy = Path(mkdtemp(prefix="mewe-without-chat-"))
    copy.chmod(0o755)
    for name in called("git", "ls-files", "--cached", "--others", "--exclude-standard", folder=ROOT).splitlines():
        if not name.startswith(LEFT_OUT) and (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, copy / name)
    called("git", "init", "-q", folder=copy)
    yield copy
    shutil.rmtree(copy, ignore_errors=True)


@pytest.fixture(scope="module")
def checked(checkout: Path) -> Path:
    """The checkout after `make check`, which sets up its environment; what only computes has been tried once already."""
    pure = computing()
    assert "packages/mewe_eval/tests/statistics" in pure
    assert "packages/mewe_eval/tests/feature" not in pure
    called("make", "check", f"PYTHON={sys.executable}", f"UV={UV}", folder=checkout, without=tuple(pure))
    return checkout


def test_everything_else_is_checked(checked: Path) -> None:
    """Style, types, generated files, and what stands on features are green, and the chat is not there by another way."""
    assert "chat" not in called(".venv/bin/mewe", "plugins", folder=checked)


def test_everything_else_is_tested(checked: Path) -> None:
    """Every test that is left can be collected, and those that could miss a feature are green."""
    called(".venv/bin/pytest", "-q", "--collect-only", folder=checked)
    tests = [one for part in PARTS for one in tells_apart(part)]
    assert {"services/mewe_host/tests/command", "services/mewe_host/tests/mix/test_reading.py"} <= set(tests)
    called(".venv/bin/pytest", "-q", "services/mewe_demo", *tests, folder=checked)


def dutch(checkout: Path) -> str:
    """The Dutch mix, once somebody answers for the telephone numbers that nobody has verified; the copy lies beside it."""
    mix = checkout / "services/mixes/netherlands.toml"
    safety = "[features.safety]\n"
    assert safety in mix.read_text()
    accepted = mix.with_name("netherlands-accepted.toml")
    accepted.write_text(mix.read_text().replace(safety, f'{safety}lines_accepted_by = "the tests"\n'))
    return str(accepted.relative_to(checkout))


def test_a_mix_without_it_runs(checked: Path) -> None:
    """The Dutch mix, which does not name it, answers."""
    addresses = [word for face in ("--http", "--grpc") for word in (face, "127.0.0.1:0")]
    command = [".venv/bin/mewe", "up", dutch(checked), *addresses]
    with subprocess.Popen(command, cwd=checked, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            opened = next((line.split()[1] for line in process.stdout if line.split()[:1] == ["open"]), "")
            assert opened, "it did not start"
            assert httpx.get(f"{opened}/readyz").status_code == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
