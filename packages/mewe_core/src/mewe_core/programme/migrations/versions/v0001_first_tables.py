"""First tables."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


def upgrade(operations: Operations) -> None:
    """First tables."""
    operations.create_table(
        "programme_definition",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_table(
        "programme_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("programme_version", sa.Integer(), nullable=False),
        sa.Column("definition_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("leaders_needed", sa.Integer(), nullable=False),
        sa.Column("substitute_id", sa.Text(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("begin_time", sa.BigInteger(), nullable=True),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("without_consent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["definition_id"],
            ["programme_definition.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "programme_group_of_organisation", "programme_group", ["organisation_id", "create_time", "id"], unique=False
    )
    operations.create_index(
        "programme_group_to_clear",
        "programme_group",
        ["end_time"],
        unique=False,
        sqlite_where=sa.text("substitute_id IS NOT NULL"),
        postgresql_where=sa.text("substitute_id IS NOT NULL"),
    )
    operations.create_table(
        "programme_candidate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("change_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["programme_group.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "programme_candidate_of_organisation", "programme_candidate", ["organisation_id", "create_time", "id"], unique=False
    )
    operations.create_index("programme_candidate_of_person", "programme_candidate", ["person_id"], unique=False)
    operations.create_index(
        "programme_candidate_to_clear",
        "programme_candidate",
        ["change_time"],
        unique=False,
        sqlite_where=sa.text("person_id IS NOT NULL"),
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    operations.create_table(
        "programme_person",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    operations.create_table(
        "programme_membership",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("join_time", sa.BigInteger(), nullable=True),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("background_check_date", sa.Text(), nullable=True),
        sa.Column("background_check_seen_by_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["programme_group.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "programme_membership_in_group", "programme_membership", ["group_id", "create_time", "id"], unique=False
    )
    operations.create_index(
        "programme_membership_of_person", "programme_membership", ["person_id", "create_time", "id"], unique=False
    )
    operations.create_index(
        "programme_membership_once",
        "programme_membership",
        ["group_id", "person_id"],
        unique=True,
        sqlite_where=sa.text("end_time IS NULL"),
        postgresql_where=sa.text("end_time IS NULL"),
    )
    operations.create_index("programme_membership_kept_from", "programme_membership", ["end_time"], unique=False)
    operations.create_index(
        "programme_membership_to_clear",
        "programme_membership",
        ["end_time"],
        unique=False,
        sqlite_where=sa.text("background_check_date IS NOT NULL"),
        postgresql_where=sa.text("background_check_date IS NOT NULL"),
    )
    operations.create_table(
        "programme_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("plan_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("start_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("makes_up_for_id", sa.Text(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("change_time", sa.BigInteger(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("hold_time", sa.BigInteger(), nullable=True),
        sa.Column("record_time", sa.BigInteger(), nullable=True),
        sa.Column("corrections", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["programme_group.id"],
        ),
        sa.ForeignKeyConstraint(
            ["makes_up_for_id"],
            ["programme_session.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("programme_session_in_group", "programme_session", ["group_id", "start_time", "id"], unique=False)
    operations.create_index("programme_session_made_up", "programme_session", ["makes_up_for_id"], unique=True)
    operations.create_index("programme_session_kept_from", "programme_session", ["end_time"], unique=False)
    operations.create_table(
        "programme_activity",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("activity_id", sa.Text(), nullable=False),
        sa.Column("fidelity", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["programme_session.id"],
        ),
        sa.PrimaryKeyConstraint("session_id", "activity_id"),
    )
    operations.create_table(
        "programme_attendance",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("membership_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("attendance", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["programme_membership.id"],
        ),
        sa.ForeignKeyConstraint(
            ["session_id"],
            ["programme_session.id"],
        ),
        sa.PrimaryKeyConstraint("session_id", "membership_id"),
    )
    operations.create_index("programme_attendance_of_membership", "programme_attendance", ["membership_id"], unique=False)
    operations.create_index("programme_attendance_of_person", "programme_attendance", ["person_id"], unique=False)
    operations.create_table(
        "programme_candidate_step",
        sa.Column("candidate_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["candidate_id"],
            ["programme_candidate.id"],
        ),
        sa.PrimaryKeyConstraint("candidate_id", "state"),
    )
    operations.create_table(
        "programme_emergency_address",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sealed_address", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    operations.create_table(
        "programme_emergency_reading",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=False),
        sa.Column("begin_time", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("ended_by_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["programme_group.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    for name, columns in (
        ("by_time", ["begin_time", "id"]),
        ("ended_by", ["ended_by_id"]),
        ("of_reader", ["reader_id", "group_id"]),
        ("until", ["until"]),
    ):
        operations.create_index(f"programme_emergency_reading_{name}", "programme_emergency_reading", columns, unique=False)
    operations.create_table(
        "programme_protected",
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("protected", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("group_id"),
    )
    operations.create_table(
        "programme_certificate",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("programme_version", sa.Integer(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("issuer_id", sa.Text(), nullable=False),
        sa.Column("issue_date", sa.Text(), nullable=False),
        sa.Column("last_date", sa.Text(), nullable=True),
        sa.Column("withdraw_time", sa.BigInteger(), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.Column("membership_id", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["programme_membership.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "programme_certificate_of_organisation", "programme_certificate", ["organisation_id", "create_time", "id"], unique=False
    )
    operations.create_index(
        "programme_certificate_of_person", "programme_certificate", ["person_id", "create_time", "id"], unique=False
    )
    operations.create_index(
        "programme_certificate_once",
        "programme_certificate",
        ["membership_id"],
        unique=True,
        sqlite_where=sa.text("withdraw_time IS NULL"),
        postgresql_where=sa.text("withdraw_time IS NULL"),
    )
    operations.create_index("programme_certificate_kept_from", "programme_certificate", ["create_time"], unique=False)
    operations.create_index("programme_certificate_of_membership", "programme_certificate", ["membership_id"], unique=False)
