"""A plan over countries finds what it finds in the one table that nobody has; or their estimates are put together."""

import csv
import hashlib
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from mewe_eval.analysis.found import Figure, Found
from mewe_eval.analysis.plans import read_plan
from mewe_eval.analysis.running import analyse
from mewe_eval.federation.rounds import federated, signed_by

Row: TypeAlias = Mapping[str, str]

SLEEP = '[mixed_model.m]\noutcome = "Reaction"\nterms = ["Days"]\ncluster = "Subject"'
BLUES = """
data.levels.treatment = ["TAU", "BtheB"]
[mixed_model.m]
outcome = "bdi"
terms = ["bdi.pre", "month", "treatment", "drug", "length", "month:treatment"]
cluster = "subject"
"""
BLUES_WIDE = """
data.levels.treatment = ["TAU", "BtheB"]
[long.months]
wave = "month"
waves = ["2", "3", "5", "8"]
columns.bdi = ["bdi.2m", "bdi.3m", "bdi.5m", "bdi.8m"]
[mixed_model.m]
long = "months"
outcome = "bdi"
terms = ["bdi.pre", "month", "treatment", "drug", "length"]
cluster = "person"
"""
MADE = '[mixed_model.m]\noutcome = "after"\nterms = ["arm", "before", "arm:before"]\ncluster = "group"'
METHODS = ("", 'method = "ML"', 'inference = "kenward-roger"', 'inference = "normal"', "level = 0.9")


def asked(body: str) -> bytes:
    """A plan in TOML."""
    return f'title = "Trial"\nversion = "1"\n{body}'.encode()


def table(rows: Sequence[Row]) -> bytes:
    """Rows as CSV."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def over(body: str, countries: Mapping[str, Sequence[Row]]) -> Found:
    """The one model of a plan, over countries."""
    (found,) = federated(read_plan(asked(body)), {code: table(rows) for code, rows in countries.items()}).analyses
    return found


def pooled(body: str, countries: Mapping[str, Sequence[Row]], cluster: str) -> Found:
    """The same of all rows in one table, in which clusters of different countries have different names."""
    rows = [{**row, cluster: f"{code} {row[cluster]}"} for code, several in countries.items() for row in several]
    (found,) = analyse(read_plan(asked(body)), table(rows)).analyses
    return found


def numbers(figures: Sequence[Figure]) -> list[dict[str, float]]:
    """All numbers that each figure has, by what they are."""
    kinds = ("value", "error", "df", "statistic", "p", "low", "high")
    return [{kind: one for kind in kinds if (one := getattr(figure, kind)) is not None} for figure in figures]


def same(one: Found, other: Found, within: float) -> None:
    """Two findings have the same figures, each number within a share of the other, and are of as many rows and clusters."""
    assert (one.refused, other.refused) == (None, None)
    assert [figure.name for figure in one.figures] == [figure.name for figure in other.figures]
    for left, right in zip(numbers(one.figures), numbers(other.figures), strict=True):
        assert left == pytest.approx(right, rel=within, abs=1e-30)
    assert (one.n, one.clusters, sum(one.left_out.values())) == (other.n, other.clusters, sum(other.left_out.values()))


def rows_of(file: Path) -> list[Row]:
    """The rows of a table."""
    with file.open(newline="") as opened:
        return list(csv.DictReader(opened))


def dealt(rows: Sequence[Row], cluster: str, codes: Sequence[str]) -> dict[str, list[Row]]:
    """Clusters of each size dealt to countries in turn."""
    groups, countries = defaultdict[str, list[Row]](list), defaultdict[str, list[Row]](list)
    for row in rows:
        groups[row[cluster]].append(row)
    for place, group in enumerate(sorted(groups.values(), key=len)):
        countries[codes[place % len(codes)]] += group
    return dict(countries)


def made(
    seed: int, clusters: int, *, arms: Sequence[str] = ("a", "b", "c"), sizes: Sequence[int] = (4, 5, 7), spread: float = 3
) -> list[Row]:
    """Rows of one country: as many clusters of each size, in each arm, and a row without an outcome."""
    chance, rows = np.random.default_rng(seed), list[Row]()
    for group in range(clusters):
        arm, shift = arms[group % len(arms)], chance.normal(0, spread)
        for _ in range(sizes[group // len(arms) % len(sizes)]):
            before = chance.normal(50, 10)
            after = 0.6 * before - 2 * arms.index(arm) + shift + chance.normal(0, 6)
            rows.append({"group": str(group), "arm": arm, "before": repr(before), "after": repr(after)})
    return [*rows, {"group": "0", "arm": "a", "before": "50", "after": ""}]


COUNTRIES = {code: made(seed, 27) for seed, code in enumerate(("IT", "NL", "SE"), 1)}


def test_days_without_sleep_are_those_of_one_table(check_data: Path) -> None:
    """Two, three and four countries, by each method: coefficients, errors, degrees of freedom, variances, intervals."""
    rows = rows_of(check_data / "sleepstudy.csv")
    for codes in (("SE", "NL"), ("SE", "NL", "IT"), ("SE", "NL", "IT", "SI")):
        for method in METHODS:
            countries, body = dealt(rows, "Subject", codes), f"{SLEEP}\n{method}"
            same(over(body, countries), pooled(body, countries, "Subject"), 1e-6)


def test_the_blues_are_those_of_one_table(check_data: Path) -> None:
    """A trial with dropout, categories, products of them and clusters of four sizes, over two to four countries."""
    rows = rows_of(check_data / "btheb_long.csv")
    for codes in (("SE", "NL"), ("SE", "NL", "IT"), ("SE", "NL", "IT", "SI")):
        for method in METHODS:
            countries, body = dealt(rows, "subject", codes), BLUES + method
            found = over(body, countries)
            same(found, pooled(body, countries, "subject"), 1e-6)
            assert "put together" not in found.method


def test_long_forms_are_made_in_each_country(check_data: Path) -> None:
    """One row a person in each country's file, one a month in the model; rows that lack a column are counted over all."""
    rows = rows_of(check_data / "btheb.csv")
    answered = [sum(row[f"bdi.{month}m"] not in ("", "NA") for month in (2, 3, 5, 8)) for row in rows]
    ordered = [row for _, row in sorted(zip(answered, rows, strict=True), key=lambda pair: pair[0])]
    found = over(BLUES_WIDE, {code: ordered[place::3] for place, code in enumerate(("SE", "NL", "IT"))})
    (whole,) = analyse(read_plan(asked(BLUES_WIDE)), table(rows)).analyses
    same(found, whole, 1e-6)
    assert sum(found.left_out.values()) == 4 * len(rows) - found.n


@pytest.mark.parametrize("seed", range(3))
def test_nothing_hangs_on_order_or_borders(seed: int) -> None:
    """Rows in another order, countries in another order, one split in two, two made one: the same within 1e-9."""
    chance = np.random.default_rng(seed)
    countries = {code: made(10 * seed + place, 27) for place, code in enumerate(("IT", "NL", "SE"))}
    first = over(MADE, countries)
    same(first, pooled(MADE, countries, "group"), 1e-6)
    shuffled = {code: [rows[at] for at in chance.permutation(len(rows))] for code, rows in countries.items()}
    same(over(MADE, shuffled), first, 1e-9)
    renamed = dict(zip(("SE", "IT", "NL"), countries.values(), strict=True))
    same(over(MADE, renamed), first, 1e-9)
    half = {"SE-1": [row for row in countries["SE"] if int(row["group"]) % 2], "SE-2": []}
    half["SE-2"] = [row for row in countries["SE"] if not int(row["group"]) % 2]
    same(over(MADE, {"IT": countries["IT"], "NL": countries["NL"], **half}), first, 1e-9)
    two = [{**row, "group": f"{code} {row['group']}"} for code in ("IT", "NL") for row in countries[code]]
    same(over(MADE, {"BE": two, "SE": countries["SE"]}), first, 1e-9)


def test_clusters_that_do_not_differ_are_tested_as_in_one_table() -> None:
    """An intercept variance of zero: the figures, those to test with, and the notes are the same."""
    countries = {code: made(seed, 27, spread=0) for seed, code in enumerate(("IT", "NL", "SE"), 11)}
    found, whole = over(MADE, countries), pooled(MADE, countries, "group")
    assert "arm[b] (test)" in {one.name for one in found.figures}
    same(found, whole, 1e-6)
    assert found.notes[:-1] == whole.notes


@pytest.mark.parametrize("name", ["outcome of the model", "arm[b]", "(Intercept)"])
def test_a_column_called_like_one_of_the_design_is_refused(name: str) -> None:
    """In words, with the name."""
    countries = {code: [{**row, name: row["before"]} for row in rows] for code, rows in COUNTRIES.items()}
    found = over(f'[mixed_model.m]\noutcome = "after"\nterms = ["arm", "{name}"]\ncluster = "group"', countries)
    assert found.refused == f"IT: Columns of the design that are called alike: {name}. (RANK_DEFICIENT)"


def test_a_lonely_group_puts_estimates_together() -> None:
    """Each coefficient is that of a meta-analysis of what each country finds alone; the note says of which size, and who."""
    lonely = [{"group": "lonely", "arm": "b", "before": str(40 + at), "after": str(38 + at % 3)} for at in range(11)]
    countries = {**COUNTRIES, "SE": [*COUNTRIES["SE"], *lonely]}
    found = over(MADE, countries)
    alone = {code: over_alone(rows) for code, rows in countries.items()}
    figures = {one.name: one for one in found.figures}
    for name in ("(Intercept)", "arm[b]", "arm[c]", "before", "arm[b]:before", "arm[c]:before"):
        rows = [{"s": code, "e": repr(of[name].value), "d": repr(of[name].error)} for code, of in alone.items()]
        plan = '[meta_analysis.m]\nstudy = "s"\neffect = "e"\nerror = "d"\nmethod = "REML"\nhartung_knapp = true'
        (said,) = analyse(read_plan(asked(plan)), table(rows)).analyses
        expected = {one.name.replace("study", "country"): one for one in said.figures}
        for kind, one in expected.items():
            here = figures[name if kind == "together" else f"{name}: {kind}"]
            assert numbers([here])[0] == pytest.approx(numbers([one])[0], rel=1e-9)
    assert figures["before"].df == len(countries) - 1
    assert "log likelihood" not in figures
    assert "Hartung and Knapp" in found.method
    assert "of clusters of 11 rows there are fewer than 3 in all" in found.notes[0]
    assert "IT, NL, SE did not agree" in found.notes[0]
    assert (found.n, found.clusters) == (sum(bool(row["after"]) for rows in countries.values() for row in rows), 82)


def over_alone(rows: Sequence[Row]) -> dict[str, Figure]:
    """What one country finds alone, by the normal distribution."""
    (found,) = analyse(read_plan(asked(f'{MADE}\ninference = "normal"')), table(rows)).analyses
    return {one.name: one for one in found.figures}


def test_who_has_nearly_all_of_a_size_says_no() -> None:
    """Of clusters of nine rows there are five, but without one country's own only two: that country alone does not agree."""
    nines = made(5, 5, sizes=(9,))[:-1]
    mine = [{**row, "group": f"x{row['group']}"} for row in nines if int(row["group"]) < 3]
    theirs = [{**row, "group": f"x{row['group']}"} for row in nines if int(row["group"]) >= 3]
    found = over(MADE, {**COUNTRIES, "IT": [*COUNTRIES["IT"], *mine], "NL": [*COUNTRIES["NL"], *theirs]})
    assert "(IT did not agree: of clusters of some size all others together have some, but fewer than 3)" in found.notes[0]
    assert found.figures[0].name == "(Intercept): country IT"


def test_a_country_that_cannot_estimate_is_named_with_its_reason() -> None:
    """It has one arm alone: the others' estimates are put together; where only one other is there, it is refused in words."""
    lonely = made(7, 1, sizes=(13,))[:-1]
    countries = {**COUNTRIES, "SI": [*made(4, 9, arms=("a",)), *[{**row, "group": "lonely"} for row in lonely]]}
    body = f'data.levels.arm = ["a", "b", "c"]\n{MADE}'
    found = over(body, countries)
    assert found.figures[3].name == "(Intercept)"
    assert any(note.startswith("SI could not estimate: one of the columns follows from others") for note in found.notes)
    assert "SI" not in found.method
    refused = over(body, {"IT": countries["IT"], "SI": countries["SI"]})
    assert refused.figures == ()
    assert "SI could not estimate" in str(refused.refused)
    assert "Of at least 2 countries with an estimate of their own there is IT." in str(refused.refused)


@pytest.mark.parametrize(
    ("levels", "baseline"), [(("a", "b", "c", "z"), "a"), (("z", "a", "b", "c"), "a"), (("c", "z", "a", "b"), "c")]
)
def test_declared_levels_may_be_missing_in_a_country_or_in_all(levels: tuple[str, ...], baseline: str) -> None:
    """A level that one country has none of counts; one that nobody has does not, and the first that is there is compared to."""
    countries = {**COUNTRIES, "SI": made(4, 24, arms=("a", "c"))}
    body = f"data.levels.arm = {[*levels]}\n{MADE}"
    found = over(body, countries)
    same(found, pooled(body, countries, "group"), 1e-6)
    arms = {one.name for one in found.figures if one.name.startswith("arm[") and ":" not in one.name}
    assert arms == {f"arm[{one}]" for one in ("a", "b", "c") if one != baseline}


def test_a_category_of_one_level_is_refused_as_in_one_table() -> None:
    """The reason is the same."""
    countries = {code: made(seed, 27, arms=("a",)) for seed, code in enumerate(("IT", "NL"), 1)}
    body = f'data.levels.arm = ["a", "b"]\n{MADE}'
    found = over(body, countries)
    assert (found.figures, found.refused) == ((), pooled(body, countries, "group").refused)


def test_a_country_without_a_row_takes_no_part() -> None:
    """It is in no method text; its rows count as left out; where only one country is left, the model is refused."""
    empty = [{**row, "after": ""} for row in COUNTRIES["SE"]]
    found = over(MADE, {**COUNTRIES, "SE": empty})
    two = {code: COUNTRIES[code] for code in ("IT", "NL")}
    assert numbers(found.figures) == numbers(over(MADE, two).figures)
    assert "of sums over 2 countries (IT, NL)" in found.method
    assert found.left_out == {"a column is missing": len(empty) + 2}
    alone = over(MADE, {"IT": COUNTRIES["IT"], "SE": empty})
    assert alone.refused == "Rows with every column of this analysis: IT alone has any. (TOO_FEW_COUNTRIES)"
    none = over(MADE, {"IT": empty, "SE": empty[:-1]})
    assert none.refused == "Rows with every column of this analysis: no country has any. (TOO_FEW_COUNTRIES)"


def test_clusters_beyond_sixty_rows_are_provided_for() -> None:
    """A round provides for more where a country needs it."""
    countries = {code: made(seed, 27, sizes=(61, 70, 125)) for seed, code in enumerate(("IT", "NL"), 1)}
    same(over(MADE, countries), pooled(MADE, countries, "group"), 1e-6)


@pytest.mark.parametrize(("factor", "reason"), [(1e200, "too large"), (1e70, "too large"), (1e-15, "too small")])
def test_numbers_that_cannot_be_summed_are_refused_in_words(factor: float, reason: str) -> None:
    """With the country's code, and without the number."""
    beyond = [{**row, "before": repr(float(row["before"]) * factor)} for row in COUNTRIES["SE"]]
    found = over(MADE, {**COUNTRIES, "SE": beyond})
    assert found.figures == ()
    assert str(found.refused).startswith("SE: ")
    assert reason in str(found.refused)


def test_robust_errors_need_rows_and_say_so() -> None:
    """CR2 cannot be had from sums: the figures are those by Satterthwaite, and a note says what was done instead."""
    found = over(f'{MADE}\ninference = "cr2"', COUNTRIES)
    assert numbers(found.figures) == numbers(over(MADE, COUNTRIES).figures)
    assert any("CR2" in note for note in found.notes)
    assert "Satterthwaite" in found.method


def test_findings_say_what_they_are_of() -> None:
    """Plan, data, countries, rows, what was left aside, and that nobody saw another country's rows or sums."""
    tables = {code: table(rows) for code, rows in COUNTRIES.items()}
    plan = asked(f'{MADE}\nabout = "Does it help?"\n[describe.start]\ncolumns = ["before"]')
    findings = federated(read_plan(plan), dict(reversed(tables.items())))
    hashes = {code: hashlib.sha256(content).hexdigest() for code, content in tables.items()}
    lines = "".join(f"{code} {hashes[code]}\n" for code in ("IT", "NL", "SE"))
    assert findings.plan_sha256 == hashlib.sha256(plan).hexdigest()
    assert findings.data_sha256 == hashlib.sha256(lines.encode()).hexdigest()
    assert findings.rows == sum(len(rows) for rows in COUNTRIES.values())
    assert all(f"{code} {one}" in findings.notes[0] for code, one in hashes.items())
    assert "left aside: describe.start." in findings.notes[1]
    (found,) = findings.analyses
    assert (found.kind, found.name, found.about) == ("mixed_model", "m", "Does it help?")
    assert (
        found.method
        == "Random-intercept model by REML, degrees of freedom by Satterthwaite, of sums over 3 countries (IT, NL, SE)"
    )
    assert found.notes[-1].startswith("Neither the hub nor any country was handed another country's rows or sums")


def test_a_signature_is_verified() -> None:
    """Of other words, or by another key, it is none."""
    key, other = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    assert signed_by(key.public_key(), b"said", key.sign(b"said"))
    assert not signed_by(key.public_key(), b"other", key.sign(b"said"))
    assert not signed_by(key.public_key(), b"said", other.sign(b"said"))
