"""The check data that lie beside a checkout: tables with what R says about them. Tests that read them are left out without."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(os.environ.get("MEWE_CHECK_DATA", Path(__file__).resolve().parents[3] / "../shared/data"))
READING = {"reference", "table", "check_data"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the check data where they are not there, and say so at the end."""
    if FOLDER.is_dir():
        return
    left_out = [one for one in items if READING & {*getattr(one, "fixturenames", ())}]
    items[:] = [one for one in items if one not in left_out]
    config.hook.pytest_deselected(items=left_out)
    config.stash[LEFT_OUT] = len(left_out)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests were left out, and what they want."""
    if count := config.stash.get(LEFT_OUT, 0):
        terminalreporter.write_line(f"{count} tests against R were left out: MEWE_CHECK_DATA names no folder of check data.")


LEFT_OUT = pytest.StashKey[int]()


@pytest.fixture(scope="session")
def check_data() -> Path:
    """The folder."""
    return FOLDER


@pytest.fixture(scope="session")
def reference(check_data: Path) -> Any:
    """What R says."""
    return json.loads((check_data / "reference.json").read_text())


@pytest.fixture(scope="session")
def table(check_data: Path) -> Callable[[str], dict[str, Any]]:
    """A table by its name: numbers as an array with NaN where missing, words as an array of texts."""

    def read(name: str) -> dict[str, Any]:
        with (check_data / f"{name}.csv").open(newline="") as file:
            head, *rows = csv.reader(file)
        return {column: _values([row[place] for row in rows]) for place, column in enumerate(head)}

    return read


def _values(texts: list[str]) -> Any:
    try:
        return np.array([np.nan if one in ("", "NA") else float(one) for one in texts])
    except ValueError:
        return np.array(texts)
