"""What is wrong with a mix, in words for whoever wrote it."""

import difflib
from collections.abc import Iterable

from attrs import frozen


@frozen
class Fault:
    """One thing that is wrong: in which file, at which key, and what would be right. Never a value."""

    file: str
    key: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        where = f"{self.file}, {self.key}" if self.key else self.file
        return f"{where}: {self.problem}. Allowed: {self.allowed}."


class MixFaults(Exception):
    """A mix cannot be used; each fault stands for itself."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__("\n".join(str(one) for one in faults))
        self.faults = faults


class Refused(ValueError):
    """A value is not of the kind that its key wants; says what is allowed."""

    def __init__(self, allowed: str) -> None:
        super().__init__(allowed)
        self.allowed = allowed


def closest(word: str, words: Iterable[str]) -> str:
    """What is allowed in place of an unknown word: the likeliest one first, if one is near, then all of them."""
    there = sorted(words)
    near = difflib.get_close_matches(word, there, n=1)
    listed = ", ".join(there) or "nothing"
    return f'{listed} (did you mean "{near[0]}"?)' if near else listed
