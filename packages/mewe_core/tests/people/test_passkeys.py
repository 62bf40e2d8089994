"""Passkeys: made by who is signed in, used by who holds them, and good for nothing else."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from attrs import evolve
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.testing import Stage
from mewe_core.people import model as people
from mewe_core.people.base64url import from_text, to_text
from mewe_core.people.errors import PasskeyNotGood, PasskeysNotOffered, TooManyPasskeys
from mewe_core.people.model import PeopleSettings
from mewe_core.people.passkeys import handlers, model, rules
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.passkeys.testing import PRESENT, VERIFIED, Authenticator, changed
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.store import ADD_PERSON
from mewe_core.people.testing import begin as begin_session

HERE = "https://app.mewe.example"
SETTINGS = PasskeySettings(rp_id="mewe.example", origins=(HERE, "https://mewe.example:8443"))


@pytest.fixture
def stage() -> Iterator[Stage]:
    """People in a deployment that offers passkeys."""
    with Stage(mewe_feature(), settings=PeopleSettings(passkeys=SETTINGS)) as stage:
        for person in ("ada", "bo"):
            parameters = {"id": person, "organisation_id": None, "create_time": stage.clock.now()}
            stage.all(ADD_PERSON, object, **parameters, sign_in_time=None)
        yield stage


@pytest.fixture
def device() -> Authenticator:
    """What Ada holds."""
    return Authenticator(HERE)


def begin(stage: Stage, by: str = "ada") -> str:
    """What to make a passkey with."""
    request = model.GetPasskeyRegistrationOptionsRequest()
    return stage.call(handlers.get_passkey_registration_options, request, by=by).options


def keep(stage: Stage, credential: str, by: str = "ada") -> model.Passkey:
    """Have a passkey kept, on a device of one's own."""
    here = begin_session(stage, by)
    request = model.RegisterPasskeyRequest("r", credential, here.session_token)
    return stage.call(handlers.register_passkey, request, by=by, session=here.id)


def remove(stage: Stage, passkey_id: str, by: str = "ada") -> None:
    """Remove a passkey, on a device of one's own."""
    here = begin_session(stage, by)
    request = model.RemovePasskeyRequest("r", passkey_id, here.session_token)
    stage.call(handlers.remove_passkey, request, by=by, session=here.id)


def register(stage: Stage, device: Authenticator, by: str = "ada") -> model.Passkey:
    """Make a passkey."""
    return keep(stage, device.create(begin(stage, by)), by)


def ask(stage: Stage) -> str:
    """What to sign in with."""
    return stage.call(handlers.get_passkey_sign_in_options, model.GetPasskeySignInOptionsRequest()).options


def sign_in(stage: Stage, credential: str) -> people.DeviceSession:
    """Sign in, as nobody yet."""
    return stage.call(handlers.sign_in_with_passkey, model.SignInWithPasskeyRequest("r", credential))


def listed(stage: Stage, by: str = "ada") -> list[str]:
    """The ids of one's own."""
    return [one.id for one in stage.call(handlers.list_passkeys, model.ListPasskeysRequest(), by=by).passkeys]


def test_a_passkey_signs_its_holder_in_without_a_name(stage: Stage, device: Authenticator) -> None:
    """The session is like any other, and can be used at once; nobody said who they were."""
    made = register(stage, device)
    stage.clock.advance(days=100)
    session = sign_in(stage, device.get(ask(stage)))
    assert session.person_id == "ada"
    assert session.access_token is not None
    assert session.expire_time == stage.clock.now().add(hours=24 * 180)
    [shown] = stage.call(handlers.list_passkeys, model.ListPasskeysRequest(), by="ada").passkeys
    assert shown == evolve(made, last_use_time=stage.clock.now())


def test_options_ask_for_a_verified_holder_and_say_no_name(stage: Stage, device: Authenticator) -> None:
    """A discoverable passkey, its holder verified, nobody's make asked for, those that are there excluded."""
    register(stage, device)
    options = json.loads(begin(stage))
    wanted = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
    assert options["authenticatorSelection"] == wanted
    assert options["attestation"] == "none"
    assert options["user"] == {"id": to_text(b"ada"), "name": "MEWE", "displayName": "MEWE"}
    assert [one["id"] for one in options["excludeCredentials"]] == [to_text(device.held[0].id)]
    asked = json.loads(ask(stage))
    assert (asked["userVerification"], asked["allowCredentials"], asked["rpId"]) == ("required", [], "mewe.example")


def test_a_challenge_is_good_once(stage: Stage, device: Authenticator) -> None:
    """To make a passkey, and to sign in; whatever the request is called."""
    made = device.create(begin(stage))
    keep(stage, made)
    with pytest.raises(PasskeyNotGood):
        keep(stage, made)
    answer = device.get(ask(stage))
    sign_in(stage, answer)
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, answer)


def test_a_challenge_is_good_for_five_minutes(stage: Stage, device: Authenticator) -> None:
    """To the microsecond before; then for nobody, also when what was used is forgotten."""
    options = begin(stage)
    stage.clock.advance(minutes=5, seconds=-0.000001)
    keep(stage, device.create(options))
    options, other = ask(stage), ask(stage)
    sign_in(stage, used := device.get(options))
    stage.clock.advance(minutes=5)
    stage.do_jobs()
    for answer in (used, device.get(other)):
        with pytest.raises(PasskeyNotGood):
            sign_in(stage, answer)


def _another_purpose(stage: Stage, options: str) -> str:
    return json.dumps({**json.loads(options), "challenge": json.loads(begin(stage))["challenge"]})


def _own_challenge(stage: Stage, options: str) -> str:
    return json.dumps({**json.loads(options), "challenge": to_text(bytes(40))})


def _turned(at: int) -> Callable[[Stage, str], str]:
    def turned(stage: Stage, options: str) -> str:
        asked = json.loads(options)
        challenge = bytearray(from_text(asked["challenge"]))
        challenge[at] ^= 1
        return json.dumps({**asked, "challenge": to_text(bytes(challenge))})

    return turned


@pytest.mark.parametrize("forge", [_another_purpose, _own_challenge, _turned(0), _turned(7), _turned(8), _turned(39)])
def test_only_a_challenge_of_ours_is_answered(stage: Stage, device: Authenticator, forge: Callable[[Stage, str], str]) -> None:
    """One for something else, of one's own making, with a later end or another digest is refused."""
    register(stage, device)
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, device.get(forge(stage, ask(stage))))


def test_a_challenge_belongs_to_who_asked_for_it(stage: Stage, device: Authenticator) -> None:
    """Nobody has a passkey put into their account by options that somebody else asked for."""
    with pytest.raises(PasskeyNotGood):
        keep(stage, device.create(begin(stage, "ada")), "bo")
    assert listed(stage, "bo") == []


WRONG: dict[str, dict[str, Any]] = {
    "another origin": {"origin": "https://app.mewe.example.evil.example"},
    "an unencrypted origin": {"origin": "http://app.mewe.example"},
    "another port": {"origin": "https://app.mewe.example:444"},
    "another domain": {"rp_id": "evil.example"},
    "nobody there": {"flags": VERIFIED},
    "nobody verified": {"flags": PRESENT},
    "inside a foreign page": {"cross_origin": True},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_an_authenticator_says_has_to_fit(stage: Stage, device: Authenticator, wrong: dict[str, Any]) -> None:
    """Origin, domain, presence, verification: when it is made, and when it is used."""
    register(stage, device)
    right = {name: getattr(device, name) for name in wrong}
    for name, value in wrong.items():
        setattr(device, name, value)
    with pytest.raises(PasskeyNotGood):
        keep(stage, device.create(begin(stage)))
    device.held.pop()
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, device.get(ask(stage)))
    for name, value in right.items():
        setattr(device, name, value)
    sign_in(stage, device.get(ask(stage)))


@pytest.mark.parametrize("part", ["clientDataJSON", "authenticatorData", "signature", "userHandle"])
def test_an_answer_that_was_changed_is_refused(stage: Stage, device: Authenticator, part: str) -> None:
    """One bit of any part of it."""
    register(stage, device)
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, changed(device.get(ask(stage)), part))


def test_a_passkey_signs_in_its_own_person_alone(stage: Stage, device: Authenticator) -> None:
    """Bo's passkey that says it is Ada's is refused; and so is one passkey with the id of another."""
    register(stage, device, "ada")
    register(stage, device, "bo")
    device.held[1].user = device.held[0].user
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, device.get(ask(stage), 1))
    device.held[1].id = device.held[0].id
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, device.get(ask(stage), 1))


def test_a_count_that_does_not_rise_is_refused(stage: Stage, device: Authenticator) -> None:
    """The same count again, or a smaller one, may be a copy; a passkey that never counts is good."""
    register(stage, device)
    sign_in(stage, device.get(ask(stage)))
    sign_in(stage, device.get(ask(stage)))
    for back in (1, 2, 3):
        device.held[0].count = 2 - back
        with pytest.raises(PasskeyNotGood):
            sign_in(stage, device.get(ask(stage)))
    device.held[0].count = 2
    sign_in(stage, device.get(ask(stage)))
    device.counts = False
    register(stage, device)
    for _ in range(2):
        assert sign_in(stage, device.get(ask(stage))).person_id == "ada"


def test_a_removed_passkey_is_gone(stage: Stage, device: Authenticator) -> None:
    """It signs nobody in, and nobody removes another's: theirs look as if they were not there."""
    made = register(stage, device)
    with pytest.raises(NotFound):
        remove(stage, made.id, "bo")
    sign_in(stage, device.get(ask(stage)))
    remove(stage, made.id)
    assert listed(stage) == []
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, device.get(ask(stage)))
    with pytest.raises(NotFound):
        remove(stage, made.id)


def test_a_passkey_is_kept_once(stage: Stage, device: Authenticator) -> None:
    """The same credential of the same or another person is refused: it would say two things."""
    register(stage, device)
    for who in ("ada", "bo"):
        again = Authenticator(HERE, next_id=device.held[0].id)
        with pytest.raises(PasskeyNotGood):
            register(stage, again, who)


def test_nobody_has_more_than_twenty(stage: Stage, device: Authenticator) -> None:
    """The twenty-first is refused until one is removed."""
    for _ in range(rules.MOST_PASSKEYS):
        register(stage, device)
    with pytest.raises(TooManyPasskeys):
        register(stage, device)
    remove(stage, listed(stage)[0])
    register(stage, device)


GARBAGE = ["", "{", "[]", "null", "7", "{}", '{"response": 1}', '{"id": "a", "response": {}}', "[" * 5000, "\ud800"]


@pytest.mark.parametrize("credential", [one for one in GARBAGE if one])
def test_what_is_no_credential_is_refused_alike(stage: Stage, credential: str) -> None:
    """Whatever it is: one answer, and no fault of the programme."""
    with pytest.raises(PasskeyNotGood):
        sign_in(stage, credential)
    with pytest.raises(PasskeyNotGood):
        keep(stage, credential)


ANYTHING: tuple[object, ...] = (None, 7, [], {}, "x", "AA", "e30", "\ud800")


def test_parts_of_a_credential_may_be_anything(stage: Stage, device: Authenticator) -> None:
    """Every value of a good answer replaced by something of another kind: one answer."""
    register(stage, device)
    for name in ("id", "rawId", "type", "response"):
        for instead in ANYTHING:
            with pytest.raises(PasskeyNotGood):
                sign_in(stage, json.dumps({**json.loads(device.get(ask(stage))), name: instead}))
    for name in ("clientDataJSON", "authenticatorData", "signature", "userHandle"):
        for instead in ANYTHING:
            answer = json.loads(device.get(ask(stage)))
            answer["response"][name] = instead
            with pytest.raises(PasskeyNotGood):
                sign_in(stage, json.dumps(answer))


def test_where_they_are_not_set_up_it_is_said(device: Authenticator) -> None:
    """A clear sentence; one's own can be listed and removed in any case."""
    with Stage(mewe_feature()) as stage:
        stage.all(ADD_PERSON, object, id="ada", organisation_id=None, create_time=stage.clock.now(), sign_in_time=None)
        with pytest.raises(PasskeysNotOffered, match="PASSKEYS_NOT_OFFERED"):
            begin(stage)
        for call in (lambda: keep(stage, "{}"), lambda: ask(stage), lambda: sign_in(stage, "{}")):
            with pytest.raises(PasskeysNotOffered):
                call()
        assert listed(stage) == []


@pytest.mark.parametrize(
    ("rp_id", "origins"),
    [
        ("", (HERE,)),
        ("Mewe.example", (HERE,)),
        ("https://mewe.example", (HERE,)),
        ("mewe.example", ()),
        ("mewe.example", ("http://mewe.example",)),
        ("mewe.example", ("https://notmewe.example",)),
        ("mewe.example", ("https://mewe.example.evil.example",)),
        ("mewe.example", ("https://mewe.example/",)),
        ("localhost", ("http://127.0.0.1:8080",)),
    ],
)
def test_a_deployment_cannot_say_what_is_not_safe(rp_id: str, origins: tuple[str, ...]) -> None:
    """A domain, and origins of it by https; http on localhost alone."""
    with pytest.raises(Invalid):
        PasskeySettings(rp_id=rp_id, origins=origins)
    PasskeySettings(rp_id="localhost", origins=("http://localhost:8080",))
