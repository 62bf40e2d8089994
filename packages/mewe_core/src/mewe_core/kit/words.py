"""Words without a meaning, easy to say in any language, that one person tells another or writes down.

A word is two syllables; a syllable is one of eight consonants that are hard to mishear for each other (no b beside p, no m
beside n, nothing that the languages of the countries read in two ways) and one of four vowels. Words that are rude in one of
those languages are left out. Each of almost a thousand is just less than ten bits.
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
SEPARATOR = "-"


@cache
def words() -> tuple[str, ...]:
    """Every word there is, in order; there is no other list."""
    left_out = set(LEFT_OUT.split())
    syllables = [consonant + vowel for consonant, vowel in product(CONSONANTS, VOWELS)]
    return tuple(word for first, second in product(syllables, syllables) if (word := first + second) not in left_out)


def said(number: int, count: int) -> str:
    """So many words joined by hyphens, which say a number modulo all that they can say; the first is the least significant."""
    rest, chosen = number, []
    for _ in range(count):
        rest, position = divmod(rest, len(words()))
        chosen.append(words()[position])
    return SEPARATOR.join(chosen)


def normalised(typed: str) -> str:
    """Words as they are compared: letters a to z alone, whatever the case, the spaces, the hyphens and other signs between.

    Empty if there is anything else in it, such as a letter or a digit that no word has.
    """
    folded = unicodedata.normalize("NFKC", typed).casefold()
    letters = "".join(character for character in folded if unicodedata.category(character)[0] not in "CPZ")
    return letters if letters.isascii() and letters.isalpha() else ""
