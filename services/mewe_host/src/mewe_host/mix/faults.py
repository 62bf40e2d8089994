"""What is wrong with a mix, in words for whoever wrote it."""

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
