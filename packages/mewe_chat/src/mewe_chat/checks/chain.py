"""All checks of a deployment, run before a message comes into its unit: what each room asks for, and what it comes to.

| who writes, where | words of crisis | contact details, links, what plugins refuse |
| --- | --- | --- |
| a participant, where other participants read | held back until a leader decides; help; a concern | refused |
| a participant, in their room with the leaders | delivered, since leaders alone read it; help; a concern | let through |
| a leader, anywhere | let through: they speak about crises, and nobody would hear what they say in one | let through |
"""

from collections.abc import Sequence
from typing import Protocol

from attrs import frozen
from mewe_core.kit.access import Role, ScopeKind, Standing
from mewe_core.kit.errors import Failure
from mewe_core.kit.message_checks import Audience, Draft, Finding, MessageCheck
from mewe_core.kit.preparing import Preparing

from mewe_chat.checks.errors import NotChecked
from mewe_chat.moderation.model import HeldCause
from mewe_chat.settings import Deployed


class Said(Protocol):
    """A request to say something."""

    @property
    def text(self) -> str:
        """What."""


@frozen
class Checked:
    """What the checks came to. ``cause``: somebody may be in danger; ``reason``: it is refused."""

    audience: Audience = Audience.PEERS
    cause: HeldCause | None = None
    reason: type[Failure] | None = None

    def let_through(self) -> None:
        """Raises what the writer is told if it is refused."""
        if self.reason is not None:
            raise self.reason


def audience(standing: Standing) -> Audience:
    """Who will read what is said in the room that the caller stands in. Pure."""
    return Audience.PEERS if standing.scope.participant is None else Audience.LEADERS


def asked(standing: Standing, checks: Sequence[MessageCheck]) -> tuple[MessageCheck, ...]:
    """The checks that look at what the caller says here, in their order. Pure."""
    roles = {one.role for one in standing.held if one.scope_kind is ScopeKind.GROUP}
    if Role.LEADER in roles and Role.PARTICIPANT not in roles:
        return ()
    return tuple(one for one in checks if one.crisis or audience(standing) is Audience.PEERS)


def waits(configured: object) -> bool:
    """Whether a check runs apart in this deployment, so that one has to wait for it."""
    return not isinstance(configured, Deployed) or any(not one.quick for one in configured.checks)


async def check_message(request: Said, before: Preparing) -> Checked:
    """Run the checks in their order; the first that finds something, or does not finish, decides. Fails closed."""
    deployed, where = before.settings(Deployed), audience(before.standing)
    settings = deployed.settings
    draft = Draft(request.text, deployed.brought.country, where, deployed.brought.languages, settings.sites)
    for check in asked(before.standing, deployed.checks):
        verdict = await before.checker(check, draft, settings.check_milliseconds / 1000)
        if verdict is not None and verdict.finding is Finding.NOTHING:
            continue
        if verdict is not None and verdict.finding is Finding.CRISIS:
            return Checked(where, HeldCause.CRISIS)
        if check.crisis:
            return Checked(where, HeldCause.NOT_CHECKED)
        return Checked(where, reason=NotChecked if verdict is None else verdict.reason or NotChecked)
    return Checked(where)
