"""Rotation: every data key is wrapped anew under the newest master, then the older ones are destroyed.

Each step may be repeated, and a rotation that was interrupted is taken up where it stood, so there is nothing to undo.
Hosts may run meanwhile: from the moment a keyring adopts a master, no new key in it is wrapped under an older one.
"""

from collections.abc import Mapping

from attrs import frozen

from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import Keyring


@frozen
class Rotated:
    """What a rotation did: the master now in use, how many data keys it wrapped anew, which masters it destroyed."""

    version: int
    rewrapped: int
    destroyed: tuple[int, ...]


async def prepare(keyrings: Mapping[str, Keyring], masters: Masters) -> int:
    """The master to rotate to: a newer one that lies there already, or a new one; no data key is wrapped under it yet."""
    newest = masters.versions()[-1]
    used = {(await one.shelf.masters())[-1].version for one in keyrings.values()}
    if len(masters.versions()) == 1 and used <= {newest}:
        newest += 1
        masters.made(newest)
    return newest


async def rotate(keyrings: Mapping[str, Keyring], masters: Masters) -> Rotated:
    """Wrap every data key of every keyring under the newest master, and destroy the older ones.

    ``keyrings``: all that there are, or keys of those left out are lost.
    """
    version = await prepare(keyrings, masters)
    for one in keyrings.values():
        await one.shelf.adopt(version, masters.fingerprint(version))
    rewrapped = 0
    for one in keyrings.values():
        again = one.rewrapped(version)
        while count := await one.shelf.rewrap(version, again):
            rewrapped += count
    for one in keyrings.values():
        await one.shelf.forget(version)
        await one.shelf.tidy()
    older = tuple(known for known in masters.versions() if known < version)
    for known in older:
        masters.remove(known)
    return Rotated(version, rewrapped, older)


async def renew(keyrings: Mapping[str, Keyring]) -> int:
    """Retire every data key: the next words are sealed with new ones, and the old ones go on opening theirs; says how many."""
    retired = 0
    for one in keyrings.values():
        while count := await one.shelf.retire():
            retired += count
    return retired
