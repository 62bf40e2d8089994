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
        sa.ForeignKeyConstraint(["organisation_id"], ["people_organisation.id"]),
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
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("most_hours", sa.BigInteger(), nullable=True),
        sa.Column("ended_by_id", sa.Text(), nullable=True),
        sa.Column("passkey_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "people_device_session_of_person", "people_device_session", ["person_id", "create_time", "id"], unique=False
    )
    operations.create_index("people_device_session_of_invitation", "people_device_session", ["invitation_id"], unique=False)
    operations.create_index("people_device_session_of_token", "people_device_session", ["token_digest"], unique=True)
    operations.create_index("people_device_session_kept_from", "people_device_session", ["expire_time"], unique=False)
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
        sa.ForeignKeyConstraint(["organisation_id"], ["people_organisation.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_invitation_of_code", "people_invitation", ["code_digest"], unique=True)
    operations.create_index(
        "people_invitation_of_organisation", "people_invitation", ["organisation_id", "group_id"], unique=False
    )
    operations.create_index("people_invitation_of_person", "people_invitation", ["person_id"], unique=False)
    operations.create_index("people_invitation_kept_from", "people_invitation", ["expire_time"], unique=False)
    operations.create_table(
        "people_return",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.Text(), nullable=False),
        sa.Column("ask_time", sa.BigInteger(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.Column("agreed_by_id", sa.Text(), nullable=True),
        sa.Column("agree_time", sa.BigInteger(), nullable=True),
        sa.Column("invitation_id", sa.Text(), nullable=True),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("confirm_time", sa.BigInteger(), nullable=True),
        sa.Column("words_digest", sa.Text(), nullable=True),
        sa.Column("tries", sa.BigInteger(), nullable=False),
        sa.Column("reopened_by_id", sa.Text(), nullable=True),
        sa.Column("reopen_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["organisation_id"], ["people_organisation.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "people_return_in_organisation", "people_return", ["organisation_id", "ask_time", "id"], unique=False
    )
    operations.create_index("people_return_of_person", "people_return", ["person_id", "ask_time"], unique=False)
    operations.create_index(
        "people_return_open",
        "people_return",
        ["person_id"],
        unique=True,
        sqlite_where=sa.text("end_time IS NULL"),
        postgresql_where=sa.text("end_time IS NULL"),
    )
    operations.create_index("people_return_kept_from", "people_return", ["ask_time"], unique=False)
    operations.create_table(
        "people_role_grant",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("scope_kind", sa.Text(), nullable=False),
        sa.Column("scope_id", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
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
    operations.create_index("people_role_grant_kept_from", "people_role_grant", ["until"], unique=False)
    operations.create_table(
        "people_wrong_codes",
        sa.Column("minute", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("minute"),
    )
    operations.create_table(
        "people_signing_out",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("person_id", "by_id"),
    )
    operations.create_table(
        "people_way_in",
        sa.Column("country", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("country"),
    )
    _consent(operations)


def _consent(operations: Operations) -> None:
    """Consent."""
    operations.create_table(
        "people_consent_terms",
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("latest_version", sa.Integer(), nullable=False),
        sa.Column("needed_version", sa.Integer(), nullable=False),
        sa.Column("table_digest", sa.Text(), nullable=False),
        sa.Column("reckoned_to", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("purpose"),
    )
    operations.create_table(
        "people_consent_text",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("age_from", sa.Integer(), nullable=False),
        sa.Column("age_to", sa.Integer(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asks_again", sa.Boolean(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_consent_text_by_time", "people_consent_text", ["create_time", "id"], unique=False)
    operations.create_index(
        "people_consent_text_once", "people_consent_text", ["purpose", "version", "age_from", "language"], unique=True
    )
    operations.create_table(
        "people_consent",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("shared_with_id", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Text(), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Integer(), nullable=False),
        sa.Column("age_band", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("age", sa.Integer(), nullable=False),
        sa.Column("give_time", sa.BigInteger(), nullable=False),
        sa.Column("withdraw_time", sa.BigInteger(), nullable=True),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("record_time", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.ForeignKeyConstraint(["text_id"], ["people_consent_text.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_consent_of_person", "people_consent", ["person_id", "purpose"], unique=False)
    operations.create_index("people_consent_kept_from", "people_consent", ["record_time"], unique=False)
    operations.create_table(
        "people_consent_person",
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("last_time", sa.BigInteger(), nullable=False),
        sa.Column("sealed_birth_date", sa.LargeBinary(), nullable=True),
        sa.Column("birth_date_by_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("person_id"),
    )
    operations.create_table(
        "people_consent_state",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("shared_with_id", sa.Text(), nullable=False),
        sa.Column("covered", sa.Boolean(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_consent_state_due", "people_consent_state", ["until"], unique=False)
    operations.create_index(
        "people_consent_state_of_person", "people_consent_state", ["person_id", "purpose", "shared_with_id"], unique=True
    )
    operations.create_table(
        "people_guardian",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("sealed_label", sa.LargeBinary(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_guardian_of_person", "people_guardian", ["person_id", "create_time", "id"], unique=False)
    operations.create_table(
        "people_guardian_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("answer_time", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by_id", sa.Text(), nullable=False),
        sa.Column("answered_by_id", sa.Text(), nullable=True),
        sa.Column("organisation_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "people_guardian_request_in_organisation",
        "people_guardian_request",
        ["organisation_id", "create_time", "id"],
        unique=False,
    )
    operations.create_index("people_guardian_request_of_person", "people_guardian_request", ["person_id"], unique=False)
    operations.create_index("people_guardian_request_kept_from", "people_guardian_request", ["answer_time"], unique=False)
    operations.create_table(
        "people_objection",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("shared_with_id", sa.Text(), nullable=False),
        sa.Column("raise_time", sa.BigInteger(), nullable=False),
        sa.Column("take_back_time", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_objection_of_person", "people_objection", ["person_id", "purpose"], unique=False)
    operations.create_index("people_objection_kept_from", "people_objection", ["take_back_time"], unique=False)
    operations.create_table(
        "people_consent_link",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=True),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("guardian_id", sa.Text(), nullable=False),
        sa.Column("text_id", sa.Text(), nullable=False),
        sa.Column("shared_with_id", sa.Text(), nullable=False),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("made_by_id", sa.Text(), nullable=False),
        sa.Column("expire_time", sa.BigInteger(), nullable=False),
        sa.Column("answer_time", sa.BigInteger(), nullable=True),
        sa.Column("agrees", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["guardian_id"], ["people_guardian.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.ForeignKeyConstraint(["text_id"], ["people_consent_text.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index(
        "people_consent_link_good",
        "people_consent_link",
        ["expire_time"],
        unique=False,
        sqlite_where=sa.text("code_digest IS NOT NULL"),
        postgresql_where=sa.text("code_digest IS NOT NULL"),
    )
    operations.create_index("people_consent_link_of_code", "people_consent_link", ["code_digest"], unique=True)
    operations.create_index("people_consent_link_of_person", "people_consent_link", ["person_id"], unique=False)
    operations.create_index("people_consent_link_kept_from", "people_consent_link", ["create_time"], unique=False)
    operations.create_table(
        "people_one_guardian",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("purposes", sa.Text(), nullable=False),
        sa.Column("guardian_id", sa.Text(), nullable=True),
        sa.Column("create_time", sa.BigInteger(), nullable=False),
        sa.Column("end_time", sa.BigInteger(), nullable=True),
        sa.Column("recorded_by_id", sa.Text(), nullable=False),
        sa.Column("sealed_note", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["guardian_id"], ["people_guardian.id"]),
        sa.ForeignKeyConstraint(["person_id"], ["people_person.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_one_guardian_of_person", "people_one_guardian", ["person_id"], unique=False)
    operations.create_index("people_one_guardian_kept_from", "people_one_guardian", ["end_time"], unique=False)
    operations.create_table(
        "people_erasure",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("ask_time", sa.BigInteger(), nullable=False),
        sa.Column("destroy_time", sa.BigInteger(), nullable=False),
        sa.Column("undo_time", sa.BigInteger(), nullable=True),
        sa.Column("undone_by_id", sa.Text(), nullable=True),
        sa.Column("decide_time", sa.BigInteger(), nullable=True),
        sa.Column("complete_time", sa.BigInteger(), nullable=True),
        sa.Column("receipt", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    operations.create_index("people_erasure_of_person", "people_erasure", ["person_id"], unique=False)
    operations.create_index("people_erasure_to_complete", "people_erasure", ["complete_time", "decide_time"], unique=False)
    operations.create_index(
        "people_erasure_to_decide", "people_erasure", ["decide_time", "undo_time", "destroy_time"], unique=False
    )
    operations.create_index("people_erasure_kept_from", "people_erasure", ["ask_time"], unique=False)
    operations.create_table(
        "people_erasure_answer",
        sa.Column("erasure_id", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("key_count", sa.BigInteger(), nullable=False),
        sa.Column("erase_time", sa.BigInteger(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("erasure_id", "area"),
    )
    operations.create_table(
        "people_erasure_rows",
        sa.Column("answer_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("done", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("answer_id", "number"),
    )
