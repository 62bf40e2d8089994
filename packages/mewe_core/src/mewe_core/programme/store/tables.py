"""The tables. Moments are microseconds since 1970 UTC, dates ISO texts; columns stand in the order of the classes in model."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, MetaData, Table, Text, text

METADATA = MetaData()

DEFINITION = Table(
    "programme_definition",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("programme_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("body", Text, nullable=False),
)
"""Programmes as groups were made with them, under the fingerprint of their content; never changed."""

GROUP = Table(
    "programme_group",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, nullable=False),
    Column("programme_id", Text, nullable=False),
    Column("programme_version", Integer, nullable=False),
    Column("definition_id", Text, ForeignKey("programme_definition.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("leaders_needed", Integer, nullable=False),
    Column("substitute_id", Text),
    Column("create_time", BigInteger, nullable=False),
    Column("begin_time", BigInteger),
    Column("end_time", BigInteger),
    Column("end_reason", Text),
    Column("without_consent", Boolean, nullable=False),
    Index("programme_group_of_organisation", "organisation_id", "create_time", "id"),
    Index(
        "programme_group_to_clear",
        "end_time",
        sqlite_where=text("substitute_id IS NOT NULL"),
        postgresql_where=text("substitute_id IS NOT NULL"),
    ),
)
"""Groups."""

PERSON = Table(
    "programme_person",
    METADATA,
    Column("person_id", Text, primary_key=True),
    Column("organisation_id", Text, nullable=False),
)
"""Who belongs to which organisation, as people tells it: a group takes in its own organisation's people alone."""

MEMBERSHIP = Table(
    "programme_membership",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, ForeignKey("programme_group.id"), nullable=False),
    Column("person_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("join_time", BigInteger),
    Column("end_time", BigInteger),
    Column("reason", Text),
    Column("background_check_date", Text),
    Column("background_check_seen_by_id", Text),
    Index("programme_membership_in_group", "group_id", "create_time", "id"),
    Index("programme_membership_of_person", "person_id", "create_time", "id"),
    Index("programme_membership_kept_from", "end_time"),
    Index(
        "programme_membership_to_clear",
        "end_time",
        sqlite_where=text("background_check_date IS NOT NULL"),
        postgresql_where=text("background_check_date IS NOT NULL"),
    ),
)
"""Who is or was in a group, or waits for it."""

Index(
    "programme_membership_once",
    MEMBERSHIP.c.group_id,
    MEMBERSHIP.c.person_id,
    unique=True,
    sqlite_where=MEMBERSHIP.c.end_time.is_(None),
    postgresql_where=MEMBERSHIP.c.end_time.is_(None),
)

SESSION = Table(
    "programme_session",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("group_id", Text, ForeignKey("programme_group.id"), nullable=False),
    Column("plan_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("follow_up", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("start_time", BigInteger, nullable=False),
    Column("end_time", BigInteger, nullable=False),
    Column("mode", Text, nullable=False),
    Column("place", Text),
    Column("link", Text),
    Column("makes_up_for_id", Text, ForeignKey("programme_session.id")),
    Column("cancel_reason", Text),
    Column("revision", Integer, nullable=False),
    Column("change_time", BigInteger, nullable=False),
    Column("moved", Boolean, nullable=False),
    Column("hold_time", BigInteger),
    Column("record_time", BigInteger),
    Column("corrections", Integer, nullable=False),
    Index("programme_session_in_group", "group_id", "start_time", "id"),
    Index("programme_session_made_up", "makes_up_for_id", unique=True),
    Index("programme_session_kept_from", "end_time"),
)
"""Sessions of groups, those that were cancelled too."""

ATTENDANCE = Table(
    "programme_attendance",
    METADATA,
    Column("session_id", Text, ForeignKey("programme_session.id"), primary_key=True),
    Column("membership_id", Text, ForeignKey("programme_membership.id"), primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("attendance", Text, nullable=False),
    Index("programme_attendance_of_person", "person_id"),
    Index("programme_attendance_of_membership", "membership_id"),
)
"""Who was at which session."""

ACTIVITY = Table(
    "programme_activity",
    METADATA,
    Column("session_id", Text, ForeignKey("programme_session.id"), primary_key=True),
    Column("activity_id", Text, primary_key=True),
    Column("fidelity", Text, nullable=False),
)
"""What became of the activities of a session."""

CANDIDATE = Table(
    "programme_candidate",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("organisation_id", Text, nullable=False),
    Column("programme_id", Text, nullable=False),
    Column("person_id", Text),
    Column("group_id", Text, ForeignKey("programme_group.id")),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("create_time", BigInteger, nullable=False),
    Column("change_time", BigInteger, nullable=False),
    Index("programme_candidate_of_organisation", "organisation_id", "create_time", "id"),
    Index("programme_candidate_of_person", "person_id"),
    Index(
        "programme_candidate_to_clear",
        "change_time",
        sqlite_where=text("person_id IS NOT NULL"),
        postgresql_where=text("person_id IS NOT NULL"),
    ),
)
"""Who is on the way into a programme."""

CANDIDATE_STEP = Table(
    "programme_candidate_step",
    METADATA,
    Column("candidate_id", Text, ForeignKey("programme_candidate.id"), primary_key=True),
    Column("state", Text, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""Which states a candidate came to, and when; nobody comes to one twice."""

PROTECTED = Table(
    "programme_protected",
    METADATA,
    Column("group_id", Text, primary_key=True),
    Column("protected", Boolean, nullable=False),
)
"""Of which groups it was told that two adults look after their young people; no row means no."""

CERTIFICATE = Table(
    "programme_certificate",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("programme_id", Text, nullable=False),
    Column("programme_version", Integer, nullable=False),
    Column("organisation_id", Text, nullable=False),
    Column("issuer_id", Text, nullable=False),
    Column("issue_date", Text, nullable=False),
    Column("last_date", Text),
    Column("withdraw_time", BigInteger),
    Column("withdrawal_reason", Text),
    Column("membership_id", Text, ForeignKey("programme_membership.id"), nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Index("programme_certificate_of_person", "person_id", "create_time", "id"),
    Index("programme_certificate_of_organisation", "organisation_id", "create_time", "id"),
    Index("programme_certificate_kept_from", "create_time"),
    Index("programme_certificate_of_membership", "membership_id"),
)
"""Certificates, those that were withdrawn too."""

Index(
    "programme_certificate_once",
    CERTIFICATE.c.membership_id,
    unique=True,
    sqlite_where=CERTIFICATE.c.withdraw_time.is_(None),
    postgresql_where=CERTIFICATE.c.withdraw_time.is_(None),
)
