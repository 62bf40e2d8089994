"""Pushes: "there is something new", to one device, through the push service of its browser (Web Push, RFC 8030).

A push has no content: whoever sees it learns that there is something new, never what or from whom. Where it goes is a URL that
a device gave, so a deployment sends to push services on its list alone.
"""

import re
from collections.abc import Sequence

from attrs import field, frozen
from sqlalchemy import bindparam, delete, select
from whenever import Instant

from mewe_core.kit.database import Database, Executable, one_of
from mewe_core.kit.records import ALERT

PUSH = "push"
"""The kind of a push among what leaves, and the scheme of where it goes."""

LONGEST_ENDPOINT = 2000
_PATH = r"/[A-Za-z0-9._~:/?!$&'()*+,;=%-]*"
_THERE = re.compile(rf"https://(?P<name>[a-z0-9.-]{{1,253}})(:443)?{_PATH}")
_HERE = re.compile(rf"http://127\.0\.0\.1:[0-9]{{1,5}}{_PATH}")

KNOWN_SERVICES = (
    "fcm.googleapis.com",
    "updates.push.services.mozilla.com",
    ".push.apple.com",
    ".notify.windows.com",
)
"""Push services of the browsers that have one; a leading dot stands for every name below it."""

_REFUSED: Executable = (
    select(ALERT.c.device_id)
    .where(ALERT.c.kind == PUSH, ALERT.c.refused_time > 0)
    .order_by(ALERT.c.device_id)
    .limit(bindparam("most"))
)
_FORGET: Executable = delete(ALERT).where(ALERT.c.kind == PUSH, ALERT.c.refused_time > 0, one_of(ALERT.c.device_id, "ids"))


@frozen
class Push:
    """That there is something new, to one device. It leaves when the unit is kept, and is tried again until ``until``.

    ``id``: 32 hexadecimal digits. ``device_id``: what the feature calls the device. ``topic``: of what is not delivered yet, a
    push service keeps the newest of a topic alone (RFC 8030, 5.4); at most 32 letters and digits that tell nothing.
    ``endpoint``, ``public_key`` and ``secret`` are what the browser gave (the last two in base64url). Once the person is erased
    it does not leave any more.
    """

    id: str
    topic: str
    endpoint: str = field(repr=False)
    public_key: str = field(repr=False)
    secret: str = field(repr=False)
    device_id: str
    person_id: str
    until: Instant


@frozen
class Pushing:
    """What the deployment offers: its public key for devices (base64url; "": it pushes nothing), and the services it sends to.

    ``here``: a push service on this machine is let in too, by ``http://127.0.0.1:PORT``; in a demo or a test alone.
    """

    key: str = ""
    services: tuple[str, ...] = KNOWN_SERVICES
    here: bool = False

    def takes(self, endpoint: str) -> bool:
        """Whether it would send there. Pure: https, no port, no user, no fragment, and a name on the list."""
        return bool(self.key) and leads_to(endpoint, self.services, here=self.here)


def leads_to(endpoint: str, services: Sequence[str], *, here: bool) -> bool:
    """Whether a URL leads to one of the services, and nowhere else whoever reads it. Pure."""
    if len(endpoint) > LONGEST_ENDPOINT:
        return False
    if here and _HERE.fullmatch(endpoint):
        return True
    there = _THERE.fullmatch(endpoint)
    return there is not None and any(_is(there["name"], one) for one in services)


def _is(name: str, service: str) -> bool:
    if service.startswith("."):
        return name.endswith(service) and all(name.removesuffix(service).split("."))
    return name == service


async def refused(database: Database, most: int) -> list[str]:
    """The ids of devices that are no more, as their push service said."""
    return await database.all(_REFUSED, str, most=most)


async def forget_refused(database: Database, ids: Sequence[str]) -> None:
    """Let go of what was for these devices: the feature has forgotten them."""
    await database.execute(_FORGET, ids=ids)
