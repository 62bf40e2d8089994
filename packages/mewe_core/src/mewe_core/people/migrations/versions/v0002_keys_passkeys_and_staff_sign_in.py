"""Keys, passkeys and staff sign-in."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0002"
down_revision: str | None = "0001"


def upgrade(operations: Operations) -> None:
    """Keys of devices, passkeys, staff who sign in where they work."""
    operations.create_table(
        "people_spent",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    operations.create_index("people_spent_by_end", "people_spent", ["expire_time"], unique=False)
    operations.create_table(
        "people_device_key",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("x", sa.Text(), nullable=False),
        sa.Column("y", sa.Text(), nullable=False),
        sa.Column("prove_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("session_id"),
    )
    operations.create_index("people_device_key_of_person", "people_device_key", ["person_id"], unique=False)
    operations.create_index("people_device_key_kept_from", "people_device_key", ["prove_time"], unique=False)
    operations.create_table(
        "people_passkey",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("credential_id", sa.Text(), nullable=False),
        sa.Column("public_key", sa.Text(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("last_use_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_passkey_by_credential", "people_passkey", ["credential_id"], unique=True)
    operations.create_index("people_passkey_of_person", "people_passkey", ["person_id", "create_time", "id"], unique=False)
    operations.create_table(
        "people_staff_identity",
        sa.Column("subject_digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("sign_in_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject_digest"),
    )
    operations.create_index("people_staff_identity_of_person", "people_staff_identity", ["person_id"], unique=False)
    operations.create_table(
        "people_claimed_role",
        sa.Column("role_grant_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("role_grant_id"),
    )
    operations.create_index("people_claimed_role_of_person", "people_claimed_role", ["person_id"], unique=False)
