"""The log: one JSON object a line on standard error, with the keys that are listed here and no others.

Nothing that came from a person can enter it by mistake: a key that is not listed is dropped, and so are the text of an
exception and the message of a library, of which only the kind and the place in the code are kept.
"""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, TextIO

import structlog

KEYS = frozenset(
    {"address", "aggregate_id", "area", "attempt", "count", "database", "event", "event_id", "event_name", "fault", "feature"}
    | {"file", "key", "level", "library", "method", "outcome", "process", "reason", "revision", "seconds", "sequence", "server"}
    | {"signal", "state", "step", "stream", "timestamp", "version", "waiting", "where"}
)
"""What a line may say. ``fault`` is the class of an exception, ``where`` the file and line it came from."""

_LONGEST = 200


def opened(file: str | None) -> TextIO:
    """Where the log goes: to the end of a file, or to standard error if none is named."""
    if file is None:
        return sys.stderr
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    return Path(file).open("a", encoding="utf-8", buffering=1)


def configure(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Send everything that is logged, by structlog or by a library, to ``stream``."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            explain,
            allow,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    root.handlers = [LibraryHandler()]
    root.setLevel(max(level, logging.WARNING))


def explain(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """In place of an exception: its class, and where it was raised."""
    raised = line.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()[1]
    if isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        line.setdefault("fault", type(raised).__name__)
        line.setdefault("where", place(raised.__traceback__))
    return line


def allow(_: Any, __: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The listed keys alone, and of them short plain values alone."""
    return {key: _plain(value) for key, value in line.items() if key in KEYS}


def place(trace: TracebackType | None) -> str:
    """The innermost place of a traceback, as ``file.py:12``; empty if there is none."""
    frames = extract_tb(trace)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:_LONGEST] if isinstance(value, str) else type(value).__name__


class LibraryHandler(logging.Handler):
    """What libraries log, without their words: which library, how serious, where in its code, and the kind of exception."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of one record."""
        line: dict[str, Any] = {"library": record.name, "where": f"{record.filename}:{record.lineno}"}
        if record.exc_info and record.exc_info[1] is not None:
            line["fault"] = type(record.exc_info[1]).__name__
            line["where"] = place(record.exc_info[2]) or line["where"]
        log = structlog.get_logger()
        (log.error if record.levelno >= logging.ERROR else log.warning)("a library said something", **line)
