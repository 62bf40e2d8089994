"""The table of who decides: strict, sourced, dated, and overlaid whole."""

import re
from collections.abc import Callable

import pytest
from mewe_core.kit.access import Purpose
from mewe_core.kit.errors import Invalid
from mewe_core.people.consent_table import (
    ConsentRow,
    ConsentTable,
    ConsentTableFault,
    DataAge,
    Decides,
    overlaid,
    read_table,
    shipped_table,
)
from whenever import Date

SHIPPED = shipped_table()
READ_ON = Date(2026, 11, 1)


def row(
    purpose: Purpose = Purpose.CHAT,
    age_from: int = 0,
    age_to: int | None = None,
    *,
    country: str = "SE",
    who: Decides = Decides.SELF,
) -> ConsentRow:
    """A row of a deployment's own."""
    return ConsentRow(
        country=country, purpose=purpose, age_from=age_from, age_to=age_to, who=who, source="A law", checked_on=READ_ON
    )


def data(country: str, age: int | None) -> DataAge:
    """A data age of a deployment's own."""
    return DataAge(country=country, age=age, source="A law", checked_on=READ_ON)


def test_what_is_shipped_is_what_is_known() -> None:
    """Swedish research alone, from both guardians to oneself at fifteen; nothing about eighteen, nothing about taking part."""
    assert SHIPPED.participation == ()
    known = [(one.country, one.age_from, one.age_to, one.who.value) for one in SHIPPED.research]
    assert known == [("SE", 0, 14, "both_guardians"), ("SE", 15, 17, "self")]
    assert "understands" in SHIPPED.research[1].condition


def test_the_data_ages_are_those_of_the_trackers() -> None:
    """GDPR article 8 as published; Switzerland has no fixed age, and an unknown country none at all."""
    assert {one.country: one.age for one in SHIPPED.data} == {
        "SE": 13,
        "GB": 13,
        "IT": 14,
        "NL": 16,
        "DE": 16,
        "SI": 15,
        "CH": None,
    }
    assert SHIPPED.data_age("NL") is SHIPPED.data[3]
    assert SHIPPED.data_age("FR") is None


def test_every_shipped_row_is_honest_about_itself() -> None:
    """Each names its source and what was not read, the day it was looked at, and that a lawyer has to confirm it."""
    rows: tuple[ConsentRow | DataAge, ...] = (*SHIPPED.research, *SHIPPED.data)
    assert all("not read" in one.source or "Neither" in one.source for one in rows)
    assert {(one.checked_on, one.to_confirm) for one in rows} == {(Date(2026, 11, 22), True)}


def test_a_row_is_unconfirmed_unless_it_says_otherwise() -> None:
    """Whoever writes a row and says nothing about a lawyer has not asked one."""
    assert row().to_confirm
    assert data("SE", 13).to_confirm


def test_a_data_age_decides_nothing() -> None:
    """A country of which only article 8 is known is not a country of which is known who decides."""
    assert [SHIPPED.knows(one) for one in ("SE", "IT", "CH", "FR")] == [True, False, False, False]
    assert ConsentTable(participation=(row(country="FR"),)).knows("FR")


def test_a_row_is_found_by_country_purpose_and_age() -> None:
    """Both ends of the ages belong to the row; an open end has none."""
    young, older = row(age_from=12, age_to=14), row(age_from=15)
    table = ConsentTable(participation=(young, older, row(Purpose.SHARE), row(country="IT")), research=(row(Purpose.RESEARCH),))
    found = [table.row("SE", Purpose.CHAT, age) for age in (11, 12, 14, 15, 120)]
    assert found == [None, young, young, older, older]
    assert table.rows("SE", Purpose.CHAT) == (young, older)
    assert table.row("SE", Purpose.EVALUATION, 15) is None
    assert table.rows("SE", Purpose.RESEARCH) == table.research


APART = "ages that no other row of this country and purpose is about"
AN_AGE = "a number from 0 to 120"
A_COUNTRY = 'a country as two capital letters, such as "SE"'


@pytest.mark.parametrize(
    ("make", "path", "allowed"),
    [
        (
            lambda: ConsentTable(participation=(row(), row(Purpose.RESEARCH))),
            "participation[1].purpose",
            "a purpose other than research, which has a table of its own",
        ),
        (lambda: ConsentTable(research=(row(Purpose.CHAT),)), "research[0].purpose", '"research"'),
        (lambda: ConsentTable(participation=(row(age_to=14), row(age_from=14))), "participation[1].age_from", APART),
        (lambda: ConsentTable(participation=(row(age_from=14), row(age_to=14))), "participation[1].age_from", APART),
        (
            lambda: ConsentTable(participation=(row(age_from=10, age_to=18), row(age_from=12, age_to=14))),
            "participation[1].age_from",
            APART,
        ),
        (lambda: ConsentTable(research=(row(Purpose.RESEARCH), row(Purpose.RESEARCH))), "research[1].age_from", APART),
        (lambda: ConsentTable(data=(data("SE", 13), data("SE", 14))), "data[1].country", "each country once"),
        (lambda: row(age_from=15, age_to=14), "age_to", "an age not below age_from"),
        (lambda: row(age_from=-1), "age_from", AN_AGE),
        (lambda: row(age_from=121), "age_from", AN_AGE),
        (lambda: row(age_to=121), "age_to", AN_AGE),
        (lambda: row(country="se"), "country", A_COUNTRY),
        (lambda: row(country="SWE"), "country", A_COUNTRY),
        (lambda: data("SE", -1), "age", AN_AGE),
        (lambda: data("Se", 13), "country", A_COUNTRY),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(make: Callable[[], object], path: str, allowed: str) -> None:
    """Ages that overlap, research among participation, a country twice: refused by the key, with what is allowed."""
    with pytest.raises(Invalid) as refused:
        make()
    assert [(one.path, one.rule) for one in refused.value.fields] == [(path, allowed)]


def test_ages_may_touch_and_other_countries_and_purposes_do_not_matter() -> None:
    """Fourteen and fifteen stand beside each other; what overlaps elsewhere is another question."""
    rows = (row(age_to=14), row(age_from=15), row(country="IT"), row(Purpose.SHARE), row(age_from=15, country="FI"))
    assert ConsentTable(participation=rows).participation == rows
    assert ConsentTable(data=(data("SE", 13), data("IT", 13))).data_age("IT") == data("IT", 13)
    assert row(age_from=15, age_to=15).includes(15)


OVERLAY = """
[[participation]]
country = "SE"
purpose = "take_part"
age_from = 15
who = "self"
source = "Decision of the board, 2026-10-01"
checked_on = 2026-10-01
to_confirm = false
"""


def test_an_overlay_is_read_as_a_table() -> None:
    """A deployment writes its rows as ours are written."""
    (read,) = read_table(OVERLAY).participation
    assert (read.purpose, read.who, read.age_to, read.to_confirm) == (Purpose.TAKE_PART, Decides.SELF, None, False)


@pytest.mark.parametrize(
    ("was", "becomes", "key", "allowed"),
    [
        ('source = "Decision of the board, 2026-10-01"', "", "participation[0].source", "this key is missing"),
        ("Decision of the board, 2026-10-01", " ", "participation[0].source", "a text of 1 to 500 characters"),
        ("checked_on = 2026-10-01", "", "participation[0].checked_on", "this key is missing"),
        ("checked_on = 2026-10-01", 'checked_on = "lately"', "participation[0].checked_on", "a date"),
        ('"take_part"', '"help"', "participation[0].purpose", '"take_part", "chat", "evaluation", "research", "share"'),
        ('"take_part"', '"research"', "participation[0].purpose", "a purpose other than research"),
        ('"self"', '"anybody"', "participation[0].who", "both_and_assent"),
        ("age_from = 15", "age_from = 15\nage_to = 14", "participation[0].age_to", "not below age_from"),
        ("participation", "everything", "everything", "participation"),
        ('who = "self"', "who", "not TOML", "line"),
    ],
)
def test_an_overlay_is_refused_by_its_key(was: str, becomes: str, key: str, allowed: str) -> None:
    """Without source or date, with an unknown purpose or word: the message says which key and what is allowed."""
    with pytest.raises(ConsentTableFault, match=re.escape(key)) as refused:
        read_table(OVERLAY.replace(was, becomes, 1))
    assert allowed in str(refused.value)
    assert "anybody" not in str(refused.value)


def test_all_that_is_wrong_with_an_overlay_is_said_at_once() -> None:
    """A line for each fault."""
    with pytest.raises(ConsentTableFault) as refused:
        read_table(OVERLAY.replace('"self"', '"anybody"').replace("checked_on = 2026-10-01", ""))
    lines = str(refused.value).splitlines()
    assert sorted(one.split(":")[1] for one in lines) == [" participation[0].checked_on", " participation[0].who"]
    assert all(one.startswith("a table of consent: participation[0].") for one in lines)


def test_what_is_no_toml_is_said_to_be_none() -> None:
    """Where the fault is, and nothing of the document."""
    with pytest.raises(ConsentTableFault, match=r"^a table of consent is not TOML: .*line 2"):
        read_table("\nage_from\n")


def test_an_overlay_replaces_a_country_and_purpose_whole() -> None:
    """None of our rows is left among theirs; what they do not name stays as it is."""
    ours = ConsentTable(
        participation=(row(age_to=14), row(age_from=15), row(Purpose.SHARE), row(country="IT")),
        research=SHIPPED.research,
        data=(data("SE", 13), data("IT", 14)),
    )
    theirs = ConsentTable(participation=(row(age_from=13, who=Decides.GUARDIAN),), data=(data("SE", 15), data("FR", 15)))
    both = overlaid(ours, theirs)
    assert both.participation == (row(Purpose.SHARE), row(country="IT"), *theirs.participation)
    assert both.row("SE", Purpose.CHAT, 12) is None
    assert both.research == SHIPPED.research
    assert both.data == (data("IT", 14), *theirs.data)


def test_research_is_overlaid_by_research() -> None:
    """A deployment that says what it knows of research leaves participation alone, and the other way round."""
    own = row(Purpose.RESEARCH, age_from=18)
    both = overlaid(SHIPPED, ConsentTable(research=(own,)))
    assert both.research == (own,)
    assert both.row("SE", Purpose.RESEARCH, 15) is None
    assert both.data == SHIPPED.data


def test_an_overlay_of_nothing_changes_nothing() -> None:
    """And a table overlaid by itself is itself."""
    assert overlaid(SHIPPED, ConsentTable()) == SHIPPED
    assert overlaid(SHIPPED, SHIPPED) == SHIPPED
