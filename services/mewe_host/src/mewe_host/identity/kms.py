"""A key management service: it keeps one key that never leaves it, and wraps the secrets of the key folder with it."""

import subprocess
from typing import Protocol

from attrs import field, frozen

from mewe_host.identity.faults import KeyFault

_KEY = "keys.kms_command"
_ALLOWED = 'a program and its arguments that reads bytes and writes bytes, such as ["/usr/local/bin/country-kms"]'


class Kms(Protocol):
    """Wraps secrets. It is asked when a host starts and when a secret is made, never in the way of a call."""

    def wrap(self, plain: bytes) -> bytes:
        """The secret in a form that only ``unwrap`` can undo. Raises KeyFault if the service does not do it."""

    def unwrap(self, wrapped: bytes) -> bytes:
        """The inverse. Raises KeyFault if the service does not do it, or did not wrap this."""


@frozen
class CommandKms:
    """A service that is reached by a program: run with one more word, ``wrap`` or ``unwrap``, it reads the bytes from
    standard input, writes the answer to standard output, and leaves with 0 within ``seconds``.

    What it says on standard error is seen by whoever started this program; nothing of it is kept.
    """

    command: tuple[str, ...]
    seconds: float = field(default=10.0)

    def wrap(self, plain: bytes) -> bytes:
        """Wrapped, once it is seen that it can be unwrapped again: a secret that cannot be had back is never kept."""
        wrapped = self._asked("wrap", plain)
        if self._asked("unwrap", wrapped) != plain:
            raise self._fault("what it wraps it does not unwrap to the same bytes")
        return wrapped

    def unwrap(self, wrapped: bytes) -> bytes:
        """The secret."""
        return self._asked("unwrap", wrapped)

    def _asked(self, what: str, given: bytes) -> bytes:
        try:
            done = subprocess.run(  # noqa: S603
                [*self.command, what], input=given, stdout=subprocess.PIPE, timeout=self.seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise self._fault(f"it did not {what} within {self.seconds:g} seconds") from None
        except OSError as fault:
            raise self._fault(f"it cannot be run ({fault.strerror})") from None
        if done.returncode != 0:
            raise self._fault(f"it did not {what}, and left with {done.returncode}")
        if not done.stdout:
            raise self._fault(f"it left with 0 and wrote nothing when asked to {what}")
        return done.stdout

    def _fault(self, problem: str) -> KeyFault:
        return KeyFault(f"the program {self.command[0]}: {problem}. Allowed: {_ALLOWED}", key=_KEY)
