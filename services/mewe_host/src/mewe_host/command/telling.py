"""What ``mewe audit verify`` says, so that somebody who looks once a month at nine in the evening knows what to do."""

from collections.abc import Sequence

from rich.console import Console

from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.verifying import Verdict

_KEEP = """\
  Before anything else: copy the databases, audit-checkpoints, audit-acts and the log to where nobody works, as they are now.
  Hosts may go on; restore, delete and mend nothing yet. Tell whoever answers for security and for data protection here: if
  somebody did it, the authority is to be told within 72 hours. Then look who could write there since all was last right."""

_CUT_OFF = """\
  If a backup was restored here: this is what it looks like. Say so for good: mewe audit begin-anew {mix} --help. The gap is
  named from then on, and what follows is right. If nothing was restored: somebody has taken records away; do as above."""


class Told:
    """What was said so far: a line each, and at the end what it comes to."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True, markup=False)
        self._wrong = 0
        self._cut_off = False

    def wrong(self, what: str, words: str) -> None:
        """Something is not as it was."""
        self._wrong += 1
        self._console.print(f"WRONG {what}: {words}")

    def note(self, what: str, words: str) -> None:
        """Something is as it was, and somebody may want to know it."""
        self._console.print(f"note  {what}: {words}")

    def feature(self, name: str, verdict: Verdict, held: Sequence[Checkpoint]) -> None:
        """How the audit of a feature is."""
        if verdict.fault is None:
            self._console.print(f"ok    {name}: {_right(verdict, held)}")
            return
        self._cut_off = self._cut_off or verdict.fault.startswith("cut off")
        self.wrong(name, f"{verdict.fault}. Before that {verdict.sealed} sealed records are as they were.")

    def end(self, mix: str) -> int:
        """What it comes to, and what to do; 0 if nothing is wrong, else 1."""
        if not self._wrong:
            self._console.print("Nothing is wrong.")
            return 0
        things = "One thing is" if self._wrong == 1 else f"{self._wrong} things are"
        self._console.print(f"{things} WRONG. What to do:\n{_KEEP}")
        if self._cut_off:
            self._console.print(_CUT_OFF.format(mix=mix))
        return 1


def _right(verdict: Verdict, held: Sequence[Checkpoint]) -> str:
    since = "" if verdict.since is None else f" (since {verdict.since.round('second').format_iso()})"
    gone = ""
    if verdict.gone_until is not None:
        gone = f"; {verdict.gone} before these were let go, the last of {verdict.gone_until.format_iso()[:10]}"
    furthest: dict[str, int] = {}
    for one in held:
        furthest[one.witness] = max(one.head.count, furthest.get(one.witness, 0))
    by = ", ".join(f"{witness} up to {count}" for witness, count in furthest.items())
    relied = f"; witnessed by {by}" if by else ""
    return f"{verdict.rows} records, {verdict.sealed} sealed, {verdict.waiting} not yet sealed{since}{gone}{relied}"
