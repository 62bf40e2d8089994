"""When something may be shared, with whom, and for how long. Pure."""

from collections.abc import Mapping, Sequence

from mewe_core.kit.access import Role
from mewe_core.kit.errors import Field, Invalid
from whenever import Instant, TimeDelta

from mewe_diary.errors import Full, NotALeadersKey, WordsNotRead
from mewe_diary.headers import POINT, ShareHeader

WRITERS = (Role.PARTICIPANT,)
READERS = (Role.LEADER,)
MEMBERS = (Role.PARTICIPANT, Role.LEADER)

MOST_SHARES = 50
WORDS_VERSION = "1"
"""Of ``sharing-words`` in ``locale/``: raised whenever they say something else, so that everybody reads them again."""

SLACK_HOURS = 1
"""By how much a device's clock may be ahead of the server's."""

_UNCOMPRESSED = 4


def may_publish(point: bytes) -> None:
    """Let a key be published. Raises Invalid for what is not an uncompressed point's shape."""
    if len(point) != POINT or point[0] != _UNCOMPRESSED:
        raise Invalid(Field("public_key", "an uncompressed point of P-256: 65 bytes"))


def may_share(words_version: str, count: int, *, acknowledged: bool) -> None:
    """Let one more be shared by who has read the present words. Raises WordsNotRead, Full."""
    if not acknowledged or words_version != WORDS_VERSION:
        raise WordsNotRead
    if count >= MOST_SHARES:
        raise Full


def recipients(share: ShareHeader, leaders: Mapping[str, str], most_days: int, now: Instant) -> Sequence[str]:
    """To whom a share is sealed; ``leaders`` are the present leaders by the ids of their keys.

    Raises NotALeadersKey if a key is none of theirs; Invalid unless it is over after now, and within ``most_days``.
    """
    if not now < share.until <= now + TimeDelta(hours=24 * most_days + SLACK_HOURS):
        raise Invalid(Field("sealed", f"something that is shared for at most {most_days} days from now"))
    if not set(share.key_ids) <= leaders.keys():
        raise NotALeadersKey
    return sorted(leaders[one] for one in share.key_ids)
