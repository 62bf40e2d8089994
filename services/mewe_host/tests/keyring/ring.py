"""A keyring of a country in a folder of the test, on either kind of shelf; several of them may stand on one place."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import define
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.opening import Keyrings

PLACE = "chat_message/1/text"


@define
class Ticking:
    """A clock that a test moves on, in seconds."""

    at: float = 0.0

    def __call__(self) -> float:
        """This moment."""
        return self.at


def rings(folder: Path, url: str, country: str = "SE") -> Keyrings:
    """What opens the keyrings of a deployment whose keys lie in a folder."""
    return Keyrings(country, url, folder, FileKeys.of(folder, country), Masters.of(folder, country))


@asynccontextmanager
async def ring(
    folder: Path, url: str, *, feature: str = "chat", country: str = "SE", clock: Ticking | None = None
) -> AsyncIterator[Keyring]:
    """The keyring of one feature, as a host of its own would open it."""
    made = rings(folder, url, country)
    async with AsyncExitStack() as stack:
        opened = (await made.opened([feature], stack))[feature]
        yield Keyring(country, feature, made.keys, made.masters, opened.shelf, clock=clock or Ticking())
