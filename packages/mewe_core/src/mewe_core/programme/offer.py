"""What a deployment offers: the programmes of its plugins, overlaid by its settings, checked once at the start."""

from collections.abc import Mapping, Sequence

from attrs import field, frozen

from mewe_core.kit.checks import between
from mewe_core.kit.errors import Invalid
from mewe_core.kit.feature import Brought
from mewe_core.programme.definition import Definition, Overlay, overlaid, said
from mewe_core.programme.emergency.model import MOST_MINUTES
from mewe_core.programme.model.programmes import Activity, CertificateRule, Part, Programme, SessionPlan
from mewe_core.programme.reading import ProgrammeFault, fingerprint, read_programme


@frozen
class ProgrammeSettings:
    """What a deployment decides. ``overlays``: changes by programme id, which hold for every version of it.

    ``days_open_afterwards``: how long members still see a group that is completed or ended, 0 to 366 days.
    ``emergency_minutes``: how long somebody reads a group at most who broke the glass, 1 to 240 minutes.
    """

    overlays: Mapping[str, Overlay] = field(factory=dict)
    days_open_afterwards: int = field(default=90, validator=between(0, 366))
    emergency_minutes: int = field(default=60, validator=between(1, MOST_MINUTES))


@frozen
class Offer:
    """The programmes that groups can be made of, and the settings."""

    settings: ProgrammeSettings
    programmes: Mapping[tuple[str, int], Definition] = field(repr=False)
    fingerprints: Mapping[str, Definition] = field(repr=False)

    def newest(self, programme_id: str) -> Definition | None:
        """The newest version of a programme."""
        versions = [version for one, version in self.programmes if one == programme_id]
        return self.programmes[programme_id, max(versions)] if versions else None

    def version(self, programme_id: str, version: int) -> Definition | None:
        """One version of a programme."""
        return self.programmes.get((programme_id, version))

    def all_newest(self) -> tuple[Definition, ...]:
        """The newest version of each programme, by id."""
        found = (self.newest(one) for one in sorted({one for one, _ in self.programmes}))
        return tuple(one for one in found if one is not None)


def offer(settings: ProgrammeSettings, documents: Sequence[str]) -> Offer:
    """Everything on offer. Raises ProgrammeFault if a document, an overlay, or what they say of each other is wrong."""
    read: dict[tuple[str, int], Definition] = {}
    for document in documents:
        one = read_programme(document)
        if (one.id, one.version) in read:
            raise ProgrammeFault(f'the programme "{one.id}" comes twice in version {one.version}; allowed: once a version')
        read[one.id, one.version] = one
    ids = sorted({one for one, _ in read})
    for named in settings.overlays:
        if named not in ids:
            raise ProgrammeFault(f"overlays.{named}: there is no such programme; allowed: {', '.join(ids) or 'none'}")
    programmes = {key: _overlaid(one, settings) for key, one in read.items()}
    for one in programmes.values():
        wanted = one.rules.leader_certificate
        if wanted and not any(other.id == wanted and other.certificate for other in programmes.values()):
            trainings = ", ".join(sorted({other.id for other in programmes.values() if other.certificate}))
            raise ProgrammeFault(
                f'the programme "{one.id}": rules.leader_certificate: no programme here ends in that certificate; '
                f'allowed: {trainings or "none"}, or "" for no certificate'
            )
    return Offer(settings, programmes, {fingerprint(one): one for one in programmes.values()})


def configure(settings: object, brought: Brought) -> Offer:
    """What the handlers work with. Raises ProgrammeFault, which stops the start."""
    if not isinstance(settings, ProgrammeSettings):
        raise TypeError("these are not ProgrammeSettings")
    return offer(settings, brought.programmes)


def _overlaid(one: Definition, settings: ProgrammeSettings) -> Definition:
    over = settings.overlays.get(one.id)
    if over is None:
        return one
    try:
        return overlaid(one, over)
    except Invalid as fault:
        faults = "; ".join(f"overlays.{one.id}.{field_.path}: allowed: {field_.rule}" for field_ in fault.fields)
        raise ProgrammeFault(faults) from None


def told(one: Definition, language: str) -> Programme:
    """A programme in one language: each text in that language, or the nearest there is."""
    tag, name = said(one.name, language)
    return Programme(
        id=one.id,
        version=one.version,
        kind=one.kind,
        language=tag,
        name=name,
        summary=said(one.summary, language)[1],
        age_from=one.age_from,
        age_to=one.age_to,
        session_minutes=one.session_minutes,
        days_between=one.days_between,
        most_participants=one.most_participants,
        follow_up_months=None if one.follow_up is None else one.follow_up.months,
        leaders_needed=one.rules.leaders_needed,
        leader_certificate_id=one.rules.leader_certificate or None,
        background_check=one.rules.background_check,
        parts=tuple(Part(part.id, said(part.name, language)[1]) for part in one.parts),
        sessions=tuple(_session(one, number, language) for number in range(1, len(one.all_sessions()) + 1)),
        certificate=None
        if one.certificate is None
        else CertificateRule(one.certificate.least_sessions, one.certificate.valid_months),
    )


def _session(one: Definition, number: int, language: str) -> SessionPlan:
    session = one.all_sessions()[number - 1]
    return SessionPlan(
        id=session.id,
        number=number,
        follow_up=number > len(one.sessions),
        aim=said(session.aim, language)[1],
        part_ids=session.parts,
        activities=tuple(Activity(each.id, said(each.name, language)[1], each.minutes) for each in session.activities),
    )
