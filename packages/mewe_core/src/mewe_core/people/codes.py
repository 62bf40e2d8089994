"""One-time codes: words (``mewe_core.kit.words``) that one person tells another. Seven of them are more than 69 bits."""

from mewe_core.kit.words import normalised, said

COUNT = 7
SHOWN = 2
SCHEME = "mewe"
RANDOM_BYTES = 16


def code(random: bytes) -> str:
    """Seven words joined by hyphens, from ``RANDOM_BYTES`` random bytes (128 bits, so that each word is as likely as another).

    Raises ValueError for another number of bytes.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a code is made of {RANDOM_BYTES} random bytes")
    return said(int.from_bytes(random, "big"), COUNT)


def shown(random: bytes) -> str:
    """The two words by which a device is recognised that waits to be confirmed; from ``RANDOM_BYTES`` random bytes."""
    return said(int.from_bytes(random, "big"), SHOWN)


def link(code: str, country: str) -> str:
    """What a QR code of an invitation says: the country and the code, and no address of anything."""
    return f"{SCHEME}:{country}:{code}"


def read(given: str, country: str) -> str:
    """A code as it is compared, from what was typed or what a QR code said; empty if it is of another country."""
    scheme, _, rest = given.strip().partition(":")
    if scheme.casefold() != SCHEME:
        return normalised(given)
    where, _, code = rest.partition(":")
    return normalised(code) if where.casefold() == country.casefold() else ""
