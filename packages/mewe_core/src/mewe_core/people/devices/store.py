"""What is kept of a device's key: its public half."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, bindparam, delete, insert, select, update

from mewe_core.people.store import METADATA

DEVICE_KEY = Table(
    "people_device_key",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("x", Text, nullable=False),
    Column("y", Text, nullable=False),
    Column("prove_time", BigInteger, nullable=False),
    Index("people_device_key_of_person", "person_id"),
    Index("people_device_key_kept_from", "prove_time"),
)
"""``prove_time``: when the newest challenge that was answered ends; only one that ends later is taken."""

ADD_KEY = insert(DEVICE_KEY)
KEY_OF = select(DEVICE_KEY.c.x, DEVICE_KEY.c.y).where(DEVICE_KEY.c.session_id == bindparam("which"))
PROVE = (
    update(DEVICE_KEY)
    .where(DEVICE_KEY.c.session_id == bindparam("which"), DEVICE_KEY.c.prove_time < bindparam("at"))
    .values(prove_time=bindparam("at"))
)
FORGET = delete(DEVICE_KEY).where(DEVICE_KEY.c.session_id == bindparam("which"))
FORGET_OTHERS_OF = delete(DEVICE_KEY).where(
    DEVICE_KEY.c.person_id == bindparam("whose"), DEVICE_KEY.c.session_id != bindparam("besides")
)
