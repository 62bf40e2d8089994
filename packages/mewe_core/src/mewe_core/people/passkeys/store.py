"""What is kept of passkeys: public keys, and how often they were used."""

from attrs import field, frozen
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, bindparam, delete, func, select, update
from whenever import Instant

from mewe_core.kit.database import either
from mewe_core.people.store import METADATA

PASSKEY = Table(
    "people_passkey",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("credential_id", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("sign_count", BigInteger, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("last_use_time", BigInteger),
    Index("people_passkey_of_person", "person_id", "create_time", "id"),
    Index("people_passkey_by_credential", "credential_id", unique=True),
)
"""``credential_id`` and ``public_key`` (COSE) are URL-safe base64; ``sign_count`` is what the authenticator last said."""


@frozen
class KeptPasskey:
    """A passkey as kept."""

    id: str
    person_id: str
    credential_id: str
    public_key: str = field(repr=False)
    sign_count: int
    create_time: Instant
    last_use_time: Instant | None


ADD = either(lambda insert: insert(PASSKEY).on_conflict_do_nothing())
OF = (
    select(PASSKEY)
    .where(PASSKEY.c.person_id == bindparam("me"))
    .order_by(PASSKEY.c.create_time, PASSKEY.c.id)
    .limit(bindparam("most"))
)
COUNT_OF = select(func.count()).where(PASSKEY.c.person_id == bindparam("me"))
BY_CREDENTIAL = select(PASSKEY).where(PASSKEY.c.credential_id == bindparam("which"))
REMOVE = delete(PASSKEY).where(PASSKEY.c.id == bindparam("which"), PASSKEY.c.person_id == bindparam("me"))
REMOVE_ALL_OF = delete(PASSKEY).where(PASSKEY.c.person_id == bindparam("whose"))
"""For whoever lost a device: what it holds signs nobody in any more."""
USE = (
    update(PASSKEY)
    .where(PASSKEY.c.id == bindparam("which"), PASSKEY.c.sign_count == bindparam("before"))
    .values(sign_count=bindparam("after"), last_use_time=bindparam("now"))
)
