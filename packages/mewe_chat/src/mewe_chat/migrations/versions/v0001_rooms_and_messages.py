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
