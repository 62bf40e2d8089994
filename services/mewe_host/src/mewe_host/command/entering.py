"""What an operator does leaves a record in the book of acts.

Commands enter it that read or change what is kept about persons, that deal with keys, that say what time it is, and that have
what was put aside take effect.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.console import Console

from mewe_host.command.auditing import require_keys
from mewe_host.desk.audit import Audit
from mewe_host.identity import acts
from mewe_host.identity.acts import Act, Book
from mewe_host.mix import Mounted, found, mount
from mewe_host.running import opening
from mewe_host.running.refusing import refusing

KIND = "command"
"""What such an act is called in the book: ``command``, and ``about``, the pseudonym of the person if it is about one."""


def enter(mounted: Mounted, command: str, *, person: str | None = None) -> None:
    """Write that somebody runs a command, before it does anything; about whom, by the pseudonym of the audit.

    Raises Refusal if there are no keys, KeyFault if it cannot be written.
    """
    require_keys(mounted)
    about = {} if person is None else {"about": Audit(opening.kept_keys(mounted.mix)).pseudonym(person)}
    opening.enter(mounted.mix, KIND, {"command": command, **about})


def listed(mix: str, *, files: Sequence[Path]) -> int:
    """Print a line an act, of these books or of the one beside the keys; 0, or 1 if one is not as it was written."""
    mounted = mount(found(mix))
    folder = require_keys(mounted)
    with refusing(mounted.file):
        keys = opening.kept_keys(mounted.mix)
        books = [acts.read(file, keys) for file in files or [acts.beside(folder)]]
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for book in books:
        for act in book.acts:
            console.print(line(act))
        for words in book.wrong:
            console.print(f"WRONG {words}")
    return int(any(book.wrong for book in books))


def line(act: Act) -> str:
    """An act in one line."""
    said = " ".join(f"{name}={value}" for name, value in act.said.items() if name not in ("x", "y"))
    return f"{act.number} {act.moment.round('second').format_iso()} {act.by}: {act.kind} {said}"


def about(book: Book, pseudonym: str) -> Iterable[str]:
    """The commands that were about a person, a line each."""
    return [line(act) for act in book.of(KIND) if act.text("about") == pseudonym]
