"""Studies of people who do not exist, to report on."""

from functools import cache

from mewe_eval.instruments import shipped_instruments
from mewe_eval.protocol.definition import Protocol
from mewe_eval.protocol.reading import read_protocol, shipped_protocol
from mewe_eval.study.data import Study
from mewe_eval.study.reading import read_study
from mewe_eval.testing import Imagined, imagined_csv

_COMPARED = """
id = "two-arms"
version = 1
title = { en = "Two arms", sv = "Två armar" }
question = "Does it help?"
estimand = "The mean difference at equal baseline."
[arms.programme]
title = { en = "The programme", sv = "Programmet" }
[arms.waiting]
title = { en = "Waiting", sv = "Väntar" }
programme = false
[assignment]
unit = "group"
ratio = { programme = 1, waiting = 1 }
[waves.T0]
title = { en = "Before", sv = "Före" }
windows = [{ after = "joined", closes = 21 }]
[waves.T1]
title = { en = "After", sv = "Efter" }
windows = [{ after = "assigned", days = 49, closes = 21 }]
[[asked]]
wave = "T0"
instrument = "how-things-are"
without = ["sessions-of-use"]
[[asked]]
wave = "T1"
instrument = "how-things-are"
[[asked]]
wave = "T1"
instrument = "leader-fidelity"
role = "group-leader"
[outcomes.day-to-day]
instrument = "how-things-are"
item = "day-to-day"
importance = "primary"
[outcomes.talking]
instrument = "how-things-are"
item = "talking"
[analysis]
model = "mixed-model"
baseline = "T0"
equality = ["gender"]
"""


@cache
def compared(more: str = "") -> Protocol:
    """A protocol with a comparison. ``more``: of the document, such as another limit for what is published."""
    return read_protocol(_COMPARED + more, "two-arms.toml", shipped_instruments())


def follow_up() -> Protocol:
    """The protocol that compares with nobody."""
    return shipped_protocol(shipped_instruments())


def study(protocol: Protocol, cut: str = "2026-11-23", **of: object) -> Study:
    """A study by a protocol; ``of``: as in ``Imagined``."""
    instruments = shipped_instruments()
    imagined = Imagined(**of)  # type: ignore[arg-type]
    return read_study(protocol, instruments, imagined_csv(protocol, instruments, imagined), cut)
