"""What the chat holds about a person."""

from mewe_core.kit.personal import Basis, Erasure, Hold, Personal, PersonalData

from mewe_chat.moderation.personal import MODERATION

FROZEN_DAYS = 90
"""How long a report is kept once its concern is closed; our proposal."""

ROOM_DAYS = 365
"""How long it is kept, after a group has ended, who was in its rooms and what they had read; our proposal."""

READING_DAYS = 730
"""How long it is kept who has read one; our proposal."""

PERSONAL_DATA = PersonalData(
    personal=(
        *MODERATION,
        Personal(
            "chat_message",
            ("author_id", "sealed_text", "sent_at", "state", "edited_time", "changed"),
            found_by="author_id",
            purpose="Talking with one's group and its leaders between and after the sessions.",
            basis=Basis.PUBLIC_TASK,
            retention_days=365,
            kept_from="sent_at",
            sealed="chat",
            erasure=Erasure.CLEAR,
        ),
        Personal(
            "chat_room",
            ("participant_id",),
            found_by="participant_id",
            purpose="To have a room in which a participant and the leaders of the group are by themselves.",
            basis=Basis.PUBLIC_TASK,
            retention_days=ROOM_DAYS,
            kept_from="ended_time",
            erasure=Erasure.CLEAR,
        ),
        Personal(
            "chat_member",
            ("room_id", "person_id", "acknowledged_version", "acknowledged_time", "read_sequence", "told_sequence"),
            found_by="person_id",
            purpose="To show what is new to them, to tell it once, and that they have read what the chat cannot promise.",
            basis=Basis.PUBLIC_TASK,
            retention_days=ROOM_DAYS,
            kept_from="chat_room.ended_time",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "chat_notices_wanted",
            ("person_id",),
            found_by="person_id",
            purpose="To tell of what is new those who want to know, and nobody else.",
            basis=Basis.CONSENT,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "chat_mute",
            ("person_id",),
            found_by="person_id",
            purpose="Not to show somebody the words of whom they do not want to read.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "chat_mute",
            ("muted_id",),
            found_by="muted_id",
            purpose="The same: whom. They are not told, so it is not in what they are given of themselves.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
            exported=False,
        ),
        Personal(
            "chat_report",
            ("id", "message_id", "room_id", "reporter_id", "create_time", "sealed_words", "close_time", "reason", "by_rule"),
            found_by="reporter_id",
            purpose="To help whoever a reported message harms or worries. No erasure reaches it before its concern is closed.",
            basis=Basis.LEGAL_DUTY,
            retention_days=FROZEN_DAYS,
            kept_from="close_time",
            sealed="concern",
            about="id",
            hold=Hold("concern", "close_time"),
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "chat_report",
            ("sealed_copy", "seen_time"),
            found_by="reporter_id",
            purpose="To show what was said, as it was said, to those whom the concern was brought to.",
            basis=Basis.LEGAL_DUTY,
            retention_days=FROZEN_DAYS,
            kept_from="close_time",
            sealed="concern",
            about="id",
            hold=Hold("concern", "close_time"),
            erasure=Erasure.DELETE_ROW,
            exported=False,
        ),
        Personal(
            "chat_report_reading",
            ("id", "report_id", "reader_id", "read_time"),
            found_by="reader_id",
            purpose="To know who has read what was frozen for a concern, and when.",
            basis=Basis.LEGAL_DUTY,
            retention_days=READING_DAYS,
            kept_from="read_time",
            erasure=Erasure.KEEP_PSEUDONYM,
        ),
    ),
    impersonal=frozenset(
        {
            "chat_room.id",
            "chat_room.group_id",
            "chat_room.organisation_id",
            "chat_room.kind",
            "chat_room.open",
            "chat_room.closed_by_leader",
            "chat_room.opens",
            "chat_room.closes",
            "chat_room.zone",
            "chat_room.last_sequence",
            "chat_room.last_sent_at",
            "chat_room.changes",
            "chat_room.changes_before",
            "chat_room.without_consent",
            "chat_room.ended_time",
            "chat_room.archived",
            "chat_room.untold",
            "chat_message.id",
            "chat_message.room_id",
            "chat_message.sequence",
            "chat_message.reply_to_id",
        }
    ),
)
