"""Page tokens: where a list goes on. Opaque to clients, and worthless for another list."""

import base64
import binascii
import json
import re

from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.values import Value

LARGEST = 200
"""The most items one page may have."""

USUAL = 50
"""How many items a page has when the request does not say."""

LONGEST = 4000
"""The most characters of a token: a list that sorts by a text of 200 characters of any script makes none that is longer."""

_TEXT = re.compile("[^\x00\ud800-\udfff]*")


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
    if len(page_token) > LONGEST:
        raise not_of_this_list()
    try:
        name, position = json.loads(base64.urlsafe_b64decode(page_token + "=" * (-len(page_token) % 4)))
    except (ValueError, binascii.Error, TypeError, RecursionError):
        name, position = None, None
    if name != list_name or type(position) is not type(start):
        raise not_of_this_list()
    return start if position is None else _value(position)


def not_of_this_list() -> Invalid:
    """What to raise for a token that was not made by ``token`` for the list that is asked for."""
    return Invalid(Field("page_token", "the next_page_token of the same list"))


def _value(position: object) -> Value:
    """A position that every database can compare with: a text that it could hold, or a number of 64 bits."""
    if isinstance(position, str) and _TEXT.fullmatch(position):
        return position
    if isinstance(position, int) and abs(position) < 2**63:
        return position
    raise not_of_this_list()
