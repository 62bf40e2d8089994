"""Who was at a session is told to those who count it."""

from attrs import evolve
from mewe_core.kit.access import Role
from mewe_core.kit.testing import BEGINNING
from mewe_core.programme import rules
from mewe_core.programme.events import AttendanceMarked
from mewe_core.programme.model import groups as g
from mewe_core.programme.model import sessions as s
from mewe_core.programme.testing import School


def test_who_was_there_is_told_once_and_again_when_a_correction_says_otherwise(school: School) -> None:
    """Of participants alone; a correction that changes nothing tells nothing."""
    group = school.running("ada", "bo")
    first = school.sessions(group)[0]

    def told() -> list[tuple[str, bool]]:
        marks = [one for one in school.stage.events if isinstance(one, AttendanceMarked) and one.group_id == group.id]
        assert {(one.session_id, one.held_at) for one in marks} <= {(first.id, first.start_time)}
        school.stage.events.clear()
        return sorted((one.person_id, one.present) for one in marks)

    school.record(first, absent=("bo",))
    assert told() == [("ada", True), ("bo", False)]
    school.record(first, absent=("bo",))
    assert told() == []
    school.record(first)
    assert told() == [("bo", True)]


def test_who_is_marked_no_more_was_not_there() -> None:
    """A correction may leave out who came for a part of a session."""
    now, active = BEGINNING, g.MembershipState.ACTIVE
    member = g.Membership("m", "g", "ada", Role.PARTICIPANT, active, now, now, None, None, None, None)
    mark = s.AttendanceMark("m", s.Attendance.LATE)
    assert rules.presence_changed([member], [mark], []) == [("ada", False)]
    assert rules.presence_changed([member], [], []) == []
    assert rules.presence_changed([member], [], [mark]) == [("ada", True)]
    assert rules.presence_changed([evolve(member, role=Role.LEADER)], [], [mark]) == []
