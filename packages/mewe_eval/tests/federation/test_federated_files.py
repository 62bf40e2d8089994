"""One file a country: the same figures as of the one table that nobody has, or each country's own put together, and why."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mewe_core.kit.commands import Answer, Asked, CommandFault, Given
from mewe_eval.analysis.plans import read_plan
from mewe_eval.analysis.running import analyse
from mewe_eval.commands.federating import federate
from mewe_eval.federation.rounds import federated
from mewe_eval.statistics.meta_analysis import meta_analysis

PLAN = b"""title = "Two arms"
version = "1"
data.levels.arm = ["waiting", "programme"]
[mixed_model.effect]
outcome = "after"
terms = ["arm", "before"]
cluster = "group"
"""
SLEEP = b'title = "S"\nversion = "1"\n[mixed_model.r]\noutcome = "Reaction"\nterms = ["Days"]\ncluster = "Subject"\n'


def table(seed: int, groups: int, size: int = 8, between: float = 3.0) -> bytes:
    """One country: groups of one size by turns in two arms."""
    chance = np.random.Generator(np.random.PCG64(seed))
    lines = ["group,arm,before,after"]
    for group in range(groups):
        arm, own = ("waiting", "programme")[group % 2], chance.normal(0, between)
        for _ in range(size):
            before = chance.normal(50, 10)
            after = 0.6 * before - 2 * (group % 2) + own + chance.normal(0, 6)
            lines.append(f"{seed}-{group},{arm},{before:.6f},{after:.6f}")
    return "\n".join(lines).encode()


def pooled(*files: bytes) -> bytes:
    """All rows in one table."""
    heads = {file.split(b"\n", 1)[0] for file in files}
    assert len(heads) == 1
    return b"\n".join([heads.pop(), *(file.split(b"\n", 1)[1] for file in files)])


def figures(plan: bytes, files: Mapping[str, bytes]) -> dict[str, Any]:
    """What comes of it, by name."""
    (one,) = federated(read_plan(plan), files).analyses
    assert one.refused is None
    return {figure.name: figure for figure in one.figures}


def same(found: Mapping[str, Any], plan: bytes, whole: bytes, within: float = 1e-9) -> None:
    """Every number is that of the pooled table."""
    (one,) = analyse(read_plan(plan), whole).analyses
    assert [figure.name for figure in one.figures] == [*found]
    for figure in one.figures:
        for key in ("value", "error", "df", "p", "low", "high"):
            ours, theirs = getattr(found[figure.name], key), getattr(figure, key)
            assert (ours is None) == (theirs is None), (figure.name, key)
            if theirs is not None:
                assert ours == pytest.approx(theirs, rel=within, abs=within), (figure.name, key)


COUNTRIES = {"SE": table(1, 6), "NL": table(2, 4), "IT": table(3, 8)}


def test_it_is_the_analysis_of_the_table_that_nobody_has() -> None:
    """Coefficients, errors, degrees of freedom, both variances, the interval of the intraclass correlation, the likelihood."""
    same(figures(PLAN, COUNTRIES), PLAN, pooled(*COUNTRIES.values()))


@pytest.mark.parametrize("parts", [2, 3])
def test_so_it_is_with_real_data(check_data: Path, parts: int) -> None:
    """Days without sleep, its eighteen people dealt out to countries."""
    whole = (check_data / "sleepstudy.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO(whole.decode())))
    people = sorted({row["Subject"] for row in rows})
    files = dict[str, bytes]()
    for part in range(parts):
        shown = io.StringIO(newline="")
        writer = csv.DictWriter(shown, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in rows if people.index(row["Subject"]) % parts == part)
        files[f"S{'ABC'[part]}"] = shown.getvalue().encode()
    same(figures(SLEEP, files), SLEEP, whole)


def test_it_is_the_same_in_whatever_order_and_however_countries_are_cut() -> None:
    """Rows shuffled, countries in another order, one cut in two, two made one."""
    whole = pooled(*COUNTRIES.values())
    head, *rows = COUNTRIES["IT"].split(b"\n")
    order = np.random.Generator(np.random.PCG64(5)).permutation(len(rows))
    shuffled = b"\n".join([head, *(rows[place] for place in order)])
    first = [row for row in rows if int(row.split(b"-")[1].split(b",")[0]) < 4]
    halves = [b"\n".join([head, *part]) for part in (first, [row for row in rows if row not in first])]
    same(figures(PLAN, {"IT": shuffled, "SE": COUNTRIES["SE"], "NL": COUNTRIES["NL"]}), PLAN, whole)
    same(figures(PLAN, {"IT": halves[0], "AT": halves[1], "SE": COUNTRIES["SE"], "NL": COUNTRIES["NL"]}), PLAN, whole)
    same(figures(PLAN, {"SE": pooled(COUNTRIES["SE"], COUNTRIES["NL"]), "IT": COUNTRIES["IT"]}), PLAN, whole)


def test_where_sums_would_tell_a_group_each_estimates_by_itself_and_it_says_why() -> None:
    """One group of seven people in all countries: nobody's sums are told; REML with Hartung and Knapp over estimates."""
    files = {**COUNTRIES, "NL": pooled(COUNTRIES["NL"], table(9, 1, size=7).replace(b"9-", b"8-"))}
    (one,) = federated(read_plan(PLAN), files).analyses
    assert one.notes[0].startswith("The sums over all countries were not told")
    found: dict[str, Any] = {figure.name: figure for figure in one.figures}
    arm = "arm[programme]"
    values, errors = list[float](), list[float]()
    for code, content in files.items():
        alone: dict[str, Any] = {figure.name: figure for figure in analyse(read_plan(PLAN), content).analyses[0].figures}
        assert found[f"{arm}: {code}"].value == pytest.approx(alone[arm].value, rel=1e-9)
        values.append(alone[arm].value)
        errors.append(found[f"{arm}: {code}"].error)
    by_hand = meta_analysis(np.array(values), np.array(errors) ** 2).estimate
    assert (found[arm].value, found[arm].error) == pytest.approx((by_hand.value, by_hand.error), rel=1e-12)
    assert min(values) < found[arm].value < max(values)
    assert found[arm].df == len(files) - 1
    assert found[f"{arm}: prediction interval"].low <= found[arm].low
    assert "log likelihood" not in found


def test_a_country_that_cannot_estimate_is_named_with_its_reason() -> None:
    """The others go on, if there are two of them."""
    lonely = (
        b"\n".join(line for line in table(7, 5, size=3).split(b"\n") if b"programme" not in line) + b"\n7-9,programme,50,30"
    )
    (one,) = federated(read_plan(PLAN), {"SE": COUNTRIES["SE"], "NL": table(4, 6, size=5), "SI": lonely}).analyses
    told = " ".join(one.notes) + (one.refused or "")
    assert "The sums over all countries were not told" in told
    (refused,) = federated(read_plan(PLAN), {"SE": COUNTRIES["SE"], "SI": b"group,arm,before,after\n1,waiting,1,2\n"}).analyses
    assert refused.refused is not None
    assert refused.refused.startswith("SI: ")


def said(*files: tuple[str, bytes], plan: bytes = PLAN, form: str = "json") -> Answer:
    """What the command says."""
    several = tuple(Given(word, content) for word, content in files)
    return federate(Asked({"PLAN": (Given("plan.toml", plan),), "COUNTRY": several}, form))


def test_the_command_takes_the_country_from_the_name_of_its_file() -> None:
    """And says whose plan and data it is of, and that nobody saw another's."""
    told = json.loads(str(said(("data/se.csv", COUNTRIES["SE"]), ("NL.csv", COUNTRIES["NL"])).shown))
    assert told["analyses"][0]["method"].endswith("from masked sums over 2 countries: NL, SE")
    assert told["rows"] == 80
    assert told["notes"][0].startswith("No country has seen another's rows")
    assert len(told["plan_sha256"]) == len(told["data_sha256"]) == 64


@pytest.mark.parametrize(
    ("files", "plan", "expected"),
    [
        (["SE.csv"], PLAN, "one country alone has nothing to put together"),
        (["SE.csv", "se.csv"], PLAN, "SE: there are 2 files of it; allowed: one"),
        (["SE.csv", "table7.csv"], PLAN, "table7.csv: the file is not named after a country"),
        (["SE.csv", "NL.csv"], PLAN.split(b"[mixed")[0], "mixed_model: the plan has none"),
        (["SE.csv", "NL.csv"], PLAN.replace(b'"before"', b'"befor"'), 'did you mean "before"'),
        (["SE.csv", "NL.csv"], b"x", "plan.toml, this is not TOML"),
    ],
)
def test_what_keeps_it_from_being_done_is_told(files: list[str], plan: bytes, expected: str) -> None:
    """In the words of whoever called it."""
    with pytest.raises(CommandFault) as fault:
        said(*((one, table(place, 6)) for place, one in enumerate(files, 1)), plan=plan)
    assert any(expected in line for line in fault.value.lines), fault.value.lines


def test_columns_that_are_not_alike_are_told_with_what_differs() -> None:
    """A category that one country does not have would make two different models."""
    plan = PLAN.replace(b'"before"', b'"before", "gender"')

    def of(content: bytes, *genders: bytes) -> bytes:
        head, *rows = content.split(b"\n")
        return b"\n".join([head + b",gender", *(row + b"," + genders[n % len(genders)] for n, row in enumerate(rows))])

    with pytest.raises(CommandFault) as fault:
        said(
            ("SE.csv", of(COUNTRIES["SE"], b"boy", b"girl")),
            ("NL.csv", of(COUNTRIES["NL"], b"boy", b"girl", b"other")),
            plan=plan,
        )
    assert "gender[other]" in fault.value.lines[0]
