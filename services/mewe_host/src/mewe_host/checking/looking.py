"""The process of a check that runs apart: it is told which check it is, then looks at one draft after the other."""

import os
import pickle
import sys
from typing import BinaryIO

from mewe_core.kit.message_checks import Draft, MessageCheck

_LENGTH = 4


def serve(asked: BinaryIO, answers: BinaryIO) -> None:
    """Answer until nobody asks any more. A check that raises is answered None."""
    look = None
    while header := asked.read(_LENGTH):
        what = pickle.loads(asked.read(int.from_bytes(header, "big")))  # noqa: S301
        answer: object = None
        if isinstance(what, MessageCheck):
            look, answer = what.look, True
        elif isinstance(what, Draft) and look is not None:
            try:
                answer = look(what)
            except Exception:
                answer = None
        said = pickle.dumps(answer)
        answers.write(len(said).to_bytes(_LENGTH, "big") + said)
        answers.flush()


def main() -> None:
    """Serve standard input and output; what a check prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    serve(sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
