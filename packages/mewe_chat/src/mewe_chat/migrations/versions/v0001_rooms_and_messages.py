"""Rooms and messages."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


def upgrade(operations: Operations) -> None:
    """Rooms and messages."""
    operations.create_table(
        "chat_room",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=False),
        sa.Column("without_consent", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_room_of_group", "chat_room", ["group_id"], unique=True)
    operations.create_table(
        "chat_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["chat_room.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_message_by_time", "chat_message", ["room_id", "sent_at", "sequence"], unique=False)
    operations.create_index("chat_message_in_room", "chat_message", ["room_id", "sequence"], unique=True)
    operations.create_index("chat_message_of_author", "chat_message", ["author_id"], unique=False)
    operations.create_table(
        "chat_report",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=True),
        sa.Column("reporter_id", sa.Text(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("sealed_words", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_copy", sa.LargeBinary(), nullable=True),
        sa.Column("seen_time", sa.BigInteger(), nullable=True),
        sa.Column("close_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_report_by_reporter", "chat_report", ["reporter_id", "create_time"], unique=False)
    operations.create_index("chat_report_closed", "chat_report", ["close_time"], unique=False)
    operations.create_table(
        "chat_report_reading",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("report_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("read_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_report_reading_by_reader", "chat_report_reading", ["reader_id"], unique=False)
    operations.create_index("chat_report_reading_by_time", "chat_report_reading", ["read_time"], unique=False)
    operations.create_index("chat_report_reading_of_report", "chat_report_reading", ["report_id", "read_time"], unique=False)
