"""What sealed words look like, as pure functions.

One byte of format, the data key's id (8), a check over them and over what is bound (8), the nonce (12), then the words under
AES-256-GCM with its tag (16): 45 bytes more than the words. The check has a key of the country, so that words whose data key
was destroyed are still told apart from words that were changed or moved.
"""

from attrs import frozen

FORMAT = b"\x01"
KEY_ID, CHECK, NONCE, TAG = 8, 8, 12, 16
_LEAST = 1 + KEY_ID + CHECK + NONCE + TAG


class Unsealable(ValueError):
    """This was not sealed here for this place, or was changed. Nothing of it is ever shown."""

    def __init__(self) -> None:
        super().__init__("this was sealed for something else, or changed")


@frozen
class Sealed:
    """Sealed words, taken apart."""

    key_id: bytes
    check: bytes
    nonce: bytes
    body: bytes

    @classmethod
    def read(cls, sealed: bytes) -> "Sealed":
        """Raises Unsealable if it cannot have been sealed here."""
        if sealed[:1] != FORMAT or len(sealed) < _LEAST:
            raise Unsealable
        check, nonce, body = 1 + KEY_ID, 1 + KEY_ID + CHECK, 1 + KEY_ID + CHECK + NONCE
        return cls(sealed[1:check], sealed[check:nonce], sealed[nonce:body], sealed[body:])

    def written(self) -> bytes:
        """As it is kept in a column."""
        return b"".join((FORMAT, self.key_id, self.check, self.nonce, self.body))


def bound(*parts: str) -> bytes:
    """Texts as bytes that no other texts give: each behind its length. Any text has its bytes, also one that is no Unicode."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join([piece for one in encoded for piece in (len(one).to_bytes(4), one)])


def named(text: str) -> str:
    """A text that names whose key it is or what for, as databases can keep it. Raises ValueError if it cannot be kept."""
    if not text or "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a key is named by a text that is not empty, without NUL and lone surrogates")
    return text
