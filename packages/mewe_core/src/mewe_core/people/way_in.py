"""Whether anybody can still act for the country: where nobody can, the next start opens the door again."""

from sqlalchemy import bindparam, func, or_, select
from whenever import Instant

from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.database import Database
from mewe_core.kit.standing import held_by
from mewe_core.people import session_rules
from mewe_core.people.model import PeopleSettings
from mewe_core.people.oidc.store import IDENTITY
from mewe_core.people.passkeys.store import PASSKEY
from mewe_core.people.session_store import DEVICE_SESSION, KeptSession
from mewe_core.people.store import ROLE_GRANT

_EVER_OF_THE_CENTRE = (
    ROLE_GRANT.c.scope_kind == ScopeKind.COUNTRY.value,
    ROLE_GRANT.c.scope_id == bindparam("country"),
    ROLE_GRANT.c.role == Role.NATIONAL.value,
)
_OF_THE_CENTRE = (*_EVER_OF_THE_CENTRE, or_(ROLE_GRANT.c.until.is_(None), ROLE_GRANT.c.until > bindparam("now")))
BY_SESSION = select(DEVICE_SESSION).where(
    *_OF_THE_CENTRE,
    ROLE_GRANT.c.person_id == DEVICE_SESSION.c.person_id,
    DEVICE_SESSION.c.confirm_time.is_not(None),
    DEVICE_SESSION.c.end_time.is_(None),
    DEVICE_SESSION.c.expire_time > bindparam("now"),
)
BY_PASSKEY = select(func.count()).where(*_OF_THE_CENTRE, ROLE_GRANT.c.person_id == PASSKEY.c.person_id)
BY_ISSUER = select(func.count()).where(*_EVER_OF_THE_CENTRE, ROLE_GRANT.c.person_id == IDENTITY.c.person_id)
"""Roles of an issuer end by themselves, and begin again at the next sign-in."""


async def can_act(database: Database, country: str, now: Instant, settings: PeopleSettings) -> bool:
    """Whether somebody with the national role is signed in, or can sign in without a code: by a passkey, or at an issuer.

    A session counts that the settings of this start still let be renewed, whatever it was told when it was renewed last.
    """
    ways = 0
    if settings.passkeys is not None:
        ways += await database.first(BY_PASSKEY, int, country=country, now=now) or 0
    if any(role.role is Role.NATIONAL for one in settings.issuers for role in one.roles):
        ways += await database.first(BY_ISSUER, int, country=country) or 0
    return ways > 0 or await _signed_in(database, country, now, settings)


async def _signed_in(database: Database, country: str, now: Instant, settings: PeopleSettings) -> bool:
    for one in await database.all(BY_SESSION, KeptSession, country=country, now=now):
        staff = session_rules.staff_since(await held_by(database, one.person_id), now)
        if session_rules.last_moment(one.begun, staff, settings) > now:
            return True
    return False
