"""Instruments and answers drawn at random, and what several tests make of the ones that ship."""

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from mewe_eval.fhir import Pseudonym
from mewe_eval.instruments.model import Instrument, Item, Licence, LicenceKind, Method, Polarity, Respondent, Scale, Wording
from whenever import Date, Instant

BASE = "https://example.org/fhir"
SOMEBODY = Pseudonym(system="https://example.org/pseudonyms", value="p-17")
THEN = Instant.from_utc(2026, 11, 23, 16, 5, 6)
FREE = Licence(kind=LicenceKind.FREE, holder="Somebody", terms="Any use.", source="This test.", checked_on=Date(2026, 11, 23))

codes = st.from_regex(r"[a-z0-9]{1,6}(-[a-z0-9]{1,6}){0,2}", fullmatch=True)
letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp", "Zs"), include_characters=" \n\t")
words = st.text(letters, min_size=1, max_size=20).filter(lambda one: bool(one.strip()))


@st.composite
def instruments(draw: st.DrawFn) -> Instrument:
    """Items over one to three sets of answers, each used, with a sum of all, in one to three languages."""
    some = st.lists(st.integers(-3, 100), min_size=2, max_size=5, unique=True).map(lambda one: tuple(sorted(one)))
    names = st.one_of(codes, words)
    answers = draw(st.dictionaries(names, some, min_size=1, max_size=3))
    ids = draw(st.lists(codes, min_size=len(answers), max_size=6, unique=True))
    sets = [*answers, *(draw(st.sampled_from(list(answers))) for _ in ids[len(answers) :])]
    items = tuple(Item(id=one, answers=name) for one, name in zip(ids, draw(st.permutations(sets)), strict=True))
    tongues = draw(st.lists(st.sampled_from(["en", "sv", "de-CH", "sl"]), min_size=1, max_size=3, unique=True))
    texts = {
        tag: Wording(
            instruction=draw(st.one_of(st.just(""), words)),
            items={one: draw(words) for one in ids},
            answers={name: tuple(draw(words) for _ in values) for name, values in answers.items()},
        )
        for tag in tongues
    }
    total = Scale(
        method=Method.SUM,
        low=sum(min(answers[one.answers]) for one in items),
        high=sum(max(answers[one.answers]) for one in items),
        polarity=Polarity.NEITHER,
        source="This test.",
    )
    return Instrument(
        id=draw(codes),
        version=draw(st.integers(1, 99)),
        title={tag: draw(words) for tag in tongues},
        construct="anything",
        validated=False,
        respondents=(Respondent.PARTICIPANT,),
        licence=FREE,
        answers=answers,
        items=items,
        total=total,
        texts=texts,
    )


@st.composite
def answered(draw: st.DrawFn) -> tuple[Instrument, dict[str, int]]:
    """An instrument, and answers to some of its items."""
    one = draw(instruments())
    given = {item.id: draw(st.none() | st.sampled_from(one.allowed(item))) for item in one.items}
    return one, {item_id: value for item_id, value in given.items() if value is not None}


def changed(content: bytes, change: Callable[[Any], object]) -> bytes:
    """A document after a change to what it holds."""
    found = json.loads(content)
    change(found)
    return json.dumps(found).encode()
