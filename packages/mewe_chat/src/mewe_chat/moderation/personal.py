"""What moderation holds about a person.

What is held back comes before messages: an erasure that meets the delivering of one waits for it here, and then finds the
message.
"""

from mewe_core.kit.personal import Basis, Erasure, Personal

ACT_DAYS = 365
"""How long it is kept what was decided; our proposal."""

COMPLAINT_DAYS = 730
"""How long complaints are kept, and who has read them; our proposal."""

MODERATION: tuple[Personal, ...] = (
    Personal(
        "chat_held",
        (
            *("id", "room_id", "author_id", "sealed_text", "message_id", "reply_to_id", "held_time", "kind", "state"),
            "decide_time",
        ),
        found_by="author_id",
        purpose="To hold back what may tell of somebody in danger until a leader has decided.",
        basis=Basis.PUBLIC_TASK,
        retention_days=ACT_DAYS,
        kept_from="held_time",
        sealed="chat",
        erasure=Erasure.DELETE_ROW,
    ),
    Personal(
        "chat_act",
        ("id", "room_id", "kind", "person_id", "message_id", "sealed_reason", "act_time", "until_time"),
        found_by="person_id",
        purpose="To tell whoever it is about what leaders decided, and why.",
        basis=Basis.PUBLIC_TASK,
        retention_days=ACT_DAYS,
        kept_from="act_time",
        sealed="act",
        about="id",
        erasure=Erasure.DELETE_ROW,
    ),
    Personal(
        "chat_act",
        ("leader_id",),
        found_by="leader_id",
        purpose="To know who of the leaders decided it.",
        basis=Basis.PUBLIC_TASK,
        retention_days=ACT_DAYS,
        kept_from="act_time",
        erasure=Erasure.KEEP_PSEUDONYM,
    ),
    Personal(
        "chat_complaint",
        (
            *("id", "group_id", "organisation_id", "person_id", "act_id", "sealed_text", "complaint_time"),
            *("sealed_answer", "answer_time"),
        ),
        found_by="person_id",
        purpose="To look into what somebody complains of, past the leaders, and to answer them.",
        basis=Basis.PUBLIC_TASK,
        retention_days=COMPLAINT_DAYS,
        kept_from="complaint_time",
        sealed="complaint",
        about="id",
        erasure=Erasure.DELETE_ROW,
    ),
    Personal(
        "chat_complaint",
        ("answerer_id",),
        found_by="answerer_id",
        purpose="To know who answered.",
        basis=Basis.PUBLIC_TASK,
        retention_days=COMPLAINT_DAYS,
        kept_from="complaint_time",
        erasure=Erasure.KEEP_PSEUDONYM,
    ),
    Personal(
        "chat_complaint_reading",
        ("id", "complaint_id", "reader_id", "read_time"),
        found_by="reader_id",
        purpose="To know who has read a complaint, and when.",
        basis=Basis.LEGAL_DUTY,
        retention_days=COMPLAINT_DAYS,
        kept_from="read_time",
        erasure=Erasure.KEEP_PSEUDONYM,
    ),
)
