"""Every distribution is a wheel, and plain pip installs them together in any environment."""

import os
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import httpx
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = sorted(path.parent for pattern in ("packages/*", "services/*") for path in ROOT.glob(f"{pattern}/pyproject.toml"))
OWN_UV = ROOT / ".tools/uv/bin/uv"
UV = str(OWN_UV) if OWN_UV.is_file() else shutil.which("uv") or "uv"
MIX = """
country = "SE"
[features.people]
[features.programme]
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
"""
PATIENCE = 600
"""Seconds until a command that does not end is given up."""


def called(*command: str | Path, folder: Path) -> str:
    """What a command prints that runs in a folder outside the checkout. Raises CalledProcessError."""
    own = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(command, cwd=folder, env=own, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels by the name of their distribution, built as `make build` does."""
    folder = tmp_path_factory.mktemp("dist")
    called(UV, "build", "-q", "--all-packages", "--wheel", "--out-dir", folder, folder=ROOT)
    return {path.name.split("-")[0]: path for path in folder.glob("*.whl")}


@pytest.fixture(scope="module")
def environment(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with all the wheels, and what they need as the registry has it."""
    folder = tmp_path_factory.mktemp("installed")
    called(sys.executable, "-m", "venv", folder / "environment", folder=folder)
    programs = folder / "environment" / "bin"
    called(programs / "python", "-m", "pip", "install", "-q", *wheels.values(), folder=folder)
    return programs


def test_every_distribution_is_a_wheel(wheels: dict[str, Path]) -> None:
    """One for each member of the workspace, by the name that its pyproject.toml gives it."""
    names = [tomllib.loads((member / "pyproject.toml").read_text())["project"]["name"] for member in MEMBERS]
    assert sorted(wheels) == sorted(name.replace("-", "_") for name in names)


@pytest.mark.parametrize("member", MEMBERS, ids=lambda member: member.name)
def test_a_wheel_holds_every_file_of_its_source(member: Path, wheels: dict[str, Path]) -> None:
    """Contracts, texts, programmes, migrations, the page's style, mixes and templates as well as code; and no test."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "src"]
    source = {name.removeprefix("src/") for name in called(*listed, folder=member).splitlines() if (member / name).is_file()}
    held = {name for name in zipfile.ZipFile(wheels[member.name]).namelist() if ".dist-info/" not in name}
    assert {name for name in held if not name.endswith("/")} == source


def test_what_is_not_code_is_there(wheels: dict[str, Path]) -> None:
    """One file of each kind by its name, so that a kind that moved out of the source is missed."""
    core, host = (zipfile.ZipFile(wheels[name]).namelist() for name in ("mewe_core", "mewe_host"))
    for name in ("kit/contract.binpb", "people/contract.binpb", "people/locale/sv.ftl", "programme/programmes/me-we.toml"):
        assert f"mewe_core/{name}" in core
    for name in ("mix/shipped/everything.toml", "mix/shipped/demo.toml", "page/first.css", "page/locale/en.ftl"):
        assert f"mewe_host/{name}" in host
    for name in ("mewe_core/people/migrations/versions/", "mewe_core/kit/migrations/versions/"):
        assert [one for one in core if one.startswith(name) and one.endswith(".py")]
    assert [one for one in host if one.startswith("mewe_host/command/feature_template/") and one.endswith(".proto.template")]


def test_the_command_works_outside_the_checkout(environment: Path, tmp_path: Path) -> None:
    """Its version, the plugins, and a mix: nothing of them is taken from a source tree."""
    version = tomllib.loads((ROOT / "services/mewe_host/pyproject.toml").read_text())["project"]["version"]
    assert version in called(environment / "mewe", "--version", folder=tmp_path)
    listed = called(environment / "mewe", "plugins", folder=tmp_path)
    assert "people" in listed
    assert "programme" in listed
    (tmp_path / "country.toml").write_text(MIX)
    assert "This mix is fine." in called(environment / "mewe", "check", "country.toml", folder=tmp_path)
    where = called(environment / "python", "-c", "import mewe_core, mewe_host; print(mewe_core, mewe_host)", folder=tmp_path)
    assert where.count(str(environment.parent)) == 2


def test_a_deployment_runs_and_leaves_nothing_behind(environment: Path, tmp_path: Path) -> None:
    """`mewe up` migrates, answers, and after SIGTERM no process is left of it."""
    (tmp_path / "country.toml").write_text(MIX)
    command = [str(environment / "mewe"), "up", "country.toml"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None
            opened = next((line.split()[1] for line in process.stdout if line.split()[:1] == ["open"]), "")
            assert opened, "it did not start"
            assert httpx.get(f"{opened}/readyz").status_code == 200
            started = psutil.Process(process.pid).children(recursive=True)
            assert [one.name() for one in started] == ["nats-server"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    assert psutil.wait_procs(started, timeout=5)[1] == []
