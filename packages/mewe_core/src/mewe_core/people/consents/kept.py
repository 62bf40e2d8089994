"""Records of consent as they are kept, and as the rules want them."""

from enum import StrEnum

from attrs import field, frozen
from whenever import Instant

from mewe_core.kit.access import Purpose
from mewe_core.people.consent import Capacity, Consent, Ground, Information, Objection
from mewe_core.people.consent import OneGuardian as Exception_
from mewe_core.people.consents.guardian_model import OneGuardian


class Way(StrEnum):
    """How a yes came: by the young person's own hand, on paper, by a one-time link."""

    OWN = "own"
    PAPER = "paper"
    LINK = "link"


@frozen
class KeptConsent:
    """A yes. ``record_time`` is when it came here, ``give_time`` from when it counts; ``recorded_by_id`` who had the paper."""

    id: str
    person_id: str
    purpose: Purpose
    shared_with_id: str
    by_id: str
    capacity: Capacity
    text_id: str
    text_version: int
    age_band: str
    language: str
    age: int
    give_time: Instant
    withdraw_time: Instant | None
    way: Way
    record_time: Instant
    recorded_by_id: str | None

    def record(self) -> Consent:
        """As the rules want it."""
        return Consent(
            purpose=self.purpose,
            about=self.person_id,
            by=self.by_id,
            capacity=self.capacity,
            information=Information(version=self.text_version, age_band=self.age_band, language=self.language),
            age=self.age,
            given_at=self.give_time,
            withdrawn_at=self.withdraw_time,
            shared_with=self.shared_with_id,
        )

    def is_of_same(self, other: "KeptConsent") -> bool:
        """Whether somebody has said both to the same purpose."""
        return (self.purpose, self.shared_with_id, self.by_id) == (other.purpose, other.shared_with_id, other.by_id)

    def repeats(self, other: "KeptConsent") -> bool:
        """Whether it says what another that stands has said."""
        return self.withdraw_time is None and _said(self) == _said(other)


def _said(one: KeptConsent) -> tuple[object, ...]:
    return one.purpose, one.shared_with_id, one.by_id, one.capacity, one.text_id, one.age


@frozen
class KeptObjection:
    """A no, and its end."""

    id: str
    person_id: str
    purpose: Purpose
    shared_with_id: str
    raise_time: Instant
    take_back_time: Instant | None

    def record(self) -> Objection:
        """As the rules want it."""
        return Objection(
            purpose=self.purpose,
            about=self.person_id,
            raised_at=self.raise_time,
            taken_back_at=self.take_back_time,
            shared_with=self.shared_with_id,
        )


@frozen
class KeptGuardian:
    """A guardian, with a sealed label."""

    id: str
    person_id: str
    sealed_label: bytes = field(repr=False)
    create_time: Instant
    recorded_by_id: str


@frozen
class KeptOneGuardian:
    """An exception."""

    id: str
    person_id: str
    ground: Ground
    purposes: tuple[Purpose, ...]
    guardian_id: str | None
    create_time: Instant
    end_time: Instant | None
    recorded_by_id: str
    sealed_note: bytes = field(repr=False)

    def record(self) -> Exception_:
        """As the rules want it."""
        return Exception_(
            ground=self.ground,
            about=self.person_id,
            purposes=self.purposes,
            without=self.guardian_id,
            recorded_by=self.recorded_by_id,
            recorded_at=self.create_time,
            ended_at=self.end_time,
        )

    def told(self) -> OneGuardian:
        """As coordinators see it."""
        return OneGuardian(
            self.id, self.person_id, self.ground, self.purposes, self.guardian_id, self.create_time, self.end_time
        )


@frozen
class KeptLink:
    """A one-time code for a guardian; ``code_digest`` is gone once it is used or has expired."""

    id: str
    code_digest: str | None = field(repr=False)
    person_id: str
    guardian_id: str
    text_id: str
    shared_with_id: str
    create_time: Instant
    made_by_id: str
    expire_time: Instant
    answer_time: Instant | None
    agrees: bool | None


@frozen
class KeptState:
    """What was told last of a purpose of a person."""

    id: str
    person_id: str
    purpose: Purpose
    shared_with_id: str
    covered: bool
    until: Instant | None


@frozen
class Terms:
    """By what a purpose is judged: the newest text, the version that a yes needs, the digest of the table of consent."""

    purpose: Purpose
    latest_version: int
    needed_version: int
    table_digest: str
    reckoned_to: str | None


@frozen
class Subject:
    """A person of whom something is recorded; the date of birth is sealed."""

    person_id: str
    last_time: Instant
    sealed_birth_date: bytes | None = field(repr=False)
    birth_date_by_id: str | None
