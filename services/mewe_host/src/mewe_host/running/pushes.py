"""What this process pushes with, if its mix sets that up."""

from pathlib import Path

from attrs import frozen
from mewe_core.kit.ports import Pushing
from mewe_core.kit.pushing import PUSH

from mewe_host.alerts.letters import Senders
from mewe_host.alerts.push import PushSender, encoded
from mewe_host.identity.keys import private_key
from mewe_host.mix.model import Mix
from mewe_host.running import opening


@frozen
class Pushes:
    """What features may offer devices, and the sender behind it."""

    offered: Pushing
    sender: PushSender | None = None

    @property
    def senders(self) -> Senders:
        """The sender by its scheme; none, if nothing is pushed."""
        return {} if self.sender is None else {PUSH: self.sender}

    async def close(self) -> None:
        """Let go of every connection."""
        if self.sender is not None:
            await self.sender.close()


def pushing(mix: Mix) -> Pushes:
    """The key is made at the first start with a contact, beside the country's others. Raises KeyFault."""
    settings = mix.push
    if settings.contact is None:
        return Pushes(Pushing())
    key = private_key(Path(mix.keys.folder) / "push.pem", opening.kms(mix))
    offered = Pushing(encoded(key.public_key()), settings.services, settings.here)
    return Pushes(offered, PushSender(key, settings.contact, offered, settings.seconds))
