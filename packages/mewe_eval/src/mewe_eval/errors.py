"""What evaluation refuses, beyond what the kit does."""

from mewe_core.kit.errors import Conflict, Failure


class FormNotOpen(Conflict):
    """The form cannot be answered yet, or not any more."""

    reason = "EVAL_FORM_NOT_OPEN"
    sentence = "These questions cannot be answered now: their time has not come yet, or is over."


class FormFinished(Conflict):
    """The form was finished."""

    reason = "EVAL_FORM_FINISHED"
    sentence = "These questions have been answered. Thank you. They cannot be changed any more."


class FormBegun(Conflict):
    """Whoever it is for has begun to answer it: nobody else types into it."""

    reason = "EVAL_FORM_BEGUN"
    sentence = "They have begun to answer this themselves. What they wrote on paper can be kept by them, in the app."


class WordingChanged(Conflict):
    """The words are others than those that were shown."""

    reason = "EVAL_WORDING_CHANGED"
    sentence = "The words of these questions have changed. Please read them once more; what you answered before is kept."


class DrawingEnded(Conflict):
    """No arm of the study is drawn any more: its secret may have been shown."""

    reason = "EVAL_DRAWING_ENDED"
    sentence = "The drawing of this study has ended, and its secret may be known: nobody is given an arm any more."


class NobodyYet(Conflict):
    """There is nobody whom a report could be about."""

    reason = "EVAL_NOBODY_YET"
    sentence = "There is nothing to report yet: nobody here takes part in this study and consents to its evaluation."


class AlreadyTold(Conflict):
    """What was published before tells of so few people already that nothing hidden now would help."""

    reason = "EVAL_ALREADY_TOLD"
    sentence = "Nothing can be published beside what is out already: it would tell of too few people."


ERRORS: tuple[type[Failure], ...] = (
    FormNotOpen,
    FormFinished,
    FormBegun,
    WordingChanged,
    DrawingEnded,
    NobodyYet,
    AlreadyTold,
)
