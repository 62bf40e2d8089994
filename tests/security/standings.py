"""Everybody that a rule can meet: each role in each relation to one group and its organisation, and each kind of token."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve
from joserfc import jwt
from joserfc.jwk import ECKey
from mewe_core.people.passkeys.testing import Authenticator
from mewe_host.identity.keys import TOKEN_TYPE, FileKeys, issuer
from whenever import TimeDelta

from tests.security import unsettled
from tests.security.cast import (
    DAY,
    EDITOR,
    ERASED,
    HOLDS,
    NATIONAL,
    NOBODY,
    OTHER_REASON,
    RESEARCHER,
    UNSETTLED,
    WAITS,
    Scene,
)
from tests.security.country import (
    COORDINATOR,
    LEADER,
    PARTICIPANT,
    SUPERVISOR,
    Country,
    Person,
    contact,
    diary_of,
    form_of,
    fresh,
    hold,
    new_group,
    reported,
)
from tests.security.deployment import HAS_CHAT, HAS_DIARY, HAS_EVAL, ORIGIN
from tests.waiting import eventually

OF_LEADERS, AT_THE_SIDE = 2, 3
"""Kinds of rooms."""


def furnish(country: Country, folder: Path) -> Scene:
    """Add to the two organisations of a country everybody in ``HOLDS``; two days pass. ``folder`` is for strange keys."""
    scene = Scene(country, dict(country.own.ids))
    for place, circle in (("", country.own), (" of another organisation", country.foreign)):
        for who in ("coordinator", "supervisor", "leader", "participant"):
            scene.people[who + place] = circle.people[who]
    scene.people["without a role"] = country.own.people["stranger"]
    scene.people["without a role in another organisation"] = country.foreign.people["stranger"]
    scene.people["national"] = country.national
    _things(scene)
    _another_group(scene)
    memberships = _group(scene)
    grants = _grants(scene)
    unsettled.before(scene)
    country.here.clock.advance(2 * DAY * 1_000_000)
    scene.people = {who: one if who == ERASED else _again(country, one) for who, one in scene.people.items()}
    _changes_of_today(scene, memberships, grants)
    _emergencies(scene)
    _to_come(scene)
    unsettled.after(scene)
    _tokens(scene, folder)
    return scene


def _things(scene: Scene) -> None:
    """What stands in the organisation besides its group."""
    do, organisation, things = scene.do, scene.ids["organisation_id"], scene.things
    invitation = do("InvitePerson", organisation_id=organisation)
    scene.people["quiet"] = scene.country.sign_in(invitation.code, scene.people["coordinator"].token)
    by = scene.people["coordinator"].token
    guardian = scene.country.consented(by, invitation.person_id)
    for label in ("the second", "the third", "the fourth"):
        do("AddGuardian", person_id=invitation.person_id, label=label)
    exception = do("RecordOneGuardian", person_id=invitation.person_id, purposes=[4], ground=1, note="A decision")
    asked = do("RecordGuardianRequest", person_id=invitation.person_id)
    do("AnswerGuardianRequest", guardian_request_id=asked.id, state=3)
    things |= {
        "the organisation": organisation,
        "the place": "The youth centre",
        "the quiet person": invitation.person_id,
        "the guardian of the quiet person": guardian,
        "the ended exception": do("EndOneGuardian", one_guardian_id=exception.id).id,
        "the answered request": asked.id,
        "the used invitation": invitation.id,
        "the open invitation": scene.ids["invitation_id"],
        "the waiting person": scene.ids["person_id"],
        "the open grant": scene.ids["role_grant_id"],
        "the session of another": scene.people["quiet"].session_id,
    }
    passkey = Authenticator(ORIGIN).create(do("GetPasskeyRegistrationOptions", "quiet").options)
    secret = scene.people["quiet"].session_token
    things["the passkey of another"] = do("RegisterPasskey", "quiet", credential=passkey, session_token=secret).id
    do("WithdrawCertificate", certificate_id=scene.ids["certificate_id"], reason=1)
    things["the planned group"] = new_group(scene.country, scene.people["coordinator"].token, organisation, (20, 30, 60, 90)).id
    things["the ended group"] = new_group(scene.country, scene.people["coordinator"].token, organisation, (20, 30, 60, 90)).id
    do("EndGroup", group_id=things["the ended group"], reason=5)


def _another_group(scene: Scene) -> None:
    """Another group of the organisation, which has begun."""
    other = new_group(scene.country, scene.people["coordinator"].token, scene.ids["organisation_id"], (20, 30, 60, 90)).id
    scene.new("supervisor, leader of another group", role=SUPERVISOR)
    for who in ("leader of another group", "participant, leader of another group", "participant of another group"):
        scene.new(who)
    for who in scene.people:
        if who.endswith("of another group"):
            role = PARTICIPANT if who.startswith("participant of") else LEADER
            scene.do("AddMember", group_id=other, person_id=scene.people[who].id, role=role)
    scene.do("StartGroup", group_id=other)
    scene.things["the other group"] = other


def _group(scene: Scene) -> dict[str, str]:
    """The group that is asked about, in which everybody has a place but one; the memberships by who has them."""
    country, do, by = scene.country, scene.do, scene.people["coordinator"].token
    for who in ("leader until yesterday", "leader until just now", "participant until yesterday", "participant until just now"):
        scene.new(who)
    for who in ("whose device is lost", *UNSETTLED):
        scene.new(who)
    leading = ["leader", "leader until yesterday", "leader until just now"]
    taking_part = ["participant", "participant until yesterday", "participant until just now"]
    taking_part += ["participant, leader of another group", "quiet", "whose device is lost", *UNSETTLED]
    here = new_group(country, by, scene.ids["organisation_id"], (-2, 30, 60, 90), capacity=len(taking_part)).id
    roles = {**dict.fromkeys(leading, LEADER), **dict.fromkeys(taking_part, PARTICIPANT)}
    memberships = {
        who: do("AddMember", group_id=here, person_id=scene.people[who].id, role=role).id for who, role in roles.items()
    }
    do("StartGroup", group_id=here)
    held, to_come, *_ = do("ListSessions", group_id=here).sessions
    hold(country, by, held.id, [memberships[one] for one in taking_part])
    if HAS_CHAT:
        _rooms(scene, here, [*leading, *taking_part])
        said = do("PostMessage", "leader", room_id=here, text="Hello").message.id
        scene.things["the message"] = said
        scene.ids["message_id"] = said
    if HAS_DIARY:
        writes = scene.people["participant, leader of another group"]
        scene.ids |= diary_of(country, writes, scene.people["leader"], here)
        scene.things |= {"the diary": scene.ids["diary_id"], "the share": scene.ids["share_id"], "the held session": held.id}
    for who in ("leader until yesterday", "participant until yesterday"):
        do("LeaveGroup", who, membership_id=memberships[who])
    scene.things["the returning person"] = scene.people["whose device is lost"].id
    do("AskForReturn", "leader until just now", person_id=scene.things["the returning person"], reason=1, group_id=here)
    scene.ids |= {"group_id": here, "room_id": here, "session_id": held.id, "membership_id": memberships["participant"]}
    scene.things |= {
        "the group": here,
        "the session to come": to_come.id,
        "the membership of another": memberships["quiet"],
        "the membership of a leader": memberships["leader"],
        "the ended membership": memberships["participant until yesterday"],
        "the ended membership of a leader": memberships["leader until yesterday"],
    }
    return memberships


def _rooms(scene: Scene, here: str, members: Sequence[str]) -> None:
    """The rooms of the group that is asked about: all of it has read what they cannot keep to themselves, and some was said."""
    of_leaders, side = (_room(scene, here, who, kind) for who, kind in (("leader", OF_LEADERS), ("participant", AT_THE_SIDE)))
    scene.country.acknowledged(here, *(scene.people[who] for who in members))
    scene.country.acknowledged(side, scene.people["participant"], scene.people["leader"])
    own = scene.do("PostMessage", "participant", room_id=here, text="Good morning").message.id
    scene.things["the changed message"] = scene.do("PostMessage", "leader", room_id=here, text="See you").message.id
    scene.do("PostMessage", "participant", room_id=side, text="Can I ask you something?")
    scene.do("PostMessage", "leader", room_id=of_leaders, text="How did it go?")
    scene.do("SetMuted", "participant", room_id=here, person_id=scene.people["quiet"].id, muted=True)
    _moderated(scene, here)
    scene.things |= {"the leaders' room": of_leaders, "the side room": side, "the message of the participant": own}
    others = {"the muted person": "quiet", "the other participant": "participant, leader of another group"}
    scene.things |= {thing: scene.people[who].id for thing, who in others.items()}


def _moderated(scene: Scene, here: str) -> None:
    """What leaders have done there, and what was complained of."""
    do, things = scene.do, scene.things
    hidden, removed = (do("PostMessage", "participant", room_id=here, text=text).message.id for text in ("One", "Two"))
    do("HideMessage", "leader", room_id=here, message_id=hidden, reason="Let us talk")
    do("RemoveMessage", "leader", room_id=here, message_id=removed, reason="Let us talk")
    about = do("ListActsAboutMe", "participant").acts[0].id
    held = do("PostMessage", "participant", room_id=here, text="I want to die").held_id
    do("DecideHeldMessage", "leader", room_id=here, held_id=held, deliver=False)
    for thing in ("the answered complaint", "the open complaint"):
        things[thing] = do("MakeComplaint", "participant", group_id=here, text="It is unfair", act_id=about).complaint_id
    do("AnswerComplaint", "coordinator", complaint_id=things["the answered complaint"], answer="Thank you")
    things |= {
        "the hidden message": hidden,
        "the removed message": removed,
        "the decided message": held,
        "the act": about,
        "the leader": scene.people["leader"].id,
    }


def _room(scene: Scene, here: str, who: str, kind: int) -> str:
    """One of the rooms of somebody in the group, once it is there."""
    found: list[str] = []

    def there() -> bool:
        rooms = scene.do("ListRooms", who, page_size=200).rooms
        found.extend(one.id for one in rooms if one.group_id == here and one.kind == kind)
        return bool(found)

    eventually(there)
    return found[0]


def _grants(scene: Scene) -> dict[str, str]:
    """Roles in the organisation and the country that end tomorrow, and two that do not; the grants by who has them."""
    organisation, grants = scene.ids["organisation_id"], {}
    tomorrow = (scene.country.here.clock.now().timestamp() + DAY, 0)
    for who, role in (("national", NATIONAL), ("coordinator", COORDINATOR), ("supervisor", SUPERVISOR)):
        person = scene.new(f"{who} until yesterday")
        granted = {"organisation_id": organisation, "person_id": person, "role": role, "until": tomorrow}
        grants[who] = scene.do("GrantRole", "national", **granted).id
    lasting = {"second of the centre": NATIONAL, "coordinator until just now": COORDINATOR}
    lasting |= {"editor": EDITOR, "researcher": RESEARCHER}
    for who, role in lasting.items():
        person = scene.new(who)
        grants[who] = scene.do("GrantRole", "national", organisation_id=organisation, person_id=person, role=role).id
    scene.things |= {
        "the second of the centre": scene.people["second of the centre"].id,
        "the ended grant": grants["coordinator"],
        "the ended national grant": grants["national"],
        "the open national grant": grants["second of the centre"],
    }
    return grants


def _again(country: Country, person: Person) -> Person:
    """Somebody whose device has asked for a new access token."""
    return evolve(person, token=country.do("", "RefreshSession", session_token=person.session_token).token)


def _changes_of_today(scene: Scene, memberships: Mapping[str, str], grants: Mapping[str, str]) -> None:
    """Roles that are taken back, and a place that is asked for when none is left."""
    do, here = scene.do, scene.ids["group_id"]
    do("EndRole", role_grant_id=grants["coordinator until just now"])
    contact(scene.country, scene.people["coordinator"].token, here, 1, scene.people["leader"].id)
    contact(scene.country, scene.people["coordinator"].token, here, 2, scene.people["leader until just now"].id)
    kept_from = scene.people["leader"].id
    scene.things["the concern of who left"] = do("AskForHelp", "participant", kept_from_id=kept_from).id
    for who in ("leader until just now", "participant until just now"):
        do("EndMembership", membership_id=memberships[who], reason=OTHER_REASON)
    left = scene.things["the concern of who left"]
    by = scene.people["coordinator"].token
    eventually(lambda: scene.country.ask(by, "OpenConcern", concern_id=left).answer is not None)
    while do("AddMember", group_id=here, person_id=scene.new("participant to come"), role=PARTICIPANT).state != WAITS:
        """Until no place is left."""
    _concerns(scene)
    scene.things["the ended session"] = scene.people["participant"].session_id
    do("EndDeviceSession", "participant", device_session_id=scene.things["the ended session"])


def _emergencies(scene: Scene) -> None:
    """Supervisors who broke the glass for the group, one of whom was stopped; and readings of somebody of the centre."""
    do, here, why = scene.do, scene.ids["group_id"], "Somebody may be in danger"
    for who in ("supervisor who reads in an emergency", "supervisor who read until just now"):
        scene.new(who, role=SUPERVISOR)
    do("BeginEmergencyReading", "supervisor who reads in an emergency", group_id=here, reason=why)
    stopped = do("BeginEmergencyReading", "supervisor who read until just now", group_id=here, reason=why)
    do("EndEmergencyReading", emergency_reading_id=stopped.id)
    over = do("BeginEmergencyReading", "second of the centre", group_id=here, reason=why)
    do("EndEmergencyReading", emergency_reading_id=over.id)
    goes_on = do("BeginEmergencyReading", "second of the centre", group_id=scene.things["the planned group"], reason=why)
    scene.things |= {"the ended reading": over.id, "the open reading": goes_on.id}


def _concerns(scene: Scene) -> None:
    """The leader is the first contact of the group: the participant asks for help twice, and the leader takes one of it on.

    The second contact is a supervisor, who gets what is kept from the leader, and the report of what the leader wrote. Another
    group has contacts and concerns of its own.
    """
    country, do, things, by = scene.country, scene.do, scene.things, scene.people["coordinator"]
    here, leader = scene.ids["group_id"], scene.people["leader"].id
    things["the contact"] = contact(country, by.token, here, 1, leader).id
    things["the ended contact"] = contact(country, by.token, here, 2, by.id).id
    do("EndContact", contact_id=things["the ended contact"])
    scene.new("supervisor, contact of the group", role=SUPERVISOR)
    contact(country, by.token, here, 2, scene.people["supervisor, contact of the group"].id)
    things["the participant"] = scene.people["participant"].id
    do("WriteCard", "participant", person_id=things["the participant"], name="Somebody")
    for name in ("the concern", "the other concern"):
        things[name] = do("AskForHelp", "participant").id
    things["the concern kept from the leader"] = do("AskForHelp", "participant", kept_from_id=leader).id
    do("AcknowledgeConcern", "leader", concern_id=things["the concern"])
    things["the wish to talk"] = do("AskToTalk", "participant").id
    contact(country, by.token, things["the other group"], 1, scene.people["leader of another group"].id)
    things["the concern of another group"] = do("AskForHelp", "participant of another group").id
    do("OpenConcern", "leader of another group", concern_id=things["the concern of another group"])
    if HAS_CHAT:
        named = {"room_id": here, "message_id": things["the message"]}
        things["the report"] = do("ReportMessage", "participant", **named, text="This worries me").report_id
    if HAS_EVAL:
        _alarmed(scene)


def _alarmed(scene: Scene) -> None:
    """The participant has given an answer that somebody has to look at; the adults of the group know."""
    do, things = scene.do, scene.things
    things["the form"] = form_of(scene.country, scene.people["participant"], scene.ids["group_id"])
    scene.ids["form_id"] = things["the form"]
    form = do("GetForm", "participant", form_id=things["the form"])
    answers = [{"item": "9", "value": 3}]
    shown = {"form_id": form.form_id, "language": form.language, "wording": form.wording}
    assert do("PutAnswers", "participant", answers=answers, **shown).show_help

    raised = list[str]()

    def told() -> bool:
        concerns = do("ListConcerns", "leader", page_size=200).concerns
        raised.extend(one.id for one in concerns if one.thing_id == form.form_id)
        return bool(raised)

    eventually(told)
    things["the alarming answer"] = raised[0]
    scene.ids["publication_id"] = reported(scene.country, scene.people["coordinator"].token, scene.ids["organisation_id"])


def _to_come(scene: Scene) -> None:
    """People whose role begins when they redeem their code, which they have not done."""
    organisation = scene.ids["organisation_id"]
    for who, role in (("national", NATIONAL), ("coordinator", COORDINATOR), ("supervisor", SUPERVISOR)):
        invitation = scene.do("InvitePerson", "national", organisation_id=organisation, role=role)
        scene.people[f"{who} to come"] = Person(invitation.person_id, "", fresh(), "")


def _tokens(scene: Scene, folder: Path) -> None:
    """For everybody a token of each kind. Who has no device, or an ended one, gets a good one that the country signed."""
    country, now, minutes = scene.country, scene.country.here.clock.now(), TimeDelta(minutes=14)
    shutil.copytree(country.here.keys, folder / "same")
    here, abroad, strange = (
        FileKeys.of(path, code)
        for path, code in ((country.here.keys, "SE"), (folder / "same", "NL"), (folder / "strange", "SE"))
    )
    signing = ECKey.import_key((country.here.keys / "signing.pem").read_bytes())
    header = {"alg": "ES256", "kid": here.public_key().id, "typ": TOKEN_TYPE}
    over = scene.things["the ended session"]
    for who in HOLDS:
        if who == NOBODY:
            continue
        one = scene.people[who]
        session = fresh() if one.session_id == over or who == ERASED else one.session_id
        claims = {"sub": one.id, "sid": session, "iss": issuer("SE"), "aud": issuer("NL")}
        times = {"iat": now.timestamp(), "exp": (now + minutes).timestamp()}
        scene.tokens[who] = {
            "good": here.access_token(one.id, session, now, now + minutes),
            "expired": here.access_token(one.id, session, now - minutes, now - TimeDelta(seconds=1)),
            "of another key": strange.access_token(one.id, session, now, now + minutes),
            "of another country": abroad.access_token(one.id, session, now, now + minutes),
            "for another audience": jwt.encode(header, {**claims, **times}, signing, algorithms=["ES256"]),
            "of an ended session": here.access_token(one.id, over, now, now + minutes),
            "replayed": scene.used[len(scene.tokens) % len(scene.used)],
        }
    scene.tokens[NOBODY] = {"good": ""}
