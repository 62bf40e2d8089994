"""What notices holds about a person."""

from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData
from mewe_core.notices.sending import SEALED

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "notices_choice",
            ("person_id", "wanted", "quiet_from", "quiet_to", "time_zone"),
            found_by="person_id",
            purpose="To send notices to those who want them, and not at night.",
            basis=Basis.CONSENT,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
            unsealed="The name of a time zone, and minutes of the day.",
        ),
        Personal(
            "notices_device",
            ("id", "person_id", "session_id", "create_time", "seen_time"),
            found_by="person_id",
            purpose="To know which devices notices go to.",
            basis=Basis.CONSENT,
            retention_days=90,
            kept_from="seen_time",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "notices_device",
            ("endpoint_digest", "sealed_endpoint", "sealed_public_key", "sealed_secret"),
            found_by="person_id",
            purpose="To reach a device through its push service. It gave them itself, so they are not exported.",
            basis=Basis.CONSENT,
            retention_days=90,
            kept_from="seen_time",
            erasure=Erasure.DELETE_ROW,
            sealed=SEALED,
            exported=False,
        ),
        Personal(
            "notices_notice",
            ("person_id", "occurrence_id", "due_time", "next_time", "end_time", "outcome", "sending_id"),
            found_by="person_id",
            purpose="To send one notice and not two, and not too many an hour.",
            basis=Basis.CONSENT,
            retention_days=30,
            kept_from="end_time",
            erasure=Erasure.DELETE_ROW,
        ),
    ),
)
