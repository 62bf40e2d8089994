"""What safety holds about a person."""

from mewe_core.kit.personal import PersonalData

PERSONAL_DATA = PersonalData(
    impersonal=frozenset({"safety_group.id", "safety_group.organisation_id", "safety_group.over"}),
)
