"""What happens each time people starts."""

import pytest
from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.events import Hexadecimal
from mewe_core.kit.ports import PublicKey
from mewe_core.kit.standing import SigningKeyPublished, StandingChanged
from mewe_core.kit.testing import Stage, drive
from mewe_core.kit.values import columns
from mewe_core.people import handlers, model, store
from mewe_core.people.errors import CodeNotGood
from mewe_core.people.model import PeopleSettings
from mewe_core.people.passkeys.settings import PasskeySettings
from mewe_core.people.passkeys.store import ADD as ADD_PASSKEY
from mewe_core.people.passkeys.store import KeptPasskey
from mewe_core.people.plugin import mewe_feature
from mewe_core.people.session_store import DEVICE_SESSION
from mewe_core.people.way_in import can_act
from sqlalchemy import bindparam, func, select, update


def redeem(stage: Stage, code: str) -> model.DeviceSession:
    """What a device gets for a code."""
    return stage.call(handlers.redeem_invitation, model.RedeemInvitationRequest("r", code))


def test_the_signing_key_is_told_once(stage: Stage) -> None:
    """Every start looks; only the first one tells."""
    key = stage.keys.public_key()
    for _ in range(3):
        stage.start()
    assert stage.events == [SigningKeyPublished(key_id=key.id, x=key.x, y=key.y, until=None)]


def test_a_key_that_was_retired_and_is_used_again_is_told_again(stage: Stage) -> None:
    """What counts is that it is known to be good."""
    key = stage.keys.public_key()
    stage.start()
    stage.hear(SigningKeyPublished(key_id=key.id, x=key.x, y=key.y, until=stage.clock.now()))
    stage.start()
    assert len(stage.events) == 2


def test_a_key_that_was_replaced_is_retired_once_and_its_last_tokens_live_on(stage: Stage) -> None:
    """For the five minutes that a token has; a key that nobody was told of is not told now."""
    old = PublicKey("old", Hexadecimal("3" * 64), Hexadecimal("4" * 64))
    stage.start()
    stage.hear(SigningKeyPublished(key_id=old.id, x=old.x, y=old.y, until=None))
    stage.keys.retired = [PublicKey("unknown", old.x, old.y), old]
    told = SigningKeyPublished(key_id=old.id, x=old.x, y=old.y, until=stage.clock.now().add(minutes=5))
    for _ in range(2):
        stage.start()
        assert stage.events[1:] == [told]
        stage.hear(told)


def test_the_first_of_the_competence_centre_signs_in_with_the_code_that_was_shown(stage: Stage) -> None:
    """They hold the national role in the country from then on."""
    [line] = stage.start()
    session = redeem(stage, line.split()[-1])
    event = stage.events[-1]
    assert isinstance(event, StandingChanged)
    assert event == StandingChanged(
        event.id, session.person_id, Role.NATIONAL, ScopeKind.COUNTRY, "SE", stage.clock.now(), None
    )


def test_each_start_makes_a_fresh_code_for_the_same_person_and_ends_the_old_one(stage: Stage) -> None:
    """A code that lies in an old log opens nothing."""
    [first], [second] = stage.start(), stage.start()
    with pytest.raises(CodeNotGood):
        redeem(stage, first.split()[-1])
    redeem(stage, second.split()[-1])
    assert stage.all(select(func.count()).select_from(store.PERSON), int) == [1]


def test_an_expired_first_code_is_replaced_at_the_next_start(stage: Stage) -> None:
    """There is always a way in."""
    [first] = stage.start()
    stage.clock.advance(hours=72)
    with pytest.raises(CodeNotGood):
        redeem(stage, first.split()[-1])
    [second] = stage.start()
    redeem(stage, second.split()[-1])


def test_once_somebody_of_the_competence_centre_has_signed_in_no_start_makes_a_code(stage: Stage, nina: str) -> None:
    """Neither now nor after months, as long as their device is signed in."""
    assert stage.start() == ()
    stage.clock.advance(days=180, seconds=-0.000001)
    assert stage.start() == ()
    assert nina


def test_a_country_that_nobody_can_act_for_is_opened_again_for_somebody_new(stage: Stage, nina: str) -> None:
    """The last session is over and nobody has a passkey: whoever runs the platform lets somebody in, who is not Nina."""
    stage.clock.advance(days=180)
    [line], [again] = stage.start(), stage.start()
    with pytest.raises(CodeNotGood):
        redeem(stage, line.split()[-1])
    nils = redeem(stage, again.split()[-1]).person_id
    assert nils != nina
    assert stage.start() == ()
    held = stage.call(handlers.list_national_role_grants, model.ListNationalRoleGrantsRequest(), by=nils).role_grants
    assert [(one.person_id, one.until) for one in held] == [(nina, None), (nils, None)]


def test_a_session_that_the_settings_of_today_let_nobody_renew_keeps_no_door_shut(stage: Stage, nina: str) -> None:
    """Nina came by a code ten days ago; with passkeys set up since, her next renewal is refused, and a start shows a code."""
    offered = PasskeySettings(rp_id="mewe.example", origins=("https://mewe.example",))
    stage.clock.advance(days=10)
    for settings, door in (
        (PeopleSettings(), True),
        (PeopleSettings(passkeys=offered, staff_sign_in="code"), True),
        (PeopleSettings(passkeys=offered), False),
    ):
        assert drive(can_act(stage.database, "SE", stage.clock.now(), settings)) == door
    assert nina


def test_who_acts_for_the_country_until_later_acts_for_it_now(stage: Stage, nina: str) -> None:
    """A national role with an end to come is one until then, by a session as by a passkey."""
    until = stage.clock.now().add(hours=1)
    stage.all(
        update(store.ROLE_GRANT).where(store.ROLE_GRANT.c.person_id == nina).values(until=bindparam("at")), object, at=until
    )
    offered = PeopleSettings(passkeys=PasskeySettings(rp_id="mewe.example", origins=("https://mewe.example",)))
    assert drive(can_act(stage.database, "SE", stage.clock.now(), PeopleSettings()))
    assert not drive(can_act(stage.database, "SE", until, PeopleSettings()))
    kept = KeptPasskey("p", nina, "c", "k", 0, stage.clock.now(), None)
    stage.all(ADD_PASSKEY, object, **columns(kept))
    stage.all(update(DEVICE_SESSION).values(end_time=bindparam("at")), object, at=stage.clock.now())
    assert drive(can_act(stage.database, "SE", stage.clock.now(), offered))
    assert not drive(can_act(stage.database, "SE", until, offered))


def test_with_a_passkey_the_door_stays_shut() -> None:
    """Whoever can come back alone needs no code; a passkey of a deployment that offers none any more opens nothing."""
    offered = PasskeySettings(rp_id="mewe.example", origins=("https://mewe.example",))
    for settings, code in ((PeopleSettings(passkeys=offered), False), (PeopleSettings(), True)):
        with Stage(mewe_feature(), settings=settings) as stage:
            [line] = stage.start()
            kept = KeptPasskey("p", redeem(stage, line.split()[-1]).person_id, "c", "k", 0, stage.clock.now(), None)
            stage.all(ADD_PASSKEY, object, **columns(kept))
            stage.clock.advance(days=400)
            assert bool(stage.start()) == code


@pytest.mark.parametrize(
    ("language", "hours", "words"),
    [("en", 72, "72 hours"), ("en", 1, "one hour"), ("sv", 72, "72 timmar"), ("sv", 1, "en timme")],
)
def test_the_line_is_in_the_language_of_the_deployment(language: str, hours: int, words: str) -> None:
    """It says how long the code is good, and ends with the code."""
    with Stage(mewe_feature(), settings=PeopleSettings(language=language, invitation_hours=hours)) as stage:
        [line] = stage.start()
        assert words in line
        assert redeem(stage, line.split()[-1]).person_id
