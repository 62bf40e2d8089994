"""Diaries and what is shared."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


def upgrade(operations: Operations) -> None:
    """Diaries and what is shared."""
    operations.create_table(
        "diary_diary",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("diary_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("adopt_time", sa.BigInteger(), nullable=False),
        sa.Column("last_cursor", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("sealed_head", sa.LargeBinary(), nullable=False),
        sa.Column("erased", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("diary_diary_erased", "diary_diary", ["erased"], unique=False)
    operations.create_index("diary_diary_of_owner", "diary_diary", ["owner_id", "place"], unique=True)
    operations.create_table(
        "diary_pace",
        sa.Column("owner_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("owner_id", "kind"),
    )
    operations.create_table(
        "diary_prompt",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("held_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("diary_prompt_of_group", "diary_prompt", ["group_id", "held_time"], unique=False)
    operations.create_table(
        "diary_share",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("writer_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("sealed_share", sa.LargeBinary(), nullable=False),
        sa.Column("share_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("diary_share_of_writer", "diary_share", ["writer_id", "share_time", "id"], unique=False)
    operations.create_index("diary_share_over", "diary_share", ["expire_time"], unique=False)
    operations.create_table(
        "diary_sharing_key",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("put_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", "leader_id"),
    )
    operations.create_index("diary_sharing_key_of_leader", "diary_sharing_key", ["leader_id"], unique=False)
    operations.create_table(
        "diary_entry_version",
        sa.Column("diary_id", sa.Text(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("newest", sa.Boolean(), nullable=False),
        sa.Column("sealed_version", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["diary_id"],
            ["diary_diary.id"],
        ),
        sa.PrimaryKeyConstraint("diary_id", "cursor"),
    )
    operations.create_index("diary_entry_version_by_hash", "diary_entry_version", ["diary_id", "version_id"], unique=True)
    operations.create_index(
        "diary_entry_version_of_entry", "diary_entry_version", ["diary_id", "newest", "entry_id", "version_id"], unique=False
    )
    operations.create_table(
        "diary_lock",
        sa.Column("diary_id", sa.Text(), nullable=False),
        sa.Column("lock_id", sa.Text(), nullable=False),
        sa.Column("sealed_key", sa.LargeBinary(), nullable=False),
        sa.Column("put_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["diary_id"], ["diary_diary.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("diary_id", "lock_id"),
    )
    operations.create_table(
        "diary_parcel",
        sa.Column("diary_id", sa.Text(), nullable=False),
        sa.Column("parcel_id", sa.Text(), nullable=False),
        sa.Column("sealed_parcel", sa.LargeBinary(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["diary_id"], ["diary_diary.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("diary_id"),
    )
    operations.create_index("diary_parcel_by_id", "diary_parcel", ["parcel_id"], unique=False)
    operations.create_index("diary_parcel_over", "diary_parcel", ["expire_time"], unique=False)
    operations.create_table(
        "diary_share_recipient",
        sa.Column("share_id", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Text(), nullable=False),
        sa.Column("open_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["share_id"], ["diary_share.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("share_id", "leader_id"),
    )
    operations.create_index("diary_share_recipient_by_leader", "diary_share_recipient", ["leader_id", "share_id"], unique=False)
