"""Forms and answers."""

import sqlalchemy as sa
from alembic.operations import Operations

revision: str = "0001"
down_revision: str | None = None


def upgrade(operations: Operations) -> None:
    """Forms and answers."""
    operations.create_table(
        "eval_alert",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("form_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("typed_in", sa.Boolean(), nullable=False),
        sa.Column("sealed_copy", sa.LargeBinary(), nullable=False),
        sa.Column("close_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("eval_alert_closed", "eval_alert", ["close_time"], unique=False)
    operations.create_index("eval_alert_of_person", "eval_alert", ["person_id"], unique=False)
    operations.create_table(
        "eval_alert_reading",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("read_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("eval_alert_reading_by_reader", "eval_alert_reading", ["reader_id"], unique=False)
    operations.create_index("eval_alert_reading_by_time", "eval_alert_reading", ["read_time"], unique=False)
    operations.create_table(
        "eval_assignment",
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.Text(), nullable=False),
        sa.Column("unit_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("arm", sa.Text(), nullable=False),
        sa.Column("assign_time", sa.BigInteger(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("study", "study_version", "number"),
    )
    operations.create_index("eval_assignment_by_unit", "eval_assignment", ["unit_id"], unique=False)
    operations.create_index("eval_assignment_of_group", "eval_assignment", ["group_id"], unique=False)
    operations.create_index("eval_assignment_of_unit", "eval_assignment", ["study", "unit_id"], unique=True)
    operations.create_table(
        "eval_attendance",
        sa.Column("session_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("held_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "person_id"),
    )
    operations.create_index("eval_attendance_held", "eval_attendance", ["held_time"], unique=False)
    operations.create_index("eval_attendance_of_group", "eval_attendance", ["group_id"], unique=False)
    operations.create_index("eval_attendance_of_person", "eval_attendance", ["person_id"], unique=False)
    operations.create_table(
        "eval_drawing",
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("study", "study_version"),
    )
    operations.create_table(
        "eval_form",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Text(), nullable=False),
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("instrument_version", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("open_time", sa.BigInteger(), nullable=False),
        sa.Column("close_time", sa.BigInteger(), nullable=False),
        sa.Column("remind_times", sa.Text(), nullable=False),
        sa.Column("reminded", sa.Integer(), nullable=False),
        sa.Column("remind_time", sa.BigInteger(), nullable=True),
        sa.Column("begin_time", sa.BigInteger(), nullable=True),
        sa.Column("finish_time", sa.BigInteger(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("typed_by", sa.Text(), nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("sealed_answers", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("eval_form_closed", "eval_form", ["close_time"], unique=False)
    operations.create_index("eval_form_of_group", "eval_form", ["group_id", "person_id", "id"], unique=False)
    operations.create_index("eval_form_of_person", "eval_form", ["person_id", "close_time", "id"], unique=False)
    operations.create_index("eval_form_to_remind", "eval_form", ["remind_time"], unique=False)
    operations.create_table(
        "eval_group",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("training", sa.Boolean(), nullable=False),
        sa.Column("staffed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("eval_group_of_organisation", "eval_group", ["organisation_id", "id"], unique=False)
    operations.create_table(
        "eval_notices_wanted", sa.Column("person_id", sa.Text(), nullable=False), sa.PrimaryKeyConstraint("person_id")
    )
    operations.create_table(
        "eval_publication",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("study", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("study_version", sa.Integer(), nullable=False),
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Text(), nullable=False),
        sa.Column("publish_time", sa.BigInteger(), nullable=False),
        sa.Column("forms", sa.Text(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("eval_publication_about", "eval_publication", ["study", "organisation_id", "number"], unique=False)
    operations.create_index("eval_publication_of_study", "eval_publication", ["study", "number"], unique=True)
    operations.create_table(
        "eval_publication_content",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "form"),
    )
    operations.create_table(
        "eval_published_person",
        sa.Column("publication_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("publication_id", "place", "person_id", "organisation_id"),
    )
    operations.create_index("eval_published_person_of", "eval_published_person", ["person_id"], unique=False)
    operations.create_table(
        "eval_session",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("follow_up", sa.Boolean(), nullable=False),
        sa.Column("held_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("eval_session_of_group", "eval_session", ["group_id"], unique=False)
