"""What follows a unit that was kept: this process learns at once what the unit told or heard."""

from collections.abc import Iterable

from attrs import frozen
from mewe_core.kit.events import Event
from mewe_core.kit.standing import ConsentChanged, SessionEnded, SigningKeyPublished, StandingChanged

from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Envelope, Live


@frozen
class Effects:
    """Tells trust and streams of this process; neither can fail."""

    trust: TokenTrust
    live: Live

    def told(self, envelopes: Iterable[Envelope], events: Iterable[Event]) -> None:
        """What a unit of this process has told."""
        for envelope in envelopes:
            self.live.wake(envelope.area, envelope.aggregate_id)
        self.heard(events)

    def heard(self, events: Iterable[Event]) -> None:
        """What has happened here or elsewhere."""
        for event in events:
            if isinstance(event, StandingChanged | ConsentChanged):
                self.live.recheck(event.person_id)
            elif isinstance(event, SessionEnded):
                self.trust.session_ended(event)
                self.live.recheck()
            elif isinstance(event, SigningKeyPublished):
                self.trust.key_published(event)
