"""Whatever happens in a room, in any order: who is told, held against a small model of who has something new to look at."""

from collections.abc import Callable

from attrs import define, field
from hypothesis import given, settings
from hypothesis import strategies as draw
from mewe_chat import handlers, marks
from mewe_chat.model import DeleteMessageRequest, EditMessageRequest, MessageState, SetMutedRequest
from mewe_chat.moderation import acting
from mewe_chat.moderation.model import HideMessageRequest, RestoreMessageRequest
from mewe_chat.plugin import mewe_feature
from mewe_core.kit.access import Purpose, Role, ScopeKind
from mewe_core.kit.noticing import NoticeDone, NoticeDue
from mewe_core.kit.testing import OAK, Stage
from whenever import Instant

from tests.extent import extent

from .noting import Notes
from .talking import gathered, post

PARTICIPANTS, LEADERS = ("ada", "bo"), ("lena",)
PEOPLE = (*PARTICIPANTS, *LEADERS)
STANDINGS = {who: f"standing-{number}" for number, who in enumerate((*OAK.participants, *OAK.leaders), 1)}
"""What a stage calls those that it gives to a party."""


@define
class Said:
    """A message of the model."""

    id: str
    author: str
    sent_at: Instant
    state: MessageState = MessageState.VISIBLE


@define
class Person:
    """Somebody of the model: ``told``: since their mark moved; ``since``: when they joined, None where they left."""

    since: Instant | None
    wants: bool = False
    consents: bool = True
    mark: int = 0
    told: bool = False
    mutes: set[str] = field(factory=set)

    def sees(self, one: Said) -> bool:
        """Whether a message is there to be looked at."""
        return self.is_in() and self.since is not None and one.sent_at >= self.since and one.state is MessageState.VISIBLE

    def is_in(self) -> bool:
        """Whether they are in the room."""
        return self.since is not None and self.consents


@define
class Room:
    """A room as it runs, and as it should."""

    stage: Stage
    notes: Notes
    people: dict[str, Person]
    said: list[Said] = field(factory=list)
    untold: bool = False
    due: set[str] = field(factory=set)
    done: set[str] = field(factory=set)

    def expect(self, *, due: set[str] = frozenset(), done: set[str] = frozenset()) -> None:  # type: ignore[assignment]
        """That just this was told since the last look; the jobs are not done."""
        told = self.stage.events[self.notes.looked_at :]
        self.notes.looked_at = len(self.stage.events)
        new = [one for one in told if isinstance(one, NoticeDue)]
        over = [one for one in told if isinstance(one, NoticeDone)]
        assert sorted(one.person_id for one in new) == sorted(due)
        assert sorted(one.person_id for one in over) == sorted(done)
        assert not {one.occurrence_id for one in new} & self.due
        self.due |= {one.occurrence_id for one in new}
        assert {one.occurrence_id for one in over} <= self.due - self.done
        self.done |= {one.occurrence_id for one in over}

    def forgets(self, who: str) -> set[str]:
        """What somebody was told is over; whether there was anything."""
        person = self.people[who]
        told, person.told = person.told, False
        return {who} if told else set()

    def tick(self, who: str, which: int) -> None:
        """A second passes; the jobs are done, twice."""
        self.stage.clock.advance(seconds=1)
        due = set()
        for name, one in self.people.items():
            unread = [m for m in self.said[one.mark :] if one.sees(m) and m.author != name and m.author not in one.mutes]
            if self.untold and one.wants and not one.told and unread:
                one.told = True
                due.add(name)
        self.untold = False
        self.stage.do_jobs()
        self.stage.do_jobs()
        self.expect(due=due)

    def post(self, who: str, which: int) -> None:
        """Somebody says something."""
        if self.people[who].is_in():
            message = post(self.stage, "Hej", by=who)
            self.said.append(Said(message.id, who, message.sent_at))
            self.untold = True
        self.expect()

    def read(self, who: str, which: int) -> None:
        """Somebody moves their mark, wherever to."""
        person, upto = self.people[who], min(which, len(self.said))
        if person.is_in():
            done = self.forgets(who) if upto != person.mark else set()
            person.mark = upto
            self.notes.read(which, by=who)
            self.expect(done=done)

    def edit(self, who: str, which: int) -> None:
        """Somebody changes what they said."""
        one = self.one_of(who, which)
        if one is not None and self.people[who].sees(one):
            request = EditMessageRequest(self.stage.ids.new(), OAK.group_id, one.id, "Hejsan")
            self.stage.call(handlers.edit_message, request, by=who)
        self.expect()

    def delete(self, who: str, which: int) -> None:
        """Somebody deletes what they said."""
        one = self.one_of(who, which)
        if one is not None:
            request = DeleteMessageRequest(self.stage.ids.new(), OAK.group_id, one.id)
            self.stage.call(handlers.delete_message, request, by=who)
            one.state = MessageState.DELETED
        self.expect()

    def hide(self, who: str, which: int) -> None:
        """A leader hides a message, or shows it again."""
        one = self.said[which % len(self.said)] if self.said else None
        if one is None or one.author in LEADERS or not self.people["lena"].is_in():
            return
        named = (self.stage.ids.new(), OAK.group_id, one.id, "Kindly")
        if one.state is MessageState.VISIBLE:
            self.stage.call(acting.hide_message, HideMessageRequest(*named), by="lena")
            one.state = MessageState.HIDDEN
        elif one.state is MessageState.HIDDEN:
            self.stage.call(acting.restore_message, RestoreMessageRequest(*named), by="lena")
            one.state = MessageState.VISIBLE
        self.expect()

    def mute(self, who: str, which: int) -> None:
        """A participant mutes the other one, or not any more."""
        if who in PARTICIPANTS and self.people[who].is_in():
            (other,) = set(PARTICIPANTS) - {who}
            mutes = self.people[who].mutes
            mutes ^= {other}
            request = SetMutedRequest(self.stage.ids.new(), OAK.group_id, other, other in mutes)
            self.stage.call(marks.set_muted, request, by=who)
        self.expect()

    def go(self, who: str, which: int) -> None:
        """Somebody leaves, or comes back."""
        now, person = self.stage.clock.now(), self.people[who]
        role = Role.LEADER if who in LEADERS else Role.PARTICIPANT
        left, person.since = person.since is not None, None if person.since is not None else now
        until = now if left else None
        self.stage.give(who, role, ScopeKind.GROUP, OAK.group_id, until=until, standing_id=STANDINGS[who])
        if not left and role is Role.LEADER:
            for one in self.people.values():
                one.mutes.discard(who)
        self.expect(done=self.forgets(who) if left else set())

    def consent(self, who: str, which: int) -> None:
        """Consent of a participant ends, or is given."""
        if who in PARTICIPANTS:
            person = self.people[who]
            person.consents = not person.consents
            self.stage.consent(who, Purpose.CHAT, covered=person.consents)
            self.expect(done=set() if person.consents else self.forgets(who))

    def want(self, who: str, which: int) -> None:
        """Somebody wants notices, or not any more."""
        person = self.people[who]
        person.wants = not person.wants
        self.notes.want(who, wanted=person.wants)
        self.expect(done=set() if person.wants else self.forgets(who))

    def one_of(self, who: str, which: int) -> Said | None:
        """A message of somebody who is in the room, with its words."""
        own = [one for one in self.said if one.author == who and one.state is not MessageState.DELETED]
        return own[which % len(own)] if own and self.people[who].is_in() else None


Happens = Callable[[Room, str, int], None]
OFTEN: tuple[Happens, ...] = (Room.post, Room.post, Room.tick, Room.tick, Room.read)
SELDOM: tuple[Happens, ...] = (Room.edit, Room.delete, Room.hide, Room.mute, Room.go, Room.consent, Room.want)
HAPPENINGS = draw.tuples(draw.sampled_from((*OFTEN, *SELDOM)), draw.sampled_from(PEOPLE), draw.integers(0, 4))


@settings(max_examples=extent(250, 4000), deadline=None)
@given(wants=draw.sets(draw.sampled_from(PEOPLE), min_size=1), story=draw.lists(HAPPENINGS, min_size=5, max_size=40))
def test_somebody_is_told_just_when_there_is_something_to_look_at_of_which_they_were_not_told(
    wants: set[str], story: list[tuple[Happens, str, int]]
) -> None:
    """Once for where their mark stands, and what they were told is done once, whatever ends it."""
    with Stage(mewe_feature()) as stage:
        gathered(stage, OAK)
        room = Room(stage, Notes(stage), {who: Person(stage.clock.now()) for who in PEOPLE})
        for who in wants:
            room.want(who, 0)
        for happens, who, which in story:
            happens(room, who, which)
        room.tick("", 0)
