"""Identifiers and secrets, from the operating system's source of randomness."""

import os


class SystemIds:
    """The port ``Ids`` of a host."""

    def new(self) -> str:
        """A fresh identifier of 32 lower-case hexadecimal digits, all of them random: it tells nothing about anybody."""
        return os.urandom(16).hex()

    def secret(self, bytes_: int) -> bytes:
        """Random bytes for a secret."""
        return os.urandom(bytes_)
