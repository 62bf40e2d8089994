"""How much a proof tries: a short form in every run, the long form with ``make prove``. The code is the same."""

import os

LONG = bool(os.environ.get("MEWE_PROVE"))
"""Whether this run is the long form."""


def extent(short: int, long: int) -> int:
    """How many of something to try in this run."""
    return long if LONG else short
