"""Telephone numbers that may save a life: data of a country, each with its source, and who verified it when.

``lines.toml`` comes with the library and holds what nobody has verified for a release; a deployment verifies, and says so
in its mix. The lines that a mix names for its country stand in place of all that were there.
"""

import re
import tomllib
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

import attrs
from attrs import field, frozen
from whenever import Date, Instant

from mewe_core.kit.checks import between, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.tables import structured
from mewe_core.safety.duty import ALWAYS, DutyHours, next_on_duty

_COUNTRY = re.compile(r"[A-Z]{2}")
_NUMBER = re.compile(r"[0-9][0-9 -]{1,24}")
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_EVERY_DAY = range(1, 8)


class LineKind(StrEnum):
    """A number for emergencies, or somebody to talk to."""

    EMERGENCY = "emergency"
    HELPLINE = "helpline"


@frozen
class _Matches:
    pattern: re.Pattern[str]
    rule: str

    def __call__(self, _: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if not self.pattern.fullmatch(value):
            raise Invalid(Field(attribute.name, self.rule))


def _time_or_nothing(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    if value and not _TIME.fullmatch(value):
        raise Invalid(Field(attribute.name, 'a time of the day from "00:00" to "23:59", or nothing'))


@frozen(kw_only=True)
class Line:
    """A number of one country.

    ``always``: open day and night; else ``opens`` and ``closes`` of every day in ``time_zone``, where they are known.
    ``verified_on`` and ``verified_by``: who called it last, or looked it up where it is published; missing: nobody has.
    ``valid_days``: after so many days that has to be done again.
    """

    country: str = field(validator=_Matches(_COUNTRY, 'a country as two capital letters, such as "SE"'))
    kind: LineKind
    name: str = field(validator=text(100))
    number: str = field(validator=_Matches(_NUMBER, "digits, with blanks and hyphens between"))
    always: bool = False
    opens: str = field(default="", validator=_time_or_nothing)
    closes: str = field(default="", validator=_time_or_nothing)
    time_zone: str = field(default="Europe/Stockholm", validator=text(60))
    source: str = field(validator=text(500))
    verified_on: Date | None = None
    verified_by: str = field(default="", validator=text(200, least=0))
    valid_days: int = field(default=180, validator=between(1, 730))

    def is_overdue(self, today: Date) -> bool:
        """Whether nobody has verified it, or not for too long."""
        if self.verified_on is None or not self.verified_by.strip() or self.verified_on > today:
            return True
        return today > self.verified_on.add(days=self.valid_days)

    def is_open(self, now: Instant) -> bool | None:
        """Whether somebody answers now; None: we do not know."""
        if self.always:
            return next_on_duty(ALWAYS, self.time_zone, now) == now
        if not self.opens or not self.closes or self.opens >= self.closes:
            return None
        hours = tuple(DutyHours(weekday, _minute(self.opens), _minute(self.closes)) for weekday in _EVERY_DAY)
        return next_on_duty(hours, self.time_zone, now) == now


@frozen
class Lines:
    """What a document of lines holds."""

    line: tuple[Line, ...] = ()


def _minute(time: str) -> int:
    hour, _, minute = time.partition(":")
    return int(hour) * 60 + int(minute)


@cache
def shipped() -> tuple[Line, ...]:
    """The lines that come with the library."""
    return structured(tomllib.loads((files("mewe_core.safety") / "lines.toml").read_text("utf-8")), Lines).line


def lines_of(country: str, own: tuple[Line, ...]) -> tuple[Line, ...]:
    """A country's lines: a deployment's own if it names any for that country, else those that come with the library."""
    return tuple(one for one in own if one.country == country) or tuple(one for one in shipped() if one.country == country)


def overdue(lines: tuple[Line, ...], today: Date) -> tuple[Line, ...]:
    """Those that have to be verified. A country without any emergency number is to be told apart: see ``lines_of``."""
    return tuple(one for one in lines if one.is_overdue(today))
