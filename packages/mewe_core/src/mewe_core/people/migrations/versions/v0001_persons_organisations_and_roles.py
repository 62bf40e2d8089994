"""Persons, organisations and roles."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


def upgrade(operations: Operations) -> None:
    """Persons, organisations and roles."""
    operations.create_table(
        "people_organisation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_organisation_by_name", "people_organisation", ["name", "id"], unique=False)
    operations.create_table(
        "people_person",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("sign_in_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["people_organisation.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_table(
        "people_device_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("refresh_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("hours", sa.BigInteger(), nullable=True),
        sa.Column("invitation_id", sa.Text(), nullable=True),
        sa.Column("confirm_time", sa.BigInteger(), nullable=True),
        sa.Column("words_digest", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "people_device_session_of_person", "people_device_session", ["person_id", "create_time", "id"], unique=False
    )
    operations.create_index("people_device_session_of_invitation", "people_device_session", ["invitation_id"], unique=False)
    operations.create_index("people_device_session_of_token", "people_device_session", ["token_digest"], unique=True)
    operations.create_table(
        "people_invitation",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=True),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.Column("redeem_time", sa.BigInteger(), nullable=True),
        sa.Column("withdraw_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"],
            ["people_organisation.id"],
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_invitation_of_code", "people_invitation", ["code_digest"], unique=True)
    operations.create_index(
        "people_invitation_of_organisation", "people_invitation", ["organisation_id", "group_id"], unique=False
    )
    operations.create_index("people_invitation_of_person", "people_invitation", ["person_id"], unique=False)
    operations.create_table(
        "people_role_grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people_person.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_role_grant_in_scope", "people_role_grant", ["scope_id", "since", "id"], unique=False)
    operations.create_index("people_role_grant_of_person", "people_role_grant", ["person_id"], unique=False)
    operations.create_index(
        "people_role_grant_open",
        "people_role_grant",
        ["person_id", "role", "scope_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    operations.create_table(
        "people_wrong_codes",
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute"),
    )
    operations.create_table(
        "people_way_in",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people_person.id"],
        ),
        sa.PrimaryKeyConstraint("country"),
    )
