"""Words that may tell of an acute crisis, in each language that there is a file of in ``words/``.

A phrase is found if its words stand in order, with two filler words between them at most, unless a word before or behind makes
it an everyday one. All languages are looked for in all countries: young people write in more than one.
"""

import tomllib
from collections import defaultdict
from functools import cache
from importlib.resources import files

from attrs import frozen
from mewe_core.kit.message_checks import CRISIS, NOTHING, Draft, MessageCheck, Verdict

from mewe_chat.checks import normal

MOST_FILLERS = 2
_SHORTEST_JOINED = 7
_SHORTEST_SPELLED = 5
_ENDINGS = "*"

Words = tuple[str, ...]


@frozen
class Language:
    """A file of words, as it is matched. ``reviewed``: a clinician and a speaker of the language have gone through it."""

    language: str
    reviewed: bool
    phrases: tuple[Words, ...]
    fillers: frozenset[str]
    denials: frozenset[str]
    not_before: tuple[Words, ...]
    not_after: tuple[Words, ...]


@frozen
class _Phrase:
    """The words behind the first, and whose they are."""

    rest: Words
    denied: bool
    language: Language


@cache
def languages() -> tuple[Language, ...]:
    """What there is, by language."""
    folder = files("mewe_chat.checks") / "words"
    return tuple(
        _read(one.read_text(encoding="utf-8"))
        for one in sorted(folder.iterdir(), key=lambda one: one.name)
        if one.name.endswith(".toml")
    )


def look(draft: Draft) -> Verdict:
    """Whether a draft holds such words."""
    return CRISIS if tells_of_crisis(draft.text) else NOTHING


CHECK = MessageCheck(name="crisis-words", order=10, package="mewe_chat", look=look, crisis=True, quick=True)


def tells_of_crisis(text: str) -> bool:
    """Whether a text holds a phrase of one of the languages."""
    found = normal.words(normal.folded(text))
    whole, begun, beginnings, joined = _index()
    spelled = False
    for at, word in enumerate(found):
        if not word:
            spelled = True
            continue
        if word in joined and len(word) >= _SHORTEST_JOINED:
            return True
        if spelled and any(one in word for one in joined):
            return True
        for phrase in whole.get(word, ()):
            if _is_there(found, at, phrase):
                return True
        if word.startswith(beginnings):
            for beginning in filter(word.startswith, beginnings):
                if any(_is_there(found, at, phrase) for phrase in begun[beginning]):
                    return True
    return False


@cache
def _index() -> tuple[dict[str, list[_Phrase]], dict[str, list[_Phrase]], tuple[str, ...], frozenset[str]]:
    """Phrases by their first word, those with an open ending by its beginning; these beginnings; and all as one word."""
    whole, begun, joined = defaultdict[str, list[_Phrase]](list), defaultdict[str, list[_Phrase]](list), set[str]()
    for language in languages():
        for words in language.phrases:
            phrase = _Phrase(words[1:], not any(word in language.denials for word in words), language)
            first = words[0]
            (begun if first.endswith(_ENDINGS) else whole)[first.removesuffix(_ENDINGS)].append(phrase)
            together = normal.single("".join(words))
            if len(words) > 1 and _ENDINGS not in together and len(together) >= _SHORTEST_SPELLED:
                joined.add(together)
    return dict(whole), dict(begun), tuple(begun), frozenset(joined)


def _is_there(found: list[str], at: int, phrase: _Phrase) -> bool:
    language = phrase.language
    if phrase.denied and at > 0 and found[at - 1] in language.denials:
        return False
    ends = {at}
    for word in phrase.rest:
        ends = {following for end in ends for following in _reached(found, end, word, language.fillers)}
        if not ends:
            return False
    if any(_stands(found, at - len(one), one) for one in language.not_after):
        return False
    return not any(_stands(found, end + 1, one) for end in ends for one in language.not_before)


def _reached(found: list[str], end: int, word: str, fillers: frozenset[str]) -> list[int]:
    """Where the next word of a phrase stands behind a place."""
    reached = []
    for at in range(end + 1, min(end + 2 + MOST_FILLERS, len(found))):
        if _is(found[at], word):
            reached.append(at)
        if found[at] not in fillers:
            break
    return reached


def _stands(found: list[str], at: int, words: Words) -> bool:
    return 0 <= at <= len(found) - len(words) and all(_is(found[at + n], word) for n, word in enumerate(words))


def _is(word: str, wanted: str) -> bool:
    return word.startswith(wanted[:-1]) if wanted.endswith(_ENDINGS) else word == wanted


def _read(text: str) -> Language:
    table = tomllib.loads(text)
    return Language(
        table["language"],
        table["reviewed"],
        _phrases(table["phrases"]),
        frozenset(word for words in _phrases(table["fillers"]) for word in words),
        frozenset(word for words in _phrases(table["denials"]) for word in words),
        _phrases(table["not_before"]),
        _phrases(table["not_after"]),
    )


def _phrases(texts: list[str]) -> tuple[Words, ...]:
    """Phrases in the form that ``normal.words`` gives; an open ending keeps its sign."""
    return tuple(tuple(_form(word) for word in text.split()) for text in texts)


def _form(word: str) -> str:
    (compared,) = normal.words(normal.folded(word.removesuffix(_ENDINGS)))
    return compared + _ENDINGS * word.endswith(_ENDINGS)
