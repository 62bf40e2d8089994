"""Check data: what R says, and the tables it says it of."""

import csv
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

FOLDER = Path(os.environ.get("MEWE_CHECK_DATA") or Path(__file__).parents[5] / "shared" / "data")


@pytest.fixture(scope="session")
def reference() -> dict[str, Any]:
    """The numbers of lme4, lmerTest and pbkrtest, parsed."""
    parsed: dict[str, Any] = json.loads((FOLDER / "reference.json").read_text())
    return parsed


@pytest.fixture(scope="session")
def table() -> Callable[[str], dict[str, Any]]:
    """A table by its name: each column an array of numbers, or of text where one entry is no number."""

    def read(name: str) -> dict[str, Any]:
        with (FOLDER / f"{name}.csv").open(newline="") as lines:
            rows = list(csv.DictReader(lines))
        return {column: _column([row[column] for row in rows]) for column in rows[0]}

    return read


def _column(entries: list[str]) -> Any:
    try:
        return np.array([float(entry) if entry not in ("", "NA") else np.nan for entry in entries])
    except ValueError:
        return np.array(entries)
