"""The server has no code that can open a diary: what serves one never imports what opens it, not even by a detour."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest

pytest.importorskip("mewe_diary")

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("mewe_diary", "mewe_core", "mewe_host")
OPENS = ("mewe_diary.envelope", "mewe_diary.device")
"""What is for a device alone."""

LOADED = """
import sys, mewe_host.command.app, mewe_host.running.host
from mewe_core.kit.plugins import installed, load
load(("people", "programme", "diary"))
print(*sorted(one for one in sys.modules if one.startswith("mewe_diary")), sep="\\n")
"""


def opening(graph: grimp.ImportGraph) -> list[str]:
    """Modules of the server's side from which a chain of imports leads to what opens."""
    outside = [one for one in graph.modules if one.split(".")[0] in PACKAGES and not one.startswith(OPENS)]
    reached = {one: graph.find_upstream_modules(one) for one in outside}
    return sorted(f"{one} reaches {far}" for one, fars in reached.items() for far in fars if far.startswith(OPENS))


def test_no_import_leads_to_what_opens() -> None:
    """From no module of the feature, the kit or the host."""
    assert opening(grimp.build_graph(*PACKAGES, cache_dir=None)) == []


@pytest.mark.parametrize("file", ["store.py", "headers.py", "sharing/rules.py"])
def test_an_import_that_leads_there_is_caught(file: str, tmp_path: Path) -> None:
    """Planted in any file of the feature; found at the plugin too, from where the host would load it."""
    source = ROOT / "packages/mewe_diary/src/mewe_diary"
    shutil.copytree(source, tmp_path / "mewe_diary", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "mewe_diary" / file).open("a") as planted:
        planted.write("\nfrom mewe_diary.envelope.locks import open_with_passphrase\n")
    code = "import grimp; from tests.architecture.test_diary_stays_closed import opening, PACKAGES;"
    code += "print(*opening(grimp.build_graph(*PACKAGES, cache_dir=None)), sep='\\n')"
    found = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert "mewe_diary.plugin reaches mewe_diary.envelope.locks" in found
    assert f"mewe_diary.{file.removesuffix('.py').replace('/', '.')} reaches mewe_diary.envelope.locks" in found


def test_nothing_of_it_is_loaded_where_it_is_served() -> None:
    """A process with the program and the feature in it holds none of its modules."""
    loaded = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True).stdout.split()  # noqa: S603
    assert "mewe_diary.plugin" in loaded
    assert [one for one in loaded if one.startswith(OPENS)] == []
