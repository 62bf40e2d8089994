"""What the page on instruments shows of a command is what the command shows."""

from pathlib import Path

from mewe_core.kit.commands import Asked, Given
from mewe_eval.commands.scoring import scored

PAGE = Path(__file__).resolve().parents[2] / "docs/instruments.md"


def test_the_scores_on_the_page_are_those_of_its_table() -> None:
    """The table that stands there, scored."""
    shown = PAGE.read_text().split("$ cat answers.csv\n")[1]
    table, rest = shown.split("$ mewe eval score phq-9 answers.csv\n")
    told = rest.split("$ mewe")[0]
    arguments = {"INSTRUMENT": (Given("phq-9", None),), "DATA": (Given("answers.csv", table.encode()),)}
    assert scored(Asked(arguments, "text")).shown == told
