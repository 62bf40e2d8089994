"""A plugin adds to the command line; the program reads its files and shows its answers."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., "subprocess.CompletedProcess[str]"]

PLUGIN = '''
"""A plugin for trial."""

from mewe_core.kit.commands import Answer, Argument, Asked, Command, CommandFault, Given
from mewe_core.kit.hookspecs import hookimpl


def weigh(asked: Asked) -> Answer:
    """How much there is in each file."""
    scales = asked.one("SCALES")
    if scales.content is None and scales.word != "kitchen":
        raise CommandFault(f"{scales.word}: no such scales; allowed: kitchen, or a file")
    found = {one.word: len(one.content or b"") for one in asked.arguments["FILE"]}
    if asked.form == "pdf":
        return Answer(b"%PDF-")
    return Answer(f"{asked.form} {scales.word} {found}\\n", well=0 not in found.values())


def note(asked: Asked) -> Answer:
    """What is kept, and which words it was given."""
    book, words = asked.option("OLD-BOOK"), asked.arguments.get("WORD", ())
    before = b"" if book is None or book.content is None else book.content
    shown = f"{before!r} {[(one.word, one.content) for one in words]}\\n"
    return Answer(shown, kept={} if book is None else {"OLD-BOOK": before + b"+"})


def broken(asked: Asked) -> Answer:
    """Fails."""
    raise ZeroDivisionError("SECRET")


@hookimpl
def mewe_commands() -> tuple[Command, ...]:
    """What it adds."""
    scales = Argument("SCALES", "Which scales, or a file of them.", named=True)
    files = Argument("FILE", "What is weighed.", several=True)
    return (
        Command("weigh", "Weigh files.", weigh, (scales, files), ("text", "json", "pdf")),
        Command(
            "note",
            "Keep a book.",
            note,
            (
                Argument("OLD-BOOK", "The book.", named=True, option=True),
                Argument("WORD", "A word.", word=True, several=True, option=True),
            ),
        ),
        Command("break", "Fail.", broken),
    )
'''


@pytest.fixture
def trial(mewe: Run, tmp_path: Path) -> Run:
    """The command where a plugin for trial is installed, and two files to weigh are there."""
    place = tmp_path / "installed"
    (place / "trial-1.dist-info").mkdir(parents=True)
    (place / "trial.py").write_text(PLUGIN)
    (place / "trial-1.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: trial\nVersion: 1\nSummary: For trial.\n"
    )
    (place / "trial-1.dist-info" / "entry_points.txt").write_text("[mewe]\ntrial = trial\n")
    (tmp_path / "a").write_text("four")
    (tmp_path / "b").write_text("seven77")
    (tmp_path / "empty").touch()
    return lambda *words: mewe(*words, PYTHONPATH=str(place))


def test_a_plugin_is_run_on_the_files_it_is_given(trial: Run) -> None:
    """Files are read and handed over in order, the form as it was chosen, and the answer is shown."""
    assert trial("trial", "weigh", "kitchen", "a", "b").stdout == "text kitchen {'a': 4, 'b': 7}\n"
    assert trial("trial", "weigh", "kitchen", "a", "--json").stdout == "json kitchen {'a': 4}\n"


def test_an_answer_may_be_written_to_a_file(trial: Run, tmp_path: Path) -> None:
    """Bytes or text, as it is."""
    assert trial("trial", "weigh", "kitchen", "a", "--pdf", "--to", "weight.pdf").returncode == 0
    assert (tmp_path / "weight.pdf").read_bytes() == b"%PDF-"
    done = trial("trial", "weigh", "kitchen", "a", "--to", "no/such/folder")
    assert (done.returncode, done.stderr) == (2, "no/such/folder cannot be written: No such file or directory.\n")


def test_what_is_kept_is_written_before_anything_is_shown(trial: Run, tmp_path: Path) -> None:
    """Options may be left out; a file is made or replaced whole; where it cannot be, nothing is shown and nothing lost."""
    assert trial("trial", "note").stdout == "b'' []\n"
    assert trial("trial", "note", "--old-book", "book").stdout == "b'' []\n"
    assert trial("trial", "note", "--old-book", "book").stdout == "b'+' []\n"
    assert (tmp_path / "book").read_bytes() == b"++"
    done = trial("trial", "note", "--old-book", "no/such/book")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "no/such/book cannot be written: No such file or directory.\n"
    assert sorted(one.name for one in tmp_path.iterdir() if "book" in one.name) == ["book"]


def test_a_word_is_no_file(trial: Run) -> None:
    """Even where there is one of that name."""
    assert trial("trial", "note", "--word", "a", "--word", "b").stdout == "b'' [('a', None), ('b', None)]\n"


def test_what_is_not_well_ends_with_one(trial: Run) -> None:
    """The answer is shown all the same."""
    done = trial("trial", "weigh", "kitchen", "empty")
    assert (done.returncode, done.stdout) == (1, "text kitchen {'empty': 0}\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("weigh", "bathroom", "a"), "bathroom: no such scales; allowed: kitchen, or a file\n"),
        (("weigh", "kitchen", "c"), "c cannot be read: No such file or directory.\n"),
        (("weigh", "kitchen"), "FILE is missing: What is weighed.\n"),
        (("weigh", "kitchen", "a", "--json", "--pdf"), "Choose one of --json, --pdf.\n"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(words: tuple[str, ...], told: str, trial: Run) -> None:
    """In the user's terms, with exit code 2 and nothing on the standard output."""
    done = trial("trial", *words)
    assert (done.returncode, done.stderr, done.stdout) == (2, told, "")


def test_what_breaks_shows_no_traceback_and_no_value(trial: Run) -> None:
    """As every command of the program."""
    done = trial("trial", "break")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    assert "Traceback" not in done.stderr
    assert "SECRET" not in done.stderr


def test_help_lists_what_plugins_bring(trial: Run) -> None:
    """By the summary of the distribution; each command with its arguments and forms."""
    assert "For trial." in trial("--help").stdout
    assert "Weigh files." in trial("trial").stdout
    shown = trial("trial", "weigh", "--help").stdout
    assert all(word in shown for word in ("What is weighed.", "--json", "--pdf", "--to"))


def test_the_programs_own_commands_load_no_plugin(trial: Run, tmp_path: Path) -> None:
    """A plugin that cannot even be imported is in nobody's way, and is named where it is asked for."""
    (tmp_path / "installed" / "trial.py").write_text("raise OSError\n")
    assert trial("check", "nowhere.toml").stderr.count("trial") == 0
    assert "cannot be loaded" in trial("--help").stdout
    done = trial("trial", "weigh")
    assert done.returncode == 2
    assert 'the plugin "trial" cannot be loaded' in done.stderr
