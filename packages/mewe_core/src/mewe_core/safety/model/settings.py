"""What a deployment decides."""

import re
from typing import Any

import attrs
from attrs import field, frozen

from mewe_core.kit.checks import between, few, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.safety.lines import Line

_ADDRESS = re.compile(r"mailto:[^@\s:]{1,64}@[^@\s]{1,190}|tel:\+[0-9]{5,15}")


def address(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """Where an alert goes: ``mailto:`` an address, or ``tel:`` a number with its country."""
    if not _ADDRESS.fullmatch(value):
        raise Invalid(Field(attribute.name, '"mailto:" and an e-mail address, or "tel:+" and a number with its country'))


def addresses(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """Several of them."""
    for one in value:
        address(_, attribute, one)


@frozen(kw_only=True)
class SafetySettings:
    """What a deployment decides.

    ``remind_minutes``, ``escalate_minutes``: how long an acknowledgement is waited for until somebody is reminded, and until
    the next is told, counted from when somebody is on duty, at the latest ``longest_wait_hours`` after they were told.
    ``follow_up_days``: how often whoever has a concern is reminded of it until it is closed.
    ``talk_hours``: how often leaders are reminded of somebody who wants to talk, until one of them says that they have.
    ``nobodys_an_hour``: so many calls for help an hour of nobody in particular become a concern each; those beyond are taken in
    as one concern, so that they bury nobody's.
    ``country_alerts``: addresses that are told of whatever reaches the country's own contacts; ``language`` is theirs.
    ``lines``: telephone numbers of the country, verified by the deployment.
    ``lines_accepted_by``: who answers for starting with numbers that nobody has verified.
    """

    remind_minutes: int = field(default=15, validator=between(1, 24 * 60))
    escalate_minutes: int = field(default=30, validator=between(2, 48 * 60))
    longest_wait_hours: int = field(default=12, validator=between(0, 72))
    follow_up_days: int = field(default=7, validator=between(1, 60))
    talk_hours: int = field(default=24, validator=between(1, 24 * 14))
    nobodys_an_hour: int = field(default=20, validator=between(1, 1000))
    country_alerts: tuple[str, ...] = field(default=(), validator=[few(10), addresses], repr=False)
    language: str = field(default="en", validator=text(20))
    lines: tuple[Line, ...] = field(default=(), validator=few(50))
    lines_accepted_by: str = field(default="", validator=text(200, least=0))

    def __attrs_post_init__(self) -> None:
        if self.escalate_minutes <= self.remind_minutes:
            raise Invalid(Field("escalate_minutes", "more minutes than remind_minutes"))
