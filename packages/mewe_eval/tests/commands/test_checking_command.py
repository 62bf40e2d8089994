"""``mewe eval check``: whether a document can be used, and everything that is wrong in it."""

from pathlib import Path

import pytest
from mewe_core.kit.commands import Answer, Asked, CommandFault, Given
from mewe_eval.commands.checking import checked

SHIPPED = Path(__file__).resolve().parents[2] / "src/mewe_eval"
PROTOCOL = (SHIPPED / "protocol/shipped/follow-up.toml").read_bytes()
QUESTIONNAIRE = (SHIPPED / "instruments/catalogue/how-things-are.toml").read_bytes()
PLAN = b'title = "T"\nversion = "1"\n[describe.x]\ncolumns = ["a"]\n'
OWN = QUESTIONNAIRE.replace(b'id = "how-things-are"', b'id = "our-own"')


def check(**files: bytes) -> Answer:
    """What is said of some documents."""
    return checked(Asked({"FILE": tuple(Given(f"{name}.toml", content) for name, content in files.items())}, "text"))


def test_each_kind_of_document_is_known_by_what_is_in_it() -> None:
    """A questionnaire, a study, a plan: one line each, in the order in which they were given."""
    answer = check(plan=PLAN, study=PROTOCOL, own=OWN)
    lines = str(answer.shown).splitlines()
    assert answer.well
    assert lines[0] == 'plan.toml: fine: plan of analysis "T", version 1.'
    assert lines[1].startswith('study.toml: fine: study "follow-up", version 1: 1 arms, waves T0, T1, T2, 6 outcomes; SHA-256 ')
    assert lines[2] == (
        'own.toml: fine: questionnaire "our-own", version 1: 12 items; scales: none, its items are read one by one; '
        "languages: en, sv."
    )


def test_a_study_may_name_a_questionnaire_that_is_given_with_it() -> None:
    """Whichever comes first; without it, it is told that there is none."""
    study = PROTOCOL.replace(b'"how-things-are"', b'"our-own"')
    assert check(study=study, own=OWN).well
    alone = check(study=study)
    assert not alone.well
    assert "there is no such instrument" in str(alone.shown)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (OWN.replace(b'answers = "how"', b'answers = "hwo"', 1), "items[0].answers: there is no such set"),
        (PROTOCOL.replace(b'baseline = "T0"', b'baseline = "T1"'), "analysis.baseline: it is not the first wave"),
        (b'title = "T"\nversion = "1"\n[describe.x]\n', "describe.x"),
        (b"x", "document: this is not TOML"),
        (b"", "title: this key is missing"),
        (QUESTIONNAIRE.replace(b"version = 1", b"version = 2"), "id: an instrument of the catalogue is called so"),
    ],
)
def test_what_is_wrong_is_told_with_its_line_and_the_exit_code_says_so(content: bytes, said: str) -> None:
    """And what is fine beside it is fine."""
    answer = check(own=content, plan=PLAN)
    assert not answer.well
    assert any(said in line and line.startswith("own.toml") for line in str(answer.shown).splitlines()), answer.shown
    assert "plan.toml: fine" in str(answer.shown)


def test_what_is_no_text_is_refused() -> None:
    """Never a traceback."""
    with pytest.raises(CommandFault, match=r"own.toml: this is no text; allowed: a TOML document saved as UTF-8"):
        check(own=b"\xff\xfe")
