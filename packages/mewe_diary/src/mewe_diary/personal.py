"""What the diary holds about a person: bytes that only their own device opens, and what it takes to keep these in order."""

from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData, Through

ON_THE_DEVICE = "the writer's own device; no key of it is here"
BY_LEADERS = "the devices of the leaders to whom it is sealed; no key of it is here"
SHARE_DAYS = 30

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "diary_diary",
            ("id", "owner_id", "diary_id", "place", "adopt_time", "last_cursor", "bytes", "counter", "sealed_head", "erased"),
            found_by="owner_id",
            purpose="Keeping a diary among one's own devices. The hour in which it was linked is all that is kept of time.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            opened_by=ON_THE_DEVICE,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_entry_version",
            ("diary_id", "cursor", "version_id", "entry_id", "newest", "sealed_version"),
            found_by="owner_id",
            through=Through("diary_id", "diary_diary"),
            purpose="Keeping the newest versions of one's entries; of those before, a stub without anything that was written.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            opened_by=ON_THE_DEVICE,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_lock",
            ("diary_id", "lock_id", "sealed_key", "put_time"),
            found_by="owner_id",
            through=Through("diary_id", "diary_diary"),
            purpose="Opening one's diary on another device, by what one knows or has.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            opened_by=ON_THE_DEVICE,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_parcel",
            ("diary_id", "parcel_id", "sealed_parcel", "expire_time"),
            found_by="owner_id",
            through=Through("diary_id", "diary_diary"),
            purpose="Handing a diary over to another device of one's own.",
            basis=Basis.PUBLIC_TASK,
            retention_days=1,
            forgotten_by="A job, ten minutes after it was put at the latest.",
            opened_by=ON_THE_DEVICE,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_pace",
            ("owner_id", "kind", "hour", "count"),
            found_by="owner_id",
            purpose="Keeping one person from filling the store: how many were put within the last hour in which any were.",
            basis=Basis.LEGITIMATE_INTERESTS,
            retention_days=None,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_sharing_key",
            ("group_id", "leader_id", "key_id", "public_key", "put_time"),
            found_by="leader_id",
            purpose="Sealing what is shared with the leaders of a group.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            unsealed="A public key, in hexadecimal digits.",
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_share",
            ("id", "writer_id", "group_id", "sealed_share", "share_time", "expire_time"),
            found_by="writer_id",
            purpose="Showing one entry to leaders of one's group, for as long as its writer wants.",
            basis=Basis.PUBLIC_TASK,
            retention_days=SHARE_DAYS,
            forgotten_by="A job, when it is over: after as many days as its writer said, and at once when they take it back.",
            opened_by=BY_LEADERS,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "diary_share_recipient",
            ("share_id", "leader_id", "open_time"),
            found_by="leader_id",
            purpose="Showing whoever shared something which leaders have opened it, and when.",
            basis=Basis.PUBLIC_TASK,
            retention_days=SHARE_DAYS,
            forgotten_by="It goes with what was shared.",
            erasure=Erasure.DELETE_ROW,
        ),
    ),
    impersonal=frozenset(f"diary_prompt.{name}" for name in ("id", "group_id", "number", "follow_up", "held_time")),
)
