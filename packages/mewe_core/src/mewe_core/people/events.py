"""What people tells: the kit's events about standing, consent, sessions and signing keys, all of them state; and who came."""

from attrs import frozen

from mewe_core.kit.earlier import EarlierClosed
from mewe_core.kit.events import Event, Published
from mewe_core.kit.privacy.telling import ErasureDecided
from mewe_core.kit.standing import ConsentChanged, SessionEnded, SigningKeyPublished, StandingChanged


@frozen
class PersonInvited(Event):
    """Somebody belongs to an organisation, which invited them; for good."""

    person_id: str
    organisation_id: str


@frozen
class GuestConfirmed(Event):
    """Whoever redeemed an invitation for a group was confirmed, and may join it."""

    invitation_id: str
    person_id: str
    organisation_id: str
    group_id: str


EVENTS: tuple[Published, ...] = (
    Published(
        StandingChanged,
        aggregate="id",
        state=True,
        meaning="A person holds a role in an organisation or in the country, from one moment to another.",
    ),
    Published(
        ConsentChanged,
        aggregate="id",
        state=True,
        meaning="A purpose of a person is covered by consent, until it has to be asked again; or it is not.",
    ),
    Published(
        SessionEnded,
        aggregate="session_id",
        state=True,
        meaning="A device session was ended: its access tokens are refused from now on.",
    ),
    Published(
        SigningKeyPublished,
        aggregate="key_id",
        state=True,
        meaning="Access tokens signed with this key are good, until it retires.",
    ),
    Published(
        EarlierClosed,
        aggregate="id",
        state=True,
        meaning="What somebody kept before they came back on a new device is closed to them, or open again.",
    ),
    Published(
        ErasureDecided,
        aggregate="id",
        state=True,
        meaning="A person is erased everywhere, from now on; what is left of them in transport.",
    ),
    Published(
        PersonInvited,
        aggregate="person_id",
        state=True,
        meaning="Somebody belongs to an organisation, which invited them.",
    ),
    Published(
        GuestConfirmed,
        aggregate="invitation_id",
        state=False,
        meaning="Whoever redeemed an invitation for a group was confirmed, and may join it.",
    ),
)
