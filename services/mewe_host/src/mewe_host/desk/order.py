"""The order of a chain: which positions it holds, and which may still come late.

The chain has an order of its own, that of sealing. On SQLite it is the order of positions. On PostgreSQL units run beside each
other, so that a record may be kept after one with a higher position has been sealed; it is sealed then, and that is no fault as
long as no more than ``LATEST`` others were sealed in between. A position that nobody fills (its unit was undone) stays empty,
which is no fault either.
"""

from attrs import define, field

LATEST = 200_000
"""How many records may be sealed between the first that overtook a record and the record itself: a minute's, at full load."""

WIDEST = 1000
"""How many empty positions before a record are waited for; units that run beside each other are far fewer."""


@define
class Order:
    """Which positions are in the chain, as far as it takes to know what may still come.

    ``missing`` holds positions that were overtaken, each with the count of the chain at which that was.
    """

    count: int = 0
    top: int = 0
    missing: dict[int, int] = field(factory=dict)

    def begin(self, count: int, top: int) -> None:
        """The chain begins behind so many records that were let go, the highest position of which was ``top``."""
        self.count, self.top = count, top
        self.missing.clear()

    def take(self, position: int) -> None:
        """The next record of the chain has this position."""
        self.count += 1
        if position == self.top + 1:
            self.top = position
        elif position > self.top:
            for empty in range(max(self.top + 1, position - WIDEST), position):
                self.missing[empty] = self.count
            self.top = position
        else:
            self.missing.pop(position, None)

    def may_come(self, position: int) -> bool:
        """Whether the record at this position may still be sealed."""
        overtaken = self.missing.get(position)
        return overtaken is not None and self.count - overtaken < LATEST

    def forget(self) -> None:
        """Wait no more for what can be late no more."""
        while self.missing and not self.may_come(first := next(iter(self.missing))):
            del self.missing[first]
