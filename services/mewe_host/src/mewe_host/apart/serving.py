"""The process of work that is done apart: it is told what its work is, then does it with one thing after the other."""

import os
import pickle
import sys
from collections.abc import Callable
from typing import BinaryIO

from attrs import frozen

LENGTH = 4
"""The bytes that say how long what follows is."""


@frozen
class Ended:
    """What came of it: ``value``; or, if it is not ``done``, the kind of fault that it raised, and no word of it."""

    done: bool
    value: object = None
    fault: str = ""


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more. The first that is asked is the work itself."""
    work: Callable[[object], object] | None = None
    while header := asked.read(LENGTH):
        said = asked.read(int.from_bytes(header, "big"))
        try:
            what = pickle.loads(said)  # noqa: S301
            if work is None:
                work, ended = what, pickle.dumps(Ended(done=True))
            else:
                ended = pickle.dumps(Ended(done=True, value=work(what)))
        except Exception as fault:
            ended = pickle.dumps(Ended(done=False, fault=type(fault).__name__))
        answers.write(len(ended).to_bytes(LENGTH, "big") + ended)
        answers.flush()


def main() -> None:
    """Serve standard input and output; what the work prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)
