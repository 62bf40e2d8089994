"""Words that a person can write down or compare: the recovery words of a diary, and the words of a leader's key."""

from typing import Final

from mewe_core.kit.words import normalised, said, words

from mewe_diary.envelope.encoding import LABEL, fields
from mewe_diary.envelope.errors import Malformed, RecoveryWordsWrong
from mewe_diary.envelope.keys import sha256
from mewe_diary.envelope.locks import RECOVERY

COUNT: Final = 14
OF_A_KEY: Final = 7
_CHECK = 10
_LETTERS = 4


def recovery_words(entropy: bytes) -> str:
    """Fourteen words joined by hyphens, from 16 random bytes. Raises Malformed for another number of bytes."""
    if len(entropy) != RECOVERY:
        raise Malformed
    return said(int.from_bytes(entropy, "big") << _CHECK | _check(entropy), COUNT)


def read_recovery_words(typed: str) -> bytes:
    """The inverse, whatever stands between the letters. Raises RecoveryWordsWrong for what nobody was given."""
    letters = normalised(typed)
    known = {word: position for position, word in enumerate(words())}
    typed_words = [letters[start : start + _LETTERS] for start in range(0, len(letters), _LETTERS)]
    if len(letters) != COUNT * _LETTERS or not set(typed_words) <= known.keys():
        raise RecoveryWordsWrong
    number = 0
    for word in reversed(typed_words):
        number = number * len(known) + known[word]
    number, check = number >> _CHECK, number & ((1 << _CHECK) - 1)
    if number >= 1 << (8 * RECOVERY):
        raise RecoveryWordsWrong
    entropy = number.to_bytes(RECOVERY, "big")
    if check != _check(entropy):
        raise RecoveryWordsWrong
    return entropy


def key_words(key_id: bytes) -> str:
    """The words by which two people who sit together compare a key."""
    return said(int.from_bytes(key_id[:16], "big"), OF_A_KEY)


def _check(entropy: bytes) -> int:
    return int.from_bytes(sha256(fields(LABEL, "recovery words", entropy))[:2], "big") >> (16 - _CHECK)
