"""What the chat holds about a person."""

from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "message",
            ("author_id", "text", "sent_at"),
            found_by="author_id",
            purpose="Talking with one's group and its leaders between and after the sessions.",
            basis=Basis.PUBLIC_TASK,
            retention_days=365,
            erasure=Erasure.CLEAR,
        ),
    ),
    impersonal=frozenset(
        {
            "room.id",
            "room.group_id",
            "room.open",
            "room.last_sequence",
            "room.last_sent_at",
            "message.id",
            "message.room_id",
            "message.sequence",
        }
    ),
)
