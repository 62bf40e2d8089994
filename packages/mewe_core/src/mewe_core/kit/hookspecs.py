"""Every hook, typed and documented: at most ten. A plugin is a module named by an entry point of the group ``mewe``."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from mewe_core.kit.commands import Command
    from mewe_core.kit.feature import Feature
    from mewe_core.kit.message_checks import MessageCheck

PROJECT = "mewe"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def mewe_feature() -> "Feature":  # type: ignore[empty-body]
    """The feature that this plugin is. Called once a plugin, when a mix that names it is loaded.

    One answer a plugin. An exception stops the start; so does a feature whose name is not that of its entry point.
    """


@hookspec
def mewe_programmes() -> Sequence[str]:  # type: ignore[empty-body]
    """Programmes as data: each a TOML document (its schema is in ``docs/programme.md``). Called once, at the start.

    The answers of all plugins are put together; two programmes of one id and version stop the start, as does an exception.
    Material that may not be published (a manual, worksheets) comes to a deployment this way, from a plugin of its own.
    """


@hookspec
def mewe_message_checks() -> "Sequence[MessageCheck]":  # type: ignore[empty-body]
    """Checks of what is said in a chat, before others see it (``kit.message_checks``). Called once, at the start.

    The answers of all plugins are put together and run in their order; the first that refuses decides. Two of one name stop the
    start, as does an exception. A check that fails later lets nothing through: the message is refused; where the check looks
    for people in danger, its writer is shown help, and leaders decide. Everybody is told which checks run.
    """


@hookspec
def mewe_commands() -> "Sequence[Command]":  # type: ignore[empty-body]
    """What this plugin adds to the command line, as ``mewe <plugin> <command>`` (``kit.commands``), with no mix and no host.

    Called when somebody asks for it, for this plugin alone; for all that are installed when the commands are listed. One answer
    a plugin; two commands of one name are refused. An exception ends the command that was asked for, and is in no other's way.
    """
