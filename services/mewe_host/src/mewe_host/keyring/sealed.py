"""What sealed words look like, as pure functions.

One byte of format, the data key's id (8), a check over them and over what is bound (8), the nonce (12), then the words under
AES-256-GCM with its tag (16): 45 bytes more than the words. The check has a key of the country, so that words whose data key
was destroyed are still told apart from words that were changed or moved.

What is sealed within several keys has one byte of its own format, the outer key's id, a nonce, and enciphered under the outer
key: how many keys are inside, for each whose it is, its id and nonce, and last what they hold, from the last to the first.
"""

from collections.abc import Sequence

from attrs import frozen

FORMAT, WITHIN = b"\x01", b"\x02"
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


@frozen
class Layer:
    """One of several keys that something is sealed within."""

    about: str
    purpose: str
    key_id: bytes
    nonce: bytes


@frozen
class Within:
    """What is sealed within several keys, taken apart as far as the outer one."""

    key_id: bytes
    nonce: bytes
    body: bytes

    @classmethod
    def outer(cls, sealed: bytes) -> "Within":
        """Raises Unsealable if it cannot have been sealed here."""
        if sealed[:1] != WITHIN or len(sealed) < 1 + KEY_ID + NONCE + TAG:
            raise Unsealable
        return cls(sealed[1 : 1 + KEY_ID], sealed[1 + KEY_ID : 1 + KEY_ID + NONCE], sealed[1 + KEY_ID + NONCE :])

    @staticmethod
    def of(layers: Sequence[bytes], body: bytes) -> bytes:
        """The keys inside, as ``layered`` tells each, and what they hold."""
        return b"".join((len(layers).to_bytes(2), *layers, body))

    @staticmethod
    def layers(inner: bytes) -> tuple[list[Layer], bytes]:
        """The inverse. It was authenticated under the outer key."""
        at, found = 2, list[Layer]()
        for _ in range(int.from_bytes(inner[:2])):
            names = []
            for _ in range(2):
                end = at + 4 + int.from_bytes(inner[at : at + 4])
                names.append(inner[at + 4 : end].decode("utf-8", "surrogatepass"))
                at = end
            found.append(Layer(names[0], names[1], inner[at : at + KEY_ID], inner[at + KEY_ID : at + KEY_ID + NONCE]))
            at += KEY_ID + NONCE
        return found, inner[at:]


def layered(kind: bytes, key_id: bytes, nonce: bytes) -> bytes:
    """How one key inside is told. ``kind``: its about and purpose, ``bound``."""
    return kind + key_id + nonce


def bound(*parts: str) -> bytes:
    """Texts as bytes that no other texts give: each behind its length. Any text has its bytes, also one that is no Unicode."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join([piece for one in encoded for piece in (len(one).to_bytes(4), one)])


def named(text: str) -> str:
    """A text that names whose key it is or what for, as databases can keep it. Raises ValueError if it cannot be kept."""
    if not text or "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("a key is named by a text that is not empty, without NUL and lone surrogates")
    return text
