"""The written page shows a document that can be read, and the table of what ships is what ships."""

import re
from pathlib import Path

import attrs
from mewe_eval.instruments import read_instrument, refusals, score, shipped_instruments
from mewe_eval.instruments.model import (
    Ages,
    Band,
    Change,
    Conversion,
    CutOff,
    Instrument,
    Item,
    ItemAlert,
    Licence,
    Norm,
    Reverse,
    Scale,
    TablePoint,
    Wording,
)
from mewe_eval.instruments.scoring import NoScore, NotScorable, Scored

PAGE = (Path(__file__).resolve().parents[4] / "docs/instruments.md").read_text("utf-8")


def test_the_example_of_a_country_is_an_instrument() -> None:
    """It is read, scored, and refuses an unfinished form, as the page says."""
    [document] = re.findall(
        r"```toml\n(.*?)```", PAGE.split("## A country's own questionnaire")[1].split("\n## ")[0], re.DOTALL
    )
    one = read_instrument(document, "evenings.toml")
    found = score(one, {"talk": 3, "tired": 1, "friends": 2})
    assert isinstance(found, Scored)
    assert found.total is not None
    assert found.total.score == 7
    assert one.languages == ("en", "sl")
    unfinished = score(one, {"talk": 3})
    assert isinstance(unfinished, NotScorable)
    assert unfinished.reason is NoScore.UNFINISHED


def test_the_table_of_what_ships_is_what_ships() -> None:
    """Each instrument with its licence, items and languages, and those that are refused."""
    part = PAGE.split("## What ships")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| ([a-z]+) \| ([0-9]*) \| ([a-z, ]*) \|", part, re.MULTILINE)
    there = [
        (one.id, one.licence.kind.value, str(len(one.items)), ", ".join(one.languages))
        for one in shipped_instruments().values()
    ]
    there += [(one.id, one.licence.kind.value, "", "") for one in refusals()]
    assert sorted((name, kind, items, tongues.strip()) for name, kind, items, tongues in rows) == sorted(there)


def test_every_key_is_on_the_page() -> None:
    """The schema is told whole."""
    kinds: tuple[type[attrs.AttrsInstance], ...] = (
        Instrument, Ages, Licence, Item, Reverse, Scale, Conversion, CutOff, Band, Change, Norm, TablePoint, ItemAlert, Wording,
    )  # fmt: skip
    schema = PAGE.split("## The schema")[1].split("\n## ")[0]
    keys = {field.name for kind in kinds for field in attrs.fields(kind)}
    assert [key for key in sorted(keys) if not re.search(rf"[`.\[]{key}[`.\]]", schema)] == []


def test_every_reason_is_on_the_page() -> None:
    """Why there is no score, in a row each."""
    assert [one.value for one in NoScore if f"| `{one.value}` |" not in PAGE] == []
