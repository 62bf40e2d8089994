"""What is refused about one's own data."""

from mewe_core.kit.errors import Conflict, NotAllowed


class NotThisDevice(NotAllowed):
    """The secret is not that of the device session that asks."""

    reason = "NOT_THIS_DEVICE"
    sentence = "Please do this on the device that is signed in."


class ErasureUnderWay(Conflict):
    """The person has asked to be erased: nothing else is done with their data, unless that is undone together with an adult."""

    reason = "ERASURE_UNDER_WAY"
    sentence = "You asked to be erased. A leader or coordinator who meets you can still undo that for a few days."


class NothingToUndo(Conflict):
    """No erasure was asked for, it was undone, or it is too late."""

    reason = "NOTHING_TO_UNDO"
    sentence = "There is no erasure that could still be undone."
