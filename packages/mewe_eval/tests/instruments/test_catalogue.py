"""What comes with the library: texts only where the right is clear, and nothing that is not sourced."""

import re
from collections.abc import Iterator

import pytest
from mewe_eval.instruments import Instrument, refusals, shipped_instruments
from mewe_eval.instruments.model import Band, Change, CutOff, ItemAlert, LicenceKind, Scale

SHIPPED = shipped_instruments()
OURS = ("about-you", "after-a-session", "how-things-are", "leader-fidelity", "programme-self-assessment")
SHELLS = ("afq-y8", "brs", "camm", "cbi", "cope-index", "cyrm-r", "kidscreen-10", "maca-yc18", "panoc-yc20", "who-5")


def test_texts_of_others_ship_where_their_right_is_clear() -> None:
    """PHQ-9 and GAD-7 in English; everything else that has a text is ours."""
    assert sorted(one.id for one in SHIPPED.values() if one.texts) == sorted([*OURS, "phq-9", "gad-7"])
    assert SHIPPED["phq-9"].languages == SHIPPED["gad-7"].languages == ("en",)


def test_the_others_are_shells() -> None:
    """Ids of items, and not a word of them."""
    assert sorted(one.id for one in SHIPPED.values() if one.licence.kind is LicenceKind.SHELL) == sorted(SHELLS)
    assert all(not SHIPPED[name].texts for name in SHELLS)


def test_what_is_refused_has_a_reason_and_nothing_else() -> None:
    """Three instruments, of which there is no form."""
    assert [one.id for one in refusals()] == ["mbi", "sdq", "zbi"]
    assert all(one.reason and one.licence.source for one in refusals())
    assert not {one.id for one in refusals()} & set(SHIPPED)


@pytest.mark.parametrize("name", OURS)
def test_our_own_items_say_that_nobody_has_validated_them(name: str) -> None:
    """In English and Swedish, without a score or a threshold."""
    one = SHIPPED[name]
    assert not one.validated
    assert one.languages == ("en", "sv")
    assert (one.scales(), one.cut_offs, one.bands) == ((), (), ())
    assert "not validated" in one.notes[0]


def test_what_young_people_read_is_short() -> None:
    """No item of ours has more than fifteen words, and no one is called a carer."""
    for name in ("after-a-session", "how-things-are"):
        for wording in SHIPPED[name].texts.values():
            said = [*wording.items.values(), wording.instruction]
            assert all(len(words.split()) <= 15 for words in wording.items.values())
            assert not any(re.search(r"carer|anhörig", words, re.IGNORECASE) for words in said)
            assert re.search(r"skip|hoppa över", wording.instruction)


def test_what_is_inferred_says_so_in_words() -> None:
    """Whatever is marked has a source that speaks of an inference, and whatever speaks of one is marked."""
    parts = [part for one in SHIPPED.values() for part in marked(one)]
    assert any(inferred for _, inferred in parts)
    assert [source for source, inferred in parts if inferred != ("our inference" in source.lower())] == []


def marked(one: Instrument) -> Iterator[tuple[str, bool]]:
    """The source of each part that can be inferred, and whether it is."""
    parts: tuple[Scale | CutOff | Band | Change | ItemAlert, ...]
    parts = (*one.scales(), *one.cut_offs, *one.bands, *one.changes, *one.alerts)
    for part in parts:
        yield part.source, part.inferred
    if one.reverse is not None:
        yield one.reverse.source, one.reverse.inferred


def test_no_norm_is_shipped() -> None:
    """None that we could vouch for."""
    assert not any(one.norms for one in SHIPPED.values())


def test_panoc_counts_its_items_as_published() -> None:
    """Ten positive, ten negative, no item in both."""
    positive, negative = SHIPPED["panoc-yc20"].subscales
    assert positive.items == ("1", "2", "3", "4", "7", "8", "15", "18", "19", "20")
    assert set(positive.items) ^ set(negative.items) == set(SHIPPED["panoc-yc20"].item_ids())
    assert [alert.item for alert in SHIPPED["panoc-yc20"].alerts] == ["16", "11", "13", "9", "14"]


@pytest.mark.parametrize(
    ("name", "items", "low", "high"),
    [
        ("who-5", 5, 0, 100),
        ("phq-9", 10, 0, 27),
        ("gad-7", 7, 0, 21),
        ("brs", 6, 1, 5),
        ("afq-y8", 8, 0, 32),
        ("camm", 10, 0, 40),
        ("kidscreen-10", 10, 10, 50),
        ("maca-yc18", 18, 0, 36),
        ("cyrm-r", 17, 17, 85),
    ],
)
def test_totals_have_the_published_range(name: str, items: int, low: int, high: int) -> None:
    """Number of items, least and greatest score."""
    total = SHIPPED[name].total
    assert total is not None
    assert (len(SHIPPED[name].items), total.low, total.high) == (items, low, high)


def test_the_wording_of_a_shipped_text_has_a_hash() -> None:
    """One a language, none for a shell."""
    assert set(SHIPPED["how-things-are"].wording_hashes()) == {"en", "sv"}
    assert SHIPPED["brs"].wording_hashes() == {}
