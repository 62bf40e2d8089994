"""Everybody that a rule can meet, by what they are, and what a deployment holds of them."""

from collections.abc import Mapping
from typing import Any

from attrs import define, field

from tests.security.country import Country, Person

NATIONAL, EDITOR, RESEARCHER = 5, 6, 7
DAY = 24 * 3600
OTHER_REASON = 6
WAITS = 1
NOBODY = "nobody"
ASKED = "participant who asked to be erased"
ERASED = "participant who was erased"
RETURNED = "participant back on a new device"

HOLDS: Mapping[str, str | None] = {
    NOBODY: None,
    "national": "national",
    "coordinator": "coordinator",
    "supervisor": "supervisor",
    "leader": "leader",
    "participant": "participant",
    "without a role": None,
    "leader of another group": None,
    "participant of another group": None,
    "coordinator of another organisation": None,
    "supervisor of another organisation": None,
    "leader of another organisation": None,
    "participant of another organisation": None,
    "without a role in another organisation": None,
    "national until yesterday": None,
    "coordinator until yesterday": None,
    "supervisor until yesterday": None,
    "leader until yesterday": None,
    "participant until yesterday": None,
    "coordinator until just now": None,
    "leader until just now": None,
    "participant until just now": None,
    "national to come": None,
    "coordinator to come": None,
    "supervisor to come": None,
    "participant to come": None,
    "participant, leader of another group": "participant",
    "supervisor, leader of another group": "supervisor",
    "supervisor who reads in an emergency": "supervisor",
    "supervisor who read until just now": "supervisor",
    "supervisor, contact of the group": "supervisor",
    "editor": "editor",
    "researcher": "researcher",
    "coordinator not confirmed yet": None,
    "participant whose guardian withdrew": "participant",
    "participant who objects to the chat": "participant",
    RETURNED: "participant",
    ASKED: None,
    ERASED: None,
}
"""Who calls, and the one role that they hold now in the group asked about, its organisation or the country; None: none.

There is no guardian among them: a guardian has no account, and no code, role or token is ever made for one.
"""

LACKS: Mapping[str, tuple[str, ...]] = {
    "participant whose guardian withdrew": ("take_part", "chat", "evaluation"),
    "participant who objects to the chat": ("chat",),
}
"""Whose consent does not cover what."""

SIGNED_OUT = (NOBODY, ASKED)
"""Who is nobody here, whatever they send: their devices were signed out."""

STATES = ("expired", "of another key", "of another country", "for another audience", "of an ended session", "replayed")
"""Tokens that are as good as none; without any, everybody is nobody.

``replayed``: a secret or code that was good for something else, or once.
"""


UNSETTLED = (*LACKS, RETURNED, ASKED, ERASED)
"""Those of the group whose access is not what their place in it says."""


@define
class Scene:
    """Who is there, and what: ``ids`` by the names of fields, ``things`` by the names that the policy has for them."""

    country: Country
    ids: dict[str, str]
    things: dict[str, str] = field(factory=dict)
    used: list[str] = field(factory=list, repr=False)
    people: dict[str, Person] = field(factory=dict)
    tokens: dict[str, dict[str, str]] = field(factory=dict, repr=False)
    erasures: dict[str, Any] = field(factory=dict, repr=False)

    def do(self, name: str, who: str = "coordinator", /, **values: Any) -> Any:
        """A call that is answered."""
        return self.country.do(self.people[who].token, name, **values)

    def new(self, who: str, **role: int) -> str:
        """Somebody new of the organisation who signs in; the person's id."""
        by = self.people["national" if role.get("role") == NATIONAL else "coordinator"]
        self.people[who] = self.country.invited(by.token, self.ids["organisation_id"], **role)
        return self.people[who].id
