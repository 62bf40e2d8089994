"""Ports of this machine for programs that have to come back at the same place, or whose place somebody knows beforehand.

Whoever can do without names port 0, and reads what the program says.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_port() -> Iterator[int]:
    """A port of 127.0.0.1 that is given to nobody who asks for any, until the end of the block; nobody listens on it yet.

    A socket that never listens stays bound to it. A program that asks for it by its number and sets SO_REUSEADDR listens
    beside that one, also again after it was killed.
    """
    with socket.socket() as keeping:
        keeping.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeping.bind(("127.0.0.1", 0))
        yield int(keeping.getsockname()[1])
