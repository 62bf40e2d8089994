"""Groups and sessions as they are kept: with what no answer tells."""

import attrs
from attrs import field, frozen
from whenever import Instant

from mewe_core.programme.events import GroupState
from mewe_core.programme.model.groups import EndReason, Group
from mewe_core.programme.model.sessions import CancelReason, MeetingMode, Session, SessionState
from mewe_core.programme.model.training import Certificate
from mewe_core.programme.series import local


@frozen
class KeptGroup:
    """A group. ``definition_id`` is the fingerprint of its programme's content; the three counts are of the moment."""

    id: str
    organisation_id: str
    programme_id: str
    programme_version: int
    definition_id: str
    name: str
    state: GroupState
    time_zone: str
    language: str
    capacity: int
    leaders_needed: int
    substitute_id: str | None
    create_time: Instant
    begin_time: Instant | None
    end_time: Instant | None
    end_reason: EndReason | None
    without_consent: bool
    participants: int
    waiting: int
    leaders: int

    def told(self) -> Group:
        """As it is told to those who see the group."""
        return Group(
            id=self.id,
            organisation_id=self.organisation_id,
            programme_id=self.programme_id,
            programme_version=self.programme_version,
            name=self.name,
            state=self.state,
            time_zone=self.time_zone,
            language=self.language,
            capacity=self.capacity,
            participants=self.participants,
            waiting=self.waiting,
            leaders=self.leaders,
            leaders_needed=self.leaders_needed,
            substitute_named=self.substitute_id is not None,
            create_time=self.create_time,
            begin_time=self.begin_time,
            end_time=self.end_time,
            end_reason=self.end_reason,
        )


@frozen
class KeptSession:
    """A session. ``moved``: somebody gave it its start, so that it follows no other session; ``change_time``: of its calendar
    entry; ``record_time``: of its newest record."""

    id: str
    group_id: str
    plan_id: str
    number: int
    follow_up: bool
    state: SessionState
    start_time: Instant
    end_time: Instant
    mode: MeetingMode
    place: str | None = field(repr=False)
    link: str | None = field(repr=False)
    makes_up_for_id: str | None
    cancel_reason: CancelReason | None
    revision: int
    change_time: Instant
    moved: bool
    hold_time: Instant | None
    record_time: Instant | None
    corrections: int

    def told(self, time_zone: str, *, with_place: bool) -> Session:
        """As it is told; place and link only ``with_place``."""
        return Session(
            id=self.id,
            group_id=self.group_id,
            plan_id=self.plan_id,
            number=self.number,
            follow_up=self.follow_up,
            state=self.state,
            start_time=self.start_time,
            end_time=self.end_time,
            start=local(self.start_time, time_zone),
            mode=self.mode,
            place=self.place if with_place else None,
            link=self.link if with_place else None,
            makes_up_for_id=self.makes_up_for_id,
            cancel_reason=self.cancel_reason,
            revision=self.revision,
            hold_time=self.hold_time,
        )


@frozen
class KeptCertificate(Certificate):
    """A certificate with its place in lists."""

    create_time: Instant

    def told(self) -> Certificate:
        """As it is told."""
        return Certificate(**{one.name: getattr(self, one.name) for one in attrs.fields(Certificate)})
