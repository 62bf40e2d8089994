"""What one may say after ``mewe nats``."""

from pathlib import Path

from cyclopts import App

nats = App(name="nats", help="Who may do what at a NATS server that the mix names, and the streams there.")


@nats.command
def accounts(mix: str, *process: str, to: Path) -> int:
    """Write what nats-server has to know of each process of a mix, and the key that each process has; may be repeated.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    process
        The features of one process, with commas between them; a process for each feature, if none is named.
    to
        The folder for accounts.conf and the keys; keys that are there stay.
    """
    from mewe_host.command import nats as work

    return work.accounts(mix, process, to=to)


@nats.command
def streams(mix: str) -> int:
    """Make the streams of a mix as the keeper, before its processes start; once per upgrade, and after NATS was set up anew.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    """
    from mewe_host.command import nats as work

    return work.streams(mix)
