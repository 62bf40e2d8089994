"""Evaluation: many answers scored, a mixed model estimated, a report over countries made; each beside what else does it."""

import statistics
import time
import warnings
from collections.abc import Callable, Sequence

import numpy as np
from mewe_eval.instruments import shipped_instruments
from mewe_eval.instruments.scored_tables import score_many
from mewe_eval.protocol.definition import Protocol
from mewe_eval.protocol.reading import read_protocol
from mewe_eval.reports import Ledger, as_html, country_figures, eu_report
from mewe_eval.statistics.mixed import Method, fit
from mewe_eval.statistics.moments import Moments
from mewe_eval.statistics.results import Vector
from mewe_eval.study.reading import read_study
from mewe_eval.testing import Imagined, imagined_csv
from numpy.typing import NDArray
from statsmodels.regression.mixed_linear_model import MixedLM

from benchmarks.figures import ROUNDS, Figure, ratio_of, value_of

PEOPLE = 1_000_000
CLUSTERS, ROWS = 500, 3
COUNTRIES = ("CH", "IT", "NL", "SE", "SI", "UK")
GROUPS, OF_GROUP = 700, 15
PROTOCOL = """
id = "two-arms"
version = 1
title = { en = "Two arms" }
question = "Does it help?"
estimand = "The mean difference at equal baseline."
waves.T0 = { title = { en = "Before" }, windows = [{ after = "joined", closes = 21 }] }
waves.T1 = { title = { en = "After" }, windows = [{ after = "assigned", days = 49, closes = 21 }] }
arms.programme = { title = { en = "The programme" } }
arms.waiting = { title = { en = "Waiting" }, programme = false }
assignment = { unit = "group", ratio = { programme = 1, waiting = 1 } }
asked = [{ wave = "T0", instrument = "how-things-are" }, { wave = "T1", instrument = "how-things-are" }]
outcomes.day-to-day = { instrument = "how-things-are", item = "day-to-day", importance = "primary" }
outcomes.talking = { instrument = "how-things-are", item = "talking" }
analysis = { model = "mixed-model", baseline = "T0" }
"""


async def measure() -> list[Figure]:
    """Every figure of evaluation."""
    return [*_scoring(), _mixed_model(), *_report()]


def _scoring() -> list[Figure]:
    """A sum with items that are turned round, all answered; and one with gaps that is scaled up."""
    figures = list[Figure]()
    for name, gaps in (("kidscreen-10", 0.0), ("who-5", 0.05)):
        one = shipped_instruments()[name]
        chance = np.random.Generator(np.random.PCG64(1))
        allowed = np.array(one.allowed(one.items[0]), dtype=float)
        answers = chance.choice(allowed, size=(PEOPLE, len(one.items)))
        answers[chance.random(answers.shape) < gaps] = np.nan
        turned = np.array([item in one.recoded_here() for item in one.item_ids()])
        bounds = allowed[0] + allowed[-1]

        def bare(answers: Vector = answers, turned: NDArray[np.bool_] = turned, bounds: float = bounds) -> object:
            return np.where(turned, bounds - answers, answers).sum(axis=1)

        def ours(answers: Vector = answers, name: str = name) -> object:
            return score_many(shipped_instruments()[name], answers)

        said = f"scored: {PEOPLE:,} people, {len(one.items)} items ({name}), against a bare sum in numpy"
        figures.append(ratio_of(said, *_pairs(ours, bare, 1e3), "{:.0f} ms", most=1.3))
    return figures


def _mixed_model() -> Figure:
    chance = np.random.Generator(np.random.PCG64(2))
    clusters = np.repeat(np.arange(CLUSTERS), ROWS)
    design = np.column_stack([np.ones(CLUSTERS * ROWS), chance.normal(size=CLUSTERS * ROWS), clusters % 2])
    outcome = design @ [1.0, 0.5, 0.3] + chance.normal(size=CLUSTERS)[clusters] + chance.normal(size=CLUSTERS * ROWS)

    def ours() -> object:
        return fit(Moments.of(design, outcome, clusters, ("one", "x", "arm", "y")), Method.REML)

    def theirs() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return MixedLM(outcome, design, groups=clusters).fit(reml=True)

    said = f"mixed model of {CLUSTERS} people x {ROWS}: statsmodels' MixedLM against ours"
    measured, other = _pairs(ours, theirs, 1e3)
    return ratio_of(said, other, measured, "{:.2f} ms", least=10.0)


def _report() -> list[Figure]:
    instruments = shipped_instruments()
    protocol = read_protocol(PROTOCOL, "two-arms.toml", instruments)
    files = {code: _file(protocol, code, place) for place, code in enumerate(COUNTRIES, 1)}
    reading, making = list[float](), list[float]()
    for _ in range(ROUNDS):
        began = time.perf_counter()
        studies = {code: read_study(protocol, instruments, content, "2026-11-23") for code, content in files.items()}
        were_read = time.perf_counter()
        figures = [country_figures(study, code, Ledger())[0] for code, study in studies.items()]
        as_html(eu_report(figures, "en"))
        reading.append(were_read - began)
        making.append(time.perf_counter() - began)
    people = GROUPS * OF_GROUP
    said = f"report over {len(COUNTRIES)} countries of {people:,} people, from their files to the page"
    read = Figure("of that, reading the files", f"{statistics.median(reading):.1f} s", "", "", "", None)
    return [value_of(said, making, "{:.1f} s", most=10.0), read]


def _file(protocol: Protocol, code: str, seed: int) -> bytes:
    return imagined_csv(protocol, shipped_instruments(), Imagined(countries={code: GROUPS}, people=OF_GROUP, seed=seed))


def _pairs(one: Callable[[], object], other: Callable[[], object], unit: float) -> tuple[Sequence[float], Sequence[float]]:
    """How long each takes, by turns, after once that does not count."""
    measured = list[list[float]]([[], []])
    for round_ in range(ROUNDS + 1):
        for place, run in enumerate((one, other)):
            began = time.perf_counter()
            run()
            if round_:
                measured[place].append((time.perf_counter() - began) * unit)
    return measured[0], measured[1]
