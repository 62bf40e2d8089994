"""What ``mewe audit verify`` says, so that somebody who looks once a month at nine in the evening knows what to do."""

from collections.abc import Sequence

from mewe_core.kit.values import moment
from rich.console import Console

from mewe_host.desk.beginnings import Beginning
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.verifying import Verdict

_KEEP = """\
  1. Copy the databases, audit-checkpoints, audit-acts and the log, as they are now, to where nobody works. Hosts may go on.
  2. Restore, delete and mend nothing yet. Tell whoever answers for security and for data protection here, tonight: if somebody
     did it, the authority is to be told within 72 hours.
  3. Look who could write there since the last time all was right."""

_CUT_OFF = """\
  Was a backup restored here? Then the records since that backup are missing, and two people are to say so, once:
    mewe audit begin-anew {mix} --by NAME --with NAME --why "what happened, which backup"
  From then on the gap is named and what follows is right. If nothing was restored, somebody has taken records away:"""


class Told:
    """What was said so far: a line each, and at the end what it comes to."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(highlight=False, soft_wrap=True, markup=False, quiet=quiet)
        self._wrong = 0
        self._gaps = 0
        self._cut_off = False

    def wrong(self, what: str, words: str) -> None:
        """Something is not as it was."""
        self._wrong += 1
        self._console.print(f"WRONG {what}: {words}")

    def note(self, what: str, words: str) -> None:
        """Something is as it was, and somebody may want to know it."""
        self._console.print(f"note  {what}: {words}")

    def feature(self, name: str, verdict: Verdict, held: Sequence[Checkpoint], begun: Sequence[Beginning] = ()) -> None:
        """How the audit of a feature is, and where it was begun anew."""
        if verdict.fault is None:
            self._console.print(f"ok    {name}: {_right(verdict, held)}")
        else:
            self._cut_off = self._cut_off or verdict.fault.startswith("cut off")
            self.wrong(name, f"{verdict.fault}. Before that {verdict.sealed} sealed records are as they were.")
        for one in begun:
            self._gaps += 1
            self._console.print(f"GAP   {name}: {missing(one)}")

    def end(self, mix: str) -> int:
        """What it comes to, and what to do; 0 if nothing is wrong, else 1."""
        if not self._wrong:
            gaps = {0: "", 1: ", but for the gap that is named"}.get(
                self._gaps, f", but for the {self._gaps} gaps that are named"
            )
            self._console.print(f"Nothing is wrong{gaps}.")
            return 0
        things = "One thing is" if self._wrong == 1 else f"{self._wrong} things are"
        asked = f"{_CUT_OFF.format(mix=mix)}\n" if self._cut_off else ""
        self._console.print(f"{things} WRONG. What to do:\n{asked}{_KEEP}")
        return 1


def missing(one: Beginning) -> str:
    """What a new beginning says for good."""
    last = f"the last of them sealed by {moment(one.lost_at).round('second').format_iso()}, as {one.lost_by} says"
    replaced = ", or others stand in their place" if one.first <= one.head.count else ""
    which = f"record {one.first} is" if one.first == one.lost else f"records {one.first} to {one.lost} are"
    who = f"{one.by} and {one.with_} say: {one.why}"
    return f"begun anew on {one.moment.round('second').format_iso()}; {which} missing{replaced}, {last}. {who}"


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
