"""A session bound to a key that the device cannot export."""

from collections.abc import Awaitable, Callable, Iterator
from contextlib import nullcontext
from typing import Any

import pytest
from attrs import evolve, frozen
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.testing import Stage
from mewe_core.people import handlers, model
from mewe_core.people.base64url import from_text, to_text
from mewe_core.people.devices import handlers as devices
from mewe_core.people.devices.model import DeviceKey, DeviceProof, GetRefreshChallengeRequest
from mewe_core.people.devices.rules import signed
from mewe_core.people.errors import LastNational, PasskeyNotGood, SessionOver
from mewe_core.people.passkeys import handlers as passkeys
from mewe_core.people.passkeys.model import RegisterPasskeyRequest, RemovePasskeyRequest
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.privacy import handlers as privacy
from mewe_core.people.privacy.errors import NotThisDevice
from mewe_core.people.privacy.model import AllowExportRequest, EraseMeRequest


@frozen
class Device:
    """A device with a key."""

    key: ec.EllipticCurvePrivateKey

    @property
    def public(self) -> DeviceKey:
        """What it tells."""
        numbers = self.key.public_key().public_numbers()
        return DeviceKey(to_text(numbers.x.to_bytes(32, "big")), to_text(numbers.y.to_bytes(32, "big")))

    def proof(self, session_id: str, challenge: str, country: str = "SE") -> DeviceProof:
        """What it signs."""
        r, s = decode_dss_signature(self.key.sign(signed(country, session_id, challenge), ec.ECDSA(SHA256())))
        return DeviceProof(challenge, to_text(r.to_bytes(32, "big") + s.to_bytes(32, "big")))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """People, not started yet."""
    with Stage(mewe_feature()) as stage:
        yield stage


@pytest.fixture
def device() -> Device:
    """Nina's."""
    return Device(ec.generate_private_key(ec.SECP256R1()))


@pytest.fixture
def session(stage: Stage, device: Device) -> model.DeviceSession:
    """Nina's, bound to her device."""
    [line] = stage.start()
    request = model.RedeemInvitationRequest("r", line.split()[-1], device_key=device.public)
    return stage.call(handlers.redeem_invitation, request)


def challenge(stage: Stage) -> str:
    """Something to sign."""
    return stage.call(devices.get_refresh_challenge, GetRefreshChallengeRequest()).challenge


def refresh(stage: Stage, session: model.DeviceSession, proof: DeviceProof | None) -> model.AccessToken:
    """A new access token."""
    return stage.call(handlers.refresh_session, model.RefreshSessionRequest("r", session.session_token, proof))


def test_the_device_refreshes_its_session(stage: Stage, device: Device, session: model.DeviceSession) -> None:
    """Again and again, with a new challenge each time."""
    for _ in range(3):
        assert refresh(stage, session, device.proof(session.id, challenge(stage))).token
        stage.clock.advance(days=1)


def test_the_secret_alone_refreshes_nothing(stage: Stage, device: Device, session: model.DeviceSession) -> None:
    """Whoever copied it, without the key or with another one, is told what an ended session is told."""
    other = Device(ec.generate_private_key(ec.SECP256R1()))
    for proof in (None, other.proof(session.id, challenge(stage))):
        with pytest.raises(SessionOver):
            refresh(stage, session, proof)
    refresh(stage, session, device.proof(session.id, challenge(stage)))


def test_a_proof_is_good_once(stage: Stage, device: Device, session: model.DeviceSession) -> None:
    """A replay is refused, and so is a challenge that is older than one that was answered."""
    older = device.proof(session.id, challenge(stage))
    stage.clock.advance(seconds=1)
    proof = device.proof(session.id, challenge(stage))
    refresh(stage, session, proof)
    for again in (proof, older):
        with pytest.raises(SessionOver):
            refresh(stage, session, again)
    stage.clock.advance(seconds=1)
    refresh(stage, session, device.proof(session.id, challenge(stage)))


def test_a_challenge_is_good_for_two_minutes(stage: Stage, device: Device, session: model.DeviceSession) -> None:
    """Not at the end of them."""
    proof = device.proof(session.id, challenge(stage))
    stage.clock.advance(minutes=2)
    with pytest.raises(SessionOver):
        refresh(stage, session, proof)
    proof = device.proof(session.id, challenge(stage))
    stage.clock.advance(minutes=2, seconds=-0.000001)
    refresh(stage, session, proof)


def test_a_proof_is_about_one_session_of_one_country(stage: Stage, device: Device, session: model.DeviceSession) -> None:
    """The same key for another session or country, and a challenge of one's own making, prove nothing."""
    made = challenge(stage)
    own = to_text(bytes([*from_text(made)[:-1], from_text(made)[-1] ^ 1]))
    for proof in (
        device.proof("another", made),
        device.proof(session.id, made, "NL"),
        device.proof(session.id, own),
        device.proof(session.id, "not base64!"),
        evolve(device.proof(session.id, made), challenge=challenge(stage)),
        evolve(device.proof(session.id, made), signature="A"),
        evolve(device.proof(session.id, made), signature=to_text(bytes(64))),
        evolve(device.proof(session.id, made), signature=to_text(bytes(70))),
    ):
        with pytest.raises(SessionOver):
            refresh(stage, session, proof)
    refresh(stage, session, device.proof(session.id, made))


def test_a_proof_revives_no_session(stage: Stage, device: Device, session: model.DeviceSession) -> None:
    """What was ended stays so."""
    request = model.EndDeviceSessionRequest("r", session.id)
    stage.call(handlers.end_device_session, request, by=session.person_id)
    with pytest.raises(SessionOver):
        refresh(stage, session, device.proof(session.id, challenge(stage)))


def test_a_device_that_can_make_no_key_needs_no_proof(stage: Stage) -> None:
    """Its session is refreshed by the secret alone."""
    [line] = stage.start()
    session = stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", line.split()[-1]))
    assert refresh(stage, session, None).token


@pytest.mark.parametrize(
    ("x", "y"),
    [("A" * 43, "A" * 43), ("A", "A"), ("A" * 42, "A" * 43), ("!" * 43, "A" * 43), ("_" * 43, "_" * 43)],
)
def test_a_key_is_a_point_of_the_curve(x: str, y: str) -> None:
    """Anything else is refused before a session begins."""
    with pytest.raises(Invalid):
        DeviceKey(x, y)


Handler = Callable[[Any, Work], Awaitable[object]]
ASKS: dict[str, tuple[Handler, Callable[[str, DeviceProof | None], object]]] = {
    "to be erased": (privacy.erase_me, lambda secret, proof: EraseMeRequest("r", secret, proof)),
    "to see one's own data": (privacy.allow_export, lambda secret, proof: AllowExportRequest("r", secret, proof)),
    "to make a passkey": (passkeys.register_passkey, lambda secret, proof: RegisterPasskeyRequest("r", "{}", secret, proof)),
    "to remove a passkey": (passkeys.remove_passkey, lambda secret, proof: RemovePasskeyRequest("r", "p", secret, proof)),
}
BEHIND: dict[str, tuple[type[Exception], ...]] = {
    "to be erased": (LastNational,),
    "to see one's own data": (),
    "to remove a passkey": (NotFound,),
    "to make a passkey": (PasskeyNotGood,),
}
"""What is told to who has shown the key."""


@pytest.mark.parametrize("what", ASKS)
def test_what_asks_for_the_device_in_hand_asks_for_its_key(what: str) -> None:
    """Without a proof, with one of another key, or one that was used, the secret of a bound session is not enough."""
    passkeys_ = PasskeySettings(rp_id="mewe.example", origins=("https://mewe.example",))
    with Stage(mewe_feature(), settings=model.PeopleSettings(passkeys=passkeys_)) as stage:
        [line] = stage.start()
        device, other = (Device(ec.generate_private_key(ec.SECP256R1())) for _ in range(2))
        request = model.RedeemInvitationRequest("r", line.split()[-1], device_key=device.public)
        here = stage.call(handlers.redeem_invitation, request)
        used = device.proof(here.id, challenge(stage))
        refresh(stage, here, used)
        stage.clock.advance(seconds=1)
        handler, asked = ASKS[what]
        me = {"by": here.person_id, "session": here.id}
        for proof in (None, used, other.proof(here.id, challenge(stage))):
            with pytest.raises(NotThisDevice):
                stage.call(handler, asked(here.session_token, proof), **me)
        shown = asked(here.session_token, device.proof(here.id, challenge(stage)))
        with pytest.raises(BEHIND[what]) if BEHIND[what] else nullcontext():
            stage.call(handler, shown, **me)
