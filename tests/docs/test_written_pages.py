"""The written pages lead where they say, name what there is, and name nothing that must not be named."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTS = re.compile("|".join(("py" + r"pi\.org", "python" + "hosted", "npm" + r"js\.(org|com)", r"deb\.deb" + "ian")))


def tracked() -> list[Path]:
    """Every file of the repository, those just made included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def left_out() -> list[Path]:
    """Where the packages of features would be that have a contract here and no code."""
    areas = [folder.name for folder in (ROOT / "proto/mewe").iterdir()]
    homes = [(ROOT / f"packages/mewe_{area}", ROOT / f"packages/mewe_core/src/mewe_core/{area}") for area in areas]
    return [own for own, core in homes if not own.exists() and not core.exists()]


PAGES = [path for path in tracked() if path.suffix == ".md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_link_leads_somewhere(page: Path) -> None:
    """A link to a file of the repository names one that is there, unless it is of a feature that this checkout leaves out."""
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text())
    dead = [(page.parent / link).resolve() for link in links if "://" not in link and not (page.parent / link).exists()]
    assert [path for path in dead if not any(path.is_relative_to(folder) for folder in left_out())] == []


def test_the_readme_names_commands_that_there_are() -> None:
    """Each make target that a page names is in the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {word for page in PAGES for word in re.findall(r"`make ([a-z]+)", page.read_text())}
    assert named - targets == set()


def test_decisions_are_numbered_once_and_whole() -> None:
    """Each decision has a number of its own and says date, status, context, decision and consequences."""
    decisions = sorted((ROOT / "docs/decisions").glob("*.md"))
    numbers = [path.name.split("-")[0] for path in decisions]
    assert numbers == [f"{number:04d}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text()
        assert re.match(rf"# {int(path.name.split('-')[0])}\. ", text), path
        for part in ("\nDate: ", "\nStatus: ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"):
            assert part in text, (path, part)


def test_no_registry_is_named() -> None:
    """No file names the host of a package registry."""
    readable = [path for path in tracked() if path.suffix not in {".binpb", ".png"}]
    assert [str(path.relative_to(ROOT)) for path in readable if HOSTS.search(path.read_text(errors="replace"))] == []


def test_the_trial_is_quoted_as_it_was() -> None:
    """Whoever speaks of the trial's results says that they were mixed."""
    assert "mixed results" in (ROOT / "README.md").read_text()


def test_the_architecture_names_files_that_there_are() -> None:
    """Every file of the host or of a package that the page names is there, unless it is of a feature that is left out."""
    text = (ROOT / "ARCHITECTURE.md").read_text()
    places = (ROOT, ROOT / "services/mewe_host/src/mewe_host", ROOT / "packages/mewe_core/src/mewe_core")
    named = set(re.findall(r"`([a-z_]+/[a-z_./]*\.py)`", text)) | set(re.findall(r"`([a-z_]+\.py)`", text))
    inside = {path.name for path in (ROOT / "packages/mewe_core/src/mewe_core/people").glob("*.py")}
    dead = [name for name in sorted(named - inside) if not any((place / name).exists() for place in places)]
    assert [name for name in dead if not any((ROOT / name).is_relative_to(folder) for folder in left_out())] == []


def test_every_way_to_sign_in_is_set_beside_the_others() -> None:
    """Each call that answers with a device session is in the table of the integrators' page, with refusals that there are."""
    page = (ROOT / "docs/integrator.md").read_text().split("## Ways to sign in")[1].split("\n## ")[0]
    contract = "\n".join(path.read_text() for path in (ROOT / "proto/mewe/people").rglob("*.proto"))
    ways = re.findall(r"rpc (\w+)\(\w+\) returns \(DeviceSession\)", contract)
    assert len(ways) >= 3
    assert [one for one in ways if f"`{one}`" not in page] == []
    refused = next(line for line in page.splitlines() if line.startswith("| refused with"))
    known = (ROOT / "docs/errors.md").read_text()
    assert [one for one in re.findall(r"[A-Z]+(?:_[A-Z]+)+|UNAVAILABLE", refused) if f"`{one}`" not in known] == []


def test_a_known_weakness_of_a_library_is_gone_within_days_that_are_said() -> None:
    """The worse, the sooner; who looks, how often, by which command; and no check needs the network that it asks over."""
    part = (ROOT / "SECURITY.md").read_text().split("## Weaknesses of libraries")[1].split("\n## ")[0]
    days = [int(one) for one in re.findall(r"\| (\d+) days \|", part)]
    assert len(days) == 4
    assert days == sorted(set(days))
    assert [
        word for word in ("critical", "high", "medium", "low", "each week", "before each release") if word not in part
    ] == []
    rules = dict(re.findall(r"^([a-z]+):[^\n]*\n((?:\t[^\n]*\n)+)", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert "--strict" in rules["weaknesses"], "without it the tool says that all is well where it could not ask"
    assert "--require-hashes -r requirements.lock" in rules["weaknesses"]
    assert [
        name for name, lines in rules.items() if name != "weaknesses" and ("pip-audit" in lines or "weaknesses" in lines)
    ] == []
