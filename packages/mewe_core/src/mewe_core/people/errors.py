"""What people refuses besides what the kit does."""

from mewe_core.kit.errors import Conflict, Failure, NotAllowed, Unavailable
from mewe_core.people.privacy.errors import ErasureUnderWay, NothingToUndo, NotThisDevice


class CodeNotGood(Conflict):
    """The code is unknown, used, expired or withdrawn: one answer for all, so that nobody learns which."""

    reason = "CODE_NOT_GOOD"
    sentence = "This code does not work. Ask for a new one."
    keeps = True


class TooManyWrongCodes(Unavailable):
    """So many codes were wrong just now that not every attempt is looked at: this says nothing about the code."""

    reason = "TOO_MANY_WRONG_CODES"
    sentence = "Many wrong codes were tried just now. Your code may be fine: please try again."


class SessionOver(NotAllowed):
    """The device session is unknown, ended, expired, or has lived as long as one may: one answer for all."""

    reason = "SESSION_OVER"
    sentence = (
        "This device is signed out. Ask a leader how to come back, or sign in with your passkey or where you work."
        " You can ask for help without signing in."
    )


class SignedOutByStaff(NotAllowed):
    """Somebody of the staff ended every device session of this person: a device may be lost, or they have left."""

    reason = "SIGNED_OUT_BY_STAFF"
    sentence = (
        "A leader, a coordinator or the competence centre signed all your devices out: one may be lost."
        " Ask them how to come back. You can ask for help without signing in."
    )


class NotYetConfirmed(NotAllowed):
    """The device waits until an adult who knows its person says which words it shows. Help and reporting do not wait."""

    reason = "NOT_YET_CONFIRMED"
    sentence = "Show the words on this device to your leader first. You can ask for help without signing in."


class NothingToConfirm(Conflict):
    """No device of this person waits: none has redeemed a code, it was confirmed, or too many wrong words were said."""

    reason = "NOTHING_TO_CONFIRM"
    sentence = "No device of this person waits to be confirmed. A new code may be needed."


class WordsNotRight(Conflict):
    """The device shows other words; the try counts."""

    reason = "WORDS_NOT_RIGHT"
    sentence = "The device shows other words."
    keeps = True


class AnotherAdult(NotAllowed):
    """This needs somebody who has not done the step before it, and is not the person themselves."""

    reason = "ANOTHER_ADULT_NEEDED"
    sentence = "Somebody else has to do this step: so that nobody can become somebody else alone."


class NeverSignedIn(Conflict):
    """The person has never signed in: a plain invitation is enough."""

    reason = "NEVER_SIGNED_IN"
    sentence = "This person has not signed in yet. Invite them."


class ReturnAsked(Conflict):
    """Somebody has said already that this person has lost their device."""

    reason = "RETURN_ASKED_FOR"
    sentence = "Somebody has asked for this already."


class ReturnNotOpen(Conflict):
    """Nobody has asked, somebody has agreed already, the person has refused or come back, or it was too long ago."""

    reason = "RETURN_NOT_OPEN"
    sentence = "There is nothing to agree to, or to refuse, any more."


class NothingClosed(Conflict):
    """Nothing of this person is closed, no words are shown, or too many wrong ones were said."""

    reason = "NOTHING_CLOSED"
    sentence = "Nothing is closed, or new words are needed."


class AlreadySignedIn(Conflict):
    """The person has redeemed a code before; a second one could put somebody else in their place."""

    reason = "ALREADY_SIGNED_IN"
    sentence = "This person has signed in already."


class RoleHeld(Conflict):
    """The person holds that role there already."""

    reason = "ROLE_HELD"
    sentence = "This person holds that role already."


class RoleNotYours(NotAllowed):
    """A role that reaches further than the caller's own cannot be given by them."""

    reason = "ROLE_NOT_YOURS_TO_GIVE"
    sentence = "Only the national competence centre can give this role."


class LastNational(Conflict):
    """Without this role nobody would be left who can act for the country."""

    reason = "LAST_NATIONAL"
    sentence = "Give somebody else this role first: nobody would be left who can act for the country."


class ConsentTextOlder(Conflict):
    """The text says no longer all that the purpose is, or is not written for that age; a yes to it would not count."""

    reason = "CONSENT_TEXT_OLDER"
    sentence = "There is another text to read first."


class ConsentTextPublished(Conflict):
    """There is such a text already, and a text never changes."""

    reason = "CONSENT_TEXT_PUBLISHED"
    sentence = "This text is published already. Make a new version."


class BirthDateRecorded(Conflict):
    """The date of birth is known: only a leader or a coordinator can put another in its place."""

    reason = "BIRTH_DATE_RECORDED"
    sentence = "Your date of birth is known. If it is wrong, tell a leader."


class TooManyGuardians(Conflict):
    """A person has as many guardians here as anybody has."""

    reason = "TOO_MANY_GUARDIANS"
    sentence = "All guardians are noted already."


class GuardianRequestAnswered(Conflict):
    """Somebody has answered it before."""

    reason = "GUARDIAN_REQUEST_ANSWERED"
    sentence = "This request is answered already."


class OfAge(Conflict):
    """The person is of age: no guardian of theirs has any standing."""

    reason = "PERSON_OF_AGE"
    sentence = "This person is of age and decides for themselves."


CONSENT_ERRORS = (ConsentTextOlder, ConsentTextPublished, BirthDateRecorded, TooManyGuardians, GuardianRequestAnswered, OfAge)
ERRORS_OF_PRIVACY = (NotThisDevice, ErasureUnderWay, NothingToUndo)


class PasskeysNotOffered(Conflict):
    """The deployment has not said where passkeys are good."""

    reason = "PASSKEYS_NOT_OFFERED"
    sentence = "Passkeys are not set up here."


class PasskeyNotGood(NotAllowed):
    """The passkey is unknown, removed, of another site, copied, or came too late: one answer for all."""

    reason = "PASSKEY_NOT_GOOD"
    sentence = "This passkey does not work here."


class TooManyPasskeys(Conflict):
    """Nobody needs more than twenty."""

    reason = "TOO_MANY_PASSKEYS"
    sentence = "You have twenty passkeys. Remove one before you add another."


class StaffSignInRefused(NotAllowed):
    """The sign-in was not begun here or came too late, the issuer does not vouch, or there is no role: one answer for all."""

    reason = "STAFF_SIGN_IN_REFUSED"
    sentence = "This sign-in did not work. Begin again, or ask whoever runs the platform."


class StaffSignInTooWeak(NotAllowed):
    """The issuer vouches, but does not say what the mix asks for: by which factors, how strongly, or how lately."""

    reason = "STAFF_SIGN_IN_TOO_WEAK"
    sentence = (
        "Where you work did not say that you signed in the way that is asked for here. Sign in there again, or ask there."
    )


ERRORS: tuple[type[Failure], ...] = (
    CodeNotGood,
    TooManyWrongCodes,
    SessionOver,
    SignedOutByStaff,
    NotYetConfirmed,
    NothingToConfirm,
    WordsNotRight,
    AnotherAdult,
    NeverSignedIn,
    ReturnAsked,
    ReturnNotOpen,
    NothingClosed,
    AlreadySignedIn,
    RoleHeld,
    RoleNotYours,
    LastNational,
    *CONSENT_ERRORS,
    *ERRORS_OF_PRIVACY,
    PasskeysNotOffered,
    PasskeyNotGood,
    TooManyPasskeys,
    StaffSignInRefused,
    StaffSignInTooWeak,
)
"""The closed list of people's own failures."""
