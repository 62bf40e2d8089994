"""Work to try computing with: functions of a module, so that they can be done apart."""

import os
import re
import sys


def doubled(number: int) -> int:
    """Twice as much."""
    return 2 * number


def fails(number: int) -> int:
    """Always fails."""
    raise ValueError("somebody's words")


def dies(number: int) -> int:
    """Takes its process with it."""
    os._exit(1)


def holds_the_interpreter(number: int) -> int:
    """An expression that takes longer than anybody lives, in code that lets no other thread run."""
    re.match("(a|aa)+$", "a" * 90 + "b")
    return number


def process_of(number: int) -> int:
    """Whose process this is."""
    return os.getpid()


def loads_a_package(name: str) -> bool:
    """Loads something that the asking process has no use for."""
    __import__(name)
    return name in sys.modules


def environment(name: str) -> str | None:
    """What it sees of its environment."""
    return os.environ.get(name)
