"""The tables of consent. Moments are microseconds since 1970 UTC, dates ISO texts; columns in the order of the classes."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text

from mewe_core.people.store import METADATA

TEXT = Table(
    "people_consent_text",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("purpose", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("age_from", Integer, nullable=False),
    Column("age_to", Integer),
    Column("language", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("asks_again", Boolean, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Index("people_consent_text_once", "purpose", "version", "age_from", "language", unique=True),
    Index("people_consent_text_by_time", "create_time", "id"),
)
"""What somebody was informed by; never changed."""

TERMS = Table(
    "people_consent_terms",
    METADATA,
    Column("purpose", Text, primary_key=True),
    Column("latest_version", Integer, nullable=False),
    Column("needed_version", Integer, nullable=False),
    Column("table_digest", Text, nullable=False),
    Column("reckoned_to", Text),
)
"""By what a purpose is judged. ``reckoned_to``: everybody up to this id is reckoned anew since it changed; null: all are."""

SUBJECT = Table(
    "people_consent_person",
    METADATA,
    Column("person_id", Text, ForeignKey("people_person.id"), primary_key=True),
    Column("last_time", BigInteger, nullable=False),
    Column("sealed_birth_date", LargeBinary),
    Column("birth_date_by_id", Text),
)
"""One a person of whom anything is recorded. Writers wait for each other at this row; its moment never goes back."""

CONSENT = Table(
    "people_consent",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("shared_with_id", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("capacity", Text, nullable=False),
    Column("text_id", Text, ForeignKey("people_consent_text.id"), nullable=False),
    Column("text_version", Integer, nullable=False),
    Column("age_band", Text, nullable=False),
    Column("language", Text, nullable=False),
    Column("age", Integer, nullable=False),
    Column("give_time", BigInteger, nullable=False),
    Column("withdraw_time", BigInteger),
    Column("way", Text, nullable=False),
    Column("record_time", BigInteger, nullable=False),
    Column("recorded_by_id", Text),
    Index("people_consent_of_person", "person_id", "purpose"),
    Index("people_consent_kept_from", "record_time"),
)
"""Every yes there was, and its end. ``shared_with_id`` is empty but for sharing."""

OBJECTION = Table(
    "people_objection",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("shared_with_id", Text, nullable=False),
    Column("raise_time", BigInteger, nullable=False),
    Column("take_back_time", BigInteger),
    Index("people_objection_of_person", "person_id", "purpose"),
    Index("people_objection_kept_from", "take_back_time"),
)
"""Every no of a young person, and its end."""

GUARDIAN = Table(
    "people_guardian",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("sealed_label", LargeBinary, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("recorded_by_id", Text, nullable=False),
    Index("people_guardian_of_person", "person_id", "create_time", "id"),
)
"""Guardians of one person: no name, no account."""

ONE_GUARDIAN = Table(
    "people_one_guardian",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("ground", Text, nullable=False),
    Column("purposes", Text, nullable=False),
    Column("guardian_id", Text, ForeignKey("people_guardian.id")),
    Column("create_time", BigInteger, nullable=False),
    Column("end_time", BigInteger),
    Column("recorded_by_id", Text, nullable=False),
    Column("sealed_note", LargeBinary, nullable=False),
    Index("people_one_guardian_of_person", "person_id"),
    Index("people_one_guardian_kept_from", "end_time"),
)
"""Why one guardian is enough, or one is not asked."""

LINK = Table(
    "people_consent_link",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("code_digest", Text),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("guardian_id", Text, ForeignKey("people_guardian.id"), nullable=False),
    Column("text_id", Text, ForeignKey("people_consent_text.id"), nullable=False),
    Column("shared_with_id", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("made_by_id", Text, nullable=False),
    Column("expire_time", BigInteger, nullable=False),
    Column("answer_time", BigInteger),
    Column("agrees", Boolean),
    Index("people_consent_link_of_code", "code_digest", unique=True),
    Index("people_consent_link_of_person", "person_id"),
    Index("people_consent_link_kept_from", "create_time"),
)
"""One-time codes for guardians; the digest is gone once the code is used or has expired."""

Index(
    "people_consent_link_good",
    LINK.c.expire_time,
    sqlite_where=LINK.c.code_digest.is_not(None),
    postgresql_where=LINK.c.code_digest.is_not(None),
)

STATE = Table(
    "people_consent_state",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("shared_with_id", Text, nullable=False),
    Column("covered", Boolean, nullable=False),
    Column("until", BigInteger),
    Index("people_consent_state_of_person", "person_id", "purpose", "shared_with_id", unique=True),
    Index("people_consent_state_due", "until"),
)
"""What was told last of each purpose that was ever covered. ``until``: it has to be reckoned anew then; null: never."""

REQUEST = Table(
    "people_guardian_request",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, ForeignKey("people_person.id"), nullable=False),
    Column("state", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("answer_time", BigInteger),
    Column("recorded_by_id", Text, nullable=False),
    Column("answered_by_id", Text),
    Column("organisation_id", Text, nullable=False),
    Index("people_guardian_request_of_person", "person_id"),
    Index("people_guardian_request_in_organisation", "organisation_id", "create_time", "id"),
    Index("people_guardian_request_kept_from", "answer_time"),
)
"""What guardians have asked to see; a person answers, outside."""
