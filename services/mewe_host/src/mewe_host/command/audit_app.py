"""What one may say after ``mewe audit``; each command is a few lines that lend the work to the host."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

audit = App(name="audit", help="The record of who changed, read or was refused what.")


@audit.command
def verify(mix: str, *, checkpoints: list[Path] | None = None, acts: list[Path] | None = None) -> int:
    """Find any record that was changed, removed, added, reordered or cut off: leaves with 0 if there is none, with 1 if so.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    checkpoints
        The file with the checkpoints, or a copy kept elsewhere; the one beside the folder of keys, if none is named. Several,
        if hosts on several machines each keep one.
    acts
        The book of acts; the one beside the folder of keys, if none is named. Several, as above.
    """
    from mewe_host.command import auditing

    return auditing.verify(mix, files=checkpoints or [], acts_files=acts or [])


@audit.command
def begin_anew(
    mix: str,
    *,
    by: str,
    with_: Annotated[str, Parameter(name="--with")],
    why: str,
    checkpoints: list[Path] | None = None,
    acts: list[Path] | None = None,
) -> int:
    """After a backup was restored: say so for good. The records that are missing are named by each verify from then on.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    by
        Who restored it; the name is kept.
    with_
        Who has seen it and answers for it too: somebody else.
    why
        What happened and which backup it was, in a line.
    checkpoints
        As for verify.
    acts
        As for verify.
    """
    from mewe_host.command import beginning

    return beginning.begin_anew(mix, by=by, with_=with_, why=why, files=checkpoints or [], acts_files=acts or [])


@audit.command
def acts(mix: str, *, acts: list[Path] | None = None) -> int:
    """List the book of acts: signing keys, new beginnings, and what operators did with commands, to whose data and when.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    acts
        As for verify.
    """
    from mewe_host.command import entering

    return entering.listed(mix, files=acts or [])


@audit.command
def show(mix: str, *, person: str) -> int:
    """Show who did what of a person's, and what the person did: the audit names nobody, and only the country's key finds them.

    Parameters
    ----------
    mix
        The file of the mix, or the name of one that comes with this program.
    person
        The person's id.
    """
    from mewe_host.command import showing

    return showing.show(mix, person=person)
