"""Countries and a hub, each a process of its own, meet over a real NATS server."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from attrs import evolve, frozen

from .foreign import LAZY, Foreign, foreign

PLAN = """title = "Trial"
version = "1"
data.levels.arm = ["a", "b"]
[mixed_model.effect]
outcome = "after"
terms = ["arm", "before"]
cluster = "group"
[mixed_model."other effect"]
outcome = "before"
terms = ["arm"]
cluster = "group"
"""
CODES = ("IT", "NL", "SE")
PATIENCE = 120


def table(seed: int, groups: int = 8) -> str:
    """A country's rows: groups of six in two arms."""
    rows = ["group,arm,before,after"]
    for group in range(groups):
        for one in range(6):
            before = (seed * 7 + group * 5 + one * 3) % 11 + one / 7
            after = before * 0.6 + (group % 2) * 1.5 + (seed * 3 + group * group + one * one * 5) % 7
            rows.append(f"{group},{'ab'[group % 2]},{before!r},{after!r}")
    return "\n".join(rows)


@frozen
class Ended:
    """How a process ended: its exit code, what it showed, what it complained of."""

    code: int
    shown: str
    complained: str


@frozen
class Meeting:
    """A folder with everybody's files, and where they meet."""

    folder: Path
    url: str
    name: str = "autumn"
    patience: str = "60"

    def command(self, *words: str) -> list[str]:
        """The command of one part."""
        there = ("--parties", "parties.toml", "--meeting", self.name, "--nats", self.url, "--patience", self.patience)
        return [sys.executable, "-m", "mewe_host", "eval", *words, *there]

    def country(self, code: str, key: str = "") -> list[str]:
        """A country's part."""
        return self.command("federate-country", "plan.toml", f"{code}.csv", "--key", f"{key or code}.key")

    def hub(self) -> list[str]:
        """The hub's."""
        return self.command("federate-hub", "plan.toml", "--json")

    def begun(self, command: list[str]) -> "subprocess.Popen[str]":
        """One process."""
        return subprocess.Popen(command, cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)  # noqa: S603

    def ended(self, processes: "Sequence[subprocess.Popen[str]]") -> list[Ended]:
        """How each of them ended."""
        try:
            told = [process.communicate(timeout=PATIENCE) for process in processes]
        finally:
            for process in processes:
                process.kill()
        return [Ended(process.returncode, *words) for process, words in zip(processes, told, strict=True)]

    def met(self, *commands: list[str]) -> list[Ended]:
        """All of them at once, until each has ended."""
        return self.ended([self.begun(one) for one in commands])

    def alone(self, *words: str) -> Ended:
        """A command that meets nobody."""
        command = [sys.executable, "-m", "mewe_host", "eval", *words]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=PATIENCE, check=False)  # noqa: S603
        return Ended(done.returncode, done.stdout, done.stderr)


@pytest.fixture(scope="module")
def meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    """Three countries with their tables and keys, and a server."""
    folder = tmp_path_factory.mktemp("meeting")
    (folder / "plan.toml").write_text(PLAN)
    for seed, code in enumerate(CODES, 1):
        (folder / f"{code}.csv").write_text(table(seed))
    with _served(folder / "nats") as server:
        here = Meeting(folder, server.url)
        lines = [here.alone("federate-key", code, f"{code}.key") for code in CODES]
        assert [one.code for one in lines] == [0, 0, 0]
        (folder / "parties.toml").write_text("".join(one.shown for one in lines))
        yield here


@contextmanager
def _served(folder: Path) -> Iterator[Foreign]:
    """A NATS server for as long as it lasts."""
    with asyncio.Runner() as runner:
        server = foreign(folder, LAZY)
        yield runner.run(server.__aenter__())
        runner.run(server.__aexit__(None, None, None))


def figures(shown: str) -> object:
    """What was found, without what names rounds."""
    return json.loads(shown)["analyses"]


def test_processes_that_meet_find_what_one_process_finds(meeting: Meeting) -> None:
    """To the last digit: the same totals, from masked numbers; the countries show nothing of it."""
    *countries, hub = meeting.met(*(meeting.country(code) for code in CODES), meeting.hub())
    assert [(one.code, one.shown) for one in countries] == [
        (0, f"{code} has done its part; the hub has what was found.\n") for code in CODES
    ]
    assert (hub.code, hub.complained) == (0, "")
    alone = meeting.alone("federate", "plan.toml", *(f"{code}.csv" for code in CODES), "--json")
    assert figures(hub.shown) == figures(alone.shown)
    assert "of sums over 3 countries (IT, NL, SE)" in hub.shown


def test_whoever_comes_first_waits_for_the_others(meeting: Meeting) -> None:
    """The hub and one country are there before the rest; nothing that was told meanwhile is lost."""
    later = evolve(meeting, name="later")
    early = [later.begun(later.hub()), later.begun(later.country("SE"))]
    rest = later.met(later.country("IT"), later.country("NL"))
    hub, sweden = later.ended(early)
    assert [one.code for one in (*rest, hub, sweden)] == [0, 0, 0, 0]
    assert len(json.loads(hub.shown)["analyses"]) == 2


def test_a_name_is_good_once(meeting: Meeting) -> None:
    """Whoever speaks a second time in a meeting is told so, and nothing old is taken for new."""
    again = evolve(meeting, name="once")
    everybody = [*(again.country(code) for code in CODES), again.hub()]
    assert [one.code for one in again.met(*everybody)] == [0, 0, 0, 0]
    (second,) = again.met(again.country("SE"))
    assert second.code != 0
    assert "Somebody has spoken as SE in the meeting once already; begin again under another name." in " ".join(
        second.complained.split()
    )


def test_who_stays_silent_is_named(meeting: Meeting) -> None:
    """And everybody ends."""
    lonely = evolve(meeting, name="lonely", patience="2")
    for ended in lonely.met(lonely.country("SE"), lonely.country("IT"), lonely.hub()):
        assert ended.code != 0
        assert "NL said nothing for 2 seconds; begin again under another name." in " ".join(ended.complained.split())


def test_a_stranger_is_refused_by_all(meeting: Meeting) -> None:
    """Who signs with another key than the parties know is refused at once by their own program, and by everybody else."""
    strange = evolve(meeting, name="strange", patience="5")
    meeting.alone("federate-key", "FR", "FR.key")
    (refused,) = strange.met(strange.country("SE", key="FR"))
    assert "this is not the key of SE that the parties have" in " ".join(refused.complained.split())
    own = (meeting.folder / "parties.toml").read_text()
    key = meeting.alone("federate-key", "SE", "other.key").shown
    (meeting.folder / "theirs.toml").write_text("".join([*own.splitlines(keepends=True)[:2], key]))
    command = [one if one != "parties.toml" else "theirs.toml" for one in strange.country("SE", key="other")]
    *others, _ = strange.met(strange.country("IT"), strange.country("NL"), strange.hub(), command)
    for ended in others:
        assert "SE did not sign this for this round, plan and instruments" in " ".join(ended.complained.split())


def test_tables_that_do_not_fit_are_told_to_everybody(meeting: Meeting) -> None:
    """The same sentence, with the line of the plan."""
    other = evolve(meeting, name="odd")
    before = (meeting.folder / "NL.csv").read_text()
    (meeting.folder / "NL.csv").write_text(before.replace("after", "later"))
    try:
        ended = other.met(*(other.country(code) for code in CODES), other.hub())
    finally:
        (meeting.folder / "NL.csv").write_text(before)
    for one in ended:
        assert one.code != 0
        assert 'NL: column "after": it is not in the table' in " ".join(one.complained.split())


def test_much_is_told_in_pieces(meeting: Meeting) -> None:
    """Masked sums of a hundred columns are near a megabyte, and longer than a piece."""
    folder = meeting.folder / "wide"
    folder.mkdir()
    many, names = evolve(meeting, folder=folder, name="many"), [f"x{number}" for number in range(100)]
    chance = Random(1)  # noqa: S311
    for name in ("parties.toml", *(f"{code}.key" for code in CODES)):
        shutil.copy(meeting.folder / name, folder)
    model = f'[mixed_model.wide]\noutcome = "after"\nterms = {json.dumps(["arm", *names])}\ncluster = "group"\n'
    (folder / "plan.toml").write_text(PLAN.partition("[mixed_model")[0] + model)
    for seed, code in enumerate(CODES, 1):
        head, *rows = table(seed, groups=24).splitlines()
        wide = [",".join([row, *(f"{chance.gauss(0, 1):.3f}" for _ in names)]) for row in rows]
        (folder / f"{code}.csv").write_text("\n".join([",".join([head, *names]), *wide]))
    *countries, hub = many.met(*(many.country(code) for code in CODES), many.hub())
    assert [one.code for one in (*countries, hub)] == [0, 0, 0, 0]
    alone = many.alone("federate", "plan.toml", *(f"{code}.csv" for code in CODES), "--json")
    assert figures(hub.shown) == figures(alone.shown)
    assert "x99" in hub.shown


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--nats", "http://x"), "--nats: this is no address of a NATS server; allowed: nats://HOST:4222 or tls://HOST:4222"),
        (("--nats", "nats://127.0.0.1:1"), "No NATS server that lets one in answers at 127.0.0.1:1 (--nats)."),
        (("--meeting", "a b"), "--meeting a b: allowed: 1 to 64 letters, digits, - or _"),
        (("--parties", "plan.toml"), "plan.toml: title: allowed: a country's code"),
        (("--parties", "nowhere.toml"), "nowhere.toml cannot be read"),
        (("--key", "plan.toml"), "plan.toml: this is no key; allowed: a file that `mewe eval federate-key` made"),
    ],
)
def test_what_is_wrong_is_said_in_words(words: tuple[str, str], told: str, meeting: Meeting) -> None:
    """Before anybody is told anything."""
    command = meeting.country("SE")
    command[command.index(words[0]) + 1] = words[1]
    (ended,) = meeting.met(command)
    assert ended.code != 0
    assert told in " ".join(ended.complained.split())
    assert "Traceback" not in ended.complained


def test_a_key_is_never_written_over(meeting: Meeting) -> None:
    """Whoever makes one a second time is told, and the first stays."""
    before = (meeting.folder / "SE.key").read_text()
    again = meeting.alone("federate-key", "SE", "SE.key")
    assert "there is such a file already; a key is never written over" in " ".join(again.complained.split())
    assert (meeting.folder / "SE.key").read_text() == before
    assert (meeting.folder / "SE.key").stat().st_mode & 0o077 == 0
