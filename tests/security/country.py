"""Two organisations that know nothing of each other, with a group each, made through the public API; and who calls."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from time import monotonic
from typing import Any

import grpc
from attrs import define, field, frozen
from google.protobuf.message import Message
from mewe_client.positions import Positions
from mewe_core.people.passkeys.testing import Authenticator
from whenever import Instant

from tests.security.contract import Rpc, contracts
from tests.security.deployment import HAS_CHAT, HAS_DIARY, HAS_EVAL, ORIGIN, PATIENCE, PLENTY, Deployment, deployed
from tests.security.faces import POSITION, Connect, Grpc, Outcome, Way
from tests.waiting import eventually

COORDINATOR, SUPERVISOR, LEADER, PARTICIPANT = 4, 3, 2, 1
TAKE_PART, CHAT, EVALUATION = 1, 2, 3
BORN = "2011-03-24"
UNKNOWN = "f00df00df00df00df00df00df00df00d"
"""An id that nothing has."""


@frozen
class Person:
    """Somebody who is signed in on a device."""

    id: str
    token: str = field(repr=False)
    session_id: str
    session_token: str = field(repr=False)


@define
class Circle:
    """An organisation with its people and one group: ``ids`` has one of each kind of thing, by the name of a field;
    ``second`` another one of some kinds: a group that has not begun, its leader's membership, a session to come;
    ``returning`` somebody who has lost their device."""

    ids: dict[str, str] = field(factory=dict)
    second: dict[str, str] = field(factory=dict)
    returning: dict[str, str] = field(factory=dict)
    people: dict[str, Person] = field(factory=dict)

    def token(self, who: str) -> str:
        """The access token of one of them."""
        return self.people[who].token


@define
class Country:
    """A deployment that runs, and who is in it."""

    here: Deployment
    rpcs: Mapping[str, Rpc]
    ways: tuple[Way, ...]
    positions: Positions = field(factory=Positions)
    national: Person = field(init=False)
    texts: dict[int, str] = field(factory=dict)
    own: Circle = field(init=False)
    foreign: Circle = field(init=False)

    @property
    def quick(self) -> Way:
        """The way that things are made."""
        return self.ways[0]

    def rpc(self, name: str) -> Rpc:
        """By its name in the service."""
        return next(one for one in self.rpcs.values() if one.name == name)

    def ask(self, token: str, name: str, way: Way | None = None, /, *, shown: bool = True, **values: Any) -> Outcome:
        """A call with these fields; a write gets a request_id. ``shown``: with what was told before."""
        rpc, way = self.rpc(name), way or self.quick
        if "request_id" in rpc.request.fields_by_name:
            values.setdefault("request_id", fresh())
        headers = [(POSITION, self.positions.shown())] if shown and self.positions.shown() else []
        outcome = way.send(rpc, way.encode(rpc.request, values), token, headers=headers)
        self.positions.keep(outcome.position)
        return outcome

    def do(self, token: str, name: str, /, **values: Any) -> Any:
        """A call that is answered, and its answer; where what was told before has not arrived yet, it is asked again."""
        until = monotonic() + PATIENCE
        while (outcome := self.ask(token, name, **values)).reason == "NOT_THERE_YET" and monotonic() < until:
            pass
        assert outcome.answer is not None, f"{name}: {outcome}"
        return outcome.answer

    def sign_in(self, code: str, by: str = "") -> Person:
        """Redeem a code and, unless it is the country's first, have somebody confirm who did."""
        session = self.do("", "RedeemInvitation", code=code)
        token = session.access_token.token
        if by:
            self.do(by, "ConfirmPerson", person_id=session.person_id, words=session.words)
            token = self.do("", "RefreshSession", session_token=session.session_token).token
        return Person(session.person_id, token, session.id, session.session_token)

    def acknowledged(self, room_id: str, *people: Person) -> None:
        """Let people have read what a room cannot keep to itself, so that they may write there."""
        for one in people:
            self.do(one.token, "AcknowledgeLimitOfConfidentiality", room_id=room_id, version=1)

    def invited(self, by: str, organisation_id: str, **role: int) -> Person:
        """Somebody new who has signed in; without a role, somebody who may take part, be in the chat and be asked."""
        person = self.sign_in(self.do(by, "InvitePerson", organisation_id=organisation_id, **role).code, by)
        if not role:
            self.consented(by, person.id)
        return person

    def consented(self, by: str, person_id: str) -> str:
        """Record on paper a guardian's yes to taking part, the chat and the evaluation; the guardian's id."""
        self.do(by, "RecordBirthDate", person_id=person_id, birth_date=BORN)
        guardian = str(self.do(by, "AddGuardian", person_id=person_id, label="the first").id)
        about = {"person_id": person_id, "guardian_id": guardian, "signed_on": self.here.clock.now().format_iso()[:10]}
        for text in self.texts.values():
            self.do(by, "RecordGuardianConsent", text_id=text, **about)
        return guardian

    def callers(self) -> dict[str, str]:
        """Everybody there is, by what they are, with their tokens; nobody as well."""
        circles = {"own": self.own, "foreign": self.foreign}
        people = {f"{whose} {who}": one.token for whose, circle in circles.items() for who, one in circle.people.items()}
        return {"nobody": "", "national": self.national.token, **people}


def fresh() -> str:
    """A request_id that nobody has used."""
    return uuid.uuid4().hex


@contextmanager
def running(
    *, split: bool = False, database: str = "", limits: str = PLENTY, plugins: Sequence[str] = (), notices: bool = True
) -> Iterator[Country]:
    """A deployment with nobody in it but somebody of the competence centre."""
    with (
        deployed(split=split, database=database, limits=limits, plugins=plugins, notices=notices) as here,
        ExitStack() as closing,
    ):
        channels = {area: closing.enter_context(grpc.insecure_channel(at)) for area, at in here.addresses.items()}
        origins = dict(zip(here.addresses, here.health if split else [here.health[0]] * len(channels), strict=True))
        channels["kit"], origins["kit"] = channels["people"], origins["people"]
        served = {path: one for path, one in contracts().items() if one.area in channels}
        proto, json = (Connect(origins, kind) for kind in ("proto", "json"))
        for way in (proto, json):
            closing.callback(way.close)
        ways = (Grpc(channels), proto, json)
        country = Country(here, served, ways)
        country.national = country.sign_in(here.code)
        country.texts = {purpose: published(country, purpose).id for purpose in (TAKE_PART, CHAT, EVALUATION)}
        yield country


def published(country: Country, purpose: int) -> Any:
    """The text that informs about a purpose."""
    text = {"version": 1, "language": "en", "text": "What we do, and what happens to what is said."}
    return country.do(country.national.token, "PublishConsentText", purpose=purpose, **text)


@contextmanager
def furnished(*, split: bool = False) -> Iterator[Country]:
    """A deployment with two organisations."""
    with running(split=split) as country:
        country.own = circle(country, "Exempelby")
        country.foreign = circle(country, "Annanstad")
        yield country


def circle(country: Country, name: str) -> Circle:
    """An organisation whose group has met once and meets again, with a chat, somebody who left it, and a certificate."""
    made, do = Circle(), country.do
    organisation = do(country.national.token, "CreateOrganisation", name=name, kind=1)
    _note(made, organisation)
    made.people["coordinator"] = country.invited(country.national.token, organisation.id, role=COORDINATOR)
    by = made.token("coordinator")
    made.people["supervisor"] = country.invited(by, organisation.id, role=SUPERVISOR)
    for who in ("leader", "participant", "who left", "stranger"):
        made.people[who] = country.invited(by, organisation.id)
    leader = made.token("leader")
    passkey = Authenticator(ORIGIN).create(do(leader, "GetPasskeyRegistrationOptions").options)
    _note(made, do(leader, "RegisterPasskey", credential=passkey, session_token=made.people["leader"].session_token))
    waiting = do(by, "InvitePerson", organisation_id=organisation.id)
    _note(made, waiting)
    made.ids |= {"person_id": waiting.person_id, "text_id": country.texts[TAKE_PART]}
    made.ids["guardian_id"] = country.consented(by, waiting.person_id)
    research = {"person_id": waiting.person_id, "purposes": [4], "ground": 1, "note": "A decision"}
    _note(made, do(by, "RecordOneGuardian", **research))
    _note(made, do(by, "RecordGuardianRequest", person_id=waiting.person_id))
    _note(made, do(by, "GrantRole", organisation_id=organisation.id, person_id=waiting.person_id, role=SUPERVISOR))
    _note(
        made,
        do(by, "AddCandidate", organisation_id=organisation.id, programme_id="me-we", state=1, person_id=waiting.person_id),
    )
    certificate(country, made, organisation.id)
    group(country, made, organisation.id)
    session = do("", "RedeemInvitation", code=do(by, "InvitePerson", organisation_id=organisation.id).code)
    _note(made, session)
    made.returning["person_id"] = country.invited(by, organisation.id).id
    do(by, "AskForReturn", reason=1, **made.returning)
    erased = country.invited(by, organisation.id)
    _note(made, do(erased.token, "EraseMe", session_token=erased.session_token))
    return made


def group(country: Country, made: Circle, organisation_id: str) -> None:
    """The group of a circle: running, one session held."""
    do, by = country.do, made.token("coordinator")
    mine = new_group(country, by, organisation_id, (-2, 30, 60, 90))
    _note(made, mine)
    do(by, "AddMember", group_id=mine.id, person_id=made.people["leader"].id, role=LEADER)
    members = {
        who: do(by, "AddMember", group_id=mine.id, person_id=made.people[who].id, role=PARTICIPANT)
        for who in ("participant", "who left")
    }
    _note(made, members["participant"])
    do(by, "StartGroup", group_id=mine.id)
    sessions = do(by, "ListSessions", group_id=mine.id).sessions
    hold(country, by, sessions[0].id, [one.id for one in members.values()])
    _note(made, sessions[0])
    planned = new_group(country, by, organisation_id, (20, 30, 60, 90))
    leads = do(by, "AddMember", group_id=planned.id, person_id=made.people["leader"].id, role=LEADER)
    made.second |= {"group_id": planned.id, "membership_id": leads.id, "session_id": sessions[1].id}
    reading = do(country.national.token, "BeginEmergencyReading", group_id=mine.id, reason="Somebody may be in danger")
    _note(made, do(country.national.token, "EndEmergencyReading", emergency_reading_id=reading.id))
    if HAS_CHAT:
        made.ids["room_id"] = mine.id
        country.acknowledged(mine.id, *(made.people[who] for who in ("leader", "participant", "who left")))
        for text in ("Hello", "Hello to you", "Until next week"):
            made.ids["message_id"] = do(made.token("leader"), "PostMessage", room_id=mine.id, text=text).message.id
        named = {"room_id": mine.id, "message_id": made.ids["message_id"]}
        made.ids["report_id"] = do(made.token("participant"), "ReportMessage", **named).report_id
        do(by, "AcknowledgeConcern", concern_id=made.ids["report_id"])
        _moderated(country, made, mine.id)
    if HAS_DIARY:
        made.ids |= diary_of(country, made.people["participant"], made.people["leader"], mine.id)
    if HAS_EVAL:
        made.ids |= {"form_id": form_of(country, made.people["participant"], mine.id), "study_id": "by-lot"}
        made.ids["publication_id"] = reported(country, by, organisation_id)
    _safety(country, made, mine.id)
    do(made.token("who left"), "LeaveGroup", membership_id=members["who left"].id)


def _moderated(country: Country, made: Circle, room_id: str) -> None:
    """The participant has replied, was paused and is not any more, has something held back, and complains; each of it twice."""
    do, who, leader = country.do, made.token("participant"), made.token("leader")
    made.ids["reply_to_id"] = made.ids["message_id"]
    about = {"room_id": room_id, "person_id": made.people["participant"].id}
    made.ids["act_id"] = do(leader, "PauseMember", hours=1, reason="Let us talk first", **about).id
    do(leader, "EndPause", **about)
    for text in ("I want to die", "I do not want to live"):
        made.ids["held_id"] = do(who, "PostMessage", room_id=room_id, text=text).held_id
    for text in ("Nobody listened", "Nobody asked me"):
        made.ids["complaint_id"] = do(who, "MakeComplaint", group_id=room_id, text=text).complaint_id


def form_of(country: Country, person: Person, group_id: str) -> str:
    """The form of somebody in a group that has a question to which some answers alarm. It is there in a moment."""
    found = list[str]()

    def there() -> bool:
        forms = country.do(person.token, "ListForms", language="en").forms
        found.extend(one.form_id for one in forms if (one.study_title, one.group_id) == ("Worries", group_id))
        return bool(found)

    eventually(there)
    return found[0]


def reported(country: Country, by: str, organisation_id: str) -> str:
    """A report of an organisation that is out."""
    about = {"study_id": "worries", "organisation_id": organisation_id, "name": "The place"}
    return str(country.do(by, "PublishSiteReport", **about).publication_id)


def diary_of(country: Country, writer: Person, leader: Person, group_id: str) -> dict[str, str]:
    """A diary of somebody, of which an entry is shared with a leader; the ids of all of it."""
    from tests.security.diary import kept

    return kept(partial(country.do, writer.token), partial(country.do, leader.token), group_id, country.here.clock.now())


def _safety(country: Country, made: Circle, group_id: str) -> None:
    """The leader is a contact of the group, has taken on what the participant asks for, and is asked for a talk."""
    do = country.do
    made.ids["contact_id"] = contact(country, made.token("coordinator"), group_id, 1, made.people["leader"].id).id
    made.ids |= {"about_id": made.people["participant"].id, "kept_from_id": made.people["leader"].id}
    made.ids["concern_id"] = do(made.token("participant"), "AskForHelp").id
    do(made.token("leader"), "AcknowledgeConcern", concern_id=made.ids["concern_id"])
    made.ids["talk_request_id"] = do(made.token("participant"), "AskToTalk").id


def contact(country: Country, by: str, group_id: str, place: int, person_id: str) -> Any:
    """Name a contact of a group, on duty day and night."""
    hours = [{"weekday": day, "from_minute": 0, "to_minute": 1440} for day in range(1, 8)]
    alert = f"mailto:{person_id}@example.org"
    named = {"place": place, "person_id": person_id, "alert": alert, "time_zone": "Europe/Stockholm", "duty_hours": hours}
    return country.do(by, "SetContact", group_id=group_id, **named)


def certificate(country: Country, made: Circle, organisation_id: str) -> None:
    """Let the participant of a circle complete a training."""
    do, by = country.do, made.token("coordinator")
    training = new_group(country, by, organisation_id, (-5, -4, -3, -2))
    do(by, "AddMember", group_id=training.id, person_id=made.people["leader"].id, role=LEADER)
    trained = do(by, "AddMember", group_id=training.id, person_id=made.people["participant"].id, role=PARTICIPANT)
    do(by, "StartGroup", group_id=training.id)
    for session in do(by, "ListSessions", group_id=training.id).sessions:
        hold(country, by, session.id, [trained.id])
    _note(made, do(by, "IssueCertificate", membership_id=trained.id))


def new_group(country: Country, by: str, organisation_id: str, days: tuple[int, ...], *, capacity: int = 0) -> Any:
    """A group that meets so many days from now; as many have a place as the programme allows, or ``capacity``."""
    today = Instant.now().to_tz("Europe/Stockholm").date()
    return country.do(
        by,
        "CreateGroup",
        organisation_id=organisation_id,
        programme_id="leader-training",
        name="Wednesdays",
        time_zone="Europe/Stockholm",
        language="en",
        capacity=capacity,
        explicit={"starts": [{"date": today.add(days=day).format_iso(), "time": "16:00"} for day in days]},
        mode=1,
        place="The youth centre",
    )


def hold(country: Country, by: str, session_id: str, members: list[str]) -> None:
    """Record that a session was held just now, and that all were there."""
    marks = [{"membership_id": one, "attendance": 1} for one in members]
    country.do(by, "RecordSession", session_id=session_id, hold_time=(Instant.now().timestamp(), 0), attendance=marks)


def _note(made: Circle, thing: Message) -> None:
    """Keep the id of a thing under the name that requests have for it."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", thing.DESCRIPTOR.name).lower()
    made.ids[f"{kind}_id"] = thing.id  # type: ignore[attr-defined]
