"""What is held about a person for the sake of consent. Legal bases are proposals: a lawyer of each country confirms them."""

from mewe_core.kit.personal import Basis, Erasure, Personal

KEPT_DAYS = 3650
SEALED_FOR = "identity"
"""The purpose of the keys that the date of birth, labels and notes are under."""


def _proof(table: str, columns: tuple[str, ...], purpose: str, kept_from: str, unsealed: str | None = None) -> Personal:
    """What is kept under the bare id after an erasure: consent can be asked to be shown (GDPR art. 7)."""
    return Personal(
        table,
        columns,
        found_by="person_id",
        purpose=purpose,
        basis=Basis.LEGAL_DUTY,
        retention_days=KEPT_DAYS,
        kept_from=kept_from,
        unsealed=unsealed,
        erasure=Erasure.KEEP_PSEUDONYM,
    )


CONSENT_DATA = (
    _proof(
        "people_consent",
        (
            *("id", "person_id", "purpose", "shared_with_id", "by_id", "capacity", "text_id", "text_version", "age_band"),
            *("language", "age", "give_time", "withdraw_time", "way", "record_time", "recorded_by_id"),
        ),
        "To be able to show who said yes to what, informed by which text, and when it ended.",
        "record_time",
        "codes of a closed list",
    ),
    _proof(
        "people_objection",
        ("id", "person_id", "purpose", "shared_with_id", "raise_time", "take_back_time"),
        "To be able to show that a no was heard.",
        "take_back_time",
    ),
    _proof(
        "people_one_guardian",
        ("id", "person_id", "ground", "purposes", "guardian_id", "create_time", "end_time", "recorded_by_id"),
        "To be able to show why one guardian was enough.",
        "end_time",
        "codes of a closed list",
    ),
    Personal(
        "people_one_guardian",
        ("sealed_note",),
        found_by="person_id",
        purpose="What shows that one guardian was enough; it cannot be opened once the person's key is destroyed.",
        basis=Basis.LEGAL_DUTY,
        retention_days=None,
        sealed=SEALED_FOR,
        erasure=Erasure.KEEP_PSEUDONYM,
        exported=False,
    ),
    _proof(
        "people_consent_link",
        (
            *("id", "person_id", "guardian_id", "text_id", "shared_with_id", "create_time", "made_by_id", "expire_time"),
            *("answer_time", "agrees"),
        ),
        "To be able to show that a guardian was asked, and what they answered.",
        "create_time",
    ),
    Personal(
        "people_consent_link",
        ("code_digest",),
        found_by="person_id",
        purpose="To recognise a code without keeping it, until it is used or has expired.",
        basis=Basis.LEGAL_DUTY,
        retention_days=30,
        forgotten_by="its use, or the second in which it expires",
        erasure=Erasure.CLEAR,
        exported=False,
    ),
    Personal(
        "people_guardian",
        ("id", "person_id", "create_time", "recorded_by_id"),
        found_by="person_id",
        purpose="To know guardians apart without a name, and whose yes a paper was.",
        basis=Basis.LEGAL_DUTY,
        retention_days=None,
        erasure=Erasure.KEEP_PSEUDONYM,
    ),
    Personal(
        "people_guardian",
        ("sealed_label",),
        found_by="person_id",
        purpose="How those who record tell guardians apart; it cannot be opened once the person's key is destroyed.",
        basis=Basis.LEGAL_DUTY,
        retention_days=None,
        sealed=SEALED_FOR,
        erasure=Erasure.KEEP_PSEUDONYM,
    ),
    Personal(
        "people_consent_person",
        ("person_id", "last_time"),
        found_by="person_id",
        purpose="To know when anything about somebody's consent last changed.",
        basis=Basis.LEGAL_DUTY,
        retention_days=None,
        erasure=Erasure.KEEP_PSEUDONYM,
    ),
    Personal(
        "people_consent_person",
        ("sealed_birth_date", "birth_date_by_id"),
        found_by="person_id",
        purpose="To know at every moment who decides; nothing but the age is ever taken from it.",
        basis=Basis.LEGAL_DUTY,
        retention_days=None,
        sealed=SEALED_FOR,
        erasure=Erasure.CLEAR,
    ),
    Personal(
        "people_consent_state",
        ("id", "person_id", "purpose", "shared_with_id", "covered", "until"),
        found_by="person_id",
        purpose="To tell the features what is covered, and to ask again in time.",
        basis=Basis.LEGAL_DUTY,
        retention_days=None,
        erasure=Erasure.DELETE_ROW,
    ),
    _proof(
        "people_guardian_request",
        ("id", "person_id", "state", "create_time", "answer_time", "recorded_by_id", "answered_by_id", "organisation_id"),
        "To see to it that a person answers a guardian who asks what is held.",
        "answer_time",
    ),
)

NOBODYS = frozenset(
    {
        *(f"people_consent_text.{name}" for name in ("id", "purpose", "version", "age_from", "age_to", "language", "text")),
        *(f"people_consent_text.{name}" for name in ("asks_again", "create_time")),
        *(f"people_consent_terms.{name}" for name in ("purpose", "latest_version", "needed_version", "table_digest")),
        "people_consent_terms.reckoned_to",
    }
)
"""Columns that say nothing about anybody."""
