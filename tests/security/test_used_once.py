"""What was good once, or for something else, opens nothing; a guardian has no account; who came back sees what came since."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from mewe_core.people.base64url import to_text
from mewe_core.people.devices.rules import signed
from mewe_core.people.passkeys.testing import Authenticator

from tests.security.cast import ASKED, ERASED, RETURNED, Scene
from tests.security.country import COORDINATOR, Country
from tests.security.deployment import ORIGIN
from tests.security.faces import Way
from tests.security.standings import furnish

GUARDIAN, CONTACT, EMERGENCY_READER = 8, 9, 10
NOT_GIVEN = {"LEADER": 2, "PARTICIPANT": 1, "GUARDIAN": GUARDIAN, "CONTACT": CONTACT, "EMERGENCY_READER": EMERGENCY_READER}


@pytest.fixture(scope="module")
def scene(country: Country, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A country in which everybody is that a rule can meet."""
    return furnish(country, tmp_path_factory.mktemp("keys"))


def test_a_code_and_its_words_are_good_once(scene: Scene, way: Way) -> None:
    """Redeemed again it is a wrong code; confirmed again there is nothing to confirm."""
    country, by = scene.country, scene.people["coordinator"].token
    code = scene.do("InvitePerson", organisation_id=scene.ids["organisation_id"]).code
    session = country.do("", "RedeemInvitation", code=code)
    waits = country.ask("", "RefreshSession", way, session_token=session.session_token)
    assert waits.reason == "NOT_YET_CONFIRMED"
    assert country.ask("", "RedeemInvitation", way, code=code).reason == "CODE_NOT_GOOD"
    scene.do("ConfirmPerson", person_id=session.person_id, words=session.words)
    again = country.ask(by, "ConfirmPerson", way, person_id=session.person_id, words=session.words)
    assert again.reason == "NOTHING_TO_CONFIRM"
    assert country.ask("", "RedeemInvitation", way, code=code).reason == "CODE_NOT_GOOD"


def test_a_signed_refresh_is_good_once(scene: Scene, way: Way) -> None:
    """Whoever heard what a device sent cannot send it again, and neither can the secret alone."""
    country, key = scene.country, ec.generate_private_key(ec.SECP256R1())
    numbers = key.public_key().public_numbers()
    public = {name: to_text(value.to_bytes(32, "big")) for name, value in (("x", numbers.x), ("y", numbers.y))}
    invitation = scene.do("InvitePerson", organisation_id=scene.ids["organisation_id"])
    session = country.do("", "RedeemInvitation", code=invitation.code, device_key=public)
    scene.do("ConfirmPerson", person_id=session.person_id, words=session.words)
    challenge = country.do("", "GetRefreshChallenge").challenge
    r, s = decode_dss_signature(key.sign(signed("SE", session.id, challenge), ec.ECDSA(SHA256())))
    proof = {"challenge": challenge, "signature": to_text(r.to_bytes(32, "big") + s.to_bytes(32, "big"))}
    secret = session.session_token
    assert country.ask("", "RefreshSession", way, session_token=secret).reason == "SESSION_OVER"
    assert country.ask("", "RefreshSession", way, session_token=secret, proof=proof).code == "OK"
    assert country.ask("", "RefreshSession", way, session_token=secret, proof=proof).reason == "SESSION_OVER"


def test_a_passkey_signs_in_once_for_each_challenge(scene: Scene, way: Way) -> None:
    """The same answer again is not good."""
    country, device = scene.country, Authenticator(ORIGIN)
    made = device.create(scene.do("GetPasskeyRegistrationOptions").options)
    coordinator = scene.people["coordinator"]
    secret = coordinator.session_token
    scene.do("RegisterPasskey", credential=made, session_token=secret)
    again = country.ask(coordinator.token, "RegisterPasskey", way, credential=made, session_token=secret)
    assert again.reason == "PASSKEY_NOT_GOOD"
    said = device.get(country.do("", "GetPasskeySignInOptions").options)
    assert country.ask("", "SignInWithPasskey", way, credential=said).code == "OK"
    assert country.ask("", "SignInWithPasskey", way, credential=said).reason == "PASSKEY_NOT_GOOD"


def test_a_consent_link_is_good_once(scene: Scene, way: Way) -> None:
    """A guardian answers by it, and it asks nothing any more."""
    country, person, by = scene.country, scene.ids["person_id"], scene.people["coordinator"].token
    asked = {"person_id": person, "guardian_id": scene.ids["guardian_id"], "text_id": country.texts[1]}
    code = country.do(by, "MakeConsentLink", **asked).code
    assert country.ask("", "OpenConsentLink", way, code=code).code == "OK"
    assert country.ask("", "AnswerConsentLink", way, code=code, agrees=True).code == "OK"
    assert country.ask("", "AnswerConsentLink", way, code=code, agrees=True).reason == "CODE_NOT_GOOD"
    assert country.ask("", "OpenConsentLink", way, code=code).reason == "CODE_NOT_GOOD"


def test_an_export_pass_is_good_for_one_person_and_ten_minutes(scene: Scene, way: Way) -> None:
    """Another's, and an old one, open nothing."""
    country, quiet = scene.country, scene.people["quiet"]
    given = scene.do("AllowExport", "quiet", session_token=quiet.session_token).export_pass
    assert country.ask(quiet.token, "ExportMine", way, area="people", export_pass=given).code == "OK"
    for who in ("national", "coordinator", "leader of another group"):
        refused = country.ask(scene.tokens[who]["good"], "ExportMine", way, area="people", export_pass=given)
        assert (who, refused.reason) == (who, "EXPORT_PASS_NOT_GOOD")
    assert country.ask("", "ExportMine", way, area="people", export_pass=given).reason == "SIGNED_OUT"


def test_a_receipt_token_reads_its_own_erasure_alone(scene: Scene, way: Way) -> None:
    """With another's it looks as if there was none."""
    country, one, other = scene.country, scene.erasures[ASKED], scene.erasures[ERASED]
    mine = country.ask("", "GetErasure", way, erasure_id=one.id, receipt_token=one.receipt_token)
    assert mine.answer is not None
    anothers = country.ask("", "GetErasure", way, erasure_id=one.id, receipt_token=other.receipt_token)
    nothing = country.ask("", "GetErasure", way, erasure_id="0" * 32, receipt_token=one.receipt_token)
    assert (anothers.reason, anothers.exact) == ("NOT_FOUND", nothing.exact)


def test_what_is_left_to_who_is_erased_or_has_lost_a_device(scene: Scene, way: Way) -> None:
    """The secret of the device refreshes nothing, and what it was told last is no token any more."""
    country = scene.country
    for who in (ASKED, ERASED):
        secret = scene.people[who].session_token
        assert (who, country.ask("", "RefreshSession", way, session_token=secret).reason) == (who, "SESSION_OVER")
        assert (who, country.ask(scene.people[who].token, "GetMe", way).reason) == (who, "SIGNED_OUT")
    assert country.ask(scene.things["the token of the lost device"], "GetMe", way).reason == "SIGNED_OUT"


def test_what_was_kept_before_is_closed_to_whoever_comes_back(scene: Scene, way: Way) -> None:
    """Neither shown nor given out, and what comes from then on is theirs."""
    country, back = scene.country, scene.people[RETURNED]
    card, export = (
        country.ask(back.token, "GetMyCard", way),
        country.ask(back.token, "AllowExport", way, session_token=back.session_token),
    )
    assert (card.reason, export.reason) == ("EARLIER_STILL_CLOSED", "EARLIER_STILL_CLOSED")
    since = scene.do("AskForHelp", RETURNED).id
    shown = {one.id for one in scene.do("ListMyConcerns", RETURNED, page_size=200).concerns}
    assert (since in shown, scene.things["what was asked before"] in shown) == (True, False)


@pytest.mark.parametrize("role", NOT_GIVEN)
def test_no_account_comes_of_what_is_no_role_of_an_organisation(scene: Scene, way: Way, role: str) -> None:
    """A guardian gets no account, and nobody is made a contact, a leader or a reader by a code or a grant."""
    country, by, there = scene.country, scene.people["national"].token, scene.ids["organisation_id"]
    number, quiet = NOT_GIVEN[role], scene.things["the quiet person"]
    assert country.ask(by, "InvitePerson", way, organisation_id=there, role=number).reason == "INVALID"
    assert country.ask(by, "GrantRole", way, person_id=quiet, organisation_id=there, role=number).reason == "INVALID"


def test_a_code_for_a_role_gives_it_only_to_whom_it_was_confirmed(scene: Scene, way: Way) -> None:
    """Until then it opens nothing to anybody."""
    country, by = scene.country, scene.people["national"]
    invitation = country.do(by.token, "InvitePerson", organisation_id=scene.ids["organisation_id"], role=COORDINATOR)
    session = country.do("", "RedeemInvitation", code=invitation.code)
    grants = country.do(by.token, "ListRoleGrants", organisation_id=scene.ids["organisation_id"], page_size=200).role_grants
    assert session.person_id not in {one.person_id for one in grants}
    assert country.ask("", "RefreshSession", way, session_token=session.session_token).reason == "NOT_YET_CONFIRMED"
