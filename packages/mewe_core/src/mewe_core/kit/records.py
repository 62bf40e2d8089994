"""The kit's own tables, which stand beside a feature's in its database: what it tells, hears and knows of standing.

Moments are microseconds since 1970 UTC. The statements are executed by the host (or the in-memory database of ``testing``).
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, false, text

from mewe_core.kit.personal import KIT_KEYS, Basis, Erasure, Personal, PersonalData

METADATA = MetaData()

_POSITION = BigInteger().with_variant(Integer, "sqlite")

STANDING = Table(
    "kit_standing",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("scope_kind", Text, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("until", BigInteger),
    Index("kit_standing_of_person", "person_id", "scope_id"),
    Index("kit_standing_in_scope", "scope_id"),
    Index("kit_standing_kept_from", "until"),
)
"""A copy, fed by the standing events of the features that decide: who holds which role where, from when to when."""

CONSENT = Table(
    "kit_consent",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("shared_with_id", Text),
    Column("covered", Boolean, nullable=False),
    Column("until", BigInteger),
    Index("kit_consent_of_person", "person_id", "purpose"),
    Index("kit_consent_kept_from", "until"),
)
"""A copy, fed by the consent events of people: for whom which purpose is covered, and until when. No row means no."""

EARLIER = Table(
    "kit_earlier",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("before", BigInteger),
    Index("kit_earlier_of_person", "person_id", "before"),
)
"""A copy, fed by people: who came back on a new device, and before which moment what they kept is closed to them."""

ENDED_SESSION = Table(
    "kit_ended_session",
    METADATA,
    Column("session_id", Text, primary_key=True),
    Column("ended_at", BigInteger, nullable=False),
)
"""Device sessions that were ended before their access token would have been."""

SIGNING_KEY = Table(
    "kit_signing_key",
    METADATA,
    Column("key_id", Text, primary_key=True),
    Column("x", Text, nullable=False),
    Column("y", Text, nullable=False),
    Column("until", BigInteger),
)
"""Public keys that access tokens are verified with."""

OUTBOX = Table(
    "kit_outbox",
    METADATA,
    Column("position", _POSITION, primary_key=True, autoincrement=True),
    Column("event_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("aggregate_id", Text, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("published", Boolean, nullable=False, server_default=false()),
    Index("kit_outbox_of_aggregate", "aggregate_id", "sequence", unique=True),
    sqlite_autoincrement=True,
)
"""Events in the order in which they were kept; the relay publishes those that are not yet marked."""

Index(
    "kit_outbox_unpublished",
    OUTBOX.c.position,
    sqlite_where=text("published IS 0"),  # as SQLAlchemy writes it in a query: SQLite uses the index for these words alone
    postgresql_where=text("published IS false"),
)

AGGREGATE = Table(
    "kit_aggregate",
    METADATA,
    Column("aggregate_id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
"""The highest sequence given to each aggregate."""

INBOX = Table(
    "kit_inbox",
    METADATA,
    Column("area", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
)
"""The highest sequence of each aggregate of another feature whose effects are kept here."""

PARKED = Table(
    "kit_parked",
    METADATA,
    Column("area", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True),
    Column("name", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("parked_at", BigInteger, nullable=False),
)
"""Events that could not be taken in, and those of the same aggregate behind them: listed, driven again, never dropped."""

LEASE = Table(
    "kit_lease",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
)
"""Work that one process at a time does for a database that several serve (PostgreSQL), and until when it may go on."""

REQUEST = Table(
    "kit_request",
    METADATA,
    Column("key", Text, primary_key=True),
    Column("digest", Text, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Index("kit_request_expiry", "expires_at"),
)
"""Writes that were answered, by a keyed hash of caller, method and request_id; the answer is sealed, and empty if it cannot be
kept."""

ALERT = Table(
    "kit_alert",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("person_id", Text),
    Column("sealed_to", LargeBinary),
    Column("language", Text, nullable=False),
    Column("create_time", BigInteger, nullable=False),
    Column("attempts", BigInteger, nullable=False),
    Column("next_time", BigInteger),
    Column("sent_time", BigInteger),
    Column("device_id", Text),
    Column("until", BigInteger),
    Column("refused_time", BigInteger),
    Index("kit_alert_due", "next_time"),
    Index("kit_alert_of_person", "person_id"),
    Index("kit_alert_refused", "refused_time"),
)
"""Messages without content that leave the deployment: to whom (sealed; gone once sent), when next tried, when handed over.

Alerts and pushes. Of a push that has left, or was not worth it any more at ``until``, the row goes; where its device is no
more, it stays with ``refused_time`` until the feature has forgotten the device.
"""

ALERT_KEY = f"{KIT_KEYS}alert"
"""What the key of an alert is for: its address is sealed under it, and it is destroyed once the alert has left."""

AUDIT = Table(
    "kit_audit",
    METADATA,
    Column("position", _POSITION, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("caller_id", Text),
    Column("method", Text, nullable=False),
    Column("scope_kind", Text, nullable=False),
    Column("scope_id", Text, nullable=False),
    Column("about_id", Text),
    Column("outcome", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("until", BigInteger),
    sqlite_autoincrement=True,
)
"""Who changed or read what, where and when, or was refused; a change in the unit that made it. Rows are only ever added.

``caller_id``, ``about_id`` (whose own it is, if not the caller's) and the ids of persons and concerns in ``scope_id`` are keyed
pseudonyms. ``outcome`` is CHANGED, READ, REPEATED or the reason of a refusal; ``count`` how often, from ``at`` to ``until``.
"""

AUDIT_SEAL = Table(
    "kit_audit_seal",
    METADATA,
    Column("number", _POSITION, primary_key=True, autoincrement=False),
    Column("positions", LargeBinary, nullable=False),
    Column("chains", LargeBinary, nullable=False),
)
"""The chain over the audit, some hundreds of records a row: which records (8 bytes each) and the chain's value at each (32).

``number`` is the first record's place in the chain, from 1; the chain has an order of its own.
"""

ERASURE = Table(
    "kit_erasure",
    METADATA,
    Column("id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("key_count", BigInteger, nullable=False),
    Column("next_time", BigInteger),
    Column("answered", BigInteger),
    Index("kit_erasure_of_person", "person_id"),
    Index("kit_erasure_to_do", "state", "next_time"),
)
"""Who is to be erased here, or was: how far it is, and how many keys were destroyed."""

ERASURE_LINE = Table(
    "kit_erasure_line",
    METADATA,
    Column("erasure_id", Text, primary_key=True),
    Column("table_name", Text, primary_key=True),
    Column("done", Text, primary_key=True),
    Column("row_count", BigInteger, nullable=False),
)
"""How many rows of a table were deleted or emptied by an erasure so far."""

SWEEP = Table(
    "kit_sweep",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("aggregate_id", Text, primary_key=True),
    Column("person_id", Text, nullable=False),
    Column("whole", Boolean, nullable=False),
)
"""Told events of an erased person that are still to be taken out of the streams; empty but for a moment."""

PRIVACY_TABLES = frozenset({"kit_erasure", "kit_erasure_line", "kit_sweep"})

AUDIT_ANCHOR = Table(
    "kit_audit_anchor",
    METADATA,
    Column("number", _POSITION, primary_key=True, autoincrement=False),
    Column("chain", Text, nullable=False),
    Column("top", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
"""Where the chain begins once its oldest records were let go: one row, signed; how many went, and the chain's value there.

``top`` is the highest position that went, ``until`` the moment of the youngest record.
"""

CHECKPOINT = Table(
    "kit_checkpoint",
    METADATA,
    Column("area_id", Text, primary_key=True),
    Column("chain", Text, primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("follows", Text, nullable=False),
    Column("taken_at", BigInteger, nullable=False),
    Column("key_id", Text, nullable=False),
    Column("signature", Text, nullable=False),
)
"""Signed checkpoints of other features' audit, one an hour and the newest: this feature is their witness."""

_ALERT_FACTS = ("kind", "language", "create_time", "attempts", "next_time", "sent_time", "until", "refused_time")

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "kit_standing",
            ("id", "person_id", "role", "scope_kind", "scope_id", "since", "until"),
            found_by="person_id",
            purpose="To decide, in each feature by itself, who may do what.",
            basis=Basis.PUBLIC_TASK,
            retention_days=730,
            kept_from="until",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "kit_earlier",
            ("id", "person_id", "before"),
            found_by="person_id",
            purpose="To keep what somebody kept before closed to whoever came back as them, until it is opened with them.",
            basis=Basis.LEGAL_DUTY,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "kit_consent",
            ("id", "person_id", "purpose", "shared_with_id", "covered", "until"),
            found_by="person_id",
            purpose="To refuse, in each feature by itself, what consent does not cover.",
            basis=Basis.LEGAL_DUTY,
            retention_days=730,
            kept_from="until",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "kit_audit",
            ("caller_id", "at", "method", "scope_kind", "scope_id", "about_id", "outcome", "count", "until"),
            found_by="caller_id",
            purpose="To be able to show who changed, read or was refused what, and when. It names nobody: persons stand in it "
            "by keyed pseudonyms, so that an erasure leaves it as it is; only with the country's key is anybody found.",
            basis=Basis.LEGAL_DUTY,
            retention_days=3650,
            forgotten_by="The host, a row of the chain at a time; it leaves a signed anchor to verify the rest from.",
            erasure=Erasure.KEEP_PSEUDONYM,
            exported=False,
        ),
        Personal(
            "kit_erasure",
            ("id", "person_id", "decided_at", "state", "key_count", "next_time", "answered"),
            found_by="person_id",
            purpose="To hold nothing of somebody who was erased, whatever may still be told of them.",
            basis=Basis.LEGAL_DUTY,
            retention_days=None,
            erasure=Erasure.KEEP_PSEUDONYM,
            exported=False,
        ),
        Personal(
            "kit_alert",
            ("id", "person_id", "sealed_to", "device_id"),
            found_by="person_id",
            purpose="To ask somebody to look, until the message has left.",
            basis=Basis.LEGAL_DUTY,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
            sealed=ALERT_KEY,
            about="id",
        ),
        Personal(
            "kit_sweep",
            ("name", "aggregate_id", "person_id", "whole"),
            found_by="person_id",
            purpose="To take out of transport, within a moment, what was told of somebody who was erased.",
            basis=Basis.LEGAL_DUTY,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
            unsealed="The name is that of an event.",
            exported=False,
        ),
    ),
    impersonal=frozenset(
        f"{table.name}.{column.name}"
        for table in METADATA.sorted_tables
        if table.name
        not in ("kit_standing", "kit_consent", "kit_earlier", "kit_audit", "kit_alert", "kit_erasure", "kit_sweep")
        for column in table.columns
    )
    | {"kit_audit.position"}
    | {f"kit_alert.{name}" for name in _ALERT_FACTS},
)
"""What the kit's tables hold about a person, in the database of every feature.

The outbox, the inbox and the events put aside hold ids of persons inside their payloads: for a week, and the newest word on a
standing for as long as it may be asked for. An answer that is kept for a repeat is gone after a day, and opens only while the
keys of everything sealed that it was made of are there.
"""
