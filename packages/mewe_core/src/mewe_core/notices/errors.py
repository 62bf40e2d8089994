"""What notices refuses, beyond what the kit does."""

from mewe_core.kit.errors import Conflict, Failure


class NotWanted(Conflict):
    """Whoever asks has not said that they want notices."""

    reason = "NOTICES_NOT_WANTED"
    sentence = "Notices are off. Please turn them on first."


class NotOffered(Conflict):
    """The deployment sends no notices."""

    reason = "NOTICES_NOT_OFFERED"
    sentence = "There are no notices here."


class Enough(Conflict):
    """As many notices have left within the hour as may."""

    reason = "NOTICES_ENOUGH"
    sentence = "Some notices were sent just now. Please try again later."


ERRORS: tuple[type[Failure], ...] = (NotWanted, NotOffered, Enough)
