"""Bytes as URL-safe base64 without padding, in its one form."""

import base64


def to_text(data: bytes) -> str:
    """Letters, digits, - and _."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def from_text(text: str) -> bytes:
    """The inverse. Raises ValueError for anything else than ``to_text`` makes."""
    data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if to_text(data) != text:
        raise ValueError("not in its one form")
    return data
