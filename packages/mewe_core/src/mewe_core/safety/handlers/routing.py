"""A concern is brought to people: who is there, who is told next, how an alert reaches them."""

from collections.abc import Iterable, Sequence

from attrs import evolve
from whenever import Instant

from mewe_core.kit.access import Role, ScopeKind
from mewe_core.kit.ports import Alert, AlertKind, Work
from mewe_core.kit.standing import StandingChanged, held_by
from mewe_core.safety import rules
from mewe_core.safety.events import ConcernChanged, ConcernState
from mewe_core.safety.handlers import words
from mewe_core.safety.model.concerns import ConcernKind, EntryKind, KeptConcern, KeptEntry, Recipient
from mewe_core.safety.model.contacts import KeptContact
from mewe_core.safety.model.settings import SafetySettings
from mewe_core.safety.rules import Circle, Reachable
from mewe_core.safety.store import concerns, contacts, doors


async def standing_contacts(work: Work, kind: ScopeKind, circle_id: str, scope_ids: frozenset[str]) -> tuple[KeptContact, ...]:
    """The contacts of a circle who stand now, each an adult of ``scope_ids``: the circle and what is around it."""
    there = await contacts.contacts(work.database, kind, circle_id)
    adults = {one for one in {c.person_id for c in there} if await is_adult(work, one, scope_ids)}
    return rules.on_their_day(there, adults, work.now)


async def is_adult(work: Work, person_id: str, scope_ids: frozenset[str]) -> bool:
    """Whether somebody holds a role of an adult now in one of the scopes."""
    return rules.is_adult(await held_by(work.database, person_id), scope_ids, work.now)


async def around(work: Work, group_id: str | None) -> tuple[str, ...]:
    """The ids of the scopes around a group, itself first, the country last; the country alone if there is no such group."""
    group = None if group_id is None else await contacts.group(work.database, group_id)
    inner = () if group is None else (group.id, group.organisation_id)
    return (*inner, work.caller.country)


async def circle(work: Work, group_id: str | None) -> Circle:
    """Who is there around a concern. Where an organisation or the country has no contacts, those who coordinate there."""
    scopes = await around(work, group_id)
    country = await _of(work, ScopeKind.COUNTRY, scopes[-1:], Role.NATIONAL)
    if len(scopes) == 1:
        return Circle(country=country)
    group = rules.reachable(await standing_contacts(work, ScopeKind.GROUP, scopes[0], frozenset(scopes)), work.now)
    organisation = await _of(work, ScopeKind.ORGANISATION, scopes[1:], Role.COORDINATOR)
    return Circle(group, organisation, country)


async def _of(work: Work, kind: ScopeKind, scopes: Sequence[str], otherwise: Role) -> tuple[Reachable, ...]:
    named = rules.reachable(await standing_contacts(work, kind, scopes[0], frozenset(scopes)), work.now)
    if named:
        return named
    return tuple(
        Reachable(one, None, None) for one in await contacts.holders(work.database, otherwise, kind, scopes[0], work.now)
    )


async def begin(work: Work, concern: KeptConcern) -> tuple[Reachable, ...] | None:
    """Keep a concern that was raised, and bring it to whoever is first; None: it was there before.

    There may be nobody: it is kept, the country's addresses are alerted, and the clock goes on looking.
    """
    settings = work.settings(SafetySettings)
    there = await circle(work, concern.group_id)
    of = rules.steps(there, never(concern))
    step = rules.next_step(of, ())
    begins = rules.clock_begins(step, work.now, settings)
    kept = _wound(concern, begins, settings)
    if not await concerns.add(work.database, kept):
        return None
    if kept.about_id is not None:
        await doors.hold_card(work.database, kept.about_id)
    work.emit(ConcernChanged(kept.id, kept.state))
    await tell(work, kept, step, AlertKind.CONCERN)
    if not step or _reaches_country(step, there):
        alert_country(work, AlertKind.CONCERN)
    return step


def _wound(concern: KeptConcern, begins: Instant, settings: SafetySettings) -> KeptConcern:
    following = rules.due(concern.state, begins, settings, reminded=False)
    return evolve(concern, begin_time=begins, reminded=False, next_time=None if following is None else following[0])


def never(concern: KeptConcern) -> frozenset[str]:
    """Whom a concern is never brought to."""
    return rules.kept_from(concern.about_id, concern.raised_by_id, concern.kept_from_id)


def new(work: Work, kind: ConcernKind, concern_id: str, **about: str | None) -> KeptConcern:
    """A concern, raised now. ``about``: group_id, about_id, raised_by_id, kept_from_id, thing_id, as far as there are any."""
    return KeptConcern(
        id=concern_id,
        kind=kind,
        state=ConcernState.RAISED,
        group_id=about.get("group_id"),
        about_id=about.get("about_id"),
        raised_by_id=about.get("raised_by_id"),
        kept_from_id=about.get("kept_from_id"),
        thing_id=about.get("thing_id"),
        create_time=work.now,
        begin_time=work.now,
        reminded=False,
        next_time=work.now,
        acknowledge_time=None,
        acknowledged_by_id=None,
        close_time=None,
        outcome=None,
        sealed_text=None,
        sealed_words=None,
    )


async def tell(work: Work, concern: KeptConcern, step: Iterable[Reachable], alert: AlertKind) -> None:
    """Bring a concern to people: from now on it is theirs, and they are asked to look."""
    for one in step:
        recipient = Recipient(concern.id, one.person_id, work.new_id(), one.contact_id, work.now, None)
        if await concerns.add_recipient(work.database, recipient):
            _tell_standing(work, recipient, ends=False)
            await enter(work, concern.id, EntryKind.TOLD, one.person_id)
            await alert_contact(work, one.contact_id, alert)


async def release(work: Work, recipient: Recipient) -> None:
    """It is no longer theirs."""
    await concerns.end_recipient(work.database, recipient.concern_id, recipient.person_id, work.now)
    _tell_standing(work, recipient, ends=True)


def _tell_standing(work: Work, recipient: Recipient, *, ends: bool) -> None:
    work.emit(
        StandingChanged(
            id=recipient.standing_id,
            person_id=recipient.person_id,
            role=Role.CONTACT,
            scope_kind=ScopeKind.CONCERN,
            scope_id=recipient.concern_id,
            since=recipient.since,
            until=work.now if ends else None,
        )
    )


async def enter(work: Work, concern_id: str, kind: EntryKind, person_id: str | None, text: str = "") -> None:
    """Keep in the log of a concern who did what."""
    key = work.new_id()
    where = words.place("safety_entry", key, "text")
    sealed = await words.sealed(work, concern_id, words.CONCERN, where, text)
    await concerns.add_entry(work.database, KeptEntry(key, concern_id, kind, work.now, person_id, sealed))


async def alert_contact(work: Work, contact_id: str | None, kind: AlertKind) -> None:
    """Ask a contact to look, if there is an address (and its key was not destroyed)."""
    contact = None if contact_id is None else await contacts.contact(work.database, contact_id)
    if contact is None:
        return
    where = words.place("safety_contact", contact.id, "alert")
    to = await work.sealing.open(contact.person_id, words.ALERT, where, contact.sealed_alert)
    if to is not None:
        work.alert(Alert(work.new_id(), kind, to, contact.language, contact.person_id))


def alert_country(work: Work, kind: AlertKind) -> None:
    """Ask whoever stands behind the country's own addresses to look."""
    settings = work.settings(SafetySettings)
    for to in settings.country_alerts:
        work.alert(Alert(work.new_id(), kind, to, settings.language))


def _reaches_country(step: Sequence[Reachable], there: Circle) -> bool:
    return any(one in there.country for one in step)


async def escalate(work: Work, concern: KeptConcern, recipients: Sequence[Recipient]) -> None:
    """Bring it to the next who were not told; where everybody was, the clock begins anew and the country is alerted again."""
    settings = work.settings(SafetySettings)
    there = await circle(work, concern.group_id)
    step = rules.next_step(rules.steps(there, never(concern)), {one.person_id for one in recipients})
    begins = rules.clock_begins(step, work.now, settings)
    following = rules.due(concern.state, begins, settings, reminded=False)
    moment = None if following is None else following[0]
    if not await concerns.wind(work.database, concern, begins, moment, reminded=False):
        return
    if step:
        await enter(work, concern.id, EntryKind.ESCALATED, None)
        await tell(work, concern, step, AlertKind.ESCALATED)
    if not step or _reaches_country(step, there):
        alert_country(work, AlertKind.ESCALATED)


async def tell_next(work: Work, concern: KeptConcern, recipients: Sequence[Recipient]) -> None:
    """Bring it to the next besides those who have it, because a second adult has to see something in it."""
    there = await circle(work, concern.group_id)
    step = rules.next_step(rules.steps(there, never(concern)), {one.person_id for one in recipients})
    await tell(work, concern, step, AlertKind.EMERGENCY_READING)
    if not step:
        alert_country(work, AlertKind.EMERGENCY_READING)
