"""First tables."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


_NAMED = sa.text("end_time IS NULL AND stands_in_for_id IS NULL")


def upgrade(operations: Operations) -> None:
    """First tables."""
    operations.create_table(
        "safety_card",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sealed_name", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_safe_way", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_never_call", sa.LargeBinary(), nullable=False),
        sa.Column("written_by_id", sa.Text(), nullable=False),
        sa.Column("change_time", sa.BigInteger(), nullable=False),
        sa.Column("free_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("person_id"),
    )
    operations.create_table(
        "safety_concern",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("about_id", sa.Text(), nullable=True),
        sa.Column("raised_by_id", sa.Text(), nullable=True),
        sa.Column("kept_from_id", sa.Text(), nullable=True),
        sa.Column("thing_id", sa.Text(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("begin_time", sa.BigInteger(), nullable=False),
        sa.Column("reminded", sa.Boolean(), nullable=False),
        sa.Column("next_time", sa.BigInteger(), nullable=True),
        sa.Column("acknowledge_time", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by_id", sa.Text(), nullable=True),
        sa.Column("close_time", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("safety_concern_about", "safety_concern", ["about_id"], unique=False)
    operations.create_index("safety_concern_due", "safety_concern", ["next_time"], unique=False)
    operations.create_index("safety_concern_raised_by", "safety_concern", ["raised_by_id", "create_time", "id"], unique=False)
    operations.create_index("safety_concern_kept_from", "safety_concern", ["close_time"], unique=False)
    operations.create_table(
        "safety_contact",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("circle_kind", sa.Text(), nullable=False),
        sa.Column("circle_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sealed_alert", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("duty", sa.Text(), nullable=False),
        sa.Column("stands_in_for_id", sa.Text(), nullable=True),
        sa.Column("first_date", sa.Text(), nullable=True),
        sa.Column("last_date", sa.Text(), nullable=True),
        sa.Column("test_time", sa.BigInteger(), nullable=True),
        sa.Column("confirm_time", sa.BigInteger(), nullable=True),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["stands_in_for_id"], ["safety_contact.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("safety_contact_of_circle", "safety_contact", ["circle_id", "place"], unique=False)
    operations.create_index("safety_contact_of_person", "safety_contact", ["person_id"], unique=False)
    operations.create_index(
        "safety_contact_once",
        "safety_contact",
        ["circle_id", "person_id"],
        unique=True,
        sqlite_where=_NAMED,
        postgresql_where=_NAMED,
    )
    operations.create_index(
        "safety_contact_place",
        "safety_contact",
        ["circle_id", "place"],
        unique=True,
        sqlite_where=_NAMED,
        postgresql_where=_NAMED,
    )
    operations.create_index("safety_contact_stands_in", "safety_contact", ["stands_in_for_id"], unique=False)
    operations.create_index("safety_contact_kept_from", "safety_contact", ["end_time"], unique=False)
    operations.create_table(
        "safety_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_table(
        "safety_opening",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("opened_by_id", sa.Text(), nullable=False),
        sa.Column("concern_id", sa.Text(), nullable=True),
        sa.Column("open_time", sa.BigInteger(), nullable=False),
        sa.Column("untold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("safety_opening_of_person", "safety_opening", ["person_id", "open_time", "id"], unique=False)
    operations.create_index("safety_opening_kept_from", "safety_opening", ["open_time"], unique=False)
    operations.create_table(
        "safety_start",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("version"),
    )
    operations.create_table(
        "safety_talk",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("next_time", sa.BigInteger(), nullable=True),
        sa.Column("answer_time", sa.BigInteger(), nullable=True),
        sa.Column("answered_by_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("safety_talk_due", "safety_talk", ["next_time"], unique=False)
    operations.create_index("safety_talk_of_group", "safety_talk", ["group_id", "create_time", "id"], unique=False)
    operations.create_index("safety_talk_of_person", "safety_talk", ["person_id"], unique=False)
    operations.create_index("safety_talk_kept_from", "safety_talk", ["answer_time"], unique=False)
    operations.create_table(
        "safety_entry",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("concern_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["safety_concern.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("safety_entry_of_concern", "safety_entry", ["concern_id", "number", "id"], unique=False)
    operations.create_index("safety_entry_of_person", "safety_entry", ["person_id"], unique=False)
    operations.create_table(
        "safety_recipient",
        sa.Column("concern_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("standing_id", sa.Text(), nullable=False),
        sa.Column("contact_id", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["concern_id"],
            ["safety_concern.id"],
        ),
        sa.PrimaryKeyConstraint("concern_id", "person_id"),
    )
    operations.create_index("safety_recipient_of_person", "safety_recipient", ["person_id"], unique=False)
