"""People whose access is not what their place says: without consent, back on a new device, not confirmed yet, erased."""

from tests.security.cast import ASKED, ERASED, LACKS, RETURNED, Scene
from tests.security.country import CHAT, COORDINATOR, TAKE_PART, Person
from tests.waiting import eventually

COMPLETED = 4
LOST = 1
PATIENCE = 60.0


def before(scene: Scene) -> None:
    """Two days ago: somebody asks to be erased, and somebody writes down what later is closed to whoever comes back."""
    _erase(scene, ERASED)
    back = scene.people[RETURNED]
    scene.things["the person who came back"] = back.id
    scene.things["what was asked before"] = scene.do("AskForHelp", RETURNED).id
    scene.do("WriteCard", RETURNED, person_id=back.id, name="Somebody")


def after(scene: Scene) -> None:
    """Today: what was asked for is done, a yes is taken back, a device is lost, somebody waits to be confirmed."""
    eventually(lambda: _state(scene, ERASED) == COMPLETED)
    guardian, objects = LACKS
    _withdraw(scene, guardian)
    scene.do("RaiseObjection", objects, purpose=CHAT)
    _come_back(scene)
    _wait(scene)
    _use_up(scene)
    _erase(scene, ASKED)


def _erase(scene: Scene, who: str) -> None:
    one = scene.people[who]
    scene.erasures[who] = scene.do("EraseMe", who, session_token=one.session_token)


def _state(scene: Scene, who: str) -> int:
    asked = scene.erasures[who]
    told = scene.country.do("", "GetErasure", erasure_id=asked.id, receipt_token=asked.receipt_token)
    return int(told.state)


def _withdraw(scene: Scene, who: str) -> None:
    """A guardian takes the yes to taking part back, which all else needs."""
    person = scene.people[who].id
    [guardian] = scene.do("GetPersonConsents", person_id=person).guardians
    scene.do("RecordGuardianWithdrawal", person_id=person, guardian_id=guardian.id, purpose=TAKE_PART)


def _come_back(scene: Scene) -> None:
    """One adult asks, a second one agrees and has the code, a third one confirms."""
    do, person = scene.do, scene.people[RETURNED].id
    scene.things["the token of the lost device"] = scene.people[RETURNED].token
    do("AskForReturn", person_id=person, reason=LOST)
    code = do("AgreeToReturn", "national", person_id=person).code
    scene.people[RETURNED] = scene.country.sign_in(code, scene.people["coordinator"].token)
    scene.used.append(code)


def _wait(scene: Scene) -> None:
    """A code is redeemed, and nobody has confirmed by whom."""
    asked = {"organisation_id": scene.ids["organisation_id"], "role": COORDINATOR}
    code = scene.do("InvitePerson", "national", **asked).code
    session = scene.country.do("", "RedeemInvitation", code=code)
    assert not session.HasField("access_token")
    scene.people["coordinator not confirmed yet"] = Person(session.person_id, "", session.id, session.session_token)


def _use_up(scene: Scene) -> None:
    """Secrets that are good for one thing, or were good once."""
    one = scene.people["quiet"]
    export = scene.do("AllowExport", "quiet", session_token=one.session_token).export_pass
    scene.do("ExportMine", "quiet", area="people", export_pass=export)
    scene.used += [one.session_token, export, scene.erasures[ERASED].receipt_token]
