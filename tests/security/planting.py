"""A canary in every field that words can be written in, each in a call that is answered, by somebody who may."""

from typing import Any

from attrs import define, field

from tests.security.canaries import canary
from tests.security.cast import NATIONAL
from tests.security.country import SUPERVISOR, Country, Person, fresh

EVALUATION = 3
UNSAFE = {"untold": True}
ONCE = (
    *("CloseConcern", "HideMessage", "RestoreMessage", "RemoveMessage", "EndPause"),
    *("DecideHeldMessage", "AnswerComplaint"),
)
"""What who has done it cannot do again: by the first way alone."""

SUPPORTED = 1
DAY_AND_NIGHT = {
    "time_zone": "Europe/Stockholm",
    "duty_hours": [{"weekday": day, "from_minute": 0, "to_minute": 1440} for day in range(1, 8)],
}
_SHAPES = {
    "alert": "mailto:{}@example.org",
    "address": "mailto:{}@example.org",
    "link": "https://{}.example/room",
}


@define
class Planting:
    """Who plants: ``written`` are the fields (``PostMessage.text``) whose canary stood in a call that was answered."""

    country: Country
    people: dict[str, Person] = field(factory=dict)
    written: set[str] = field(factory=set)

    def say(self, who: str, rpc: str, fields: tuple[str, ...], /, **values: Any) -> Any:
        """A call with canaries in these fields, answered by each way."""
        planted = {one: _SHAPES.get(one, "{}, in words").format(canary(f"{rpc}.{one}")) for one in fields}
        values = {"request_id": fresh(), **values, **planted}
        ways = self.country.ways[: 1 if rpc in ONCE else None]
        outcomes = [self.country.ask(self.people[who].token, rpc, way, **values) for way in ways]
        assert [one.code for one in outcomes] == ["OK"] * len(outcomes), f"{rpc}: {outcomes}"
        self.written |= {f"{rpc}.{one}" for one in fields}
        return outcomes[0].answer

    def do(self, who: str, rpc: str, /, **values: Any) -> Any:
        """A call without one."""
        return self.country.do(self.people[who].token, rpc, **values)


def planted(country: Country) -> Planting:
    """All of it, about the participant of the own organisation or by the adults around them."""
    made, own = Planting(country), country.own
    made.people = {"national": country.national, **own.people}
    organisation = own.ids["organisation_id"]
    made.people["second national"] = country.invited(country.national.token, organisation, role=NATIONAL)
    made.people["reader"] = country.invited(own.token("coordinator"), organisation, role=SUPERVISOR)
    _places(made, organisation)
    _guardians(made)
    _contacts(made, organisation)
    _chat(made)
    _moderated(made)
    _concerns(made)
    _emergency(made)
    _reports(made, organisation)
    close_all(made)
    return made


def _places(made: Planting, organisation_id: str) -> None:
    made.say("national", "CreateOrganisation", ("name",), kind=1)
    about = {"purpose": EVALUATION, "version": 2, "language": "en"}
    made.say("national", "PublishConsentText", ("text",), **about)
    about = {"programme_id": "leader-training", "time_zone": "Europe/Stockholm", "language": "en", "mode": 2}
    starts = [{"date": f"2031-01-{day:02}", "time": "16:00"} for day in (8, 15, 22, 29)]
    group = made.say(
        "coordinator",
        "CreateGroup",
        ("name", "place", "link"),
        organisation_id=organisation_id,
        explicit={"starts": starts},
        **about,
    )
    session = made.do("coordinator", "ListSessions", group_id=group.id).sessions[0]
    made.say("coordinator", "SetMeeting", ("place", "link"), session_id=session.id, mode=2)


def _reports(made: Planting, organisation_id: str) -> None:
    made.say("coordinator", "PublishSiteReport", ("name",), study_id="worries", organisation_id=organisation_id)
    field = "PublishCountryReport.names[0].name"
    names = [{"organisation_id": organisation_id, "name": f"{canary(field)}, in words"}]
    made.do("national", "PublishCountryReport", study_id="worries", names=names)
    made.written.add(field)


def _guardians(made: Planting) -> None:
    who = made.people["participant"].id
    made.say("coordinator", "AddGuardian", ("label",), person_id=who)
    made.say("coordinator", "RecordOneGuardian", ("note",), person_id=who, purposes=[4], ground=1)


def _contacts(made: Planting, organisation_id: str) -> None:
    group, adults = made.country.own.ids["group_id"], {who: one.id for who, one in made.people.items()}
    first = made.say(
        "coordinator", "SetContact", ("alert",), group_id=group, place=1, person_id=adults["leader"], **DAY_AND_NIGHT
    )
    made.say("coordinator", "SetContact", ("alert",), group_id=group, place=2, person_id=adults["coordinator"], **DAY_AND_NIGHT)
    supervises = {"organisation_id": organisation_id, "place": 1, "person_id": adults["supervisor"], **DAY_AND_NIGHT}
    made.say("coordinator", "SetOrganisationContact", ("alert",), **supervises)
    made.say("national", "SetCountryContact", ("alert",), place=1, person_id=adults["second national"], **DAY_AND_NIGHT)
    dates = {"first_date": "2031-01-08", "last_date": "2031-01-09"}
    made.say("coordinator", "SetSubstitute", ("alert",), contact_id=first.id, person_id=adults["supervisor"], **dates)
    made.do("leader", "TestAlert", contact_id=first.id)
    made.say("coordinator", "SetEmergencyAddress", ("address",), organisation_id=organisation_id, language="en")


def _chat(made: Planting) -> None:
    room = made.country.own.ids["room_id"]
    of_participant = made.say("participant", "PostMessage", ("text",), room_id=room).message.id
    of_leader = made.say("leader", "PostMessage", ("text",), room_id=room).message.id
    made.say("leader", "ReportMessage", ("text",), room_id=room, message_id=of_participant)
    report = made.say("participant", "ReportMessage", ("text",), room_id=room, message_id=of_leader)
    made.do("coordinator", "AcknowledgeConcern", concern_id=report.report_id)
    made.do("coordinator", "OpenReportedMessage", report_id=report.report_id)
    for who in ("participant", "leader"):
        assert canary("PostMessage.text") in str(made.do(who, "ListMessages", room_id=room))


def _moderated(made: Planting) -> None:
    room, who = made.country.own.ids["room_id"], made.people["participant"].id
    message, stays = (made.do("participant", "PostMessage", room_id=room, text="Something else").message.id for _ in range(2))
    made.say("participant", "EditMessage", ("text",), room_id=room, message_id=stays)
    for name in ("HideMessage", "RestoreMessage", "RemoveMessage"):
        made.say("leader", name, ("reason",), room_id=room, message_id=message)
    made.say("leader", "PauseMember", ("reason",), room_id=room, person_id=who, hours=1)
    made.say("leader", "EndPause", ("reason",), room_id=room, person_id=who)
    for is_open in (False, True):
        made.say("leader", "SetRoomOpen", ("reason",), room_id=room, open=is_open)
    held = made.do("participant", "PostMessage", room_id=room, text="I want to die").held_id
    made.say("leader", "DecideHeldMessage", ("reason",), room_id=room, held_id=held)
    complaint = made.say("participant", "MakeComplaint", ("text",), group_id=room).complaint_id
    made.say("coordinator", "AnswerComplaint", ("answer",), complaint_id=complaint)


def _concerns(made: Planting) -> None:
    who, group = made.people["participant"].id, made.country.own.ids["group_id"]
    made.say("participant", "WriteCard", ("name", "phone", "safe_way", "never_call"), person_id=who)
    concern = made.say("participant", "AskForHelp", ("text",)).id
    wish = made.say("participant", "AskToTalk", ("text",)).id
    made.do("leader", "AnswerTalkRequest", talk_request_id=wish)
    made.say("leader", "RaiseConcern", ("text", "handed_over_to"), group_id=group, about_id=who)
    made.do("leader", "AcknowledgeConcern", concern_id=concern)
    made.do("leader", "OpenConcern", concern_id=concern)
    made.say("leader", "NoteConcern", ("text",), concern_id=concern)
    made.say("leader", "RecordHandOver", ("handed_over_to",), concern_id=concern)
    made.say("leader", "OpenCard", ("reason",), concern_id=concern, **UNSAFE)


def _emergency(made: Planting) -> None:
    reading = made.say("reader", "BeginEmergencyReading", ("reason",), group_id=made.country.own.ids["group_id"])
    made.do("reader", "ListMessages", room_id=made.country.own.ids["room_id"])
    about = made.people["participant"].id
    opened = made.say("reader", "OpenCardInEmergency", ("reason",), person_id=about, **UNSAFE)
    assert canary("WriteCard.name") in opened.name
    made.do("reader", "EndEmergencyReading", emergency_reading_id=reading.id)


def close_all(made: Planting) -> None:
    """Close every concern, so that none keeps anything."""
    adults = ("leader", "coordinator", "supervisor", "reader", "second national", "national")
    while brought := [(who, one.id) for who in adults for one in made.do(who, "ListConcerns").concerns]:
        who, concern_id = brought[0]
        made.do(who, "AcknowledgeConcern", concern_id=concern_id)
        made.say(who, "CloseConcern", ("words",), concern_id=concern_id, outcome=SUPPORTED)
