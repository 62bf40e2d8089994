"""What safety refuses, beyond what the kit does. Help and reporting are refused to nobody."""

from mewe_core.kit.errors import Failure

ERRORS: tuple[type[Failure], ...] = ()
