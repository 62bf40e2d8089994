"""``mewe eval report``, ``figures``, ``report-countries``: what may be shown, beside what was published before."""

import json
from collections.abc import Mapping, Sequence

import pytest
from mewe_core.kit.commands import Answer, Asked, Command, CommandFault, Given
from mewe_eval.commands import COMMANDS
from mewe_eval.commands.analysing import ANALYSE
from mewe_eval.commands.reporting import FIGURES, REPORT, REPORT_COUNTRIES
from mewe_eval.instruments import shipped_instruments
from mewe_eval.protocol.reading import shipped_protocol
from mewe_eval.testing import Imagined, imagined_csv

INSTRUMENTS = shipped_instruments()
PROTOCOL = shipped_protocol(INSTRUMENTS)
OF_COUNTRY = {
    code: imagined_csv(PROTOCOL, INSTRUMENTS, Imagined(countries={code: 6}, seed=place))
    for place, code in enumerate(("SE", "NL"))
}
DATA = OF_COUNTRY["SE"]


def run(command: Command, form: str = "json", /, **given: str | bytes | Sequence[tuple[str, bytes]] | None) -> Answer:
    """The answer. A text is a word, bytes are a file, None is an option left out."""
    arguments = dict[str, tuple[Given, ...]]()
    for name, one in given.items():
        key = name.replace("_", "-")
        if isinstance(one, str):
            arguments[key] = (Given(one, None),)
        elif isinstance(one, bytes):
            arguments[key] = (Given(name.lower(), one),)
        elif one is not None:
            arguments[key] = tuple(Given(word, content) for word, content in one)
    answer = command.run(Asked(arguments, form))
    assert isinstance(answer, Answer)
    return answer


def report(form: str = "json", /, **changes: str | bytes | None) -> Answer:
    """A report on the study."""
    asked: Mapping[str, str | bytes | None] = {
        **{"PROTOCOL": "follow-up", "DATA": DATA, "SITE": "SE 1", "LEDGER": "new.json", "AS_OF": "2026-11-23"},
        **changes,
    }
    return run(REPORT, form, **asked)


def handed_on(code: str, data: bytes, declared: bytes) -> Answer:
    """What a country hands on."""
    return run(
        *(FIGURES, "json"), PROTOCOL="follow-up", DATA=data, COUNTRY=code, DECLARED=declared, LEDGER="new", AS_OF="2026-11-23"
    )


def refused(**changes: str | bytes | None) -> str:
    """With what it refuses."""
    with pytest.raises(CommandFault) as fault:
        report(**changes)
    return "\n".join(fault.value.lines)


def test_they_are_commands_of_evaluation() -> None:
    """Each as a page, on paper and for programs."""
    assert {REPORT, FIGURES, REPORT_COUNTRIES} < {*COMMANDS}
    assert REPORT.forms == REPORT_COUNTRIES.forms == ("html", "pdf", "json", "csv")


def test_a_site_has_its_report_in_every_form() -> None:
    """In the language that was asked for; the same numbers in all."""
    page = report("html", LANGUAGE="sv").shown
    assert isinstance(page, str)
    assert '<html lang="sv">' in page
    paper = report("pdf").shown
    assert isinstance(paper, bytes)
    assert paper.startswith(b"%PDF-")
    told = json.loads(report().shown)
    assert (told["report"], told["of"], told["data_cut"]) == ("site", "SE 1", "2026-11-23")
    assert len(str(report("csv").shown).splitlines()) == len(told["figures"]) + 1


def test_a_country_has_its_own() -> None:
    """Of all its sites."""
    told = json.loads(report(SITE=None, COUNTRY="SE").shown)
    assert (told["report"], told["of"]) == ("country", "SE")


def test_the_ledger_goes_in_and_comes_out() -> None:
    """What is out hides what would tell, with what is shown now, of few; the same again adds nothing."""
    ledger = report().kept["LEDGER"]
    (out,) = json.loads(ledger)["publications"]
    assert (out["report"], out["date"]) == ("site SE 1", "2026-11-23")
    again = report(LEDGER=ledger)
    assert (again.shown, again.kept["LEDGER"]) == (report().shown, ledger)
    lines = DATA.decode().splitlines(keepends=True)
    gone = next(line.split(",")[0] for line in lines[1:] if ",SE 1," in line)
    fewer = "".join(line for line in lines if not line.startswith(f"{gone},")).encode()

    def assigned(answer: Answer) -> object:
        return next(one["value"] for one in json.loads(answer.shown)["figures"] if one["figure"] == "enrolled")

    assert assigned(report(DATA=fewer)) == 15
    assert assigned(report(DATA=fewer, LEDGER=ledger, AS_OF="2026-12-01")) is None


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"LEDGER": None}, "--ledger is missing: the file of what was published before"),
        ({"AS_OF": None}, "--as-of is missing: as of when the data are, such as --as-of 2026-11-23"),
        ({"AS_OF": "2026-13-01"}, "--as-of 2026-13-01: this is no date; allowed: such as 2026-11-23"),
        ({"SITE": None}, "either --site or --country"),
        ({"COUNTRY": "SE"}, "either --site or --country"),
        ({"SITE": "Nowhere"}, 'nobody is of the organisation "Nowhere"'),
        ({"PROTOCOL": "folow-up"}, "folow-up: there is no such file; allowed: a study in TOML, follow-up (did you mean"),
        ({"PROTOCOL": b"id = 3\n"}, "protocol:1: id"),
        ({"DATA": b"person,wave\n1,T9\n"}, 'data, line 2: column "wave": there is no such wave; allowed: T0, T1, T2'),
        ({"LEDGER": b"{"}, "ledger: line 1: this is not JSON"),
        ({"QUESTIONNAIRE": b'id = "x"\n'}, "questionnaire"),
    ],
)
def test_what_is_wrong_is_said_in_the_users_terms(changes: dict[str, str | bytes | None], said: str) -> None:
    """Which file, where in it, and what is allowed."""
    assert said in refused(**changes)


def test_countries_hand_on_figures_and_are_reported_on_together() -> None:
    """Two countries, each with its own ledger; what is handed on names no person, place or group."""
    handed = list[tuple[str, bytes]]()
    for code, data in OF_COUNTRY.items():
        answer = handed_on(code, data, b'mode = "In person"\n')
        assert json.loads(answer.kept["LEDGER"])["publications"]
        assert isinstance(answer.shown, str)
        assert f"{code} 1" not in answer.shown
        assert "group 1" not in answer.shown
        assert "000001" not in answer.shown
        handed.append((f"{code}.json", answer.shown.encode()))
    told = json.loads(run(REPORT_COUNTRIES, FIGURES=handed).shown)
    assert (told["report"], len(told["data_sha256"])) == ("eu", 2)
    assert "In person" in str(run(REPORT_COUNTRIES, "html", FIGURES=handed).shown)
    for several, said in (
        ([*handed, handed[0]], "two of these are of the same country"),
        ([handed[0], ("b.json", b"{")], "b.json: line 1: this is not JSON"),
        ([handed[0], ("c.json", b"{}")], "c.json: "),
    ):
        with pytest.raises(CommandFault, match=said):
            run(REPORT_COUNTRIES, FIGURES=several)


def test_what_is_declared_badly_is_said() -> None:
    """With the file and the key."""
    with pytest.raises(CommandFault, match="declared:1: mod"):
        handed_on("SE", DATA, b'mod = "In person"\n')


def test_findings_are_printed() -> None:
    """``mewe eval analyse --pdf``."""
    plan = b'title = "a"\nversion = "1"\n[describe.d]\ncolumns = ["x"]\n'
    paper = run(ANALYSE, "pdf", PLAN=plan, DATA=b"x\n1\n2\n").shown
    assert isinstance(paper, bytes)
    assert paper.startswith(b"%PDF-")
