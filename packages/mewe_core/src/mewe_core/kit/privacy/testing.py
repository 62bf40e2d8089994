"""Export, erasure and retention on a stage: what a host does beside the calls."""

from collections.abc import Mapping
from typing import Any

from mewe_core.kit.privacy import erasing, exporting, retaining
from mewe_core.kit.privacy.receipts import Answer
from mewe_core.kit.privacy.retaining import PastTerm
from mewe_core.kit.privacy.rules import Archive
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.testing import Stage, drive


def erase(stage: Stage, person: str, *archives: Archive) -> Answer | None:
    """Let the feature hear that a person is erased, and do it to the end; its answer, None if there is nothing new."""
    stage.hear(ErasureDecided(f"erasure-of-{person}", person, stage.clock.now()))
    return go_on_erasing(stage, *archives)


def go_on_erasing(stage: Stage, *archives: Archive) -> Answer | None:
    """Do what is due of erasures, as a host does each second; the answer to the last one."""
    answer: Answer | None = None
    with stage.unit() as work:
        waiting = drive(erasing.pending(work))
    for one in waiting:
        more = True
        while more:
            with stage.unit() as work:
                erased = drive(erasing.erase_some(stage.feature, one, archives, work))
            more, answer = erased.more, erased.answer
    return answer


def export(stage: Stage, person: str) -> list[Mapping[str, Any]]:
    """All that somebody gets to see of themselves."""
    with stage.unit(reads=True) as work:
        return drive(exporting.export_all(stage.feature, person, work))


def past_term(stage: Stage) -> list[PastTerm]:
    """What a retention run would take."""
    with stage.unit(reads=True) as work:
        return drive(retaining.past_term(stage.feature, work))


def retain(stage: Stage) -> int:
    """A retention run to its end; how many rows it took."""
    total, gone = 0, 1
    while gone:
        with stage.unit() as work:
            gone = drive(retaining.retain_some(stage.feature, work))
        total += gone
    return total
