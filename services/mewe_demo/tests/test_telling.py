"""The tables say what the answers say, and nothing else."""

import io

import pytest
from attrs import evolve
from mewe.kit.v1.standing_pb2 import ROLE_LEADER, ROLE_PARTICIPANT
from mewe.people.v1.people_service_pb2 import Organisation
from mewe.programme.v1 import group_service_pb2 as groups
from mewe.programme.v1.events_pb2 import GROUP_STATE_COMPLETED
from mewe.programme.v1.programme_service_pb2 import Programme, SessionPlan
from mewe.programme.v1.recruitment_service_pb2 import (
    RECRUITMENT_REASON_AGE,
    RECRUITMENT_STATE_REFERRED,
    RECRUITMENT_STATE_SCREEN_FAILURE,
    RECRUITMENT_STATE_STARTED,
    Funnel,
    FunnelExit,
    FunnelStep,
)
from mewe.programme.v1.training_service_pb2 import Certificate
from mewe_demo.care import Forgotten, Help, Own
from mewe_demo.conversation import Chat
from mewe_demo.diaries import Kept
from mewe_demo.moderating import Crisis, Reported
from mewe_demo.telling import Tale, tell
from rich.console import Console

HELD, ENDED = groups.SESSION_STATE_HELD, groups.MEMBERSHIP_STATE_ENDED


def session(number: int, date: str, *, follow_up: bool = False, online: bool = False) -> groups.Session:
    """A session that was held."""
    return groups.Session(
        id=f"session-{number}",
        plan_id=f"plan-{number}",
        number=number,
        follow_up=follow_up,
        state=HELD,
        start=groups.LocalStart(date=date, time="16:00"),
        mode=groups.MEETING_MODE_ONLINE if online else groups.MEETING_MODE_IN_PERSON,
    )


def member(marks: list[groups.Attendance.ValueType], *, ended: bool = False) -> groups.MemberSummary:
    """A participant who was marked at the sessions from the first on."""
    return groups.MemberSummary(
        membership=groups.Membership(role=ROLE_PARTICIPANT, state=ENDED if ended else groups.MEMBERSHIP_STATE_ACTIVE),
        marks=[groups.SessionMark(session_id=f"session-{number}", attendance=mark) for number, mark in enumerate(marks, 1)],
        attended=sum(mark in (groups.ATTENDANCE_PRESENT, groups.ATTENDANCE_LATE) for mark in marks),
    )


@pytest.fixture
def tale() -> Tale:
    """A small story: a session, one that was moved and met online, the follow-up; one stays, one is away once, one leaves."""
    here, away, missing = groups.ATTENDANCE_PRESENT, groups.ATTENDANCE_EXCUSED, groups.ATTENDANCE_ABSENT
    sessions = [session(1, "2030-02-06"), session(2, "2030-02-14", online=True), session(3, "2030-05-15", follow_up=True)]
    summary = groups.GroupSummary(
        group=groups.Group(programme_version=4, state=GROUP_STATE_COMPLETED),
        sessions=[
            groups.SessionSummary(session=sessions[0], attended=3, marked=3, delivered=5),
            groups.SessionSummary(session=sessions[1], attended=1, marked=2, delivered=3, adapted=1, skipped=1),
            groups.SessionSummary(session=sessions[2], attended=1, marked=2, delivered=2),
        ],
        members=[
            groups.MemberSummary(membership=groups.Membership(role=ROLE_LEADER)),
            member([here, groups.ATTENDANCE_LATE, here]),
            member([here, away, missing]),
            member([here], ended=True),
        ],
    )
    return Tale(
        organisation=Organisation(name="A school"),
        training=groups.GroupSummary(
            sessions=[
                groups.SessionSummary(session=session(1, "2030-01-14")),
                groups.SessionSummary(session=groups.Session(state=groups.SESSION_STATE_CANCELLED)),
            ]
        ),
        certificates=(Certificate(), Certificate()),
        programme=Programme(
            name="ME-WE",
            sessions=[SessionPlan(id=f"plan-{n}", aim=aim) for n, aim in enumerate(("Meet", "Talk", "Look back"), 1)],
        ),
        funnel=Funnel(
            steps=[
                FunnelStep(state=RECRUITMENT_STATE_REFERRED, reached=4),
                FunnelStep(state=RECRUITMENT_STATE_SCREEN_FAILURE, reached=1),
                FunnelStep(state=RECRUITMENT_STATE_STARTED, reached=3),
            ],
            exits=[FunnelExit(state=RECRUITMENT_STATE_SCREEN_FAILURE, reason=RECRUITMENT_REASON_AGE, count=1)],
        ),
        summary=summary,
        calendar_events=3,
        moved=frozenset({"session-2"}),
        chat=Chat(
            6, reached_all=True, reached_who_left=2, refused_who_left="NOT_FOUND: Gone.", refused_at_the_end="ROOM_CLOSED"
        ),
        unkind=Reported("unkind", ("hidden", "removed"), "This hurts."),
        crisis=Crisis(("116 111",), others_saw_it=False, leaders_saw_it=True, concern_raised=True, told_its_writer="I call."),
        diary=Kept(
            2,
            service_can_read=False,
            on_the_second_device=2,
            versions_after_both_wrote=2,
            words_of_the_key_are_the_same=True,
            leader_read="I went out.",
            writer_sees_readers=1,
            after_it_was_taken_back="NOT_FOUND: Gone.",
        ),
        help=Help(2, somebody_now=True, emergency=("112",), log=("told", "handed_over"), told="Come at any time."),
        own=Own((("chat", 3, 5), ("people", 9, 12))),
        forgotten=Forgotten("SESSION_OVER: Gone.", 72, (("chat", 1, {"deleted": 3, "cleared": 2}),)),
    )


def lines(tale: Tale) -> list[str]:
    """What is printed, with one space between words."""
    console = Console(file=io.StringIO(), width=100, record=True)
    tell(tale, console)
    return [" ".join(line.split()) for line in console.export_text().splitlines()]


def test_help_is_told_from_the_first_word_to_the_last(tale: Tale) -> None:
    """Who reads it and what is open now, what was done, and what the young person reads in the end."""
    told = lines(tale)
    assert "what was said at once 2 leaders read it now; in an emergency: 112" in told
    assert "what was done, in order told, handed over" in told
    assert "what the young person reads Come at any time." in told
    alone = evolve(tale.help, readers=1, somebody_now=False)
    assert "what was said at once a leader reads it; in an emergency: 112" in lines(evolve(tale, help=alone))


def test_a_message_that_hurt_and_a_word_of_crisis_are_told(tale: Tale) -> None:
    """What became of them; and aloud, where it did not go as it should."""
    told = lines(tale)
    assert "what the others then saw in its place hidden, removed" in told
    assert "what its author was told This hurts." in told
    assert "whom its writer was shown at once 116 111" in told
    assert "the other young people saw it no" in told
    wrong = evolve(tale.crisis, others_saw_it=True, leaders_saw_it=False, concern_raised=False)
    told = lines(evolve(tale, crisis=wrong))
    assert {"the other young people saw it YES", "the leaders saw it NO", "a concern was raised NO"} <= {*told}


def test_a_diary_is_told_as_its_writer_and_a_leader_saw_it(tale: Tale) -> None:
    """And aloud, where somebody could read what they should not."""
    told = lines(tale)
    assert "the service can read a word of it no" in told
    assert "versions kept of an entry that both changed 2" in told
    assert "what the leader is told once it was taken back NOT_FOUND: Gone." in told
    wrong = lines(evolve(tale, diary=evolve(tale.diary, service_can_read=True, words_of_the_key_are_the_same=False)))
    assert {"the service can read a word of it YES", "a leader's key has the words that the leader says NO"} <= {*wrong}


def test_an_export_and_an_erasure_are_told_feature_by_feature(tale: Tale) -> None:
    """With what was told at once, and what each has signed for."""
    told = lines(tale)
    assert "chat 3 5" in told
    assert "people 9 12" in told
    assert "chat 1 2 cleared, 3 deleted" in told
    assert "All was done after 72 hours." in told
    assert "Their device was told at once: SESSION_OVER: Gone." in told


def test_a_session_is_told_with_its_aim_its_day_and_what_came_of_it(tale: Tale) -> None:
    """What was moved has a star, the follow-up is f, and activities that were done otherwise or not at all are counted."""
    told = lines(tale)
    assert "1 Meet 2030-02-06 16:00 met 3 of 3 5" in told
    assert "2 Talk 2030-02-14 16:00* online 1 of 2 3 +1 -1" in told
    assert "f Look back 2030-05-15 16:00 met 1 of 2 2" in told


def test_a_participant_is_told_with_each_session_and_leaders_are_not(tale: Tale) -> None:
    """There, there though late, away with a word, away without; blank after leaving."""
    told = [line for line in lines(tale) if line.startswith("participant ")]
    assert told == [
        "participant 1 • • • 3",
        "participant 2 • – ○ 1",
        "participant 3 • 1 left",
    ]


def test_a_way_out_is_told_once_with_its_reason(tale: Tale) -> None:
    """Among the ways out, and not as a step on the way in."""
    told = lines(tale)
    assert "referred 4" in told
    assert "started 3" in told
    assert [line for line in told if "screen" in line] == ["out: screen failure 1 age"]


def test_a_message_that_did_not_reach_everybody_is_told_aloud(tale: Tale) -> None:
    """Yes, or NO."""
    question = "reached everybody who stayed, once each"
    assert f"{question} yes" in lines(tale)
    assert f"{question} NO" in lines(evolve(tale, chat=evolve(tale.chat, reached_all=False)))


def test_only_sessions_of_the_training_that_were_held_count(tale: Tale) -> None:
    """One was held and one cancelled: one session."""
    assert "Training: 1 sessions, 2 certificates." in lines(tale)
