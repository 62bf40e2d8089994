"""The command ``mewe``."""

import gc
import os
import sys

from mewe_host.command.app import app
from mewe_host.mix.faults import MixFaults
from mewe_host.running.steps import Refusal

RAN_AND_FAILED = 1
REFUSED = 2


def main() -> None:
    """Run the command of this process's arguments, and leave with 0 (well), 1 (ran and failed) or 2 (refused to start).

    What a start loads stays for good, so nothing is collected until a host serves.
    """
    gc.disable()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command; says the exit code. Nobody gets to see a traceback unless MEWE_DEBUG=1 asks for it."""
    from cyclopts import CycloptsError

    try:
        _bring(arguments)
        return app(arguments, exit_on_error=False, print_error=True, result_action="return_value") or 0
    except CycloptsError:
        return REFUSED
    except (MixFaults, Refusal) as refused:
        sys.stderr.write(f"{refused}\n")
        return REFUSED
    except KeyboardInterrupt:
        return RAN_AND_FAILED
    except Exception as fault:
        if os.environ.get("MEWE_DEBUG") == "1":
            raise
        from mewe_host.running.logging import place

        where = f"{type(fault).__name__} at {place(fault.__traceback__)}"
        sys.stderr.write(f"Something unexpected happened ({where}). MEWE_DEBUG=1 shows where.\n")
        return RAN_AND_FAILED


def _bring(arguments: list[str]) -> None:
    """Add the commands of plugins, where one is asked for or all are listed: loading them takes its time."""
    first = next((one for one in arguments if not one.startswith("-")), None)
    if first is not None and first in app:
        return
    from mewe_host.command import plugged

    if first is None:
        plugged.every(app)
    elif plugged.known(first):
        plugged.add(app, first)
