"""What the diary refuses, beyond what the kit does. None says anything of what is sealed."""

from mewe_core.kit.errors import Conflict, Failure


class HeadMoved(Conflict):
    """Another device put a head meanwhile: take in what is new, and put the same once more with a head on top of that."""

    reason = "DIARY_HEAD_MOVED"
    sentence = "Another device was faster. Nothing is lost; this one tries again."


class Full(Conflict):
    """More would be kept than one person may have here."""

    reason = "DIARY_FULL"
    sentence = "There is no more room for this here. On your device it stays."


class TooFast(Conflict):
    """More within an hour than one person may put."""

    reason = "DIARY_TOO_FAST"
    sentence = "That was a lot within an hour. Please try again later; on your device it stays."


class Taken(Conflict):
    """The id is in use; a device makes another at random."""

    reason = "DIARY_TAKEN"
    sentence = "This did not work. Please try once more."


class WordsNotRead(Conflict):
    """What leaders may have to do was not acknowledged, or the words have changed since."""

    reason = "DIARY_WORDS_NOT_READ"
    sentence = "Please read first what your leaders may have to do with what you share."


class NotALeadersKey(Conflict):
    """Something is sealed to a key that is not that of a present leader of the group."""

    reason = "DIARY_NOT_A_LEADERS_KEY"
    sentence = "The leaders of your group have changed, or one has a new device. Please look again whom you share with."


ERRORS: tuple[type[Failure], ...] = (HeadMoved, Full, TooFast, Taken, WordsNotRead, NotALeadersKey)
