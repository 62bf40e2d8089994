"""What is kept of those who sign in at an issuer: a keyed digest of who they are there, and which roles came from it."""

from attrs import field, frozen
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, bindparam, insert, or_, select, update
from whenever import Instant

from mewe_core.kit.database import either
from mewe_core.people.store import METADATA, ROLE_GRANT

IDENTITY = Table(
    "people_staff_identity",
    METADATA,
    Column("subject_digest", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("sign_in_time", BigInteger, nullable=False),
    Index("people_staff_identity_of_person", "person_id"),
)
CLAIMED = Table(
    "people_claimed_role",
    METADATA,
    Column("role_grant_id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Index("people_claimed_role_of_person", "person_id"),
)
"""Which role grants an issuer said, and nobody else gave."""


@frozen
class KeptIdentity:
    """Somebody who signs in at an issuer."""

    subject_digest: str = field(repr=False)
    person_id: str
    create_time: Instant
    sign_in_time: Instant


ADD_IDENTITY = either(lambda insert: insert(IDENTITY).on_conflict_do_nothing())
SIGN_IN = update(IDENTITY).where(IDENTITY.c.subject_digest == bindparam("which")).values(sign_in_time=bindparam("now"))
IDENTITY_OF = select(IDENTITY).where(IDENTITY.c.subject_digest == bindparam("which"))
ADD_CLAIMED = insert(CLAIMED)
CLAIMED_OF = (
    select(ROLE_GRANT)
    .join(CLAIMED, CLAIMED.c.role_grant_id == ROLE_GRANT.c.id)
    .where(CLAIMED.c.person_id == bindparam("whose"), or_(ROLE_GRANT.c.until.is_(None), ROLE_GRANT.c.until > bindparam("now")))
    .order_by(ROLE_GRANT.c.since, ROLE_GRANT.c.id)
)
SET_END = update(ROLE_GRANT).where(ROLE_GRANT.c.id == bindparam("which")).values(until=bindparam("at"))
