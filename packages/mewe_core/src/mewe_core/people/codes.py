"""One-time codes: words without a meaning, easy to say in any language, that one person tells another.

A word is two syllables; a syllable is one of eight consonants that are hard to mishear for each other (no b beside p, no m
beside n, nothing that the languages of the countries read in two ways) and one of four vowels. Words that are rude in one of
those languages are left out. Seven words out of almost a thousand are more than 69 bits.
"""

import unicodedata
from functools import cache
from itertools import product

CONSONANTS = "bfklmrst"
VOWELS = "aeio"
LEFT_OUT = """
bite boba bobo fata fesa fisa fiso fita foka foko kaka kaki kako kike kiki
lesi loli lolo rata rola sase seko tete teta tita tite titi tito tosa
"""
COUNT = 7
SHOWN = 2
SCHEME = "mewe"
SEPARATOR = "-"
RANDOM_BYTES = 16


@cache
def words() -> tuple[str, ...]:
    """Every word a code may be made of, in order; there is no other list."""
    left_out = set(LEFT_OUT.split())
    syllables = [consonant + vowel for consonant, vowel in product(CONSONANTS, VOWELS)]
    return tuple(word for first, second in product(syllables, syllables) if (word := first + second) not in left_out)


def code(random: bytes) -> str:
    """Seven words joined by hyphens, from ``RANDOM_BYTES`` random bytes (128 bits, so that each word is as likely as another).

    Raises ValueError for another number of bytes.
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a code is made of {RANDOM_BYTES} random bytes")
    return _said(random, COUNT)


def shown(random: bytes) -> str:
    """The two words by which a device is recognised that waits to be confirmed; from ``RANDOM_BYTES`` random bytes."""
    return _said(random, SHOWN)


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


def _said(random: bytes, count: int) -> str:
    rest, chosen = int.from_bytes(random, "big"), []
    for _ in range(count):
        rest, position = divmod(rest, len(words()))
        chosen.append(words()[position])
    return SEPARATOR.join(chosen)


def normalised(typed: str) -> str:
    """A code as it is compared: letters a to z alone, whatever the case, the spaces, the hyphens and other signs between.

    Empty if there is anything else in it, such as a letter or a digit that no code has.
    """
    folded = unicodedata.normalize("NFKC", typed).casefold()
    letters = "".join(character for character in folded if unicodedata.category(character)[0] not in "CPZ")
    return letters if letters.isascii() and letters.isalpha() else ""
