"""A text as the checks see it: the same for how it is written, as far as people write around words on purpose.

Every step looks at each character a bounded number of times.
"""

import re
import unicodedata
from functools import lru_cache

_LOOKS_LIKE = str.maketrans("аеорсухіјѕԁհ", "aeopcyxijsdh")
"""Cyrillic and Armenian letters that look like Latin ones."""

_LEET = str.maketrans("013457@$!|", "oieastasii")
_SPELLED_APART = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "đ": "d", "ł": "l", "œ": "oe", "ı": "i"})

_WORD = re.compile(r"[^\W_]+(?:[@$!|][^\W_]+)*")
_SPACED = re.compile(r"(?<!\w)\w(?:[^\w\n]{1,3}\w(?!\w)){2,}")


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    """A letter without its marks; nothing for what cannot be seen."""
    parts = unicodedata.normalize("NFKD", character)
    return "".join(one for one in parts if unicodedata.category(one) not in ("Mn", "Me", "Cf", "Cc", "Cs", "Co"))


def folded(text: str) -> str:
    """Lower case, letters alone where there were letters with marks, nothing invisible, line ends as spaces."""
    spread = " ".join(text.split())
    if spread.isascii():
        return spread.lower()
    return (
        "".join(map(_plain, unicodedata.normalize("NFKC", spread).casefold())).translate(_LOOKS_LIKE).translate(_SPELLED_APART)
    )


_DOUBLED = re.compile(r"(\w)\1+")


def single(word: str) -> str:
    """A word with each letter that stands several times in a row standing once: "kiiilll" and "kill" are "kil"."""
    return _DOUBLED.sub(r"\1", word)


def words(text: str) -> list[str]:
    """The words of a folded text as they are compared: letters for digits and signs within a word, no doubled letters.

    Letters that stand by themselves, three and more in a row, are put together as a word behind an empty one, and stay as they
    are besides.
    """
    found = [one if one.isalpha() else _compared(one) for one in _WORD.findall(single(text.replace("'", "").replace("’", "")))]
    for apart in _SPACED.findall(text):
        found += ["", _compared("".join(one for one in apart if one.isalnum()))]
    return found


def _compared(word: str) -> str:
    if not word.isdigit() and any(one.isalpha() for one in word):
        word = word.translate(_LEET)
    return single(word)
