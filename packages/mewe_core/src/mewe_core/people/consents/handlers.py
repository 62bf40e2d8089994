"""One's own consent, and the texts that inform: one coroutine an RPC. ConsentService."""

from attrs import evolve
from whenever import Instant

from mewe_core.kit import paging
from mewe_core.kit.access import Purpose
from mewe_core.kit.errors import Field, Invalid, NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns, micros
from mewe_core.people.consent import Capacity, Decision, may_consent
from mewe_core.people.consents import model, reckoning, rules, store
from mewe_core.people.consents.kept import KeptConsent, KeptObjection, Subject, Way
from mewe_core.people.consents.personal import SEALED_FOR
from mewe_core.people.consents.reckoning import Known, place_of
from mewe_core.people.consents.rules import Reckoned
from mewe_core.people.errors import BirthDateRecorded, ConsentTextOlder, ConsentTextPublished
from mewe_core.people.model import PeopleSettings

LATEST = 2**63 - 1


async def list_consent_texts(request: model.ListConsentTextsRequest, work: Work) -> model.ListConsentTextsResponse:
    """The texts about a purpose or all, newest first. Raises Invalid for a page token of another list."""
    most = paging.size(request.page_size)
    name = f"consent_texts {request.purpose or ''}"
    before_id, _, before = str(paging.after(name, request.page_token, f"~/{LATEST}")).partition("/")
    if not (before.isascii() and before.isdigit() and int(before) <= LATEST):
        raise paging.not_of_this_list()
    rows = await work.database.all(
        store.TEXTS,
        model.ConsentText,
        purpose=request.purpose or "",
        before=int(before),
        before_id=before_id,
        most=most + 1,
    )
    following = paging.token(name, f"{rows[most - 1].id}/{micros(rows[most - 1].create_time)}") if len(rows) > most else ""
    return model.ListConsentTextsResponse(tuple(rows[:most]), following)


async def publish_consent_text(request: model.PublishConsentTextRequest, work: Work) -> model.ConsentText:
    """Publish a text. The first of all, and one that ``asks_again``, make its version the one that a yes needs from now on.

    Raises ConsentTextPublished; Invalid for a version that is neither the newest nor the next.
    """
    terms = await reckoning.hold_terms(work, request.purpose)
    rules.next_version(request.version, terms.latest_version)
    asks_again = request.asks_again and request.version > terms.needed_version
    text = model.ConsentText(
        id=work.new_id(),
        purpose=request.purpose,
        version=request.version,
        age_from=request.age_from,
        age_to=request.age_to,
        language=request.language,
        text=request.text,
        asks_again=request.asks_again,
        create_time=work.now,
    )
    if await store.is_published(work.database, text):
        raise ConsentTextPublished
    await work.database.execute(store.ADD_TEXT, **columns(text))
    changed = evolve(
        terms,
        latest_version=request.version,
        needed_version=request.version if asks_again else terms.needed_version,
        reckoned_to="" if asks_again else terms.reckoned_to,
    )
    await store.change_terms(work.database, changed)
    return text


async def get_my_consents(request: model.GetMyConsentsRequest, work: Work) -> model.MyConsents:
    """Everything one is asked for."""
    known = await reckoning.known(work, _me(work))
    found = rules.reckoned(place_of(work), known.records, known.at)
    return model.MyConsents(known.records.born is not None, tuple(_told(work, known, one) for one in found))


async def set_my_birth_date(request: model.SetMyBirthDateRequest, work: Work) -> model.MyConsents:
    """Tell one's own date of birth, once. Raises BirthDateRecorded; Invalid for a day that cannot be."""
    rules.born_before(place_of(work), request.birth_date, work.now)
    held = await _held(work)
    if held.sealed_birth_date is not None:
        raise BirthDateRecorded
    held = await keep_birth_date(work, held, request.birth_date.format_iso(), held.person_id)
    known, found = await reckoning.tell(work, held)
    return model.MyConsents(birth_date_known=True, consents=tuple(_told(work, known, one) for one in found))


async def give_consent(request: model.GiveConsentRequest, work: Work) -> model.MyConsent:
    """One's own yes. Raises NotFound for a text that is not there, NotAllowed where others decide, ConsentTextOlder."""
    held = await _held(work)
    text = await text_here(work, request.text_id)
    shared_with = with_whom(text.purpose, request.shared_with_id)
    known = await reckoning.known(work, held.person_id, held)
    rule = rules.rule_of(place_of(work), known.records, text.purpose, shared_with, held.last_time)
    capacity = rules.own_capacity(rule)
    may_consent(rule, held.person_id, capacity)
    if isinstance(rule, Decision) and not text.is_for(rule.asked.age):
        raise ConsentTextOlder
    await keep_yes(
        work, known, held, text, by=held.person_id, capacity=capacity, shared_with=shared_with, at=held.last_time, way=Way.OWN
    )
    return await _after(work, held, text.purpose, shared_with)


async def withdraw_consent(request: model.WithdrawConsentRequest, work: Work) -> model.MyConsent:
    """Take one's own yes back. Without a yes nothing changes."""
    held, shared_with = await _held(work), with_whom(request.purpose, request.shared_with_id)
    await withdraw(work, held, held.person_id, request.purpose, shared_with)
    return await _after(work, held, request.purpose, shared_with)


async def raise_objection(request: model.RaiseObjectionRequest, work: Work) -> model.MyConsent:
    """One's own no; a second one changes nothing."""
    held, shared_with = await _held(work), with_whom(request.purpose, request.shared_with_id)
    known = await reckoning.known(work, held.person_id, held)
    if not _objects(known, request.purpose, shared_with):
        no = KeptObjection(work.new_id(), held.person_id, request.purpose, shared_with, held.last_time, None)
        await work.database.execute(store.ADD_OBJECTION, **columns(no))
    return await _after(work, held, request.purpose, shared_with)


async def take_back_objection(request: model.TakeBackObjectionRequest, work: Work) -> model.MyConsent:
    """Take one's own no back. Without one nothing changes."""
    held, shared_with = await _held(work), with_whom(request.purpose, request.shared_with_id)
    await work.database.execute(
        store.TAKE_BACK, about=held.person_id, which=request.purpose, with_whom=shared_with, now=held.last_time
    )
    return await _after(work, held, request.purpose, shared_with)


async def text_here(work: Work, text_id: str) -> model.ConsentText:
    """A text. Raises NotFound; ConsentTextOlder if a yes to it would not count."""
    text = await store.text(work.database, text_id)
    if text is None:
        raise NotFound
    terms = (await store.terms(work.database)).get(text.purpose)
    if terms is None or text.version < terms.needed_version:
        raise ConsentTextOlder
    return text


def with_whom(purpose: Purpose, shared_with_id: str | None) -> str:
    """With whom something is shared, "" for all other purposes. Raises Invalid if one is missing, or not wanted."""
    if (purpose is Purpose.SHARE) != (shared_with_id is not None):
        raise Invalid(Field("shared_with_id", "with whom, for sharing alone"))
    return shared_with_id or ""


async def keep_birth_date(work: Work, held: Subject, born: str, by_id: str) -> Subject:
    """Keep a date of birth, sealed."""
    place = reckoning.birth_place(held.person_id)
    sealed = await work.sealing.seal(held.person_id, SEALED_FOR, place, born)
    await work.database.execute(store.SET_BIRTH_DATE, about=held.person_id, sealed=sealed, by_id=by_id)
    return evolve(held, sealed_birth_date=sealed, birth_date_by_id=by_id)


async def keep_yes(
    work: Work,
    known: Known,
    held: Subject,
    text: model.ConsentText,
    *,
    by: str,
    capacity: Capacity,
    shared_with: str,
    at: Instant,
    way: Way,
    recorded_by: str | None = None,
) -> None:
    """Keep a yes that counts from ``at``; one that says what stands already is not kept twice."""
    if known.records.born is None:
        raise LookupError("who may consent is known by the age")
    yes = KeptConsent(
        id=work.new_id(),
        person_id=held.person_id,
        purpose=text.purpose,
        shared_with_id=shared_with,
        by_id=by,
        capacity=capacity,
        text_id=text.id,
        text_version=text.version,
        age_band=text.age_band,
        language=text.language,
        age=rules.age_then(place_of(work), known.records.born, at),
        give_time=at,
        withdraw_time=None,
        way=way,
        record_time=held.last_time,
        recorded_by_id=recorded_by,
    )
    ended = [one.withdraw_time for one in known.consents if one.withdraw_time is not None and one.is_of_same(yes)]
    if not any(one.repeats(yes) and all(one.give_time > end for end in ended) for one in known.consents):
        await work.database.execute(store.ADD_CONSENT, **columns(yes))


async def withdraw(work: Work, held: Subject, by: str, purpose: Purpose, shared_with: str) -> None:
    """End every yes of somebody to a purpose of a person."""
    await work.database.execute(
        store.WITHDRAW, about=held.person_id, which=purpose, with_whom=shared_with, said_by=by, now=held.last_time
    )


def _me(work: Work) -> str:
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id


async def _held(work: Work) -> Subject:
    """One's own records, to oneself. Raises NotFound for somebody of whom people knows nothing."""
    if not await store.is_known(work.database, _me(work)):
        raise NotFound
    return await store.hold(work.database, _me(work), work.now)


async def _after(work: Work, held: Subject, purpose: Purpose, shared_with: str) -> model.MyConsent:
    known, found = await reckoning.tell(work, held)
    place, records = place_of(work), known.records
    there = next((one for one in found if (one.purpose, one.shared_with) == (purpose, shared_with)), None)
    return _told(work, known, there or rules.one(place, records, purpose, shared_with, held.last_time))


def _objects(known: Known, purpose: Purpose, shared_with: str) -> bool:
    return any(
        (one.purpose, one.shared_with_id) == (purpose, shared_with) and one.take_back_time is None for one in known.objections
    )


def _told(work: Work, known: Known, one: Reckoned) -> model.MyConsent:
    row = one.rule.row if isinstance(one.rule, Decision) else None
    mine = [
        yes.text_id
        for yes in known.consents
        if (yes.purpose, yes.shared_with_id, yes.by_id) == (one.purpose, one.shared_with, known.records.about)
        and yes.withdraw_time is None
    ]
    return model.MyConsent(
        purpose=one.purpose,
        shared_with_id=one.shared_with or None,
        covered=bool(one.coverage),
        reason=one.coverage.reason,
        until=one.until,
        decides=None if row is None else row.who,
        condition="" if row is None else row.condition,
        text_id=mine[-1] if mine else None,
        objects=_objects(known, one.purpose, one.shared_with),
        legal_basis=work.settings(PeopleSettings).consent.basis(one.purpose),
    )
