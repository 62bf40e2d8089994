"""What safety refuses, beyond what the kit does. Help and reporting are refused to nobody."""

from mewe_core.kit.errors import Conflict, Failure


class ConcernClosed(Conflict):
    """The concern was closed."""

    reason = "CONCERN_CLOSED"
    sentence = "This concern is closed."


class NotAcknowledged(Conflict):
    """Nobody has said yet that they have it."""

    reason = "CONCERN_NOT_ACKNOWLEDGED"
    sentence = "Somebody has to take this on before it can be closed."


class ContactNotAdult(Conflict):
    """Whoever is to be a contact holds no role of an adult there."""

    reason = "CONTACT_NOT_ADULT"
    sentence = "A contact has to be a leader, supervisor or coordinator here."


class ContactTwice(Conflict):
    """The two contacts have to be two people."""

    reason = "CONTACT_TWICE"
    sentence = "The other contact here is the same person. Two are needed."


class ContactEnded(Conflict):
    """Somebody else has this duty now."""

    reason = "CONTACT_ENDED"
    sentence = "This contact has ended."


class AlertNotTested(Conflict):
    """There is no alert on its way that could be confirmed."""

    reason = "ALERT_NOT_TESTED"
    sentence = "No test alert was sent in the last days. Please send one first."


class NoCard(Conflict):
    """There is no contact card of the person, or the concern is about nobody who could have one."""

    reason = "NO_CONTACT_CARD"
    sentence = "There is no contact card."


ERRORS: tuple[type[Failure], ...] = (
    ConcernClosed,
    NotAcknowledged,
    ContactNotAdult,
    ContactTwice,
    ContactEnded,
    AlertNotTested,
    NoCard,
)
