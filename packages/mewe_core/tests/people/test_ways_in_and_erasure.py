"""Whoever is to be erased is told by every way in what anybody is told for whom it is not good, and nothing more."""

import pytest
from mewe_core.kit.testing import Stage
from mewe_core.people import model
from mewe_core.people.errors import PasskeyNotGood, StaffSignInRefused
from mewe_core.people.passkeys.testing import Authenticator
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.privacy import handlers as privacy
from mewe_core.people.privacy.model import EraseMeRequest
from mewe_core.people.store import ADD_PERSON
from mewe_core.people.testing import sign_in

from . import test_passkeys, test_staff_sign_in


def erase(stage: Stage, session: model.DeviceSession) -> None:
    """Somebody asks to be erased."""
    request = EraseMeRequest("r", session.session_token)
    stage.call(privacy.erase_me, request, by=session.person_id, session=session.id)


def test_a_passkey_of_somebody_to_be_erased_is_not_good() -> None:
    """As one that was never made."""
    settings = model.PeopleSettings(passkeys=test_passkeys.SETTINGS)
    with Stage(mewe_feature(), settings=settings) as stage:
        parameters = {"id": "ada", "organisation_id": None, "create_time": stage.clock.now(), "sign_in_time": None}
        stage.all(ADD_PERSON, object, **parameters)
        device = Authenticator(test_passkeys.HERE)
        test_passkeys.register(stage, device)
        erase(stage, test_passkeys.sign_in(stage, device.get(test_passkeys.ask(stage))))
        with pytest.raises(PasskeyNotGood):
            test_passkeys.sign_in(stage, device.get(test_passkeys.ask(stage)))


def test_staff_who_are_to_be_erased_are_refused() -> None:
    """As somebody without a role."""
    town = test_staff_sign_in.Town()
    with Stage(mewe_feature(), settings=test_staff_sign_in.SETTINGS, issuers=town) as stage:
        [line] = stage.start()
        sign_in(stage, line.split()[-1])
        erase(stage, test_staff_sign_in.sign_in(stage, town, "centre"))
        with pytest.raises(StaffSignInRefused):
            test_staff_sign_in.sign_in(stage, town, "centre")
