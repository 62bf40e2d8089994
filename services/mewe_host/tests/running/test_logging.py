"""The log says what is listed, as one JSON object a line, and nothing that a person wrote."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from mewe_host.running.logging import configure, to

WRITTEN = "what Alva wrote"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """A log in memory; what was configured before is put back."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    stream = io.StringIO()
    configure(stream)
    yield stream
    logging.captureWarnings(capture=False)
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    """What was logged."""
    return [json.loads(line) for line in log.getvalue().splitlines()]


def test_a_key_that_is_not_listed_is_dropped(log: io.StringIO) -> None:
    """Whoever logs a text by mistake logs nothing."""
    structlog.get_logger().info("call answered", method="/x", text=WRITTEN, person_id="p1")
    (line,) = lines(log)
    assert line.keys() == {"event", "level", "timestamp", "method"}


def test_an_exception_is_its_class_and_its_place(log: io.StringIO) -> None:
    """The text of an exception may hold anything, and is never written."""
    try:
        raise ValueError(WRITTEN)
    except ValueError:
        structlog.get_logger().exception("it failed")
        logging.getLogger("library").exception("failed on %s", WRITTEN)
    assert WRITTEN not in log.getvalue()
    assert [line["error"] for line in lines(log)] == ["ValueError", "ValueError"]
    assert all(line["at"].startswith("test_logging.py:") for line in lines(log))


def test_what_a_library_says_is_kept_without_its_words(log: io.StringIO) -> None:
    """Of a library's message and of a warning, the library and the place in its code remain."""
    logging.getLogger("some.library").error("cannot parse %r", WRITTEN)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(WRITTEN, UserWarning, stacklevel=1)
    assert WRITTEN not in log.getvalue()
    assert [(line["library"], line["level"]) for line in lines(log)] == [("some.library", "error"), ("py.warnings", "warning")]


def test_a_value_that_is_not_plain_is_its_kind(log: io.StringIO) -> None:
    """An object under a listed key is written as the name of its class; a long text is cut."""
    structlog.get_logger().info("x", reason={"text": WRITTEN}, feature="a" * 1000, at=["a.py:1", {"text": WRITTEN}])
    (line,) = lines(log)
    assert WRITTEN not in log.getvalue()
    assert (line["reason"], len(line["feature"]), line["at"]) == ("dict", 200, ["a.py:1", "dict"])


def test_a_line_that_cannot_be_written_stops_nobody(log: io.StringIO) -> None:
    """With the disk full, what would be logged is lost, and whoever logs goes on; so does the closing of the log."""
    with to("/dev/full"):
        structlog.get_logger().error("commit_failed")
        logging.getLogger("library").error("failed")
    assert lines(log) == []
