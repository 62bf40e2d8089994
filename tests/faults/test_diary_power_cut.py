"""What was written in a diary on a device is on its disk once that was said. Run by `make prove`, as root."""

from pathlib import Path

import pytest
from mewe_client.diary import DiaryFile

from tests.faults.power_cut import disk

pytestmark = pytest.mark.power_cut

CUTS = 5


def test_no_power_cut_takes_words_that_were_kept(tmp_path: Path) -> None:
    """The power goes right after each of several changes, the first among them: it is there, and what was removed is not."""
    with disk(tmp_path) as cut:
        file = DiaryFile(cut.path / "diary")
        for number in range(CUTS):
            file.change({f"version/{number + 1}": b"sealed", f"version/{number}": None})
            cut.cut()
            cut.restore()
            assert set(file.read()) == {f"version/{number + 1}"}
