"""The log: one JSON object a line on standard error, with the keys that are listed here and no others.

Nothing that came from a person can enter it by mistake: a key that is not listed is dropped, and so are the text of an
exception and the message of a library, of which only the kind and the place in the code are kept.
"""

import logging
import sys
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from traceback import extract_tb
from types import TracebackType
from typing import Any, TextIO

import structlog

KEYS = frozenset(
    {"address", "aggregate_id", "area", "at", "attempt", "count", "database", "error", "event", "event_id", "event_name"}
    | {"feature", "file", "key", "level", "library", "method", "outcome", "part", "process", "reason", "revision", "seconds"}
    | {"sequence", "server", "signal", "state", "step", "stream", "timestamp", "version", "waiting"}
)
"""What a line may say. ``error`` is the class of an exception, ``at`` the places in the code it went through."""

_LONGEST = 200
_MOST = 20
_PUT_ASIDE = 10_000_000


@contextmanager
def to(file: str | None) -> Iterator[None]:
    """Log to the end of a file, or to standard error if none is named; a file of ten million bytes is put aside first."""
    if file is None:
        configure(sys.stderr)
        yield
        return
    path = Path(file)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _PUT_ASIDE:
        path.replace(path.with_name(f"{path.name}.1"))
    path.touch(mode=0o600)
    stream = path.open("a", encoding="utf-8", buffering=1)
    try:
        configure(stream)
        yield
    finally:
        configure(sys.stderr)
        with suppress(OSError):
            stream.close()


def said_where(file: str | None) -> str:
    """Where the log is, in a sentence."""
    return "The log is on standard error." if file is None else f"The log is in {file}."


def configure(stream: TextIO, *, level: int = logging.INFO) -> None:
    """Send everything that is logged, by structlog or by a library, to ``stream``.

    A line that cannot be written is lost: a full disk must not keep anybody from being told that it is full.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            explain,
            allow,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=_Lines.to(stream),
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
        line.setdefault("error", type(raised).__name__)
        line.setdefault("at", place(raised.__traceback__))
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
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value[:_MOST]]
    return str(value)[:_LONGEST] if isinstance(value, str) else type(value).__name__


class _Lines(structlog.PrintLogger):
    """Writes lines, or loses them."""

    @classmethod
    def to(cls, stream: TextIO) -> "Callable[..., _Lines]":
        return lambda *_: cls(stream)

    def msg(self, message: str) -> None:
        with suppress(OSError):
            super().msg(message)

    log = debug = info = warn = warning = fatal = failure = err = error = critical = exception = msg


class LibraryHandler(logging.Handler):
    """What libraries log, without their words: which library, how serious, where in its code, and the kind of exception."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of one record."""
        line: dict[str, Any] = {"library": record.name, "at": f"{record.filename}:{record.lineno}"}
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = type(record.exc_info[1]).__name__
            line["at"] = place(record.exc_info[2]) or line["at"]
        log = structlog.get_logger()
        (log.error if record.levelno >= logging.ERROR else log.warning)("a library said something", **line)
