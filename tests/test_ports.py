"""A kept port: nobody gets it by chance, and its program gets it again and again."""

import socket
import struct

import pytest

from tests.ports import kept_port

OTHERS = 20_000
AT_ONCE = struct.pack("ii", 1, 0)
"""For SO_LINGER: what is closed leaves nothing behind."""


def test_whoever_asks_for_any_port_is_not_given_a_kept_one() -> None:
    """However many ask, to listen, to bind or to connect."""
    with kept_port() as port, socket.create_server(("127.0.0.1", 0)) as somewhere:
        given = {bound(reuse=nth % 2) for nth in range(OTHERS)} | {connected(somewhere) for _ in range(OTHERS // 10)}
    assert len(given) > OTHERS // 10
    assert port not in given


def test_a_program_gets_it_by_its_number_again_and_again() -> None:
    """Before, between and afterwards nobody answers there."""
    with kept_port() as port:
        for _ in range(3):
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", port))
            with socket.create_server(("127.0.0.1", port)) as program, socket.create_connection(("127.0.0.1", port)):
                program.accept()[0].close()


def bound(*, reuse: int) -> int:
    """A port that the system gives to somebody who names none."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, reuse)
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def connected(to: socket.socket) -> int:
    """The port that the system gives to somebody who connects."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        one.setblocking(False)
        one.connect_ex(to.getsockname())
        return int(one.getsockname()[1])
