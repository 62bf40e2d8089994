"""What moderation refuses."""

from mewe_core.kit.errors import Conflict, Failure, NotAllowed


class AlreadyDecided(Conflict):
    """Somebody has decided before."""

    reason = "ALREADY_DECIDED"
    sentence = "Somebody has decided this already."


class LeaderNotPaused(Conflict):
    """A leader cannot be paused."""

    reason = "LEADER_NOT_PAUSED"
    sentence = "A leader cannot be paused. The coordinator of your organisation can help."


class Paused(Conflict):
    """A leader has paused one's writing for some time."""

    reason = "PAUSED"
    sentence = "A leader has paused your writing here for a while. You can still write to the leaders, report, and get help."


class OwnCase(NotAllowed):
    """It is about what one wrote oneself."""

    reason = "OWN_CASE"
    sentence = "This is about your own message. Another leader can decide it; you can delete it."


class LeadersMessage(NotAllowed):
    """What another leader wrote is hidden at most."""

    reason = "LEADERS_MESSAGE"
    sentence = "You can hide what another leader wrote, and show it again. What becomes of it is for the coordinator."


ERRORS: tuple[type[Failure], ...] = (AlreadyDecided, LeaderNotPaused, Paused, OwnCase, LeadersMessage)
