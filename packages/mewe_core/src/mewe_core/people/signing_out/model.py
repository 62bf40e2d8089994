"""Request and answer of ending somebody's sessions, as the contract has them."""

from attrs import field, frozen

from mewe_core.kit.checks import given, identifier


@frozen
class EndSessionsOfPersonRequest:
    """End every device session of a person. ``group_id``: for leaders, their group that the person is in."""

    request_id: str = field(validator=identifier)
    person_id: str = field(validator=identifier)
    group_id: str | None = field(default=None, validator=given(identifier))


@frozen
class EndSessionsOfPersonResponse:
    """They are ended. ``ended``: how many there were."""

    ended: int
