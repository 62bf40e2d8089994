"""A study is read strictly from its file, and what its protocol asks of it is what a plan of analysis finds in it."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from mewe_eval.analysis import definition as plans
from mewe_eval.analysis.running import analyse, carried_out
from mewe_eval.instruments import Instrument, shipped_instruments
from mewe_eval.instruments.model import Respondent
from mewe_eval.protocol.definition import Protocol
from mewe_eval.protocol.reading import read_protocol, shipped_protocol
from mewe_eval.study.analysing import analysed, as_csv, plan_of, table
from mewe_eval.study.data import Study
from mewe_eval.study.known import Known
from mewe_eval.study.reading import StudyFaults, read_study
from mewe_eval.testing import Imagined, imagined_csv

INSTRUMENTS = shipped_instruments()
FOLLOW_UP = shipped_protocol(INSTRUMENTS)
SMALL = """person,wave,country,organisation,group,role,gender,how-things-are.day-to-day,how-things-are.energy
1,T0,SE,North,oak,participant,girl,2,3
1,T1,SE,North,oak,participant,girl,3,
1,T0,SE,South,oak,participant,boy,0,0
1,T0,NL,North,oak,participant,boy,4,
x,T1,SE,North,oak,group-leader,,,
"""

TWO_ARMS = """id = "two-arms"
version = 3
title = { en = "Two arms" }
question = "Does it help?"
estimand = "The mean difference at equal baseline, among those who answered."
waves.T0 = { title = { en = "Before" }, windows = [{ after = "joined", closes = 9 }] }
waves.T1 = { title = { en = "After" }, windows = [{ after = "ended", closes = 9 }] }
arms.programme = { title = { en = "ME-WE" } }
arms.waiting = { title = { en = "Waiting" }, programme = false }
assignment = { unit = "group", ratio = { programme = 1, waiting = 1 } }
asked = [{ wave = "T0", instrument = "how-things-are" }, { wave = "T1", instrument = "how-things-are" }]
outcomes.day = { instrument = "how-things-are", item = "day-to-day", importance = "primary" }
outcomes.weighs = { instrument = "how-things-are", item = "helping-weighs", importance = "primary", better = "lower" }
outcomes.use = { instrument = "how-things-are", item = "sessions-of-use", importance = "process" }
"""


def read(content: str = SMALL, protocol: Protocol = FOLLOW_UP) -> Study:
    """The study of a file."""
    return read_study(protocol, INSTRUMENTS, content.encode(), "2026-11-23")


def two_arms(analysis: str) -> Protocol:
    """A study with two arms, analysed in one way or another."""
    return read_protocol(f'{TWO_ARMS}[analysis]\nbaseline = "T0"\n{analysis}', "two.toml", INSTRUMENTS)


def imagined(protocol: Protocol, **changes: int) -> Study:
    """A study of people who do not exist: two countries with as many groups."""
    content = imagined_csv(protocol, INSTRUMENTS, Imagined(countries={"SE": 8, "NL": 8}, **changes))
    return read_study(protocol, INSTRUMENTS, content, "2026-11-23")


def test_people_are_linked_by_country_organisation_and_person() -> None:
    """Three people are called 1, in three organisations, and none is taken for another; so with groups called oak."""
    study = read()
    assert study.persons == ("1", "1", "1")
    assert study.groups == (("SE", "North", "oak"), ("SE", "South", "oak"), ("NL", "North", "oak"))
    assert study.column(Known.GENDER) == ("girl", "boy", "boy")
    outcome = FOLLOW_UP.outcomes["day-to-day"]
    assert study.values(outcome, "T0").tolist() == [2, 0, 4]
    assert np.isnan(study.values(outcome, "T1")).tolist() == [False, True, True]
    assert study.has_answered("T1").tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("girl,2,3", "girl,5,3"),
            'line 2: column "how-things-are.day-to-day": that is no answer to it; allowed: 0, 1, 2, 3, 4',
        ),
        (
            ("girl,2,3", "girl,a,3"),
            'column "how-things-are.day-to-day": what stands in line 2 is no number; allowed: numbers .*',
        ),
        (("1,T1", "1,T9"), 'line 3: column "wave": there is no such wave; allowed: T0, T1, T2'),
        (("1,T1", "1,T0"), "line 3: the same person and wave as line 2; allowed: one row for each person and wave"),
        (("participant,girl,3", "participant,boy,3"), 'line 3: column "gender": another row says otherwise of this person; .*'),
        (("oak,group-leader", "oak,leader"), 'line 6: column "role": there is no such role; allowed: participant, .*'),
        (("oak,group-leader", ",group-leader"), 'line 6: column "group": whose leader is this\\?; allowed: .*'),
        (("1,T0,NL", ",T0,NL"), 'line 5: column "person": it is empty; allowed: a pseudonym.*'),
        (
            ("energy", "enrgy"),
            'column "how-things-are.enrgy": it is no item.*did you mean "how-things-are.energy".*',
        ),
        (("person,", "persons,"), 'column "person": it is not there; allowed: .*'),
        (("organisation,group", "group,group"), 'line 1: two columns are called "group"; allowed: .*'),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_line_and_column(change: tuple[str, str], said: str) -> None:
    """In the words of whoever made the file."""
    assert change[0] in SMALL
    with pytest.raises(StudyFaults) as caught:
        read(SMALL.replace(change[0], change[1], 1))
    assert any(re.fullmatch(said, line) for line in caught.value.lines), caught.value.lines


def test_everything_that_is_wrong_is_told_at_once_up_to_forty() -> None:
    """And how much more there is."""
    with pytest.raises(StudyFaults) as caught:
        read(SMALL + "".join(f"{number},T0,SE,North,oak,participant,,9,9\n" for number in range(2, 52)))
    assert len(caught.value.lines) == 40
    assert str(caught.value).endswith("and 60 more")


def test_a_part_of_a_study_is_the_study_of_those_people() -> None:
    """Reading the rows of one country gives what the whole gives of it, leaders' answers included."""
    content = imagined_csv(FOLLOW_UP, INSTRUMENTS, Imagined(countries={"SE": 4, "NL": 4})).decode()
    head, *rows = content.splitlines()
    place = head.split(",").index("country")
    alone = read("\n".join([head, *(row for row in rows if row.split(",")[place] == "NL")]))
    whole = read(content)
    part = whole.part(np.array([one == "NL" for one in whole.column(Known.COUNTRY)]))
    assert part.persons == alone.persons
    assert part.known == alone.known
    assert part.groups == alone.groups
    assert part.group_of.tolist() == alone.group_of.tolist()
    np.testing.assert_array_equal(part.sessions, alone.sessions)
    assert {*part.answers} == {*alone.answers}
    assert any(role is Respondent.GROUP_LEADER and len(one.rows) for (_, _, role), one in part.answers.items())
    for key, answered in alone.answers.items():
        np.testing.assert_array_equal(part.answers[key].rows, answered.rows)
        np.testing.assert_array_equal(part.answers[key].values, answered.values)


def test_a_scale_is_scored_as_its_instrument_says(gad: Callable[[str], Study]) -> None:
    """A sum of seven; with one left out there is no score, never a sum of six."""
    study = gad("2,2,2,2,2,2,1\n2,2,2,2,2,2,\n")
    assert study.values(study.protocol.outcomes["anxiety"], "T0").tolist()[0] == 13
    assert np.isnan(study.values(study.protocol.outcomes["anxiety"], "T0")[1])


@pytest.fixture
def gad() -> Callable[[str], Study]:
    """A study whose outcome is the total of GAD-7."""
    text = TWO_ARMS.replace("how-things-are", "gad-7").replace('item = "day-to-day"', 'scale = "total"')
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("outcomes.weighs", "outcomes.use")))
    text = text.replace("outcomes.day", "outcomes.anxiety")
    protocol = read_protocol(f'{text}\n[analysis]\nbaseline = "T0"\nmodel = "mixed-model"\n', "gad.toml", INSTRUMENTS)
    instrument: Instrument = INSTRUMENTS["gad-7"]
    head = "person,wave," + ",".join(f"gad-7.{one}" for one in instrument.item_ids())

    def make(rows: str) -> Study:
        lines = [f"{number},T0,{row}" for number, row in enumerate(rows.splitlines(), 1)]
        return read("\n".join([head, *lines]), protocol)

    return make


def test_a_mixed_model_is_the_one_that_the_plan_names() -> None:
    """At equal baseline, with a random intercept for each group, beside those who wait; found in the same table by hand."""
    study = imagined(two_arms('model = "mixed-model"\ncovariates = ["age"]\n'))
    by_hand = plans.MixedModel(outcome="day.T1", terms=("day.T0", "arm", "age"), cluster="cluster")
    assert plan_of(study.protocol).plan.mixed_model["effect on day.T1"] == by_hand
    found = {one.name: one for one in analysed(study).analyses}
    effect = found["effect on day.T1"]
    assert effect.refused is None
    assert effect.clusters == 16
    assert any(one.name.startswith("arm[programme]") and one.p is not None for one in effect.figures)


def test_primary_outcomes_are_one_family() -> None:
    """Two primary outcomes: two p-values adjusted together. What is only for the process is compared with nothing."""
    findings = analysed(imagined(two_arms('model = "covariance-analysis"\n')))
    found = {one.name: one for one in findings.analyses}
    assert [one.name for one in found["primary"].figures] == [
        "effect on day.T1/arm[programme]",
        "effect on weighs.T1/arm[programme]",
    ]
    assert not any("use" in name for name in found if name.startswith("effect"))
    assert found["use"].figures


def test_findings_carry_what_is_needed_to_defend_them() -> None:
    """The protocol's hash and version, the data's hash, as of when they are."""
    study = imagined(two_arms('model = "mixed-model"\n'))
    findings = analysed(study)
    assert (findings.plan_sha256, findings.version) == (study.protocol.sha256, "3")
    assert (findings.data_sha256, findings.data_cut, findings.rows) == (study.sha256, "2026-11-23", 128)


def test_a_delta_shifts_what_was_imputed_of_the_programme_alone() -> None:
    """The further down imputed answers are shifted, the smaller the effect: that is how far a conclusion can be pushed."""
    study = imagined(
        two_arms('model = "covariance-analysis"\nmissing = "imputation"\nsets = 5\ndeltas = [-1.0, -2.0]\n'), seed=3
    )
    found = {one.name: one for one in analysed(study).analyses}
    effects = [
        next(one.value for one in found[name].figures if one.name == "arm[programme]") or 0.0
        for name in ("effect on day.T1", "effect on day.T1, imputed -1", "effect on day.T1, imputed -2")
    ]
    assert effects[0] > effects[1] > effects[2]
    missing = np.isnan(study.values(study.protocol.outcomes["day"], "T1")) & study.of_arm("programme")
    share = missing.sum() / study.of_arm("programme").sum()
    assert effects[0] - effects[2] == pytest.approx(2 * share, rel=0.35)


def test_too_few_people_are_said_to_be_too_few() -> None:
    """One group of two is no reason to fail, and no number comes of it."""
    study = read(SMALL)
    found = {one.name: one for one in analysed(study).analyses}
    assert found["change of day-to-day.T1"].refused is not None


def test_the_plan_names_only_columns_of_the_table() -> None:
    """Every analysis of the shipped follow-up finds what it asks for."""
    study = imagined(FOLLOW_UP)
    carried_out(plan_of(FOLLOW_UP), {None: table(study)})


def test_whoever_doubts_a_figure_finds_it_again_from_files() -> None:
    """The plan and the table as a file give every figure to its last digit; so the order of the arms is in the plan."""
    study = imagined(two_arms('model = "mixed-model"'))
    again = analyse(plan_of(study.protocol), as_csv(study))
    assert again.analyses == analysed(study).analyses
    assert {one.kind for one in again.analyses} >= {"mixed_model", "change", "describe"}


def test_what_people_told_of_themselves_is_known_of_them() -> None:
    """What they said first; where the file says it already, that counts; who skipped it is not known."""
    asks = """asked = [
  { wave = "T0", instrument = "how-things-are" },
  { wave = "T0", instrument = "about-you" },
  { wave = "T1", instrument = "how-things-are" },
  { wave = "T1", instrument = "about-you" },
]
known.gender = { instrument = "about-you", item = "gender", words = ["girl", "boy", "another"] }
known.age = { instrument = "about-you", item = "age" }
"""
    document = re.sub(r"asked = .*\n", asks, TWO_ARMS)
    analysis = 'model = "mixed-model"\nequality = ["gender"]\ncovariates = ["age"]'
    protocol = read_protocol(f'{document}[analysis]\nbaseline = "T0"\n{analysis}', "two.toml", INSTRUMENTS)
    rows = """person,wave,arm,group,gender,about-you.gender,about-you.age
1,T0,programme,oak,,1,14
1,T1,programme,oak,,2,15
2,T0,programme,oak,,,
2,T1,programme,oak,,0,
3,T0,waiting,elm,girl,1,17
4,T0,waiting,elm,,,
"""
    study = read(rows, protocol)
    assert study.column(Known.GENDER) == ("boy", "girl", "girl", None)
    assert study.column(Known.AGE) == ("14", None, "17", None)
    whole = imagined_csv(protocol, INSTRUMENTS, Imagined(countries={"SE": 8, "NL": 8})).decode().splitlines()
    names = whole[0].split(",")
    left = [place for place, name in enumerate(names) if name not in ("gender", "age")]
    of_answers = "\n".join(",".join(line.split(",")[place] for place in left) for line in whole)
    found = analysed(read(of_answers, protocol))
    assert any("gender[boy]" in figure.name for one in found.analyses for figure in one.figures)
    assert all(one.refused is None for one in found.analyses)
