"""What the chat holds about a person."""

from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "chat_message",
            ("author_id", "sealed_text", "sent_at"),
            found_by="author_id",
            purpose="Talking with one's group and its leaders between and after the sessions.",
            basis=Basis.PUBLIC_TASK,
            retention_days=365,
            erasure=Erasure.CLEAR,
        ),
    ),
    impersonal=frozenset(
        {
            "chat_room.id",
            "chat_room.group_id",
            "chat_room.open",
            "chat_room.last_sequence",
            "chat_room.last_sent_at",
            "chat_message.id",
            "chat_message.room_id",
            "chat_message.sequence",
        }
    ),
)
