"""First tables."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


def upgrade(operations: Operations) -> None:
    """First tables."""
    operations.create_table(
        "notices_choice",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("wanted", sa.Boolean(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=False),
        sa.Column("quiet_to", sa.Integer(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    operations.create_table(
        "notices_device",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("endpoint_digest", sa.Text(), nullable=False),
        sa.Column("sealed_endpoint", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("seen_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("notices_device_of_endpoint", "notices_device", ["endpoint_digest"], unique=True)
    operations.create_index("notices_device_of_person", "notices_device", ["person_id"], unique=False)
    operations.create_index("notices_device_of_session", "notices_device", ["session_id"], unique=True)
    operations.create_index("notices_device_kept_from", "notices_device", ["seen_time"], unique=False)
    operations.create_table(
        "notices_notice",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("occurrence_id", sa.Text(), nullable=False),
        sa.Column("due_time", sa.BigInteger(), nullable=True),
        sa.Column("next_time", sa.BigInteger(), nullable=True),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("sending_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "occurrence_id"),
    )
    operations.create_index("notices_notice_due", "notices_notice", ["next_time"], unique=False)
    operations.create_index("notices_notice_sending", "notices_notice", ["person_id", "end_time"], unique=False)
    operations.create_index("notices_notice_kept_from", "notices_notice", ["end_time"], unique=False)
