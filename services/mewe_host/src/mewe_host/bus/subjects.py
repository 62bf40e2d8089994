"""What things are called on the bus, and an event as a NATS message: protobuf inside, CloudEvents attributes in the headers."""

import re
from collections.abc import Container, Mapping, Sequence
from urllib.parse import quote, unquote

from attrs import frozen
from mewe_core.kit.events import Catalogue
from mewe_core.kit.values import micros, moment
from whenever import Instant

from mewe_host.parts import Envelope

EVENT_ID = "Nats-Msg-Id"
SEQUENCE = "Mewe-Sequence"
TIME = "ce-time"

ALL = "all"
"""The process that serves every feature of its mix."""

_PLAIN = re.compile(r"[A-Za-z0-9_-]+")


class NotAnEvent(ValueError):
    """A message on the bus that is no event of ours; says which part is wrong, never its value."""


@frozen
class Names:
    """The subjects and streams of one country."""

    country: str

    def subject(self, area: str, name: str, aggregate_id: str) -> str:
        """Where one event goes: ``mewe.<country>.<area>.v1.<event>.<aggregate id>``."""
        return f"mewe.{self.country}.{area}.v1.{name}.{token(aggregate_id)}"

    def told(self, area: str, name: str) -> str:
        """All events of one name."""
        return f"mewe.{self.country}.{area}.v1.{name}.*"

    def area(self, area: str) -> str:
        """All events of an area."""
        return f"mewe.{self.country}.{area}.v1.*.*"

    def events(self, area: str) -> str:
        """The stream of an area's events that are no state: kept for seven days."""
        return f"EVENTS_{self.country}_{area}"

    def states(self, area: str) -> str:
        """The stream of an area's state events: the newest of each aggregate."""
        return f"STATE_{self.country}_{area}"

    def replay(self, area: str) -> str:
        """Where the events of one aggregate are asked for again."""
        return f"mewe-replay.{self.country}.{area}"


@frozen
class Told:
    """What an area tells, by kind."""

    area: str
    events: tuple[str, ...]
    states: tuple[str, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, area: str) -> "Told":
        """From the catalogue."""
        entries = catalogue.of(area)
        return cls(
            area,
            tuple(sorted(one.name for one in entries if not one.published.state)),
            tuple(sorted(one.name for one in entries if one.published.state)),
        )

    def only(self, names: Container[str]) -> "Told":
        """Some of them alone."""
        events, states = (tuple(one for one in told if one in names) for told in (self.events, self.states))
        return Told(self.area, events, states)

    def streams(self, names: Names) -> dict[str, tuple[str, ...]]:
        """The event names of each of its streams; a stream of nothing is left out."""
        both = {names.events(self.area): self.events, names.states(self.area): self.states}
        return {stream: told for stream, told in both.items() if told}


def process(features: Sequence[str], every: Sequence[str]) -> str:
    """What the process that serves some features is called: ``all`` if they are all there are."""
    return ALL if {*features} == {*every} else "-".join(features)


def inbox(process: str) -> str:
    """Where a process is answered; nobody else may listen there."""
    return f"_INBOX.mewe.{process}"


def token(aggregate_id: str) -> str:
    """An id as one word of a subject."""
    return aggregate_id if _PLAIN.fullmatch(aggregate_id) else quote(aggregate_id, safe="").replace(".", "%2E")


def headers(envelope: Envelope, country: str) -> dict[str, str]:
    """What stands around an event's bytes. ``Nats-Msg-Id`` makes a second sending of the same event a duplicate."""
    return {
        EVENT_ID: envelope.event_id,
        SEQUENCE: str(envelope.sequence),
        "ce-specversion": "1.0",
        "ce-id": envelope.event_id,
        "ce-source": f"/mewe/{country}/{envelope.area}",
        "ce-type": f"mewe.{envelope.area}.v1.{envelope.name}",
        TIME: envelope.occurred_at.format_iso(),
    }


def read(subject: str, around: Mapping[str, str] | None, payload: bytes) -> Envelope:
    """The inverse: an event from a message. Raises NotAnEvent."""
    words = subject.split(".")
    if len(words) != 6 or words[0] != "mewe" or words[3] != "v1" or not around:
        raise NotAnEvent("subject or headers")
    try:
        return Envelope(
            area=words[2],
            name=words[4],
            event_id=around[EVENT_ID],
            aggregate_id=unquote(words[5], errors="strict"),
            sequence=int(around[SEQUENCE]),
            occurred_at=moment(micros(Instant.parse_iso(around[TIME]))),
            payload=payload,
        )
    except (KeyError, ValueError) as fault:
        raise NotAnEvent(f"headers ({type(fault).__name__})") from fault
