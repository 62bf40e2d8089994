"""What people tells: the kit's events about standing, consent, sessions and signing keys, all of them state."""

from mewe_core.kit.events import Published
from mewe_core.kit.standing import ConsentChanged, SessionEnded, SigningKeyPublished, StandingChanged

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
)
