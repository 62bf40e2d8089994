"""Page tokens: where a list goes on. Opaque to clients, and worthless for another list."""

import base64
import binascii
import json

from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.values import Value

LARGEST = 200
"""The most items one page may have."""

USUAL = 50
"""How many items a page has when the request does not say."""


def size(asked: int) -> int:
    """How many items to read: the usual number for 0, never more than the largest. Raises Invalid below 0."""
    if asked < 0:
        raise Invalid(Field("page_size", f"a number from 0 to {LARGEST}"))
    return min(asked or USUAL, LARGEST)


def token(list_name: str, after: str | int) -> str:
    """The token for the page that starts behind ``after``."""
    return base64.urlsafe_b64encode(json.dumps([list_name, after]).encode()).decode().rstrip("=")


def after(list_name: str, page_token: str, start: Value) -> Value:
    """What the page starts behind; ``start`` for the first page. Raises Invalid for a token of another list, or no token."""
    if not page_token:
        return start
    try:
        name, position = json.loads(base64.urlsafe_b64decode(page_token + "=" * (-len(page_token) % 4)))
    except (ValueError, binascii.Error, TypeError):
        name, position = None, None
    if name != list_name or type(position) is not type(start):
        raise Invalid(Field("page_token", "the next_page_token of the same list"))
    return start if position is None else _value(position)


def _value(position: object) -> Value:
    if isinstance(position, str | int):
        return position
    raise Invalid(Field("page_token", "the next_page_token of the same list"))
