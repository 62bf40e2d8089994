"""A study over two countries, from the first sign-in to its reports: on real deployments, through the public API."""

import asyncio
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from attrs import evolve, frozen
from mewe_demo.study.mixes import protocol
from mewe_demo.study.play import PEOPLE, STAYS_AWAY, Part
from mewe_demo.study.reporting import WITHIN_PERSONS, Told, told
from mewe_demo.study.story import over_countries, play, tell
from mewe_eval.analysis.plans import read_plan
from mewe_eval.analysis.running import analyse
from mewe_eval.instruments import shipped_instruments
from mewe_eval.protocol.reading import read_protocol
from mewe_eval.reports import CountryFigures, Ledger, as_json, country_figures, country_report, site_report
from mewe_eval.study.analysing import as_csv
from mewe_eval.study.known import Known
from mewe_eval.study.reading import read_study
from rich.console import Console


@frozen
class Played:
    """What was played once, for all tests."""

    parts: tuple[Part, ...]
    cut: str
    found: Told
    folder: Path


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """The study, played and told."""
    folder = tmp_path_factory.mktemp("study")
    parts, cut = asyncio.run(over_countries(lambda _: None))
    return Played(parts, cut, told(parts, folder, cut), folder)


def test_four_groups_in_two_arms_are_asked_three_times_and_some_stay_away(played: Played) -> None:
    """Everybody answers before; one leaves and others answer no more; each draw is made again from the secret."""
    assert [part.country for part in played.parts] == ["SE", "NL"]
    for part in played.parts:
        assert sorted(part.arms.values()) == ["programme", "waiting"]
        assert part.asked == 2 * PEOPLE
        away = [sum(wave <= last for wave in STAYS_AWAY.values()) for last in ("T0", "T1", "T2")]
        assert list(part.answered.values()) == [2 * PEOPLE - 2 * away[0], *(2 * PEOPLE - 2 * one - 1 for one in away[1:])]
        assert part.draws_hold


def test_one_answer_alarms_and_is_read_by_a_leader(played: Played) -> None:
    """Help is shown at once; what the leader reads is what was answered."""
    alarms = [part.alarm for part in played.parts if part.alarm is not None]
    assert [(one.shown_help, one.leader_read) for one in alarms] == [(True, "More than half the days")]


def test_the_file_holds_what_happened(played: Played) -> None:
    """Everybody with their arm, how far they came and at how many of the seven sessions they were."""
    instruments = shipped_instruments()
    for part in played.parts:
        read = read_study(read_protocol(protocol(), "protocol.toml", instruments), instruments, part.rows, cut=played.cut)
        assert len(read.persons) == 2 * PEOPLE
        for wave, count in part.answered.items():
            assert int(read.has_answered(wave).sum()) == count
        meets = read.of_arm("programme")
        assert {*read.sessions[meets, 0].tolist()} == {7.0}
        assert 4 < read.sessions[meets, 1].mean() < 7
        assert {*read.sessions[~meets, 0].tolist()} == {0.0}
        arms = {*zip(read.column(Known.GROUP), read.column(Known.ARM), strict=True)}
        assert arms == {*part.arms.items()}
        assert b"phq-9.9" in part.codebook


def test_three_reports_are_there_and_the_command_makes_the_same(played: Played) -> None:
    """A site's, a country's and that over countries; whoever has the files makes them again."""
    names = {one.name for one in played.found.files}
    assert {"SE-site.pdf", "SE-country.pdf", "NL-site.pdf", "NL-country.pdf", "countries.pdf"} <= names
    assert {"SE-published-site.html", "NL-published-country.html"} <= names
    for name in names:
        assert (played.folder / name).stat().st_size > 500, name
    site = played.parts[0].organisation
    again = subprocess.run(  # noqa: S603
        [
            *(sys.executable, "-m", "mewe_host", "eval", "report", "protocol.toml", "SE-study.csv"),
            *("--site", site, "--ledger", "again.json", "--as-of", played.cut),
        ],
        cwd=played.folder,
        check=True,
        capture_output=True,
        text=True,
    )
    assert again.stdout.strip() == (played.folder / "SE-site.html").read_text().strip()


def test_what_a_deployment_publishes_are_the_figures_that_the_library_makes_of_its_file(played: Played) -> None:
    """Number by number, with the same ledger; the file has names where the deployment has ids, and so another hash."""
    study = read_protocol(protocol(), "protocol.toml", shipped_instruments())
    for part in played.parts:
        read = read_study(study, shipped_instruments(), part.rows, cut=played.cut)
        site, ledger = site_report(read, part.organisation, "en", Ledger())
        country, ledger = country_report(read, part.country, "en", ledger)
        handed_on, _ = country_figures(read, part.country, ledger)
        assert _numbers(part.published.site_figures) == _numbers(as_json(site).encode())
        assert _numbers(part.published.country_figures) == _numbers(as_json(country).encode())
        published = CountryFigures.from_json(part.published.handed_on.decode())
        assert evolve(published, data_sha256=handed_on.data_sha256) == handed_on
        page = part.published.site_page.decode()
        assert f"<h1>{site.title}</h1>" in page
        assert "PHQ" in part.published.country_page.decode()


def _numbers(told: bytes) -> list[object]:
    """The figures of a report, without the hash and the day of its data."""
    figures: list[dict[str, object]] = json.loads(told)["figures"]
    return [{name: one for name, one in figure.items() if name not in ("data_sha256", "data_cut")} for figure in figures]


def test_both_countries_together_find_what_one_table_would(played: Played) -> None:
    """What many persons tell is estimated of sums; what could be the sums of one group is not told, and says why."""
    (within,) = played.found.within.analyses
    instruments = shipped_instruments()
    study = read_protocol(protocol(), "protocol.toml", instruments)
    tables = [as_csv(read_study(study, instruments, part.rows, cut=played.cut)).splitlines() for part in played.parts]
    pooled = b"\n".join([*tables[0], *tables[1][1:]])
    (alone,) = analyse(read_plan(WITHIN_PERSONS.encode()), pooled).analyses
    of_pooled = {one.name: (one.value, one.error, one.df) for one in alone.figures}
    assert {"wave[T1]", "wave[T2]"} <= {figure.name for figure in within.figures}
    for figure in within.figures:
        for told_, pooled_ in zip((figure.value, figure.error, figure.df), of_pooled[figure.name], strict=True):
            assert told_ == (None if pooled_ is None else pytest.approx(pooled_, rel=1e-6))
    assert all("could be those of one cluster" in (one.refused or "") for one in played.found.together.analyses)


def test_what_is_printed_is_what_happened(played: Played) -> None:
    """Numbers of the deployments, and where the reports are."""
    console = Console(file=io.StringIO(), width=140, record=True)
    tell(played.parts, played.found, played.folder, console)
    words = " ".join(console.export_text().split())
    for part in played.parts:
        arms = {arm: name for name, arm in part.arms.items()}
        counts = " ".join(str(part.answered[wave]) for wave in ("T0", "T1", "T2"))
        assert f"{part.country} {arms['programme']} {arms['waiting']} {part.asked} {counts}" in words
    assert "SE yes More than half the days" in words
    assert "the secret that was shown at the end: yes" in words
    assert "wave[T2]" in words
    assert "countries.pdf" in words


def test_nothing_is_written_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder with something in it is refused before anything is started."""
    (tmp_path / "mine.txt").write_text("mine")
    assert play(tmp_path) == 1
    assert "is not empty; name a folder that is new" in capsys.readouterr().err
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
