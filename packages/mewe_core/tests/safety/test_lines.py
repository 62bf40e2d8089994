"""Telephone numbers: whose they are, whether somebody answers, whether anybody verified them."""

from typing import Any

import pytest
from attrs import evolve
from mewe_core.kit.errors import Invalid
from mewe_core.kit.plugins import PluginFault
from mewe_core.kit.testing import FixedClock, Stage
from mewe_core.safety.handlers import help
from mewe_core.safety.lines import Line, LineKind, lines_of, overdue, shipped
from mewe_core.safety.model.help import ListHelpLinesRequest
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.plugin import mewe_feature
from whenever import Date, Instant

BRIS = Line(country="SE", kind=LineKind.HELPLINE, name="Bris", number="116 111", always=True, source="bris.se")
DAY = Date(2026, 9, 1)
VERIFIED = evolve(BRIS, verified_on=DAY, verified_by="Nina at the centre")


@pytest.mark.parametrize("country", ["SE", "NL", "IT", "SI", "DE", "CH", "GB"])
def test_each_country_of_the_programme_has_an_emergency_number_and_somebody_to_talk_to(country: str) -> None:
    """Each with its source; none is said to be verified, because nobody has for a release."""
    lines = lines_of(country, ())
    assert {one.kind for one in lines} == set(LineKind)
    assert all(one.source for one in lines)
    assert overdue(lines, DAY) == lines


def test_a_number_belongs_to_a_country() -> None:
    """Elsewhere there is none, rather than one that rings at somebody else's."""
    assert lines_of("FR", ()) == ()
    assert {one.country for one in shipped()} == {"SE", "NL", "IT", "SI", "DE", "CH", "GB"}


def test_what_a_deployment_names_stands_in_place_of_all_that_was_there() -> None:
    """For its country; numbers of other countries in the mix are not shown."""
    danish = evolve(BRIS, country="DK")
    assert lines_of("SE", (VERIFIED, danish)) == (VERIFIED,)
    assert lines_of("NL", (VERIFIED,)) == lines_of("NL", ())


@pytest.mark.parametrize(
    ("line", "days", "late"),
    [
        (BRIS, 0, True),
        (VERIFIED, 0, False),
        (VERIFIED, 180, False),
        (VERIFIED, 181, True),
        (VERIFIED, -1, True),
        (evolve(VERIFIED, verified_by=" "), 0, True),
        (evolve(VERIFIED, valid_days=1), 1, False),
        (evolve(VERIFIED, valid_days=1), 2, True),
    ],
)
def test_a_number_is_overdue_when_nobody_has_verified_it_lately(line: Line, days: int, *, late: bool) -> None:
    """By whom counts as much as when; a date to come verifies nothing."""
    assert line.is_overdue(DAY.add(days=days)) is late


@pytest.mark.parametrize(
    ("line", "hour", "expected"),
    [
        (BRIS, 3, True),
        (evolve(BRIS, always=False), 3, None),
        (evolve(BRIS, always=False, opens="12:00", closes="20:00"), 9, False),
        (evolve(BRIS, always=False, opens="12:00", closes="20:00"), 10, True),
        (evolve(BRIS, always=False, opens="12:00", closes="20:00"), 18, False),
        (evolve(BRIS, always=False, opens="12:00"), 12, None),
        (evolve(BRIS, always=False, opens="20:00", closes="12:00"), 12, None),
        (evolve(BRIS, always=False, opens="12:00", closes="12:00"), 12, None),
        (evolve(BRIS, always=False, closes="12:00"), 12, None),
        (evolve(BRIS, always=False, opens="12:30", closes="13:45"), 11, True),
    ],
)
def test_open_is_what_is_known_to_be_open(line: Line, hour: int, *, expected: bool | None) -> None:
    """On the country's clocks; where nothing is known, that is what is said. The hour is UTC plus 15 minutes, in summer."""
    assert line.is_open(Instant.from_utc(2026, 9, 1, hour, 15 if line.opens == "12:30" else 0)) is expected


A_COUNTRY = 'a country as two capital letters, such as "SE"'
DIGITS = "digits, with blanks and hyphens between"
A_TIME = 'a time of the day from "00:00" to "23:59", or nothing'


@pytest.mark.parametrize(
    ("fault", "rule"),
    [
        ({"country": "se"}, A_COUNTRY),
        ({"country": "SWE"}, A_COUNTRY),
        ({"number": "tel:112"}, DIGITS),
        ({"number": ""}, DIGITS),
        ({"opens": "25:00"}, A_TIME),
        ({"opens": "9:00"}, A_TIME),
        ({"closes": "24:00"}, A_TIME),
        ({"closes": "12:60"}, A_TIME),
        ({"source": ""}, "a text of 1 to 500 characters"),
        ({"valid_days": 0}, "a number from 1 to 730"),
    ],
)
def test_a_line_without_what_it_needs_is_refused(fault: dict[str, Any], rule: str) -> None:
    """A country, digits, times of the day, a source; what is wrong is named."""
    with pytest.raises(Invalid) as refused:
        evolve(BRIS, **fault)
    assert [(one.path, one.rule) for one in refused.value.fields] == [(*fault, rule)]


def stage(*, country: str = "SE", clock: FixedClock | None = None, **settings: object) -> Stage:
    """A deployment with these settings."""
    return Stage(mewe_feature(), settings=SafetySettings(**settings), country=country, clock=clock)  # type: ignore[arg-type]


def test_a_first_start_with_numbers_that_nobody_verified_is_refused_and_names_them() -> None:
    """Unless somebody answers for it; then it is said at every start."""
    with stage() as refused, pytest.raises(PluginFault, match="116 111"):
        refused.start()
    with stage(lines_accepted_by="Nina") as accepted:
        [line] = accepted.start()
        assert "116 111" in line
        assert accepted.start() == (line,)


def test_a_start_without_any_number_is_refused_too() -> None:
    """A country that we know nothing of."""
    with stage(country="FR") as nowhere, pytest.raises(PluginFault, match="FR"):
        nowhere.start()


def test_another_start_is_never_stopped() -> None:
    """Numbers that ran out since are said, and shown as such: a platform that does not run answers nobody."""
    with stage(lines=(VERIFIED,)) as here:
        assert here.start() == ()
        here.clock.advance(days=181)
        [line] = here.start()
        assert "116 111" in line
        [shown] = here.call(help.list_help_lines, ListHelpLinesRequest()).lines
        assert shown.overdue
        assert shown.verified_date == DAY


def test_emergency_comes_first_then_who_is_open() -> None:
    """What is not known to be open comes before what is known to be closed."""
    closed = evolve(VERIFIED, name="closed", always=False, opens="01:00", closes="02:00")
    unknown = evolve(VERIFIED, name="unknown", always=False)
    emergency = evolve(VERIFIED, name="emergency", kind=LineKind.EMERGENCY, number="112")
    with stage(lines=(closed, unknown, VERIFIED, emergency)) as here:
        lines = here.call(help.list_help_lines, ListHelpLinesRequest()).lines
        assert [one.name for one in lines] == ["emergency", "Bris", "unknown", "closed"]
        assert [one.open_now for one in lines] == [True, True, None, False]
