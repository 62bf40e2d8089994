"""Requests and answers of ``EmergencyService``."""

import re
from typing import Any

import attrs
from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.checks import between, identifier, language_tag, text
from mewe_core.kit.errors import Field, Invalid

MOST_MINUTES = 240
"""The longest that a reading may last anywhere; a deployment may allow less."""

_ADDRESS = re.compile(r"(mailto:[^@\s:]{1,64}@[^@\s]{1,190}|tel:\+[0-9]{5,15})?")


def alert_address(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """Where an alert can be sent to, or nothing."""
    if not _ADDRESS.fullmatch(value):
        raise Invalid(Field(attribute.name, "mailto: and an address, tel: and a number with its country, or nothing"))


@frozen
class EmergencyReading:
    """That somebody may read what a group says, from ``begin_time`` to ``until``.

    ``reason``: the reader's words, for themselves and those who were told. ``end_time``: when it was ended early, if it was;
    ``ended_by_id``: by whom (None: it was not, or it ended with the reader's role).
    """

    id: str
    group_id: str
    organisation_id: str
    reader_id: str
    reason: str = field(repr=False)
    begin_time: Instant
    until: Instant
    end_time: Instant | None
    ended_by_id: str | None


@frozen
class BeginEmergencyReadingRequest:
    """Read what a group says, because somebody may be in danger. ``minutes``: 1 to 240, 0: as the deployment has it."""

    request_id: str = field(validator=identifier)
    group_id: str = field(validator=identifier)
    reason: str = field(validator=text(2000), repr=False)
    minutes: int = field(default=0, validator=between(0, MOST_MINUTES))


@frozen
class EndEmergencyReadingRequest:
    """End a reading now."""

    request_id: str = field(validator=identifier)
    emergency_reading_id: str = field(validator=identifier)


@frozen
class ListEmergencyReadingsRequest:
    """Ask for the readings that one has to know of. ``page_size``: at most 200; 0 means 50."""

    page_size: int = 0
    page_token: str = ""


@frozen
class ListEmergencyReadingsResponse:
    """A page of readings, newest first."""

    emergency_readings: tuple[EmergencyReading, ...]
    next_page_token: str


@frozen
class SetEmergencyAddressRequest:
    """Say where one is told that somebody reads in an emergency. ``address``: empty to be told nowhere but in the list."""

    request_id: str = field(validator=identifier)
    organisation_id: str = field(validator=identifier)
    address: str = field(validator=alert_address, repr=False)
    language: str = field(default="", validator=language_tag)


@frozen
class SetEmergencyAddressResponse:
    """It is kept."""
