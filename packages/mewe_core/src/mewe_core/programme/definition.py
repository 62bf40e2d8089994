"""A programme as data: what is run, in which sessions, by which rules; and how a country overlays it without copying.

The classes are the schema of a programme's document, key by key (``docs/programme.md``). Texts stand in as many languages as
there are: ``{ en = "Noticer", sv = "Observatören" }``.
"""

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import attrs
from attrs import evolve, field, frozen

from mewe_core.kit.checks import between, few, given
from mewe_core.kit.errors import Field, Invalid

Texts = Mapping[str, str]
"""The same text by language tag: "en", "sv", "de-CH"."""

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]

_CODE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class ProgrammeKind(StrEnum):
    """What a programme is for: support for those who take part, or training for those who lead."""

    SUPPORT = "support"
    TRAINING = "training"


def code(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
    """A neutral code: lower-case words of ASCII letters and digits with hyphens between, at most 40 characters."""
    if len(value) > 40 or not _CODE.fullmatch(value):
        raise Invalid(
            Field(attribute.name, 'a code such as "leader-training": lower-case letters, digits, hyphens, at most 40')
        )


def texts(most: int, *, least: int = 1) -> Check:
    """``least`` languages or more, each with a text of 1 to ``most`` characters."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        right = all(_LANGUAGE.fullmatch(tag) and said.strip() and len(said) <= most for tag, said in value.items())
        if len(value) < least or not right:
            example = '{ en = "...", sv = "..." }'
            raise Invalid(Field(attribute.name, f"texts by language, such as {example}, each of 1 to {most} characters"))

    return check


@frozen
class PartDefinition:
    """A part of the model that a programme builds on, under a neutral code."""

    id: str = field(validator=code)
    name: Texts = field(validator=texts(100))


@frozen
class ActivityDefinition:
    """Something done in a session. ``source``: where it is published; empty for our own."""

    id: str = field(validator=code)
    name: Texts = field(validator=texts(200))
    minutes: int = field(validator=between(1, 600))
    source: str = ""


@frozen
class SessionDefinition:
    """A session. ``parts`` are ids of the programme's parts; ``source`` says where aim and parts come from."""

    id: str = field(validator=code)
    aim: Texts = field(validator=texts(300))
    parts: tuple[str, ...] = ()
    activities: tuple[ActivityDefinition, ...] = field(default=(), validator=few(40))
    source: str = ""


@frozen
class FollowUpDefinition:
    """The session that comes ``months`` calendar months after the last session of the series that was held."""

    months: int = field(validator=between(1, 24))
    session: SessionDefinition


@frozen
class Rules:
    """What a group needs. ``leader_certificate`` is the id of a training programme, or empty.

    ``join_until_session``: nobody new joins once that many sessions of the series were held; None: always.
    """

    leaders_needed: int = field(default=2, validator=between(1, 10))
    leader_certificate: str = field(default="")
    background_check: bool = False
    join_until_session: int | None = field(default=None, validator=given(between(0, 60)))


@frozen
class CertificateDefinition:
    """What a training ends in: at ``least_sessions`` sessions one was there; valid for ``valid_months``, or for ever."""

    least_sessions: int = field(validator=between(1, 60))
    valid_months: int | None = field(default=None, validator=given(between(1, 240)))


@frozen(kw_only=True)
class Definition:
    """A programme, whole. Ages in whole years, both included; None: open.

    ``consent``: whether its participants take part only with consent; None: in all but trainings, whose participants are staff.
    """

    id: str = field(validator=code)
    version: int = field(validator=between(1, 1_000_000))
    kind: ProgrammeKind = ProgrammeKind.SUPPORT
    consent: bool | None = None
    name: Texts = field(validator=texts(100))
    summary: Texts = field(validator=texts(2000))
    age_from: int | None = field(default=None, validator=given(between(0, 120)))
    age_to: int | None = field(default=None, validator=given(between(0, 120)))
    session_minutes: int = field(default=120, validator=between(5, 600))
    days_between: int = field(default=7, validator=between(1, 92))
    most_participants: int = field(default=12, validator=between(1, 200))
    rules: Rules = Rules()
    parts: tuple[PartDefinition, ...] = field(default=(), validator=few(20))
    sessions: tuple[SessionDefinition, ...] = field(validator=few(60, least=1))
    follow_up: FollowUpDefinition | None = None
    certificate: CertificateDefinition | None = None

    def __attrs_post_init__(self) -> None:
        for fault in _inner_faults(self):
            raise Invalid(fault)

    @property
    def without_consent(self) -> bool:
        """Whether nobody is asked for consent."""
        return self.kind is ProgrammeKind.TRAINING if self.consent is None else not self.consent

    def all_sessions(self) -> tuple[SessionDefinition, ...]:
        """The sessions of the series in order, and the follow-up last, if there is one."""
        return self.sessions if self.follow_up is None else (*self.sessions, self.follow_up.session)

    def session(self, session_id: str) -> SessionDefinition:
        """The session of that id. Raises LookupError if there is none."""
        for one in self.all_sessions():
            if one.id == session_id:
                return one
        raise LookupError(session_id)


def _inner_faults(one: Definition) -> list[Field]:
    known = {part.id for part in one.parts}
    ids = [session.id for session in one.all_sessions()]
    wrong = []
    if one.age_from is not None and one.age_to is not None and one.age_from > one.age_to:
        wrong.append(Field("age_to", "an age not below age_from"))
    if len(known) < len(one.parts):
        wrong.append(Field("parts", "ids that differ from each other"))
    if len(set(ids)) < len(ids):
        wrong.append(Field("sessions", "ids that differ from each other and from the follow-up's"))
    for n, session in enumerate(one.all_sessions()):
        path = f"sessions[{n}]" if n < len(one.sessions) else "follow_up.session"
        if not set(session.parts) <= known:
            wrong.append(Field(f"{path}.parts", f"ids of the programme's parts: {', '.join(sorted(known)) or 'it has none'}"))
        if len({activity.id for activity in session.activities}) < len(session.activities):
            wrong.append(Field(f"{path}.activities", "ids that differ from each other"))
    if one.rules.join_until_session is not None and one.rules.join_until_session > len(one.sessions):
        wrong.append(Field("rules.join_until_session", f"a number from 0 to {len(one.sessions)}, the number of sessions"))
    if one.certificate is not None and one.certificate.least_sessions > len(ids):
        wrong.append(Field("certificate.least_sessions", f"a number from 1 to {len(ids)}, the number of sessions"))
    return wrong


def said(words: Texts, language: str) -> tuple[str, str]:
    """The text in the language asked for, or the nearest there is, and which that is.

    "sv-FI" falls back to "sv", then to English, then to the first language by name.
    """
    wanted = [tag for tag in (language, language.partition("-")[0], "en") if tag in words]
    tag = wanted[0] if wanted else min(words)
    return tag, words[tag]


@frozen
class SessionOverlay:
    """Other words for one session: its aim, and names of activities by their id."""

    aim: Mapping[str, str] = field(factory=dict, validator=texts(300, least=0))
    activities: Mapping[str, Mapping[str, str]] = field(factory=dict)


@frozen(kw_only=True)
class Overlay:
    """What a deployment changes in a programme; what is not named stays as it is.

    ``parts`` and ``sessions`` go by id. ``leader_certificate = ""`` asks for none. Texts are added language by language.
    """

    consent: bool | None = None
    age_from: int | None = None
    age_to: int | None = None
    session_minutes: int | None = None
    days_between: int | None = None
    most_participants: int | None = None
    follow_up_months: int | None = None
    leaders_needed: int | None = None
    leader_certificate: str | None = None
    background_check: bool | None = None
    join_until_session: int | None = None
    certificate_least_sessions: int | None = None
    certificate_valid_months: int | None = None
    name: Mapping[str, str] = field(factory=dict, validator=texts(100, least=0))
    summary: Mapping[str, str] = field(factory=dict, validator=texts(2000, least=0))
    parts: Mapping[str, Mapping[str, str]] = field(factory=dict)
    sessions: Mapping[str, SessionOverlay] = field(factory=dict)


_PLAIN = ("consent", "age_from", "age_to", "session_minutes", "days_between", "most_participants")
_RULES = ("leaders_needed", "leader_certificate", "background_check", "join_until_session")


def overlaid(one: Definition, over: Overlay) -> Definition:
    """The programme as a deployment runs it. Raises Invalid naming the key of the overlay and what is allowed."""
    _known(over.parts, [part.id for part in one.parts], "parts")
    _known(over.sessions, [session.id for session in one.all_sessions()], "sessions")
    follow_up = one.follow_up
    if follow_up is not None:
        months = follow_up.months if over.follow_up_months is None else over.follow_up_months
        follow_up = evolve(follow_up, months=months, session=_session(follow_up.session, over))
    elif over.follow_up_months is not None:
        raise Invalid(Field("follow_up_months", "nothing: the programme has no follow-up"))
    return evolve(
        one,
        **_named(over, _PLAIN),
        name={**one.name, **over.name},
        summary={**one.summary, **over.summary},
        rules=evolve(one.rules, **_named(over, _RULES)),
        parts=tuple(evolve(part, name={**part.name, **over.parts.get(part.id, {})}) for part in one.parts),
        sessions=tuple(_session(session, over) for session in one.sessions),
        follow_up=follow_up,
        certificate=_certificate(one.certificate, over),
    )


def _session(session: SessionDefinition, over: Overlay) -> SessionDefinition:
    other = over.sessions.get(session.id)
    if other is None:
        return session
    _known(other.activities, [one.id for one in session.activities], f"sessions.{session.id}.activities")
    activities = tuple(evolve(one, name={**one.name, **other.activities.get(one.id, {})}) for one in session.activities)
    return evolve(session, aim={**session.aim, **other.aim}, activities=activities)


def _certificate(one: CertificateDefinition | None, over: Overlay) -> CertificateDefinition | None:
    keys = {"certificate_least_sessions": "least_sessions", "certificate_valid_months": "valid_months"}
    changes = {keys[name]: value for name, value in _named(over, tuple(keys)).items()}
    if one is None:
        for name in _named(over, tuple(keys)):
            raise Invalid(Field(name, "nothing: the programme ends in no certificate"))
        return None
    return evolve(one, **changes)


def _named(over: Overlay, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(over, name) for name in names if getattr(over, name) is not None}


def _known(given_: Mapping[str, object], there: list[str], key: str) -> None:
    for name in given_:
        if name not in there:
            raise Invalid(Field(f"{key}.{name}", f"one of {', '.join(there) or 'none: there is nothing to overlay'}"))
