"""What the programme refuses besides what the kit does."""

from mewe_core.kit.errors import Conflict, Failure, NotAllowed


class NoSuchProgramme(Conflict):
    """This deployment does not offer the programme."""

    reason = "NO_SUCH_PROGRAMME"
    sentence = "This programme is not offered here."


class GroupOver(Conflict):
    """The group is completed or ended."""

    reason = "GROUP_OVER"
    sentence = "This group is over."


class GroupNotPlanned(Conflict):
    """Only a group that has not begun can be started."""

    reason = "GROUP_NOT_PLANNED"
    sentence = "This group has begun already, or is over."


class GroupNotStarted(Conflict):
    """Sessions are recorded when the group has begun."""

    reason = "GROUP_NOT_STARTED"
    sentence = "This group has not begun yet: start it first."


class NoParticipants(Conflict):
    """A group starts with one participant at least."""

    reason = "NO_PARTICIPANTS"
    sentence = "Nobody takes part in this group yet."


class TooFewLeaders(Conflict):
    """A group starts with as many leaders as its programme says; fewer need a substitute."""

    reason = "TOO_FEW_LEADERS"
    sentence = "This group needs more leaders, or a substitute for the one it has."


class GroupHasNoContacts(Conflict):
    """The group is for young people, and nobody has told that two adults look after them whom an alert reaches."""

    reason = "GROUP_HAS_NO_CONTACTS"
    sentence = "A group for young people starts when it has two contacts who have both tried that an alert reaches them."


class LeaderNotCertified(Conflict):
    """Somebody who is to lead has no valid certificate of the training that the programme asks for."""

    reason = "LEADER_NOT_CERTIFIED"
    sentence = "Whoever leads this group needs a valid certificate of its training."


class BackgroundCheckMissing(Conflict):
    """The programme asks for a background check, and none was noted for a leader."""

    reason = "BACKGROUND_CHECK_MISSING"
    sentence = "A background check has to be noted for each leader first."


class AlreadyMember(Conflict):
    """The person is in the group, or waits for a place in it."""

    reason = "ALREADY_MEMBER"
    sentence = "This person is in the group already, or waits for a place."


class ParticipantWithoutConsent(Conflict):
    """Nobody who may has said yes to this person's taking part, or a yes was taken back or has run out."""

    reason = "PARTICIPANT_WITHOUT_CONSENT"
    sentence = "Somebody has to say yes to this person's taking part first."


class JoiningClosed(Conflict):
    """The programme lets nobody join after that session."""

    reason = "JOINING_CLOSED"
    sentence = "Nobody new can join this group any more."


class MembershipEnded(Conflict):
    """The membership is over."""

    reason = "MEMBERSHIP_ENDED"
    sentence = "This membership is over."


class NotALeader(Conflict):
    """Background checks are noted for leaders alone."""

    reason = "NOT_A_LEADER"
    sentence = "This person does not lead the group."


class OnlyCoordinators(NotAllowed):
    """Leaders take in and let go participants; leaders themselves are for coordinators."""

    reason = "ONLY_COORDINATORS"
    sentence = "Only a coordinator of the organisation can do this."


class SessionNotPlanned(Conflict):
    """The session was held or cancelled."""

    reason = "SESSION_NOT_PLANNED"
    sentence = "This session was held or cancelled."


class SessionNotCancelled(Conflict):
    """Only a session that was cancelled can be made up."""

    reason = "SESSION_NOT_CANCELLED"
    sentence = "This session was not cancelled."


class SessionMadeUp(Conflict):
    """There is a session already that makes up for it."""

    reason = "SESSION_MADE_UP"
    sentence = "There is another date for this session already."


class SessionToCome(Conflict):
    """A session is recorded when it has begun."""

    reason = "SESSION_TO_COME"
    sentence = "This session has not begun yet."


class SeriesNotOver(Conflict):
    """The follow-up is held when no session of the series is open any more."""

    reason = "SERIES_NOT_OVER"
    sentence = "There are sessions to hold, or to cancel, before the follow-up."


class PersonIsCandidate(Conflict):
    """The person is on the way into this programme already."""

    reason = "PERSON_IS_CANDIDATE"
    sentence = "This person is on the list for this programme already."


class NoSuchStep(Conflict):
    """The funnel has no way from where they are to where they are to go."""

    reason = "NO_SUCH_STEP"
    sentence = "There is no step from where this person is to there."


class NotEligible(Conflict):
    """The programme is meant for another age."""

    reason = "NOT_ELIGIBLE"
    sentence = "The programme is meant for another age."


class NoCertificate(Conflict):
    """The programme that the group runs ends in no certificate."""

    reason = "NO_CERTIFICATE"
    sentence = "This programme ends in no certificate."


class TrainingNotDone(Conflict):
    """The training group has not completed its programme."""

    reason = "TRAINING_NOT_DONE"
    sentence = "This training is not completed yet."


class TooFewSessions(Conflict):
    """They were at fewer sessions than the certificate asks for."""

    reason = "TOO_FEW_SESSIONS"
    sentence = "They were at too few sessions for the certificate."


class CertificateHeld(Conflict):
    """They were given a certificate for this training already."""

    reason = "CERTIFICATE_HELD"
    sentence = "There is a certificate for this training already."


class CertificateIsWithdrawn(Conflict):
    """The certificate was withdrawn before."""

    reason = "CERTIFICATE_WITHDRAWN"
    sentence = "This certificate was withdrawn before."


class NoSecondPerson(Conflict):
    """Nobody else would know of a reading in an emergency: no other coordinator of the organisation, nobody national."""

    reason = "NO_SECOND_PERSON"
    sentence = "Nobody else could be told of this. In danger call the emergency number; ask the national centre to read."


class EmergencyReadingOpen(Conflict):
    """The caller reads this group already."""

    reason = "EMERGENCY_READING_OPEN"
    sentence = "You can read this group already, until your time is over."


class EmergencyReadingEnded(Conflict):
    """A second person ended the caller's reading of this group a short while ago."""

    reason = "EMERGENCY_READING_ENDED"
    sentence = "Somebody has ended your reading of this group. Talk to them, or to the national centre."


ERRORS: tuple[type[Failure], ...] = (
    NoSuchProgramme,
    GroupOver,
    GroupNotPlanned,
    GroupNotStarted,
    NoParticipants,
    TooFewLeaders,
    GroupHasNoContacts,
    LeaderNotCertified,
    BackgroundCheckMissing,
    AlreadyMember,
    ParticipantWithoutConsent,
    JoiningClosed,
    MembershipEnded,
    NotALeader,
    OnlyCoordinators,
    SessionNotPlanned,
    SessionNotCancelled,
    SessionMadeUp,
    SessionToCome,
    SeriesNotOver,
    PersonIsCandidate,
    NoSuchStep,
    NotEligible,
    NoCertificate,
    TrainingNotDone,
    TooFewSessions,
    CertificateHeld,
    CertificateIsWithdrawn,
    NoSecondPerson,
    EmergencyReadingOpen,
    EmergencyReadingEnded,
)
"""The closed list of the programme's own failures."""
