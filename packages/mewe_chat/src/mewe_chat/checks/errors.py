"""What the checks of this deployment do not let through."""

from mewe_core.kit.errors import Conflict, Failure


class ContactDetails(Conflict):
    """The text holds a way to find somebody elsewhere."""

    reason = "CONTACT_DETAILS"
    sentence = "To keep everybody safe, telephone numbers, addresses and names on other services stay out of the group's chat."


class LinkNotAllowed(Conflict):
    """The text holds a link to a site that the deployment does not name."""

    reason = "LINK_NOT_ALLOWED"
    sentence = "This link cannot be sent here. You can say in your own words what it is about, or ask a leader."


class NotChecked(Conflict):
    """A check did not finish; nothing was sent."""

    reason = "NOT_CHECKED"
    sentence = "Your message could not be checked, so it was not sent. Please try again in a while."


ERRORS: tuple[type[Failure], ...] = (ContactDetails, LinkNotAllowed, NotChecked)
