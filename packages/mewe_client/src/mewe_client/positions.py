"""Positions: what the answers to one's writes have told, shown to the next call so that it knows of them.

A position is opaque text to its users; here it is merged, so that a client shows the newest of each aggregate and no more than
a service accepts.
"""

HEADER = "mewe-position"
MOST = 16


class Positions:
    """The newest positions seen, oldest first."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def keep(self, header: str) -> None:
        """Take in the position of an answer; what cannot be read is left out."""
        for entry in header.split(","):
            aggregate, _, sequence = entry.strip().rpartition("/")
            if aggregate and sequence.isascii() and sequence.isdigit():
                newest = max(self._seen.pop(aggregate, 0), int(sequence))
                self._seen[aggregate] = newest
        while len(self._seen) > MOST:
            del self._seen[next(iter(self._seen))]

    def shown(self) -> str:
        """What to send along; empty if nothing was told yet."""
        return ",".join(f"{aggregate}/{sequence}" for aggregate, sequence in self._seen.items())
