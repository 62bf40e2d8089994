"""The feature programme: programmes as data, groups that run them, recruitment and training.

What is exported here is pure and needs no service: read a programme, overlay it, plan its sessions, ask who may take part.
"""

from mewe_core.programme.definition import Definition, Overlay, overlaid
from mewe_core.programme.reading import ProgrammeFault, read_programme
from mewe_core.programme.rules import eligible
from mewe_core.programme.series import LocalStart, PlannedSession, follow_up_start, plan_dates, plan_series

__all__ = [
    "Definition",
    "LocalStart",
    "Overlay",
    "PlannedSession",
    "ProgrammeFault",
    "eligible",
    "follow_up_start",
    "overlaid",
    "plan_dates",
    "plan_series",
    "read_programme",
]
