"""Where wrapped data keys lie: the port that the keyring needs, once as a file and once as a schema."""

from collections.abc import Callable, Sequence
from typing import Protocol

from attrs import field, frozen

REWRAPPED = 500
"""How many data keys are wrapped anew, or retired, in one unit."""


@frozen
class KeyRow:
    """A wrapped data key. ``id``: 16 hexadecimal digits. ``revision``: that of the shelf in the moment it was read."""

    id: str
    master: int
    wrapped: bytes = field(repr=False)
    revision: int


@frozen
class Held:
    """A wrapped data key with what it is for."""

    id: str
    about: str
    purpose: str
    master: int
    wrapped: bytes = field(repr=False)


@frozen
class MasterUse:
    """A master's version as a shelf knows it, and how many data keys are wrapped under it."""

    version: int
    fingerprint: str
    count: int


class Shelf(Protocol):
    """The wrapped data keys of one feature. All of it raises Unavailable if it cannot be done now.

    ``revision`` rises with each change after which somebody who remembers a key may be wrong.
    """

    async def revision(self) -> int:
        """How often keys were destroyed or retired."""

    async def sealing(self, about: str, purpose: str) -> KeyRow | None:
        """The key to seal with, if there is one."""

    async def opening(self, about: str, purpose: str, id_: str) -> KeyRow | None:
        """A key that was sealed with, retired or not."""

    async def keep(self, about: str, purpose: str, id_: str, wrap: Callable[[int], bytes]) -> None:
        """Keep a new key, wrapped under the version that is in use; durable when this returns.

        Nothing is done if there is one to seal with already.
        """

    async def destroy(self, about: str, purpose: str | None) -> tuple[int, int]:
        """Destroy a key or every key of ``about``, retired ones too; how many kinds there were, and the revision."""

    async def holds(self, about: str, purpose: str) -> bool:
        """Whether there is a key of this kind, retired or not."""

    async def abouts(self, purpose: str) -> Sequence[str]:
        """What there are keys of for a purpose; the first thousand."""

    async def used(self, id_: str, count: int, most: int) -> tuple[int, int]:
        """Note so many more uses of a key, and retire it if they have become ``most``; all of them, and the revision."""

    async def adopt(self, version: int, fingerprint: str) -> None:
        """From now on no key is wrapped under an older master. May be repeated."""

    async def masters(self) -> Sequence[MasterUse]:
        """The masters that are known here, oldest first; the last one is in use."""

    async def rewrap(self, version: int, again: Callable[[Held], bytes]) -> int:
        """Wrap up to 500 keys of older masters anew, in one unit; says how many. May be repeated until it is 0."""

    async def forget(self, below: int) -> None:
        """Know older masters no more. Nothing is wrapped under them any longer."""

    async def retire(self) -> int:
        """Retire up to 500 keys, in one unit: they open and do not seal any more. Says how many."""

    async def tidy(self) -> bool:
        """See to it that nothing is left of what was destroyed, as far as the shelf can; says whether nothing is."""
