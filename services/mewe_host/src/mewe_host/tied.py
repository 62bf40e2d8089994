"""A program that ends with the process that starts it, however that ends (on Linux).

The tie is made by a short Python program that then becomes the other one. It is not made between fork and exec of the process
itself: what Python runs there, in a process whose other threads are inside gRPC, crashes or waits for ever.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_TIE = """
import ctypes, os, sys
parent, sign, program = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
ctypes.CDLL(None).prctl(1, sign)
if os.getppid() == parent:
    os.execv(program[0], program)
sys.exit(1)
"""


def tied(program: Sequence[str | Path], sign: signal.Signals) -> list[str]:
    """The words to start a program by, given by its full path, so that it gets a signal as soon as this process is gone.

    The signal may come several times within a moment: Linux sends it for each thread that hands the program on to another.
    It keeps the process id that it was started with. To be started from the main thread: Linux goes by the thread. Where
    there is no such tie (other systems), the program's own words.
    """
    words = [str(word) for word in program]
    if sys.platform != "linux":
        return words
    return [sys.executable, "-I", "-S", "-c", _TIE, str(os.getpid()), str(int(sign)), *words]
