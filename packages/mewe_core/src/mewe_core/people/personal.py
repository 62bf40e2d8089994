"""What people holds about a person. Legal bases are proposals: a lawyer of each country confirms them."""

from mewe_core.kit.personal import Basis, Erasure, Personal, PersonalData

PERSONAL_DATA = PersonalData(
    personal=(
        Personal(
            "people_person",
            ("id", "organisation_id", "create_time", "sign_in_time"),
            found_by="id",
            purpose="To know, without a name, that somebody was invited, by whom, and whether they have signed in.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            erasure=Erasure.KEEP_PSEUDONYM,
        ),
        Personal(
            "people_invitation",
            ("id", "person_id", "organisation_id", "role", "create_time", "expire_time", "redeem_time", "withdraw_time"),
            found_by="person_id",
            purpose="To let the invited person in, once, and nobody else.",
            basis=Basis.PUBLIC_TASK,
            retention_days=30,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "people_invitation",
            ("code_digest",),
            found_by="person_id",
            purpose="To recognise a code without keeping it.",
            basis=Basis.PUBLIC_TASK,
            retention_days=30,
            erasure=Erasure.DELETE_ROW,
            exported=False,
        ),
        Personal(
            "people_device_session",
            ("id", "person_id", "create_time", "refresh_time", "expire_time", "end_time"),
            found_by="person_id",
            purpose="To keep a device signed in, to show its owner where they are signed in, and to end it.",
            basis=Basis.PUBLIC_TASK,
            retention_days=30,
            erasure=Erasure.DELETE_ROW,
        ),
        Personal(
            "people_device_session",
            ("token_digest",),
            found_by="person_id",
            purpose="To recognise a device without keeping its secret.",
            basis=Basis.PUBLIC_TASK,
            retention_days=30,
            erasure=Erasure.DELETE_ROW,
            exported=False,
        ),
        Personal(
            "people_role_grant",
            ("id", "person_id", "role", "scope_kind", "scope_id", "since", "until"),
            found_by="person_id",
            purpose="To know who was responsible for what, and when.",
            basis=Basis.PUBLIC_TASK,
            retention_days=3650,
            erasure=Erasure.KEEP_PSEUDONYM,
        ),
        Personal(
            "people_way_in",
            ("person_id",),
            found_by="person_id",
            purpose="To know whom the first code of the competence centre is for.",
            basis=Basis.PUBLIC_TASK,
            retention_days=None,
            erasure=Erasure.KEEP_PSEUDONYM,
        ),
    ),
    impersonal=frozenset(
        {
            "people_organisation.id",
            "people_organisation.name",
            "people_organisation.kind",
            "people_organisation.create_time",
            "people_way_in.country",
        }
    ),
)
