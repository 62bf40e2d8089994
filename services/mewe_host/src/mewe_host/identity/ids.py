"""Identifiers and secrets, from the operating system's source of randomness."""

import secrets
import uuid


class SystemIds:
    """The port ``Ids`` of a host."""

    def new(self) -> str:
        """A fresh identifier of 32 lower-case hexadecimal digits (a random UUID), which tells nothing about anybody."""
        return uuid.uuid4().hex

    def secret(self, bytes_: int) -> bytes:
        """Random bytes for a secret."""
        return secrets.token_bytes(bytes_)
