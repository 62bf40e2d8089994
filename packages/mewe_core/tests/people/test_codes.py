"""One-time codes: enough bits, easy to say, the same however they are typed."""

from itertools import pairwise
from math import log2

import pytest
from hypothesis import given, settings
from hypothesis import strategies as draw
from mewe_core.kit import words as kit_words
from mewe_core.kit.strategies import texts
from mewe_core.people import codes

RANDOM = draw.binary(min_size=codes.RANDOM_BYTES, max_size=codes.RANDOM_BYTES)


def test_a_code_is_worth_at_least_64_bits() -> None:
    """What may be drawn is far more than anybody can try."""
    assert len(set(kit_words.words())) == len(kit_words.words())
    assert codes.COUNT * log2(len(kit_words.words())) >= 64


def test_no_word_begins_like_another_goes_on() -> None:
    """All words have one length, so that a code without hyphens can be read in one way only."""
    assert {len(word) for word in kit_words.words()} == {4}


def test_rude_words_are_left_out() -> None:
    """Each word on the list could be made of our syllables, and is not."""
    listed = kit_words.LEFT_OUT.split()
    assert [
        word for word in listed if set(word[::2]) <= set(kit_words.CONSONANTS) and set(word[1::2]) <= set(kit_words.VOWELS)
    ] == listed
    assert set(listed).isdisjoint(kit_words.words())


def test_every_word_is_as_likely_as_another() -> None:
    """Consecutive numbers go through all words in turn: none is left out, none comes twice as often."""
    first = [codes.code(n.to_bytes(codes.RANDOM_BYTES, "big")).split("-")[0] for n in range(len(kit_words.words()))]
    assert sorted(first) == sorted(kit_words.words())


@given(RANDOM)
def test_a_code_is_seven_words_of_the_list(random: bytes) -> None:
    """Whatever the random bytes."""
    words = codes.code(random).split("-")
    assert len(words) == codes.COUNT
    assert set(words) <= set(kit_words.words())


@given(RANDOM, RANDOM)
def test_different_secrets_give_different_codes(one: bytes, other: bytes) -> None:
    """Two secrets fall together only if they are the same modulo what can be drawn."""
    everything = len(kit_words.words()) ** codes.COUNT
    same = int.from_bytes(one, "big") % everything == int.from_bytes(other, "big") % everything
    assert (codes.code(one) == codes.code(other)) == same


@pytest.mark.parametrize("size", [0, 15, 17])
def test_a_code_is_not_made_of_too_little(size: int) -> None:
    """A secret of another size is a mistake."""
    with pytest.raises(ValueError, match="16 random bytes"):
        codes.code(bytes(size))


@settings(deadline=None)
@given(RANDOM, draw.data())
def test_case_spaces_and_signs_do_not_matter(random: bytes, data: draw.DataObject) -> None:
    """However somebody types what was read to them, it is the same code."""
    code = codes.code(random)
    between = draw.sampled_from(["", " ", "-", "\u00a0", "\u2011", "\u2013", ". ", ", ", "\n", "\u200b", "\t"])
    letters = [data.draw(draw.sampled_from([letter, letter.upper()])) for letter in code.replace("-", "")]
    typed = "".join(letter + data.draw(between) for letter in letters)
    assert kit_words.normalised(typed) == kit_words.normalised(code) == code.replace("-", "")


@given(texts(200) | draw.text(max_size=200))
def test_what_is_no_code_becomes_letters_or_nothing(typed: str) -> None:
    """Whatever is typed, what is compared is lower-case letters a to z, or empty."""
    letters = kit_words.normalised(typed)
    assert letters == "" or (letters.isascii() and letters.islower() and letters.isalpha())


@pytest.mark.parametrize("typed", ["bakó", "bako1", "бако", "bako+fimo", "٣", "", "   ", "\ud800"])
def test_another_letter_or_digit_makes_it_no_code(typed: str) -> None:
    """Nothing is guessed: what a code never holds is not taken for something else."""
    assert kit_words.normalised(typed) == ""


def test_the_syllables_of_neighbours_are_told_apart() -> None:
    """No consonant stands beside the one it is mistaken for on the telephone."""
    mistaken = [{"b", "p"}, {"d", "t"}, {"g", "k"}, {"f", "v"}, {"m", "n"}, {"s", "z"}, {"b", "v"}, {"i", "y"}]
    used = set(kit_words.CONSONANTS + kit_words.VOWELS)
    assert [pair for pair in mistaken if pair <= used] == []
    assert all(one < other for one, other in pairwise(kit_words.CONSONANTS))
