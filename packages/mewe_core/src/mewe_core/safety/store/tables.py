"""The tables. Moments are microseconds since 1970 UTC; what somebody wrote is sealed."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text, and_

METADATA = MetaData()

GROUP = Table(
    "safety_group",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, nullable=False),
    Column("protected", Boolean, nullable=False),
)
"""Groups, as the programme tells of them; ``protected``: what was told of them last."""

CONTACT = Table(
    "safety_contact",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("circle_kind", Text, nullable=False),
    Column("circle_id", Text, nullable=False),
    Column("organisation_id", Text),
    Column("place", Integer, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("sealed_alert", LargeBinary, nullable=False),
    Column("language", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("duty", Text, nullable=False),
    Column("stands_in_for_id", Text, ForeignKey("safety_contact.id", ondelete="CASCADE")),
    Column("first_date", Text),
    Column("last_date", Text),
    Column("test_time", BigInteger),
    Column("confirm_time", BigInteger),
    Column("end_time", BigInteger),
    Index("safety_contact_of_circle", "circle_id", "place"),
    Index("safety_contact_of_person", "person_id"),
    Index("safety_contact_stands_in", "stands_in_for_id"),
    Index("safety_contact_kept_from", "end_time"),
)
"""Contacts of groups, organisations and the country, and who stands in for them."""

_NAMED = and_(CONTACT.c.end_time.is_(None), CONTACT.c.stands_in_for_id.is_(None))

Index(
    "safety_contact_place",
    CONTACT.c.circle_id,
    CONTACT.c.place,
    unique=True,
    sqlite_where=_NAMED,
    postgresql_where=_NAMED,
)
Index(
    "safety_contact_once",
    CONTACT.c.circle_id,
    CONTACT.c.person_id,
    unique=True,
    sqlite_where=_NAMED,
    postgresql_where=_NAMED,
)

CONCERN = Table(
    "safety_concern",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("group_id", Text),
    Column("about_id", Text),
    Column("raised_by_id", Text),
    Column("kept_from_id", Text),
    Column("thing_id", Text),
    Column("create_time", BigInteger, nullable=False),
    Column("begin_time", BigInteger, nullable=False),
    Column("reminded", Boolean, nullable=False),
    Column("next_time", BigInteger),
    Column("acknowledge_time", BigInteger),
    Column("acknowledged_by_id", Text),
    Column("close_time", BigInteger),
    Column("outcome", Text),
    Column("sealed_text", LargeBinary),
    Column("sealed_words", LargeBinary),
    Column("calls", Integer, nullable=False),
    Index("safety_concern_due", "next_time"),
    Index("safety_concern_raised_by", "raised_by_id", "create_time", "id"),
    Index("safety_concern_about", "about_id"),
    Index("safety_concern_kept_from", "close_time"),
)
"""Concerns. ``next_time``: when something is due; none once it is closed. ``calls``: how many it stands for."""

RECIPIENT = Table(
    "safety_recipient",
    METADATA,
    Column("concern_id", Text, ForeignKey("safety_concern.id"), primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("standing_id", Text, nullable=False),
    Column("contact_id", Text),
    Column("since", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Index("safety_recipient_of_person", "person_id"),
)
"""Whom a concern was brought to."""

ENTRY = Table(
    "safety_entry",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("concern_id", Text, ForeignKey("safety_concern.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("person_id", Text),
    Column("sealed_text", LargeBinary),
    Column("number", Integer, nullable=False),
    Index("safety_entry_of_concern", "concern_id", "number", "id"),
    Index("safety_entry_of_person", "person_id"),
)
"""The need-to-know log of concerns: who did and opened what, and when."""

TALK = Table(
    "safety_talk",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("sealed_text", LargeBinary),
    Column("create_time", BigInteger, nullable=False),
    Column("next_time", BigInteger),
    Column("answer_time", BigInteger),
    Column("answered_by_id", Text),
    Index("safety_talk_of_group", "group_id", "create_time", "id"),
    Index("safety_talk_of_person", "person_id"),
    Index("safety_talk_due", "next_time"),
    Index("safety_talk_kept_from", "answer_time"),
)
"""Who wants to talk to a leader of their group."""

CARD = Table(
    "safety_card",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("sealed_phone", LargeBinary, nullable=False),
    Column("sealed_safe_way", LargeBinary, nullable=False),
    Column("sealed_never_call", LargeBinary, nullable=False),
    Column("written_by_id", Text, nullable=False),
    Column("change_time", BigInteger, nullable=False),
    Column("free_time", BigInteger),
)
"""Contact cards. ``free_time``: since when no open concern is about the person; none: one is, and the card is kept."""

OPENING = Table(
    "safety_opening",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("opened_by_id", Text, nullable=False),
    Column("concern_id", Text),
    Column("open_time", BigInteger, nullable=False),
    Column("untold", Boolean, nullable=False),
    Index("safety_opening_of_person", "person_id", "open_time", "id"),
    Index("safety_opening_kept_from", "open_time"),
)
"""Who has opened whose card, and whether the person is told."""

START = Table(
    "safety_start",
    METADATA,
    Column("version", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Versions that have been started here: what stops a first start or an upgrade never stops another start of the same."""
