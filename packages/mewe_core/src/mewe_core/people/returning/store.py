"""Returns as kept, and the statements that read and change them."""

from attrs import field, frozen
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Table, Text, and_, bindparam, insert, null, or_, select, update
from whenever import Instant

from mewe_core.kit.access import Scope, ScopeKind
from mewe_core.kit.database import Database
from mewe_core.people.returning.model import ListReturnsRequest, Return, ReturnReason
from mewe_core.people.store import METADATA

RETURN = Table(
    "people_return",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("organisation_id", Text, ForeignKey("people_organisation.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("asked_by_id", Text, nullable=False),
    Column("ask_time", BigInteger, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("agreed_by_id", Text),
    Column("agree_time", BigInteger),
    Column("invitation_id", Text),
    Column("end_time", BigInteger),
    Column("confirm_time", BigInteger),
    Column("words_digest", Text),
    Column("tries", BigInteger, nullable=False),
    Column("reopened_by_id", Text),
    Column("reopen_time", BigInteger),
    Index("people_return_of_person", "person_id", "ask_time"),
    Index("people_return_in_organisation", "organisation_id", "ask_time", "id"),
    Index("people_return_kept_from", "ask_time"),
)
"""``end_time``: nobody comes back by it any more, because the person has, has refused, or did not in time."""

Index(
    "people_return_open",
    RETURN.c.person_id,
    unique=True,
    sqlite_where=RETURN.c.end_time.is_(None),
    postgresql_where=RETURN.c.end_time.is_(None),
)


@frozen
class KeptReturn:
    """A return as kept."""

    id: str
    person_id: str
    organisation_id: str
    reason: ReturnReason
    asked_by_id: str
    ask_time: Instant
    expire_time: Instant
    agreed_by_id: str | None
    agree_time: Instant | None
    invitation_id: str | None
    end_time: Instant | None
    confirm_time: Instant | None
    words_digest: str | None = field(repr=False)
    tries: int
    reopened_by_id: str | None
    reopen_time: Instant | None

    def told(self) -> Return:
        """As it is shown."""
        return Return(self.id, self.person_id, self.reason, self.ask_time, self.agree_time, self.expire_time)


ADD_RETURN = insert(RETURN)
_IS_OPEN = (RETURN.c.end_time.is_(None), RETURN.c.expire_time > bindparam("now"))
OPEN_RETURN = select(RETURN).where(RETURN.c.person_id == bindparam("whose"), *_IS_OPEN)
END_LAPSED = (
    update(RETURN)
    .where(RETURN.c.person_id == bindparam("whose"), RETURN.c.end_time.is_(None), RETURN.c.expire_time <= bindparam("now"))
    .values(end_time=bindparam("now"))
)
END_RETURN = update(RETURN).where(RETURN.c.id == bindparam("which"), *_IS_OPEN).values(end_time=bindparam("now"))
AGREE = (
    update(RETURN)
    .where(RETURN.c.id == bindparam("which"), RETURN.c.agree_time.is_(None), *_IS_OPEN)
    .values(agree_time=bindparam("now"), agreed_by_id=bindparam("by"), invitation_id=bindparam("invitation"))
)
CONFIRM_RETURN = (
    update(RETURN)
    .where(RETURN.c.id == bindparam("which"), RETURN.c.agree_time.is_not(None), *_IS_OPEN)
    .values(confirm_time=bindparam("now"), end_time=bindparam("now"))
)
RETURN_BY_INVITATION = select(RETURN).where(
    RETURN.c.person_id == bindparam("whose"), RETURN.c.invitation_id == bindparam("invitation")
)
CLOSED_RETURNS = (
    select(RETURN)
    .where(RETURN.c.person_id == bindparam("whose"), RETURN.c.confirm_time.is_not(None), RETURN.c.reopen_time.is_(None))
    .order_by(RETURN.c.ask_time.desc(), RETURN.c.id.desc())
)
SHOW_WORDS = update(RETURN).where(RETURN.c.id == bindparam("which")).values(words_digest=bindparam("digest"), tries=0)
TRY_WORDS = (
    update(RETURN)
    .where(RETURN.c.id == bindparam("which"), RETURN.c.reopen_time.is_(None), RETURN.c.tries < bindparam("most"))
    .values(tries=RETURN.c.tries + 1)
)
REOPEN = (
    update(RETURN)
    .where(RETURN.c.id == bindparam("which"), RETURN.c.reopen_time.is_(None))
    .values(reopen_time=bindparam("now"), reopened_by_id=bindparam("by"), words_digest=null())
)
OPEN_RETURNS = (
    select(RETURN.c.id, RETURN.c.person_id, RETURN.c.reason, RETURN.c.ask_time, RETURN.c.agree_time, RETURN.c.expire_time)
    .where(
        RETURN.c.organisation_id == bindparam("organisation_id"),
        *_IS_OPEN,
        or_(
            RETURN.c.ask_time > bindparam("after"),
            and_(RETURN.c.ask_time == bindparam("after"), RETURN.c.id > bindparam("after_id")),
        ),
    )
    .order_by(RETURN.c.ask_time, RETURN.c.id)
    .limit(bindparam("most"))
)


async def open_return(database: Database, person_id: str, now: Instant) -> KeptReturn | None:
    """The return of a person that is open, if one is."""
    return await database.first(OPEN_RETURN, KeptReturn, whose=person_id, now=now)


async def closed_returns(database: Database, person_id: str) -> list[KeptReturn]:
    """The returns of a person whose earlier things are still closed, newest first."""
    return await database.all(CLOSED_RETURNS, KeptReturn, whose=person_id)


async def of_returns(database: Database, request: ListReturnsRequest) -> Scope | None:
    """The organisation."""
    return Scope(ScopeKind.ORGANISATION, request.organisation_id)
