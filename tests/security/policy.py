"""The policy as written in ``policy.toml``, and what it says of one call."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from tests.security.cast import HOLDS, LACKS, RETURNED, SIGNED_OUT, Scene
from tests.security.contract import PUBLIC_IDS, Rpc, sample
from tests.security.country import fresh

FILE = Path(__file__).with_name("policy.toml")


@frozen
class Rule:
    """One table of the policy: who may call an RPC with what it asks for, and what they are told then."""

    service: str
    name: str
    may: str | Sequence[str]
    says: str
    whose: str = ""
    besides: Sequence[str] = ()
    asks: Mapping[str, Any] = field(factory=dict)
    gets: str | Mapping[str, str] = "OK"
    others: Mapping[str, Any] = field(factory=dict)
    shows: Mapping[str, Any] = field(factory=dict)
    consent: str = ""
    earlier: bool = False

    def lets(self, who: str) -> bool:
        """Whether somebody may."""
        if self.may in ("everybody", "signed in"):
            return self.may == "everybody" or who not in SIGNED_OUT
        if self.may == "oneself":
            return who in (self.whose, *self.besides)
        return HOLDS[who] in self.may or who in self.besides

    def tells(self, who: str) -> str:
        """What somebody is told who may: ``OK``, or the reason that their call comes to nothing."""
        if self.consent in LACKS.get(who, ()):
            return "CONSENT_MISSING"
        if self.earlier and who == RETURNED:
            return "EARLIER_STILL_CLOSED"
        if isinstance(self.gets, str):
            return self.gets
        return self.gets.get(who) or self.gets.get(HOLDS[who] or "") or self.gets["otherwise"]

    def shown_to(self, who: str) -> bool:
        """Whether the answer to somebody speaks of what not everybody is told."""
        if self.shows.get("consent") in LACKS.get(who, ()):
            return False
        return HOLDS[who] in self.shows["to"] or who in self.shows.get("besides", ())

    def requests(self, rpc: Rpc, scene: Scene, who: str) -> list[dict[str, Any]]:
        """The calls that somebody tries: what it asks for, and if they may not, what could really be changed as well."""
        asked = sample(rpc.request, scene.ids) | self._named(self.asks, scene)
        return [asked, asked | self._named(self.others, scene)] if self.others and not self.lets(who) else [asked]

    def _named(self, values: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
        return {name: scene.things[one] if str(one).startswith("the ") else one for name, one in values.items()}


def policy() -> tuple[Rule, ...]:
    """All of it."""
    services = tomllib.loads(FILE.read_text())
    return tuple(
        Rule(service, name, **row) for service, rows in services.items() for name, several in rows.items() for row in several
    )


def of_nothing(values: Mapping[str, Any]) -> dict[str, Any]:
    """The same call about things that nobody has."""
    return {name: fresh() if name.endswith("_id") and name not in PUBLIC_IDS else one for name, one in values.items()}
