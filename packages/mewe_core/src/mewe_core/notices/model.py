"""Requests and answers; what is kept; what a deployment decides."""

import base64
from enum import StrEnum
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import attrs
from attrs import field, frozen
from whenever import Instant, Time

from mewe_core.kit.checks import between, identifier, language_tag, text
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.pushing import LONGEST_ENDPOINT

LAST_MINUTE = 24 * 60 - 1
_POINT, _SECRET = 65, 16


def _bytes(text_: str) -> bytes | None:
    try:
        data = base64.b64decode(text_ + "=" * (-len(text_) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    return data if base64.urlsafe_b64encode(data).decode().rstrip("=") == text_ else None


def _point(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    data = _bytes(value)
    if data is None or len(data) != _POINT or data[0] != 4:
        raise Invalid(Field(attribute.name, "a point of P-256, uncompressed: 65 bytes in base64url without padding"))


def _secret(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    data = _bytes(value)
    if data is None or len(data) != _SECRET:
        raise Invalid(Field(attribute.name, "16 bytes in base64url without padding"))


@frozen(kw_only=True)
class NoticesSettings:
    """What a deployment decides.

    ``title``: the name of a notice on the screen, which must not tell what the app is for; empty: a plain word.
    ``quiet_from``, ``quiet_to``, ``time_zone``: quiet hours of those who have not chosen their own.
    ``an_hour``: how many notices one person gets within an hour at most; what is beyond waits, and becomes one.
    ``worth_hours``: how long a notice is tried, and kept by a push service for a device that is off.
    """

    title: str = field(default="", validator=text(30, least=0))
    quiet_from: Time = field(factory=partial(Time, 21))
    quiet_to: Time = field(factory=partial(Time, 8))
    time_zone: ZoneInfo = field(factory=partial(ZoneInfo, "UTC"))
    an_hour: int = field(default=3, validator=between(1, 20))
    worth_hours: int = field(default=12, validator=between(1, 72))


@frozen
class Quiet:
    """Hours of a day without notices, on the clocks of a zone: from a minute of the day to another; none, if both are one."""

    from_minute: int
    to_minute: int
    time_zone: str


class Outcome(StrEnum):
    """What became of an occurrence. ``NOWHERE``: there was no device to send to."""

    SENT = "sent"
    WITHDRAWN = "withdrawn"
    NOWHERE = "nowhere"


@frozen
class Choice:
    """What somebody chose, as it is kept."""

    person_id: str
    wanted: bool
    quiet_from: int
    quiet_to: int
    time_zone: str

    @property
    def quiet(self) -> Quiet:
        """The quiet hours."""
        return Quiet(self.quiet_from, self.quiet_to, self.time_zone)


@frozen
class KeptDevice:
    """A device, as it is kept. What is sealed is what a push needs: endpoint, key and secret."""

    id: str
    person_id: str
    session_id: str
    endpoint_digest: str
    sealed_endpoint: bytes = field(repr=False)
    sealed_public_key: bytes = field(repr=False)
    sealed_secret: bytes = field(repr=False)
    create_time: Instant
    seen_time: Instant


@frozen
class Notice:
    """An occurrence for somebody. ``next_time``: when it is looked at next, empty once it has ended; ``sending_id``: with which
    sending it left, one for all that left together."""

    person_id: str
    occurrence_id: str
    due_time: Instant | None
    next_time: Instant | None
    end_time: Instant | None
    outcome: Outcome | None
    sending_id: str | None


@frozen
class NoticeDevice:
    """A device, as its owner sees it."""

    id: str
    create_time: Instant
    is_this: bool


@frozen
class NoticeSettings:
    """One's own settings. ``push_key``: "" where the deployment sends no notices."""

    wanted: bool
    quiet_from_minute: int
    quiet_to_minute: int
    time_zone: str
    devices: tuple[NoticeDevice, ...]
    push_key: str
    title: str
    text: str


@frozen
class GetNoticeSettingsRequest:
    """One's own settings."""

    language: str = field(default="", validator=language_tag)


@frozen
class SetNoticeSettingsRequest:
    """Whether, and when not."""

    request_id: str = field(validator=identifier)
    wanted: bool
    quiet_from_minute: int = field(validator=between(0, LAST_MINUTE))
    quiet_to_minute: int = field(validator=between(0, LAST_MINUTE))
    time_zone: str = field(validator=text(64))
    language: str = field(default="", validator=language_tag)


@frozen
class AddDeviceRequest:
    """The device that asks: what its browser gave."""

    request_id: str = field(validator=identifier)
    endpoint: str = field(validator=text(LONGEST_ENDPOINT), repr=False)
    public_key: str = field(validator=_point, repr=False)
    secret: str = field(validator=_secret, repr=False)
    language: str = field(default="", validator=language_tag)


@frozen
class RemoveDeviceRequest:
    """One of one's own devices."""

    request_id: str = field(validator=identifier)
    device_id: str = field(validator=identifier)
    language: str = field(default="", validator=language_tag)


@frozen
class TestNoticeRequest:
    """A notice to oneself."""

    __test__ = False
    request_id: str = field(validator=identifier)
    language: str = field(default="", validator=language_tag)
