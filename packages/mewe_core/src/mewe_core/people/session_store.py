"""Device sessions as kept, and the statements that read and change them. Their secrets stand here as keyed digests."""

from attrs import field, frozen
from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Table,
    Text,
    and_,
    bindparam,
    insert,
    null,
    or_,
    select,
    update,
)
from whenever import Instant

from mewe_core.kit.database import Database
from mewe_core.people.session_rules import Begun, Way
from mewe_core.people.store import METADATA, PERSON

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
    Column("way", Text, nullable=False),
    Column("most_hours", BigInteger),
    Column("ended_by_id", Text),
    Column("passkey_time", BigInteger),
    Index("people_device_session_of_person", "person_id", "create_time", "id"),
    Index("people_device_session_of_invitation", "invitation_id"),
    Index("people_device_session_of_token", "token_digest", unique=True),
    Index("people_device_session_kept_from", "expire_time"),
)
"""``hours``: how long it lasts unused, if its person chose less than the deployment; ``tries``: how often somebody has said
which words it shows. Until ``confirm_time`` it waits for an adult, and nothing can be done with it. ``way``: how its person has
shown who they are; ``most_hours``: how long it lives at most, counted from ``confirm_time``, where its sign-in says so;
``ended_by_id``: who of the staff ended it, if somebody did; ``passkey_time``: when a passkey was made in it, if it began with a
code."""


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
    way: Way = Way.CODE
    most_hours: int | None = None
    ended_by_id: str | None = None
    passkey_time: Instant | None = None

    @property
    def begun(self) -> Begun:
        """As its longest life is reckoned; while it waits, from now on at the latest."""
        return Begun(self.confirm_time or self.create_time, self.way, self.most_hours, self.passkey_time)


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
USED_SESSIONS_OF = select(DEVICE_SESSION).where(
    DEVICE_SESSION.c.person_id == bindparam("whose"),
    DEVICE_SESSION.c.confirm_time.is_not(None),
    DEVICE_SESSION.c.end_time.is_(None),
    DEVICE_SESSION.c.expire_time > bindparam("now"),
    DEVICE_SESSION.c.id != bindparam("besides"),
)
HOLD_PERSON = update(PERSON).where(PERSON.c.id == bindparam("whose")).values(create_time=PERSON.c.create_time)
"""Changes nothing: whoever signs in at the same moment waits at the row, and sees the session that begins."""
STRENGTHEN = (
    update(DEVICE_SESSION)
    .where(DEVICE_SESSION.c.id == bindparam("which"), DEVICE_SESSION.c.way == Way.CODE.value)
    .values(way=Way.PASSKEY.value, passkey_time=bindparam("now"), expire_time=bindparam("until"))
)
END_SESSION = (
    update(DEVICE_SESSION)
    .where(DEVICE_SESSION.c.id == bindparam("which"), DEVICE_SESSION.c.end_time.is_(None))
    .values(end_time=bindparam("now"), expire_time=bindparam("now"))
)
END_SESSION_FOR = (
    update(DEVICE_SESSION)
    .where(DEVICE_SESSION.c.id == bindparam("which"), DEVICE_SESSION.c.end_time.is_(None))
    .values(end_time=bindparam("now"), expire_time=bindparam("now"), ended_by_id=bindparam("by"))
)
SIGNED_OUT = (
    select(DEVICE_SESSION)
    .where(DEVICE_SESSION.c.person_id == bindparam("me"), DEVICE_SESSION.c.ended_by_id.is_not(None))
    .order_by(DEVICE_SESSION.c.end_time.desc())
    .limit(1)
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


async def used_sessions(database: Database, person_id: str, now: Instant, *, besides: str = "") -> list[KeptSession]:
    """A person's sessions that can be used, but one."""
    return await database.all(USED_SESSIONS_OF, KeptSession, whose=person_id, now=now, besides=besides)


async def signed_out(database: Database, person_id: str) -> Instant | None:
    """When somebody of the staff last ended sessions of a person, as long as that is known."""
    last = await database.first(SIGNED_OUT, KeptSession, me=person_id)
    return None if last is None else last.end_time
