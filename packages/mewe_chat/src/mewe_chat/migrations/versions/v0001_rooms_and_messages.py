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
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("participant_id", sa.Text(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.Column("closed_by_leader", sa.Boolean(), nullable=False),
        sa.Column("opens", sa.BigInteger(), nullable=True),
        sa.Column("closes", sa.BigInteger(), nullable=True),
        sa.Column("zone", sa.Text(), nullable=True),
        sa.Column("last_sequence", sa.BigInteger(), nullable=False),
        sa.Column("last_sent_at", sa.BigInteger(), nullable=False),
        sa.Column("changes", sa.BigInteger(), nullable=False),
        sa.Column("changes_before", sa.BigInteger(), nullable=False),
        sa.Column("without_consent", sa.Boolean(), nullable=False),
        sa.Column("ended_time", sa.BigInteger(), nullable=True),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("untold", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_room_of_group", "chat_room", ["group_id"], unique=False)
    operations.create_index("chat_room_of_participant", "chat_room", ["participant_id"], unique=False)
    operations.create_index(
        "chat_room_to_archive",
        "chat_room",
        ["ended_time"],
        unique=False,
        sqlite_where=sa.text("archived IS 0"),
        postgresql_where=sa.text("archived IS false"),
    )
    operations.create_index(
        "chat_room_untold",
        "chat_room",
        ["id"],
        unique=False,
        sqlite_where=sa.text("untold IS 1"),
        postgresql_where=sa.text("untold IS true"),
    )
    operations.create_index("chat_room_kept_from", "chat_room", ["ended_time"], unique=False)
    operations.create_index(
        "chat_room_to_clear",
        "chat_room",
        ["ended_time"],
        unique=False,
        sqlite_where=sa.text("length(participant_id) > 0"),
        postgresql_where=sa.text("length(participant_id) > 0"),
    )
    operations.create_table(
        "chat_member",
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("acknowledged_version", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_time", sa.BigInteger(), nullable=True),
        sa.Column("read_sequence", sa.BigInteger(), nullable=False),
        sa.Column("told_sequence", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["chat_room.id"],
        ),
        sa.PrimaryKeyConstraint("room_id", "person_id"),
    )
    operations.create_index("chat_member_of_person", "chat_member", ["person_id"], unique=False)
    operations.create_table(
        "chat_notices_wanted",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    operations.create_table(
        "chat_mute",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("muted_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "muted_id"),
    )
    operations.create_index("chat_mute_of_muted", "chat_mute", ["muted_id"], unique=False)
    operations.create_table(
        "chat_message",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("edited_time", sa.BigInteger(), nullable=True),
        sa.Column("reply_to_id", sa.Text(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["chat_room.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_message_by_time", "chat_message", ["room_id", "sent_at", "sequence"], unique=False)
    operations.create_index("chat_message_in_room", "chat_message", ["room_id", "sequence"], unique=True)
    operations.create_index("chat_message_of_author", "chat_message", ["author_id"], unique=False)
    operations.create_index(
        "chat_message_changed",
        "chat_message",
        ["room_id", "changed"],
        unique=False,
        sqlite_where=sa.text("changed IS NOT NULL"),
        postgresql_where=sa.text("changed IS NOT NULL"),
    )
    operations.create_index(
        "chat_message_to_clear",
        "chat_message",
        ["sent_at"],
        unique=False,
        sqlite_where=sa.text("length(author_id) > 0 OR length(sealed_text) > 0"),
        postgresql_where=sa.text("length(author_id) > 0 OR length(sealed_text) > 0"),
    )
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
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("by_rule", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_report_by_reporter", "chat_report", ["reporter_id", "create_time"], unique=False)
    operations.create_index("chat_report_in_room", "chat_report", ["room_id", "create_time", "id"], unique=False)
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
    operations.create_table(
        "chat_held",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Text(), nullable=False),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("reply_to_id", sa.Text(), nullable=False),
        sa.Column("held_time", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decide_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["room_id"],
            ["chat_room.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_held_by_time", "chat_held", ["held_time"], unique=False)
    operations.create_index("chat_held_in_room", "chat_held", ["room_id", "id"], unique=False)
    operations.create_index("chat_held_of_author", "chat_held", ["author_id"], unique=False)
    operations.create_table(
        "chat_act",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("room_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("leader_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("sealed_reason", sa.LargeBinary(), nullable=True),
        sa.Column("act_time", sa.BigInteger(), nullable=False),
        sa.Column("until_time", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_act_about", "chat_act", ["person_id", "id"], unique=False)
    operations.create_index("chat_act_by_leader", "chat_act", ["leader_id"], unique=False)
    operations.create_index("chat_act_by_time", "chat_act", ["act_time"], unique=False)
    operations.create_index("chat_act_in_room", "chat_act", ["room_id", "id"], unique=False)
    operations.create_table(
        "chat_complaint",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("act_id", sa.Text(), nullable=True),
        sa.Column("sealed_text", sa.LargeBinary(), nullable=False),
        sa.Column("complaint_time", sa.BigInteger(), nullable=False),
        sa.Column("sealed_answer", sa.LargeBinary(), nullable=True),
        sa.Column("answer_time", sa.BigInteger(), nullable=True),
        sa.Column("answerer_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_complaint_answered_by", "chat_complaint", ["answerer_id"], unique=False)
    operations.create_index("chat_complaint_by_time", "chat_complaint", ["complaint_time"], unique=False)
    operations.create_index("chat_complaint_of", "chat_complaint", ["person_id", "id"], unique=False)
    operations.create_index("chat_complaint_to", "chat_complaint", ["organisation_id", "id"], unique=False)
    operations.create_table(
        "chat_complaint_reading",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("complaint_id", sa.Text(), nullable=False),
        sa.Column("reader_id", sa.Text(), nullable=False),
        sa.Column("read_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("chat_complaint_reading_by", "chat_complaint_reading", ["reader_id"], unique=False)
    operations.create_index("chat_complaint_reading_by_time", "chat_complaint_reading", ["read_time"], unique=False)
    operations.create_index("chat_complaint_reading_of", "chat_complaint_reading", ["complaint_id"], unique=False)
