"""A document is read strictly, and everything that is wrong in it is told at once, each with its line."""

import re

import pytest
from mewe_eval.documents import DocumentFaults
from mewe_eval.instruments import (
    Instrument,
    read_conversion,
    read_instrument,
    read_wording,
    shipped_instruments,
    wording_hash,
)

SMALL = """id = "small"
version = 1
title = { en = "Small" }
construct = "how small it is"
validated = false
respondents = ["participant"]
items = [
  { id = "1" },
  # a remark
  { id = "2" },
  { id = "3" },
]

[licence]
kind = "free"
holder = "Somebody"
terms = "Any use."
source = "This test."
checked_on = 2026-11-23

[answers]
often = [0, 1, 2]

[reverse]
items = ["3"]
answers = "raw"

[total]
method = "sum"
factor = 2
low = 0
high = 12
polarity = "neither"
source = "This test."

[[subscales]]
id = "pair"
items = ["1", "2"]
method = "mean"
low = 0
high = 2
polarity = "neither"
source = "This test."

[[cut_offs]]
id = "much"
operator = ">="
value = 5
unit = "raw"
label = "much"
source = "This test."

[[bands]]
id = "some"
at_least = 10
label = "some"
source = "This test."

[[changes]]
value = 4
source = "This test."

[[norms]]
population = "those who test"
mean = 6
sd = 2.5
source = "This test."

[[alerts]]
item = "1"
when = "at-least"
value = 2
source = "This test."

[texts.en.items]
1 = "One?"
2 = "Two?"
3 = "Three?"

[texts.en.answers]
often = ["No", "A bit", "Yes"]
"""


def told(document: str) -> list[str]:
    """What is said of a document, a line for each fault."""
    with pytest.raises(DocumentFaults) as caught:
        read_instrument(document, "small.toml")
    return str(caught.value).splitlines()


def changed(*changes: tuple[str, str]) -> str:
    """The small document with other words in some places, each of which is there once."""
    document = SMALL
    for before, after in changes:
        assert document.count(before) == 1, before
        document = document.replace(before, after)
    return document


def test_a_document_becomes_an_instrument() -> None:
    """Everything that it says is there."""
    one = read_instrument(SMALL, "small.toml")
    assert isinstance(one, Instrument)
    assert (one.id, one.item_ids(), one.languages) == ("small", ("1", "2", "3"), ("en",))
    assert [scale.id for scale in one.scales()] == ["total", "pair"]
    assert one.recoded_here() == {"3"}


FAULTS = [
    ('items = ["3"]', 'items = ["4"]', "reverse.items[0]: there is no such item; allowed: 1, 2, 3"),
    ('items = ["3"]', 'items = ["3", "3"]', "reverse.items[1]: it is there twice"),
    ("often = [0, 1, 2]", "often = [0, 1, 3]", "reverse.items[0]: its answers cannot be turned round"),
    ('items = ["1", "2"]', 'items = ["1", "9"]', "subscales[0].items[1]: there is no such item; allowed: 1, 2, 3"),
    ('items = ["1", "2"]', "items = []", "subscales[0].items: it has no items"),
    ("value = 5", "value = 7", "cut_offs[0].value: it is outside the range of the raw; allowed: a number from 0 to 6"),
    ("at_least = 10", "at_least = 12.5", "bands[0].at_least: it is outside the range of the score"),
    ("factor = 2", 'factor = 2\nmissing = "prorate"', 'total.least: "prorate" needs a minimum of answers'),
    ("factor = 2", "factor = 2\nleast = 2", "total.missing: some items may be missing, and no rule says what then"),
    ("factor = 2", 'factor = 2\nleast = 2\nmissing = "mean-of-answered"', 'total.missing: this is no rule for "sum"'),
    ("factor = 2", 'factor = 2\nleast = 4\nmissing = "prorate"', "total.least: there are not so many items"),
    ("factor = 2", "factor = 3", "total.low: items, method and factor give another range; allowed: low = 0, high = 18"),
    ("factor = 2", "factor = 2\ndecimals = 1", "total.decimals: nothing is rounded"),
    ('{ id = "2" }', '{ id = "3" }', "items[2].id: it is there twice; allowed: ids that differ from each other"),
    ('kind = "free"', 'kind = "shell"', "texts: a shell has no texts"),
    ('kind = "free"', 'kind = "refused"', "licence.kind: an instrument that is refused has no form"),
    ("[licence]", "[ages]\nleast = 18\nmost = 14\n\n[licence]", "ages.most: it is below ages.least"),
    ("[licence]", "[ages]\nleast = 180\n\n[licence]", "ages.least: this value cannot be used; allowed: a number from 0 to 120"),
    ("often = [0, 1, 2]", "often = [0, 2, 1]", "answers.often: this is no set of answers"),
    ("often = [0, 1, 2]", "often = [0, 1, 2]\nother = [0, 1]", "items[0].answers: there are several sets of answers"),
    ('{ id = "2" }', '{ id = "2", answers = "oft" }', "items[1].answers: there is no such set of answers; allowed: often"),
    ('3 = "Three?"', "", "texts.en.items.3: this item has no text"),
    ('3 = "Three?"', '3 = " "', "texts.en.items.3: this is no text of an item"),
    ('3 = "Three?"', '3 = "Three?"\n4 = "Four?"', "texts.en.items.4: there is no such item"),
    ('["No", "A bit", "Yes"]', '["No", "Yes"]', "texts.en.answers.often: these are not the answers; allowed: 3 labels"),
    ('["No", "A bit", "Yes"]', '["No", "", "Yes"]', "texts.en.answers.often: a label is empty"),
    ('title = { en = "Small" }', 'title = { sv = "Liten" }', "title.en: the title is missing in a language of the texts"),
    ('item = "1"', 'item = "7"', "alerts[0].item: there is no such item; allowed: 1, 2, 3"),
    ("value = 2\n", "value = 3\n", "alerts[0].value: no answer is that; allowed: one of 0, 1, 2"),
    ("value = 4", "value = 40", "changes[0].value: it is wider than the range"),
    ("value = 4", 'value = 4\nscale = "pears"', "changes[0].scale: there is no such scale; allowed: pair, total"),
    ("mean = 6", "", "norms[0]: this is no norm; allowed: either mean and sd, or a table"),
    ('id = "pair"', 'id = "total"', "subscales[0].id: this is the id of the total"),
    ("factor = 2", 'factor = 2\nid = "all"', "total.id: the total has another id"),
    ("factor = 2", "factor = nan", "total.factor: this value cannot be used"),
    ('method = "sum"', 'method = "median"', 'total.method: this value is of another kind; allowed: one of "sum", "mean"'),
    ("factor = 2", "faktor = 2", "total.faktor: this key is not known; allowed: conversion, decimals, factor"),
    ('id = "much"', 'id = "Much!"', "cut_offs[0].id: this value cannot be used; allowed: a code"),
]


@pytest.mark.parametrize(("before", "after", "fault"), FAULTS, ids=[fault.split(";")[0] for _, _, fault in FAULTS])
def test_a_fault_says_file_line_key_and_what_is_allowed(before: str, after: str, fault: str) -> None:
    """One thing is wrong, and it is told with the line where its key, or the section around it, stands."""
    document = changed((before, after))
    [line] = [line for line in told(document) if f" {fault}" in line]
    assert "; allowed: " in line
    number = re.match(r"small\.toml:(\d+): ", line)
    assert number is not None
    steps = re.findall(r"[^.\[\]]+", fault.split(": ")[0])
    there = document.splitlines()[int(number[1]) - 1]
    assert there.startswith("  { id") or any(step in there for step in steps)


@pytest.mark.parametrize(
    ("before", "after", "number"),
    [
        ('items = ["3"]', 'items = ["4"]', 25),
        ('{ id = "2" }', "{ id = 2 }", 10),
        ("value = 5", "value = 700", 48),
        ('3 = "Three?"', '3 = ""', 78),
        ("factor = 2", "factor = 3", 31),
    ],
)
def test_the_line_is_that_of_the_key(before: str, after: str, number: int) -> None:
    """Counted from 1, as editors do; entries of a list have their own, and remarks are none."""
    document = changed((before, after))
    assert document.splitlines()[number - 1].strip().startswith((after, "low = 0", after.split(" = ")[0]))
    assert told(document)[0].startswith(f"small.toml:{number}: ")


def test_all_faults_are_told_at_once() -> None:
    """What is of another kind, what is not known, and what does not fit together, in one answer."""
    document = changed(
        ("version = 1", 'version = "1"'),
        ('construct = "how small it is"', ""),
        ("validated = false", "validated = false\ncolour = 3"),
        ('items = ["3"]', 'items = ["4"]'),
        ("value = 5", "value = 7"),
        ('item = "1"', 'item = "7"'),
    )
    assert sorted(line.split(": ")[1] for line in told(document)) == [
        "alerts[0].item",
        "colour",
        "construct",
        "cut_offs[0].value",
        "reverse.items[0]",
        "version",
    ]


def test_one_wrong_value_hides_no_other() -> None:
    """Two in one section, beside a key that is missing and one that nobody knows, and in entries of a list."""
    document = changed(
        ("checked_on = 2026-11-23\n", "colour = 1\n"),
        ('holder = "Somebody"', 'holder = ""'),
        ('terms = "Any use."', "terms = 3"),
        ('id = "much"', 'id = "Much!"'),
        ("value = 5", "value = inf"),
        ('label = "much"', 'label = ""'),
    )
    assert [line.split(": ")[1] for line in told(document)] == [
        "licence.checked_on",
        "licence.holder",
        "licence.terms",
        "licence.colour",
        "cut_offs[0].id",
        "cut_offs[0].value",
        "cut_offs[0].label",
    ]


def test_what_could_not_be_read_is_not_found_wanting_a_second_time() -> None:
    """An item with a mistake in it is no reason to say of everything that names it that there is no such item."""
    assert told(changed(('{ id = "2" }', "{ id = 2 }"))) == [
        'small.toml:10: items[1].id: this value is of another kind; allowed: a text in quotes ("...")'
    ]


def test_a_text_needs_a_licence() -> None:
    """Whose it is and what they allow: without that nothing is read."""
    start, end = SMALL.index("[licence]"), SMALL.index("[answers]")
    assert [line.split(";")[0] for line in told(SMALL[:start] + SMALL[end:])] == ["small.toml: licence: this key is missing"]


def test_a_licence_needs_a_source_and_a_day() -> None:
    """When somebody looked, and where."""
    document = changed(("checked_on = 2026-11-23\n", ""), ('terms = "Any use."', 'terms = " "'))
    assert sorted(line.split(": ")[1] for line in told(document)) == ["licence.checked_on", "licence.terms"]


def test_free_text_has_to_be_there() -> None:
    """An instrument without texts is a shell."""
    assert told(SMALL[: SMALL.index("[texts")]) == [
        'small.toml: texts: there are no texts; allowed: texts in one language at least, or licence.kind = "shell"'
    ]


def test_what_is_no_toml_is_told_with_its_line() -> None:
    """As the parser says it."""
    [line] = told('id = "a"\nversion = \n')
    assert line.startswith("small.toml:2: document: this is not TOML: ")


SHELL = shipped_instruments()["brs"]
WORDING = """instrument = "brs"
version = 1
language = "en"

[wording]
instruction = "As the licence holder says."

[wording.items]
1 = "One"
2 = "Two"
3 = "Three"
4 = "Four"
5 = "Five"
6 = "Six"

[wording.answers]
agreement = ["a", "b", "c", "d", "e"]
"""


def test_a_deployment_loads_the_text_of_a_shell() -> None:
    """The instrument is the same but for its text."""
    one = read_wording(WORDING, "brs.en.toml", SHELL)
    assert one.languages == ("en",)
    assert one.total == SHELL.total


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ('"brs"', '"who-5"', 'brs.en.toml:1: instrument: this is another instrument; allowed: "brs"'),
        ("version = 1", "version = 2", "brs.en.toml:2: version: this is another version; allowed: 1"),
        ('6 = "Six"', '7 = "Six"', "brs.en.toml:14: wording.items.7: there is no such item"),
        ('"d", "e"]', '"d"]', "brs.en.toml:17: wording.answers.agreement: these are not the answers; allowed: 5 labels"),
        ("[wording]", "[wording]\nlogo = 1", "brs.en.toml:6: wording.logo: this key is not known"),
    ],
)
def test_a_text_that_does_not_fit_is_refused(before: str, after: str, fault: str) -> None:
    """Another instrument, another version, another item."""
    with pytest.raises(DocumentFaults) as caught:
        read_wording(WORDING.replace(before, after), "brs.en.toml", SHELL)
    assert fault in str(caught.value)


def test_a_free_text_is_not_replaced() -> None:
    """Another wording of what is shipped is another instrument."""
    with pytest.raises(DocumentFaults, match="its text is here already"):
        read_wording(WORDING.replace('"brs"', '"phq-9"'), "x.toml", shipped_instruments()["phq-9"])


def test_another_text_is_another_wording() -> None:
    """One letter is enough, and the order in which the items were written is not."""
    one = read_wording(WORDING, "x.toml", SHELL).texts["en"]
    other = read_wording(WORDING.replace("One", "one"), "x.toml", SHELL).texts["en"]
    same = read_wording(WORDING.replace('1 = "One"\n2 = "Two"', '2 = "Two"\n1 = "One"'), "x.toml", SHELL).texts["en"]
    assert wording_hash(one) == wording_hash(same) != wording_hash(other)
    assert len(wording_hash(one)) == 64


TABLE = """instrument = "kidscreen-10"
version = 1
reference = "r"
points = [
  { score = 30, value = 1 },
  { score = 31, value = 2 },
]
"""


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("kidscreen-10", "brs", "this is another instrument"),
        ('reference = "r"', 'reference = "r"\nscale = "pair"', "t.toml:4: scale: this scale wants no table; allowed: total"),
        ("{ score = 31, value = 2 }", "{ score = 30, value = 2 }", "t.toml:6: points[1].score: it is there twice"),
        ("value = 2", "value = 2, se = 3", "t.toml:6: points[1].se: this key is not known"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(before: str, after: str, fault: str) -> None:
    """Another instrument, another scale, two lines for one score."""
    document = TABLE.replace(before, after)
    with pytest.raises(DocumentFaults) as caught:
        read_conversion(document, "t.toml", shipped_instruments()["kidscreen-10"])
    assert fault in str(caught.value)


def test_a_line_is_found_below_long_texts() -> None:
    """What looks like a key within a text of several lines is none."""
    document = changed(
        ("[texts.en.items]", '[texts.en]\ninstruction = """\nsaid\n[licence]\nkind = 3\n"""\n\n[texts.en.items]'),
        ('kind = "free"', 'kind = "fre"'),
    )
    assert told(document) == [
        'small.toml:15: licence.kind: this value is of another kind; allowed: one of "free", "shell", "refused"'
    ]
