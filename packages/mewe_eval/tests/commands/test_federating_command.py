"""``mewe eval federate``: a file a country, and what stands in the way said at once and in words."""

import json
from collections.abc import Sequence

import pytest
from mewe_core.kit.commands import Answer, Asked, CommandFault, Given
from mewe_eval.commands import COMMANDS
from mewe_eval.commands.federating import FEDERATE, code_of

PLAN = 'title = "Trial"\nversion = "1"\n\n[mixed_model.m]\noutcome = "after"\nterms = ["arm", "before"]\ncluster = "group"\n'
HEAD = "group,arm,before,after"


def country(seed: int, arms: Sequence[str] = ("a", "b"), head: str = HEAD) -> bytes:
    """A table of twelve clusters of four rows each."""
    lines = [head]
    for group in range(12):
        for row in range(4):
            before = (seed * 7 + group * 5 + row * 11) % 23
            after = before // 2 + (seed + group * group) % 7 + (group * row * 3 + seed) % 5
            lines.append(f"{group},{arms[group % len(arms)]},{before},{after}")
    return "\n".join(lines).encode()


GOOD = {"data/SE.csv": country(1), "NL.csv": country(2), "IT.csv": country(3)}


def said(files: Sequence[tuple[str, bytes]], plan: str = PLAN, form: str = "text") -> Answer:
    """What the command answers."""
    arguments = {"PLAN": (Given("plan.toml", plan.encode()),), "COUNTRY": tuple(Given(word, of) for word, of in files)}
    answer = FEDERATE.run(Asked(arguments, form))
    assert isinstance(answer, Answer)
    return answer


def refused(files: Sequence[tuple[str, bytes]], plan: str = PLAN) -> list[str]:
    """Every line with which it refuses."""
    with pytest.raises(CommandFault) as fault:
        said(files, plan)
    return list(fault.value.lines)


def test_it_is_a_command_of_evaluation() -> None:
    """Beside the analysis of one table; a plan, then one file a country."""
    assert FEDERATE in COMMANDS
    assert [(one.name, one.several) for one in FEDERATE.arguments] == [("PLAN", False), ("COUNTRY", True)]


def test_every_form_shows_the_findings() -> None:
    """As text, as a page, and as JSON with the same keys as those of one table."""
    assert FEDERATE.forms == ("text", "json", "html")
    assert "of sums over 3 countries (IT, NL, SE)" in str(said([*GOOD.items()]).shown)
    assert str(said([*GOOD.items()], form="html").shown).startswith("<!doctype html>")
    (found,) = json.loads(said([*GOOD.items()], form="json").shown)["analyses"]
    assert [one["name"] for one in found["figures"]][:3] == ["(Intercept)", "arm[b]", "before"]
    assert (found["n"], found["clusters"]) == (144, 36)


def test_the_order_of_files_changes_nothing() -> None:
    """Not even the last digit, nor the SHA-256 of the data."""
    assert said([*GOOD.items()], form="json") == said([*reversed(GOOD.items())], form="json")


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("SE.csv", "SE"),
        ("a/b.c/SE.csv", "SE"),
        ("a\\SE.txt", "SE"),
        ("SE", "SE"),
        ("SE.old.csv", "SE.old"),
        ("", ""),
        ("/", "/"),
    ],
)
def test_the_code_is_the_files_name_without_its_ending(word: str, code: str) -> None:
    """Whatever the folder and the ending."""
    assert code_of(word) == code


def test_a_file_twice_is_refused() -> None:
    """By its name, and by its bytes under another name."""
    assert refused([*GOOD.items(), ("old/SE.csv", country(4))]) == [
        "old/SE.csv: SE is there twice, with data/SE.csv; allowed: one file a country"
    ]
    assert refused([*GOOD.items(), ("SI.csv", GOOD["NL.csv"])]) == [
        "SI.csv, this is the same table as NL's, to the last byte; allowed: each country's own"
    ]


@pytest.mark.parametrize("word", ["se.csv", "sweden.csv", "SWE.csv", "SE-.csv", "S1.csv", "SE.2026.csv", ".csv", "SE\n.csv"])
def test_a_name_that_is_no_code_is_refused(word: str) -> None:
    """Two capital letters, and perhaps the part of a country, before the ending."""
    (line,) = refused([*GOOD.items(), (word, country(4))])
    assert line == f"{word}: this is no country's code; allowed: two capital letters before the ending (SE.csv, SE-AB.csv)"


def test_one_file_alone_is_refused() -> None:
    """There is nothing to put together."""
    assert refused([("SE.csv", country(1))]) == ["countries: 1 with a table; allowed: at least 2, with one file each"]


def test_a_plan_without_mixed_models_is_refused() -> None:
    """Nothing else is carried out over countries."""
    assert refused([*GOOD.items()], 'title = "Trial"\nversion = "1"\n[describe.d]\ncolumns = ["before"]') == [
        "plan.toml, mixed_model: there is no mixed model in this plan; allowed: at least one section [mixed_model.NAME]"
    ]


def test_categories_that_differ_are_refused_with_what_to_declare() -> None:
    """Which column, who has what, and the line to write; declared, they are no fault."""
    files = [*GOOD.items(), ("SI.csv", country(4, ("a", 'b "x"', "c")))]
    assert refused(files) == [
        'plan.toml, mixed_model.m (line 4): column "arm": its categories are not the same in all countries (IT has a and b, '
        'NL has a and b, SE has a and b, SI has a and b "x" and c); declare '
        'data.levels.arm = ["a", "b", "b \\"x\\"", "c"], in the order you want'
    ]
    declared = PLAN.replace("\n\n", '\ndata.levels.arm = ["a", "b", "b \\"x\\"", "c"]\n\n', 1)
    assert "arm[c]" in str(said(files, declared).shown)


def test_numbers_here_and_words_there_are_refused() -> None:
    """With who has which."""
    assert refused([*GOOD.items(), ("SI.csv", country(4, ("1", "2")))]) == [
        'plan.toml, mixed_model.m (line 4): column "arm": numbers in SI, words in IT, NL, SE; allowed: numbers in all, or '
        "categories declared in the plan (data.levels)"
    ]


def test_all_that_is_wrong_is_said_at_once() -> None:
    """A name, a table that cannot be read, a missing column, a long form that is not there, a term twice."""
    plan = f'{PLAN}[mixed_model.two]\nlong = "waves"\noutcome = "after"\nterms = []\ncluster = "group"\n'
    plan += '[mixed_model.three]\noutcome = "after"\nterms = ["before", " before"]\ncluster = "group"\n'
    files = [*GOOD.items(), ("no.csv", country(4)), ("SI.csv", b"a,a\n"), ("BE.csv", country(5, head="group,arm,befor,after"))]
    lines = refused(files, plan)
    assert [line.split(": ")[0] for line in lines] == [
        "no.csv",
        "SI.csv, line 1",
        "plan.toml, mixed_model.m (line 4)",
        "plan.toml, mixed_model.two.long (line 9)",
        "plan.toml, mixed_model.three (line 13)",
        "plan.toml, mixed_model.three.terms (line 15)",
    ]
    assert 'BE: column "before": it is not in the table; allowed: ' in lines[2]
    assert '"before" is there twice' in lines[5]
    assert refused([("no.csv", b"")], "title = 1")[0].startswith("no.csv: this is no country's code")
    assert refused([("no.csv", b"")], "title = 1")[1].startswith("plan.toml, ")


@pytest.mark.parametrize("content", [b"", b"\xff", b"group\n", b'group,arm,before,after\n"', HEAD.encode(), b"\n\n"])
def test_a_file_that_is_no_table_is_never_a_traceback(content: bytes) -> None:
    """It is refused in words, or takes no part if it has the columns and no row."""
    if content == HEAD.encode():
        assert "over 3 countries" in str(said([*GOOD.items(), ("SI.csv", content)]).shown)
    else:
        assert "SI" in refused([*GOOD.items(), ("SI.csv", content)])[0]
