"""What people write for evaluation in TOML, read strictly: everything that is wrong at once, each with file, line and key."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import TypeVar

from attrs import frozen
from mewe_core.kit.faults import PluginFault
from mewe_core.kit.tables import TableFault, TableFaults, structured

from mewe_eval.documents.faults_within import faults_within
from mewe_eval.documents.lines import line_of, lines_of

T = TypeVar("T")


@frozen
class DocumentFault:
    """One thing that is wrong in a document: file, line (None: not found) and key; and what is allowed. Never the value."""

    file: str
    line: int | None
    key: str
    problem: str
    allowed: str

    def __str__(self) -> str:
        where = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{where}: {self.key or 'document'}: {self.problem}; allowed: {self.allowed}"


class DocumentFaults(PluginFault):
    """A document cannot be used; the message has a line for each fault, and ``faults`` has them one by one."""

    def __init__(self, *faults: DocumentFault) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


@frozen
class Document:
    """A document in TOML. ``file`` is what its faults call it. Raises DocumentFaults if it is not TOML."""

    text: str
    file: str
    table: Mapping[str, object]

    @classmethod
    def of(cls, text: str, file: str) -> "Document":
        """The document of a text."""
        try:
            return cls(text, file, tomllib.loads(text))
        except tomllib.TOMLDecodeError as fault:
            there = re.search(r"at line (\d+)", str(fault))
            line = int(there[1]) if there else None
            raise DocumentFaults(DocumentFault(file, line, "", f"this is not TOML: {fault}", "a TOML document")) from None

    def read(self, kind: type[T]) -> T:
        """The document as an instance of an attrs class. Raises DocumentFaults with everything that is wrong."""
        try:
            return structured(self.table, kind)
        except TableFaults as fault:
            raise self.faulty([*fault.faults, *faults_within(self.table, kind)]) from None

    def faulty(self, faults: Iterable[TableFault]) -> DocumentFaults:
        """These faults, each once and with its line, in the order of the lines."""
        lines = lines_of(self.text)
        told = {one.key: one for one in reversed(list(faults))}
        found = [DocumentFault(self.file, line_of(lines, one.key), one.key, one.problem, one.allowed) for one in told.values()]
        return DocumentFaults(*sorted(found, key=lambda one: (one.line or 0, one.key)))
