"""New beginnings: after a backup was restored, the records that witnesses saw and the chain does not hold are named for good.

A beginning stands in the book of acts. It is no licence: checkpoints that were taken before it and that the restored chain
contradicts are told as missing, each time anybody verifies; where the chain stood then is a checkpoint itself; and whatever is
taken away afterwards is found as ever.
"""

from collections.abc import Iterable, Sequence

from attrs import frozen
from mewe_core.kit.values import moment
from whenever import Instant

from mewe_host.desk.chain import Head
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.verifying import Comparison
from mewe_host.identity.acts import Act, Book, Said

KIND = "new beginning"
"""What such an act is called in the book."""

WITNESS = "the book of acts"


@frozen
class Beginning:
    """The chain of ``feature`` went on from ``head``, as it stood after a restore.

    ``kept``: up to which record a checkpoint has vouched for it; ``first`` to ``lost`` are missing, or others stand in their
    place, the last of them sealed by ``lost_at`` (microseconds), as ``lost_by`` says. ``by`` and ``with_`` are the two who
    answer for it, ``why`` what they say.
    """

    feature: str
    head: Head
    kept: int
    first: int
    lost: int
    lost_at: int
    lost_by: str
    at: int
    by: str
    with_: str
    why: str

    @property
    def moment(self) -> Instant:
        """When it was entered."""
        return moment(self.at)

    @property
    def said(self) -> Said:
        """How it stands in the book; ``at`` is the act's own, and later than all that it speaks of."""
        numbers = {
            "number": self.head.count,
            "kept": self.kept,
            "first": self.first,
            "lost": self.lost,
            "lost_at": self.lost_at,
        }
        texts = {"feature": self.feature, "chain": self.head.chain.hex(), "lost_by": self.lost_by}
        return {**numbers, **texts, "by": self.by, "with": self.with_, "why": self.why}

    @classmethod
    def read(cls, act: Act) -> "Beginning":
        """From the book. Raises ValueError for an act that is none."""
        said = act.said
        number, kept, first, lost, lost_at = (int(said.get(one, "")) for one in ("number", "kept", "first", "lost", "lost_at"))
        head = Head(number, bytes.fromhex(act.text("chain")))
        texts = (act.text(one) for one in ("by", "with", "why"))
        return cls(act.text("feature"), head, kept, first, lost, lost_at, act.text("lost_by"), act.at, *texts)

    def speaks_of(self, checkpoint: Checkpoint) -> bool:
        """Whether a checkpoint is of what went missing then."""
        return checkpoint.at <= self.at and self.kept < checkpoint.head.count <= self.lost


def beginnings(books: Iterable[Book], feature: str) -> list[Beginning]:
    """Those of a feature, the earliest first."""
    found = [Beginning.read(act) for book in books for act in book.of(KIND) if act.text("feature") == feature]
    return sorted(found, key=lambda one: one.at)


def to_hold(checkpoints: Iterable[Checkpoint], begun: Sequence[Beginning]) -> list[Checkpoint]:
    """The checkpoints that the chain has to hold: all but those of what is known to be missing; and each beginning itself."""
    held = [one for one in checkpoints if not any(later.speaks_of(one) for later in begun)]
    for number, one in enumerate(begun):
        itself = Checkpoint(one.feature, one.head, one.at, WITNESS)
        if not any(later.speaks_of(itself) for later in begun[number + 1 :]):
            held.append(itself)
    return held


def begin(feature: str, found: Comparison, now: int, *, by: str, with_: str, why: str) -> Beginning | None:
    """The beginning of a chain as it is found; None if it holds every checkpoint, so that nothing is missing."""
    lost = max(found.contradicted, key=lambda one: one.head.count, default=None)
    if lost is None:
        return None
    nearest = min(one.head.count for one in found.contradicted)
    kept = max((one.head.count for one in found.agreed if one.head.count < nearest), default=0)
    first = (found.head.count if found.head.count < nearest else kept) + 1
    at = max(now, *(one.at for one in found.contradicted))
    return Beginning(feature, found.head, kept, first, lost.head.count, lost.at, lost.witness, at, by, with_, why)
