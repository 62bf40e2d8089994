"""What follows a unit that was kept: this process learns at once what the unit told or heard."""

from collections.abc import Iterable, Sequence

from attrs import frozen
from mewe_core.kit.events import Event
from mewe_core.kit.ports import Next
from mewe_core.kit.standing import ConsentChanged, SessionEnded, SigningKeyPublished, StandingChanged

from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Envelope, Live


@frozen
class Effects:
    """Tells trust and streams of this process; neither can fail."""

    trust: TokenTrust
    live: Live

    def told(self, envelopes: Sequence[Envelope], events: Iterable[Event], shown: Sequence[Next[object]] = ()) -> None:
        """What a unit of this process has told, and what it shows to those who follow."""
        if envelopes:
            self.live.told(envelopes, shown)
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
