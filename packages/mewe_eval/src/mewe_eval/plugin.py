"""How evaluation declares itself."""

from collections.abc import Sequence

from mewe_core.kit.commands import Command
from mewe_core.kit.hookspecs import hookimpl


@hookimpl
def mewe_commands() -> Sequence[Command]:
    """``mewe eval analyse``."""
    from mewe_eval.commands import COMMANDS

    return COMMANDS
