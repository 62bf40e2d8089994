"""Passkeys, device keys and staff sign-on on the databases that countries run: whatever comes at once counts once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import attrs
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from mewe_client.device import SoftwareKey, proof
from mewe_core.kit.access import Caller, Role
from mewe_core.kit.database import Database
from mewe_core.kit.events import catalogue
from mewe_core.kit.ports import Follow, Next, Work
from mewe_core.kit.preparing import Registered
from mewe_core.kit.testing import CountingIds, FixedClock, PlainKeys, PlainSealing
from mewe_core.kit.values import columns
from mewe_core.people import handlers, model, session_store, sessions, store
from mewe_core.people.devices import handlers as devices
from mewe_core.people.devices import model as d
from mewe_core.people.errors import PasskeyNotGood, SessionOver, SignedOutByStaff, StaffSignInRefused
from mewe_core.people.model import PeopleSettings
from mewe_core.people.oidc import handlers as oidc
from mewe_core.people.oidc import model as o
from mewe_core.people.oidc.settings import ClaimedRole, StaffIssuer
from mewe_core.people.passkeys import handlers as passkeys
from mewe_core.people.passkeys import model as p
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.passkeys.testing import Authenticator
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.signing_out.handlers import end_sessions_of_person
from mewe_core.people.signing_out.model import EndSessionsOfPersonRequest, EndSessionsOfPersonResponse
from mewe_host.desk.desk import FeatureDesk
from mewe_host.desk.effects import Effects
from mewe_host.desk.lent import Lent
from mewe_host.identity.trust import TokenTrust
from mewe_host.parts import Codec, Desk, Envelope
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from mewe_host.wire.assembling import assemble
from sqlalchemy import func, select
from whenever import Instant

A = TypeVar("A")
R = TypeVar("R")
HERE = "https://app.mewe.example"
TOWN = "https://login.town.example"
CENTRE = ClaimedRole(claim="groups", value="centre", role=Role.NATIONAL)
SETTINGS = PeopleSettings(
    passkeys=PasskeySettings(rp_id="mewe.example", origins=(HERE,)),
    issuers=(StaffIssuer(issuer=TOWN, client_id="mewe", redirect_uri="https://app.mewe.example/in", roles=(CENTRE,)),),
)
Work_ = Callable[[R, Work], Awaitable[A]]


class Town:
    """An issuer that vouches for one and the same, whatever code is brought; the state is all that it sends back."""

    async def address(self, at: Registered, state: str, nonce: str, challenge: str, now: Instant) -> str:
        """The state."""
        return state

    async def claims(self, at: Registered, code: str, verifier: str, nonce: str, now: Instant) -> Mapping[str, object]:
        """Somebody of the centre."""
        return {"sub": "somebody", "groups": ["centre"]}


class NobodyFollows:
    """Streams of a host that nobody watches."""

    def told(self, envelopes: Sequence[Envelope], shown: Sequence[Next[object]] = ()) -> None:
        """Nobody to tell."""

    def recheck(self, person_id: str | None = None) -> None:
        """Nobody to check."""

    def follow(
        self,
        desk: Desk,
        follow: Follow[object],
        codec: Codec[object],
        allowed: Callable[[Database], Awaitable[bool]],
        ends_at: Instant,
        person_id: str | None,
    ) -> AsyncIterator[bytes]:
        """People has no streams."""
        raise LookupError(follow.topic)


class Served:
    """People on a real database behind a real desk."""

    def __init__(self, url: str) -> None:
        self._runner = asyncio.Runner()
        self._clock = FixedClock()
        feature, keys = mewe_feature(), PlainKeys()
        wire = assemble((feature,))
        self._methods = {id(one.rpc.handler): one for one in wire.methods.values()}
        self._runner.run(migrate((feature,), url))
        self._store = self._runner.run(open_store("people", url))
        lent = Lent("SE", self._clock, CountingIds(), keys, PlainSealing(keys), SETTINGS, Town())
        effects = Effects(TokenTrust("SE", keys.public_key()), NobodyFollows())
        told = catalogue([(feature.name, feature.events)])
        self._desk = FeatureDesk(feature, self._store, lent, effects, catalogue=told, codecs=wire.events)
        self.code = self._runner.run(self._desk.start())[0].split()[-1]
        self._requests = 0

    def close(self) -> None:
        """Let go of the database."""
        self._runner.run(self._desk.settle())
        self._runner.run(self._store.close())
        self._runner.close()

    def move(self, *, hours: int = 0, seconds: float = 0) -> None:
        """Let time pass."""
        self._clock.advance(hours=hours, seconds=seconds)

    def person(self, name: str) -> None:
        """Somebody is there."""
        kept = store.Person(name, None, self._clock.now(), None)

        async def keep() -> None:
            await self._store.write(lambda database: database.execute(store.ADD_PERSON, **columns(kept)))

        self._runner.run(keep())

    def secret(self, name: str) -> str:
        """The secret of a device session of theirs: the one that they call with here."""
        kept = session_store.KeptSession(
            id=f"{name}-1",
            person_id=name,
            token_digest=PlainKeys().digest(sessions.SESSION, f"secret of {name}".encode()),
            create_time=self._clock.now(),
            refresh_time=self._clock.now(),
            expire_time=self._clock.now().add(hours=24),
            end_time=None,
            confirm_time=self._clock.now(),
        )

        async def keep() -> None:
            await self._store.write(lambda database: database.execute(session_store.ADD_SESSION, **columns(kept)))

        self._runner.run(keep())
        return f"secret of {name}"

    def persons(self) -> int:
        """How many there are."""

        async def counted() -> int | None:
            return await self._store.read(lambda database: database.first(select(func.count()).select_from(store.PERSON), int))

        return self._runner.run(counted()) or 0

    def call(self, handler: Work_[R, A], request: R, by: str | None = None) -> A:
        """One call."""
        return cast(A, self._runner.run(self._call(handler, request, by)))

    def at_once(self, handler: Work_[R, A], requests: list[R], *by: str) -> list[A | BaseException]:
        """Calls that do not wait for each other, by each of these in turn."""

        async def all_() -> list[Any]:
            callers = by or (None,)
            calls = (self._call(handler, one, callers[n % len(callers)]) for n, one in enumerate(requests))
            return await asyncio.gather(*calls, return_exceptions=True)

        return self._runner.run(all_())

    async def _call(self, handler: object, request: Any, by: str | None) -> object:
        method = self._methods[id(handler)]
        self._requests += 1
        if not method.reads:
            request = attrs.evolve(request, request_id=f"a-request-of-its-own-{self._requests}")
        message = method.request.dump(request)
        caller = Caller(by, f"{by}-1" if by else None, "SE")
        answer = await self._desk.answer(method, message, method.request.load(message), caller, 20)
        return method.answer.load(answer.message)


@pytest.fixture(params=["sqlite", "postgresql"])
def served(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Served]:
    """People on a fresh database of either kind."""
    url = f"sqlite:{tmp_path}" if request.param == "sqlite" else str(request.getfixturevalue("postgresql_url"))
    served = Served(url)
    yield served
    served.close()


def kinds(answers: list[Any]) -> list[type]:
    """What came back, by kind."""
    return sorted((type(one) for one in answers), key=lambda one: one.__name__)


def making(served: Served, by: str) -> str:
    """What to make a passkey with."""
    return served.call(passkeys.get_passkey_registration_options, p.GetPasskeyRegistrationOptionsRequest(), by).options


def asked(served: Served) -> str:
    """What to sign in with."""
    return served.call(passkeys.get_passkey_sign_in_options, p.GetPasskeySignInOptionsRequest()).options


def test_an_answer_of_a_passkey_that_is_sent_eight_times_at_once_counts_once(served: Served) -> None:
    """When it is made and when it signs in; the sessions are one."""
    served.person("ada")
    device = Authenticator(HERE)
    made = device.create(making(served, "ada"))
    registering = p.RegisterPasskeyRequest("r", made, served.secret("ada"))
    kept = served.at_once(passkeys.register_passkey, [registering] * 8, "ada")
    assert kinds(kept) == [p.Passkey] + [PasskeyNotGood] * 7
    answer = device.get(asked(served))
    came = served.at_once(passkeys.sign_in_with_passkey, [p.SignInWithPasskeyRequest("r", answer)] * 8)
    assert kinds(came) == [model.DeviceSession] + [PasskeyNotGood] * 7


def test_one_count_of_a_passkey_signs_in_once(served: Served) -> None:
    """Two challenges answered with the same count, as a copy would: one of them is refused."""
    served.person("ada")
    device = Authenticator(HERE)
    registering = p.RegisterPasskeyRequest("r", device.create(making(served, "ada")), served.secret("ada"))
    served.call(passkeys.register_passkey, registering, "ada")
    answers = []
    for _ in range(4):
        device.held[0].count = 6
        answers.append(p.SignInWithPasskeyRequest("r", device.get(asked(served))))
    came = served.at_once(passkeys.sign_in_with_passkey, answers)
    assert kinds(came) == [model.DeviceSession] + [PasskeyNotGood] * 3


def test_a_passkey_of_one_id_is_kept_once(served: Served) -> None:
    """Whoever makes a second of the same id is told that it is not good, be it theirs or another's, at once or later."""
    people = ("ada", "bo", "cleo")
    for one in people:
        served.person(one)
    secrets = {one: served.secret(one) for one in people}
    for ids in (b"1" * 16, b"2" * 16):
        made = []
        for one in (*people, *people):
            device = Authenticator(HERE, next_id=ids)
            made.append(p.RegisterPasskeyRequest("r", device.create(making(served, one)), secrets[one]))
        kept = served.at_once(passkeys.register_passkey, made[:5], *people)
        assert kinds(kept) == [p.Passkey] + [PasskeyNotGood] * 4
        with pytest.raises(PasskeyNotGood):
            served.call(passkeys.register_passkey, made[5], "cleo")
    there = [served.call(passkeys.list_passkeys, p.ListPasskeysRequest(), one).passkeys for one in people]
    assert sum(len(one) for one in there) == 2


def test_a_proof_of_a_device_that_is_sent_eight_times_at_once_counts_once(served: Served) -> None:
    """The others are told that the session is over for them."""
    key = SoftwareKey(ec.generate_private_key(ec.SECP256R1()))
    public = d.DeviceKey(key.public.x, key.public.y)
    session = served.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", served.code, device_key=public))
    challenge = served.call(devices.get_refresh_challenge, d.GetRefreshChallengeRequest()).challenge
    signed = proof(key, "SE", session.id, challenge)
    request = model.RefreshSessionRequest("r", session.session_token, d.DeviceProof(signed.challenge, signed.signature))
    assert kinds(served.at_once(handlers.refresh_session, [request] * 8)) == [model.AccessToken] + [SessionOver] * 7


def test_first_sign_ins_of_one_subject_at_once_make_one_person(served: Served) -> None:
    """Each on a device of its own, with a state of its own: all come in, as the same one, who has the role once."""
    begun = [served.call(oidc.begin_staff_sign_in, o.BeginStaffSignInRequest(TOWN)) for _ in range(6)]
    finishing = [o.FinishStaffSignInRequest("r", one.url, "code", one.secret) for one in begun]
    before = served.persons()
    came = served.at_once(oidc.finish_staff_sign_in, finishing)
    assert kinds(came) == [model.DeviceSession] * 6
    [person] = {one.person_id for one in came if isinstance(one, model.DeviceSession)}
    assert served.persons() == before + 1
    me = served.call(handlers.get_me, model.GetMeRequest(), person)
    assert [one.role for one in me.role_grants] == [Role.NATIONAL]


def test_of_many_passkeys_at_once_as_many_devices_stay_as_there_may_be(served: Served) -> None:
    """Sixteen passkeys of one person, of which nothing is the same but whose they are."""
    served.person("ada")
    secret = served.secret("ada")
    devices_ = [Authenticator(HERE) for _ in range(16)]
    for device in devices_:
        registering = p.RegisterPasskeyRequest("r", device.create(making(served, "ada")), secret)
        served.call(passkeys.register_passkey, registering, "ada")
    answers = [p.SignInWithPasskeyRequest("r", device.get(asked(served))) for device in devices_]
    came = served.at_once(passkeys.sign_in_with_passkey, answers)
    assert kinds(came) == [model.DeviceSession] * 16
    here = served.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(200), "ada").device_sessions
    assert len(here) == SETTINGS.most_devices


def test_of_many_sign_ins_at_once_as_many_devices_stay_as_there_may_be(served: Served) -> None:
    """Thirty at one moment, each of which ends those before it that are too many; each that ended is told of once."""
    begun = [served.call(oidc.begin_staff_sign_in, o.BeginStaffSignInRequest(TOWN)) for _ in range(30)]
    finishing = [o.FinishStaffSignInRequest("r", one.url, "code", one.secret) for one in begun]
    came = served.at_once(oidc.finish_staff_sign_in, finishing)
    [person] = {one.person_id for one in came if isinstance(one, model.DeviceSession)}
    here = served.call(handlers.list_device_sessions, model.ListDeviceSessionsRequest(200), person).device_sessions
    assert len(here) == SETTINGS.most_devices
    good = [one for one in came if isinstance(one, model.DeviceSession)]
    answers = served.at_once(handlers.refresh_session, [model.RefreshSessionRequest("r", one.session_token) for one in good])
    assert kinds(answers) == [model.AccessToken] * 10 + [SessionOver] * 20


def test_who_is_signed_out_by_eight_adults_at_once_is_signed_out_once(served: Served) -> None:
    """Each session is counted by one of them; with sign-ins at the same moment there are none but those that came after."""
    begun = [served.call(oidc.begin_staff_sign_in, o.BeginStaffSignInRequest(TOWN)) for _ in range(4)]
    came = served.at_once(
        oidc.finish_staff_sign_in, [o.FinishStaffSignInRequest("r", one.url, "code", one.secret) for one in begun]
    )
    good = [one for one in came if isinstance(one, model.DeviceSession)]
    [person] = {one.person_id for one in good}
    answers = served.at_once(end_sessions_of_person, [EndSessionsOfPersonRequest("r", person)] * 8, person)
    assert sum(one.ended for one in answers if isinstance(one, EndSessionsOfPersonResponse)) == 4
    refused = served.at_once(handlers.refresh_session, [model.RefreshSessionRequest("r", one.session_token) for one in good])
    assert kinds(refused) == [SignedOutByStaff] * 4


def test_a_session_is_as_old_as_it_may_be_on_either_database(served: Served) -> None:
    """To the microsecond, however much it is used."""
    session = served.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", served.code))
    request = model.RefreshSessionRequest("r", session.session_token)
    served.move(hours=SETTINGS.staff_code_hours, seconds=-0.000001)
    assert served.call(handlers.refresh_session, request).token
    served.move(seconds=0.000001)
    with pytest.raises(SessionOver):
        served.call(handlers.refresh_session, request)


def test_one_state_that_is_brought_eight_times_at_once_counts_once(served: Served) -> None:
    """Whoever listens to the way back gains nothing by being as fast."""
    begun = served.call(oidc.begin_staff_sign_in, o.BeginStaffSignInRequest(TOWN))
    finishing = o.FinishStaffSignInRequest("r", begun.url, "code", begun.secret)
    came = served.at_once(oidc.finish_staff_sign_in, [finishing] * 8)
    assert kinds(came) == [model.DeviceSession] + [StaffSignInRefused] * 7
