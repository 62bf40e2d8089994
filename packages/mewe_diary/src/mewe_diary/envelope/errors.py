"""What sealing and opening refuse with, each with a reason that an app can show words for."""


class EnvelopeError(ValueError):
    """Something of the envelope is refused; ``reason`` says what, in words that name nothing of what was given."""

    reason = "REFUSED"

    def __init__(self) -> None:
        super().__init__(self.reason)


class Malformed(EnvelopeError):
    """The bytes are not what they are given for: another format, kind or length, or figures out of their bounds."""

    reason = "MALFORMED"


class DoesNotOpen(EnvelopeError):
    """A wrong key or passphrase, or something that was changed: which of them, nobody can tell."""

    reason = "DOES_NOT_OPEN"


class Unreadable(EnvelopeError):
    """It opens, and is not what an entry can say."""

    reason = "UNREADABLE"


class Expired(EnvelopeError):
    """Its time is over."""

    reason = "EXPIRED"


class EntryTooLong(EnvelopeError):
    """More than the largest bucket holds: 65,532 bytes of JSON."""

    reason = "ENTRY_TOO_LONG"


class PassphraseTooShort(EnvelopeError):
    """Fewer than twelve characters."""

    reason = "PASSPHRASE_TOO_SHORT"


class PassphraseTooLong(EnvelopeError):
    """More than 1,024 characters."""

    reason = "PASSPHRASE_TOO_LONG"


class RecoveryWordsWrong(EnvelopeError):
    """The words hold a slip of the pen: another number, one that is none, or a check that does not fit."""

    reason = "RECOVERY_WORDS_WRONG"


class ImportMalformed(EnvelopeError):
    """The file is no export of a diary."""

    reason = "IMPORT_MALFORMED"
