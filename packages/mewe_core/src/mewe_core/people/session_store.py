"""Device sessions as kept, and the statements that read and change them. Their secrets stand here as keyed digests."""

from attrs import field, frozen
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, and_, bindparam, insert, null, or_, select, update
from whenever import Instant

from mewe_core.people.store import METADATA

DEVICE_SESSION = Table(
    "people_device_session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("token_digest", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("refresh_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("hours", BigInteger),
    Column("invitation_id", Text),
    Column("confirm_time", BigInteger),
    Column("words_digest", Text),
    Column("tries", BigInteger, nullable=False),
    Index("people_device_session_of_person", "person_id", "create_time", "id"),
    Index("people_device_session_of_invitation", "invitation_id"),
    Index("people_device_session_of_token", "token_digest", unique=True),
)
"""``hours``: how long it lasts unused, if its person chose less than the deployment; ``tries``: how often somebody has said
which words it shows. Until ``confirm_time`` it waits for an adult, and nothing can be done with it."""


@frozen
class KeptSession:
    """A device session as kept, without its secret."""

    id: str
    person_id: str
    token_digest: str = field(repr=False)
    create_time: Instant
    refresh_time: Instant
    expire_time: Instant
    end_time: Instant | None
    hours: int | None = None
    invitation_id: str | None = None
    confirm_time: Instant | None = None
    words_digest: str | None = field(default=None, repr=False)
    tries: int = 0


ADD_SESSION = insert(DEVICE_SESSION)
SESSION_BY_TOKEN = select(DEVICE_SESSION).where(DEVICE_SESSION.c.token_digest == bindparam("which"))
REFRESH_SESSION = (
    update(DEVICE_SESSION)
    .where(
        DEVICE_SESSION.c.token_digest == bindparam("which"),
        DEVICE_SESSION.c.end_time.is_(None),
        DEVICE_SESSION.c.confirm_time.is_not(None),
        DEVICE_SESSION.c.expire_time > bindparam("now"),
    )
    .values(refresh_time=bindparam("now"), expire_time=bindparam("until"))
)
SESSION_OF = select(DEVICE_SESSION).where(
    DEVICE_SESSION.c.id == bindparam("which"), DEVICE_SESSION.c.person_id == bindparam("me")
)
WAITING_OF = (
    select(DEVICE_SESSION)
    .where(
        DEVICE_SESSION.c.person_id == bindparam("whose"),
        DEVICE_SESSION.c.confirm_time.is_(None),
        DEVICE_SESSION.c.end_time.is_(None),
        DEVICE_SESSION.c.expire_time > bindparam("now"),
    )
    .order_by(DEVICE_SESSION.c.create_time.desc(), DEVICE_SESSION.c.id.desc())
    .limit(1)
)
END_WAITING = (
    update(DEVICE_SESSION)
    .where(
        DEVICE_SESSION.c.person_id == bindparam("whose"),
        DEVICE_SESSION.c.confirm_time.is_(None),
        DEVICE_SESSION.c.end_time.is_(None),
    )
    .values(end_time=bindparam("now"))
)
TRY_WORDS = (
    update(DEVICE_SESSION)
    .where(
        DEVICE_SESSION.c.id == bindparam("which"),
        DEVICE_SESSION.c.confirm_time.is_(None),
        DEVICE_SESSION.c.end_time.is_(None),
        DEVICE_SESSION.c.tries < bindparam("most"),
    )
    .values(tries=DEVICE_SESSION.c.tries + 1)
)
CONFIRM_SESSION = (
    update(DEVICE_SESSION)
    .where(
        DEVICE_SESSION.c.id == bindparam("which"), DEVICE_SESSION.c.confirm_time.is_(None), DEVICE_SESSION.c.end_time.is_(None)
    )
    .values(confirm_time=bindparam("now"), expire_time=bindparam("until"), words_digest=null())
)
OPEN_SESSIONS_OF = select(DEVICE_SESSION).where(
    DEVICE_SESSION.c.person_id == bindparam("whose"),
    DEVICE_SESSION.c.end_time.is_(None),
    DEVICE_SESSION.c.id != bindparam("besides"),
)
END_SESSION = (
    update(DEVICE_SESSION)
    .where(DEVICE_SESSION.c.id == bindparam("which"), DEVICE_SESSION.c.end_time.is_(None))
    .values(end_time=bindparam("now"))
)
SESSIONS_OF = (
    select(DEVICE_SESSION)
    .where(
        DEVICE_SESSION.c.person_id == bindparam("me"),
        DEVICE_SESSION.c.confirm_time.is_not(None),
        DEVICE_SESSION.c.end_time.is_(None),
        DEVICE_SESSION.c.expire_time > bindparam("now"),
        or_(
            DEVICE_SESSION.c.create_time < bindparam("before"),
            and_(DEVICE_SESSION.c.create_time == bindparam("before"), DEVICE_SESSION.c.id < bindparam("before_id")),
        ),
    )
    .order_by(DEVICE_SESSION.c.create_time.desc(), DEVICE_SESSION.c.id.desc())
    .limit(bindparam("most"))
)
