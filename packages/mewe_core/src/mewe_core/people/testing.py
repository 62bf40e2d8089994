"""Signing somebody in on a stage: for tests and documentation."""

from attrs import evolve

from mewe_core.kit.testing import Stage, drive
from mewe_core.people import handlers, model, sessions
from mewe_core.people.confirming import handlers as confirming
from mewe_core.people.confirming.model import ConfirmPersonRequest
from mewe_core.people.session_rules import Way


def sign_in(stage: Stage, code: str, by: str | None = None, *, group_id: str | None = None) -> model.DeviceSession:
    """A device session of whoever has the code, confirmed by somebody and with a first access token.

    ``by`` None: for the first of the competence centre, whom nobody confirms.
    """
    session = stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))
    if by is None:
        return session
    confirm(stage, session, by, group_id=group_id)
    token = stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", session.session_token))
    return evolve(session, access_token=token)


def confirm(stage: Stage, session: model.DeviceSession, by: str, *, group_id: str | None = None) -> None:
    """Have somebody say which words a device shows."""
    request = ConfirmPersonRequest("r", session.person_id, session.words or "", group_id)
    stage.call(confirming.confirm_person, request, by=by)


def begin(stage: Stage, person_id: str, way: Way = Way.CODE, *, most_hours: int | None = None) -> model.DeviceSession:
    """A device session of somebody who is there already."""
    with stage.unit() as work:
        return drive(sessions.begin(work, person_id, way, most_hours=most_hours))
