"""What a lost telephone holds signs nobody in once its person is back: neither its passkeys nor its keys."""

from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.base64url import to_text
from mewe_core.people.devices.model import DeviceKey
from mewe_core.people.devices.store import KEY_OF
from mewe_core.people.errors import PasskeyNotGood
from mewe_core.people.model import PeopleSettings
from mewe_core.people.passkeys import handlers as passkeys
from mewe_core.people.passkeys import model as m
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.passkeys.testing import Authenticator
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.returning import handlers as returning
from mewe_core.people.returning import model as r
from mewe_core.people.testing import begin, confirm

HERE = "https://app.mewe.example"
SETTINGS = PeopleSettings(passkeys=PasskeySettings(rp_id="mewe.example", origins=(HERE,)))


def device_key() -> DeviceKey:
    """A key of a device."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    return DeviceKey(to_text(numbers.x.to_bytes(32, "big")), to_text(numbers.y.to_bytes(32, "big")))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """People where passkeys are offered; a coordinator is given their role."""
    with Stage(mewe_feature(), settings=SETTINGS) as stage:
        yield stage


def invited(stage: Stage, by: str, organisation: str) -> model.DeviceSession:
    """Somebody who has signed in with a key of their device."""
    code = stage.call(handlers.invite_person, model.InvitePersonRequest("r", organisation), by=by).code
    session = redeemed(stage, code)
    confirm(stage, session, by)
    return session


def redeemed(stage: Stage, code: str) -> model.DeviceSession:
    """A device with a key of its own."""
    return stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code, device_key=device_key()))


def register(stage: Stage, telephone: Authenticator, by: str) -> None:
    """Make a passkey."""
    options = stage.call(passkeys.get_passkey_registration_options, m.GetPasskeyRegistrationOptionsRequest(), by=by).options
    here = begin(stage, by)
    request = m.RegisterPasskeyRequest("r", telephone.create(options), here.session_token)
    stage.call(passkeys.register_passkey, request, by=by, session=here.id)


def sign_in(stage: Stage, telephone: Authenticator) -> str:
    """Who is signed in by the passkey."""
    options = stage.call(passkeys.get_passkey_sign_in_options, m.GetPasskeySignInOptionsRequest()).options
    request = m.SignInWithPasskeyRequest("r", telephone.get(options))
    return stage.call(passkeys.sign_in_with_passkey, request).person_id


def has_key(stage: Stage, session: model.DeviceSession) -> bool:
    """Whether a key is kept for a session."""
    return bool(stage.all(KEY_OF, DeviceKey, which=session.id))


def test_a_passkey_on_the_lost_telephone_signs_nobody_in(stage: Stage) -> None:
    """From the moment its person is back, and not before; what others hold, and what the new device makes, is good."""
    stage.give("nina", Role.NATIONAL, ScopeKind.COUNTRY, "SE")
    made = model.CreateOrganisationRequest("r", "North", model.OrganisationKind.SCHOOL)
    north = stage.call(handlers.create_organisation, made, by="nina").id
    ada, bo = invited(stage, "nina", north), invited(stage, "nina", north)
    lost, of_bo, new = Authenticator(HERE), Authenticator(HERE), Authenticator(HERE)
    register(stage, lost, ada.person_id)
    register(stage, of_bo, bo.person_id)
    stage.give("karin", Role.COORDINATOR, ScopeKind.ORGANISATION, north)
    stage.give("lars", Role.COORDINATOR, ScopeKind.ORGANISATION, north)
    stage.call(returning.ask_for_return, r.AskForReturnRequest("r", ada.person_id, r.ReturnReason.TAKEN), by="karin")
    back = redeemed(stage, stage.call(returning.agree_to_return, r.AgreeToReturnRequest("r", ada.person_id), by="lars").code)
    assert sign_in(stage, lost) == ada.person_id
    confirm(stage, back, "karin")
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, lost)
    assert stage.call(passkeys.list_passkeys, m.ListPasskeysRequest(), by=ada.person_id).passkeys == ()
    assert [has_key(stage, one) for one in (ada, back, bo)] == [False, True, True]
    assert sign_in(stage, of_bo) == bo.person_id
    register(stage, new, ada.person_id)
    assert sign_in(stage, new) == ada.person_id
