"""The plans of the page on analysis find in real data what R finds; what is wrong in a plan is said all at once."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest
from attrs import fields
from mewe_core.kit.commands import Answer, Asked, CommandFault, Given
from mewe_eval.analysis.definition import Plan
from mewe_eval.analysis.plans import read_plan
from mewe_eval.commands.analysing import analysed

PAGE = (Path(__file__).resolve().parents[4] / "docs/analysis.md").read_text()
PLANS = dict(re.findall(r"`(\w+)\.csv`[^`]*```toml\n(.*?)```", PAGE, re.DOTALL))
TABLE = b"group,before,after,site\na,10,12,x\na,12,15,x\na,9,8,y\nb,11,11,y\nb,14,13,z\nb,8,,z\n"


def asked(plan: str, data: bytes, form: str = "json") -> Answer:
    """What the command says."""
    arguments = {"PLAN": (Given("plan.toml", plan.encode()),), "DATA": (Given("data.csv", data),)}
    return analysed(Asked(arguments, form))


def found(plan: str, data: bytes) -> dict[str, Any]:
    """The analyses by name, each with its figures by name."""
    analyses = json.loads(asked(plan, data).shown)["analyses"]
    return {one["name"]: {**one, "figures": {figure["name"]: figure for figure in one["figures"]}} for one in analyses}


def refused(plan: str, data: bytes = TABLE) -> list[str]:
    """Every fault that the command names."""
    with pytest.raises(CommandFault) as fault:
        asked(f'title = "Trial"\nversion = "1"\n{plan}', data)
    return list(fault.value.lines)


@pytest.fixture(scope="module")
def findings(check_data: Path) -> dict[str, dict[str, Any]]:
    """What each plan of the page finds."""
    return {name: found(plan, (check_data / f"{name}.csv").read_bytes()) for name, plan in PLANS.items()}


def coefficients(analysis: dict[str, Any], said: list[dict[str, Any]], prefix: str = "") -> None:
    """The coefficients of an analysis are those that R found, in its order."""
    there = [one for name, one in analysis["figures"].items() if name.startswith(prefix) and one["error"] is not None]
    assert len(there) == len(said)
    for one, other in zip(there, said, strict=True):
        assert (one["value"], one["error"], one["p"]) == pytest.approx(
            (other["Estimate"], other["Std. Error"], other["Pr(>|t|)"]), rel=1e-5
        )


def test_every_table_has_its_plan(check_data: Path) -> None:
    """Each of the tables is analysed by a plan of the page."""
    assert {*PLANS} == {one.stem for one in check_data.glob("*.csv")}


def test_mixed_models_are_those_of_lme4(findings: dict[str, dict[str, Any]], reference: Any) -> None:
    """Coefficients, errors, p-values, variances and likelihoods, from wide and long tables."""
    for plan, name, key in (("btheb", "depression", "btheb_hsaur"), ("sleepstudy", "reaction", "sleepstudy_rint")):
        said, one = reference["mixed_models"][key], findings[plan][name]
        coefficients(one, said["fixef"])
        variances = [one["figures"][f"variance {place} clusters"]["value"] for place in ("between", "within")]
        assert variances == pytest.approx([row["vcov"] for row in said["vc"]], rel=1e-6)
        assert one["figures"]["log likelihood"]["value"] == pytest.approx(said["reml"], rel=1e-9)
        assert (one["n"], one["clusters"]) == (said["n"], *said["groups"].values())
    said = reference["mixed_models"]["btheb_hsaur"]
    coefficients(findings["btheb"]["depression_kenward_roger"], said["kr"])
    likelihood = findings["btheb_long"]["depression_ml"]["figures"]
    assert likelihood["log likelihood"]["value"] == pytest.approx(said["ml"], rel=1e-9)
    values = [one["value"] for one in likelihood.values() if one["error"] is not None]
    assert values == pytest.approx([*said["fixef_ml"].values()], rel=1e-6)


def test_reliability_is_that_of_psych(findings: dict[str, dict[str, Any]], reference: Any) -> None:
    """Alpha, omega, error, of rows that are complete."""
    for name, said in reference["reliability"].items():
        one = findings["bfi"][name]
        assert (one["n"], sum(one["left_out"].values())) == (said["n_complete"], said["n_rows"] - said["n_complete"])
        figures = [one["figures"][key]["value"] for key in ("alpha", "omega (total)", "standard error of measurement")]
        assert figures == pytest.approx([said[key] for key in ("alpha_raw", "omega_total", "sem")], abs=1e-6)


def test_effects_and_changes_are_those_of_r(findings: dict[str, dict[str, Any]], reference: Any) -> None:
    """Effect sizes, covariance analyses and reliable change."""
    sizes = reference["effect_sizes"]
    for arm in ("CBT", "FT"):
        figure = findings["anorexia"][arm]["figures"]["Hedges' g"]
        said = sizes[f"anorexia_{arm}"]
        assert (figure["value"], figure["low"], figure["high"]) == pytest.approx((said["hedges_g"], *said["g_ci"]), rel=1e-6)
    figure = findings["btheb"]["after_two_months"]["figures"]["Hedges' g"]
    assert figure["value"] == pytest.approx(sizes["btheb_bdi.2m"]["hedges_g"], rel=1e-9)
    by_name = {row["_row"]: row for row in sizes["btheb_bdi.2m"]["ancova"]}
    effect = findings["btheb"]["two_months"]["figures"]["bdi.2m: treatment[BtheB]"]
    assert effect["value"] == pytest.approx(by_name['I(treatment == "BtheB")TRUE']["Estimate"], rel=1e-9)
    assert effect["p"] == pytest.approx(by_name['I(treatment == "BtheB")TRUE']["Pr(>|t|)"], rel=1e-6)
    counts = findings["btheb"]["three_months"]["figures"]
    error = reference["rci"]["btheb_pre_to_3m"]["s_diff"]
    assert counts["standard error of a difference"]["value"] == pytest.approx(error, rel=1e-9)
    for arm, said in reference["rci"]["btheb_pre_to_3m"]["by_arm"].items():
        assert {name: counts[f"{arm}: {name}"]["value"] for name in said} == said


def test_meta_analyses_are_those_of_metafor(findings: dict[str, dict[str, Any]], reference: Any) -> None:
    """With and without Hartung and Knapp."""
    said = reference["meta_analysis"]["bcg_logRR"]
    together = findings["dat_bcg"]["REML"]["figures"]["together"]
    assert (together["value"], together["error"]) == pytest.approx((said["REML"]["b"], said["REML"]["se"]), rel=1e-6)
    adjusted = findings["dat_bcg"]["DL"]["figures"]["together"]
    assert (adjusted["error"], adjusted["p"]) == pytest.approx((said["DL"]["knha"]["se"], said["DL"]["knha"]["p"]), rel=1e-6)


def test_every_kind_is_on_the_page() -> None:
    """With each of its keys."""
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.MULTILINE))
    kinds = {one.name: one.type for one in fields(Plan) if one.name not in ("title", "version", "data")}
    assert {*rows} == {*kinds}
    for name, kind in kinds.items():
        keys = {one.name for one in fields(get_args(kind)[1])} - {"about", "long", "level"}
        assert {*re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", rows[name]))} == keys


def test_the_head_of_the_page_is_a_plan() -> None:
    """The example of how a table is read."""
    assert read_plan(re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0].encode()).plan.data.decimal == ","


def test_everything_that_is_wrong_is_said_at_once() -> None:
    """Each fault with its key, its line and what is allowed."""
    lines = refused('[change.one]\nbefore = "befor"\nafter = "after"\n[describe.two]\ncolumns = ["site"]\n')
    assert len(lines) == 2
    assert 'plan.toml, change.one (line 3): column "befor": it is not in the table' in lines[1] + lines[0]
    assert 'did you mean "before"' in lines[1] + lines[0]
    assert any("describe.two (line 6)" in line and "line 2 is no number" in line for line in lines)
    lines = refused('[change.one]\nbefor = "before"\nafter = 3\n')
    assert {line.split(":")[0] for line in lines} == {
        "plan.toml, change.one.befor (line 4)",
        "plan.toml, change.one.before (line 3)",
        "plan.toml, change.one.after (line 5)",
    }
    assert refused('[change.one]\nbefore = "before"\nafter = "after"\nlevel = 2.0\n')[0].startswith(
        "plan.toml, change.one.level (line 6)"
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"a,b\n1\n", "data.csv, line 2: there are 1 values; allowed: 2 values, as many as the first line has names"),
        (
            b"a,a\n1,2\n",
            'data.csv, line 1: two columns are called "a"; allowed: a first line that names every column, each once',
        ),
        (b"a,b\n\xff,1\n", "data.csv, line 2: this is not UTF-8; allowed: a CSV file saved as UTF-8"),
        (b"", "data.csv, line 1: a column has no name; allowed: a first line that names every column, each once"),
        (b'a,b\n"1,2\n', "data.csv, line 2: a quotation mark is not closed; allowed: values with closed quotation marks"),
    ],
)
def test_a_table_that_cannot_be_read_says_where(data: bytes, told: str) -> None:
    """The line, and what is allowed there."""
    assert refused("", data) == [told]


def test_what_the_data_do_not_allow_is_in_no_other_ones_way() -> None:
    """An analysis without enough people is refused in its place; the others have their figures."""
    plan = 'title = "T"\nversion = "1"\n[difference.no]\noutcome = "after"\ngroup = "site"\ngroups = ["x", "z"]\n'
    one = found(plan + '[describe.yes]\ncolumns = ["after"]\n', TABLE)
    assert one["no"]["refused"] == "A group has fewer than 2 people. (TOO_FEW_PEOPLE)"
    assert one["no"]["figures"] == {}
    assert one["yes"]["figures"]["after: n"]["value"] == 5


@pytest.mark.parametrize("terms", ['["before", "before"]', '["site", "before", "site"]', '["before:site", "before:site"]'])
@pytest.mark.parametrize("kind", ["linear_model", "mixed_model"])
def test_a_term_that_is_there_twice_is_refused_by_name(kind: str, terms: str) -> None:
    """In the words of the plan, before anything is computed."""
    one = found(f'title = "Trial"\nversion = "1"\n[{kind}.no]\noutcome = "after"\nterms = {terms}\ncluster = "group"\n', TABLE)[
        "no"
    ]
    assert one["refused"].startswith("Columns of the design that are called alike: ")
    assert ("site[y]" if "site" in terms else "before") in one["refused"]


def test_decimal_commas_and_semicolons_are_read() -> None:
    """As a spreadsheet in much of Europe saves them, with its byte order mark."""
    data = "\ufeffarm;y\na;1,5\na;2,5\nb;-99\n".encode()
    plan = 'title = "T"\nversion = "1"\n[data]\ndecimal = ","\nmissing = ["-99"]\n[describe.d]\ncolumns = ["y"]\n'
    figures = found(plan + 'by = "arm"\n', data)["d"]["figures"]
    assert [figures[name]["value"] for name in ("a: y: n", "a: y: mean", "b: y: n")] == [2, 2.0, 0]


def test_a_page_holds_every_figure_and_loads_nothing() -> None:
    """The HTML shows what the text shows, escaped, with no script and no address."""
    plan = 'title = "<b>"\nversion = "1"\n[describe.d]\ncolumns = ["before"]\nby = "group"\n'
    page, text = str(asked(plan, TABLE, "html").shown), str(asked(plan, TABLE, "text").shown)
    assert "&lt;b&gt;" in page
    assert not re.search(r"<b>|<script|https?:|src=", page)
    for number in re.findall(r"\d+\.\d+", text):
        assert number in page
