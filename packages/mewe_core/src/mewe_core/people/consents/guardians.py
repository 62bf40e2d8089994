"""What guardians say, recorded by those who answer for a person, and who has covered what. GuardianService."""

from collections.abc import Sequence

from attrs import evolve

from mewe_core.kit import paging
from mewe_core.kit.errors import Field, Invalid, NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns, micros
from mewe_core.people.consent import Capacity, Decision, may_consent
from mewe_core.people.consents import guardian_model as model
from mewe_core.people.consents import handlers, reckoning, rules, store
from mewe_core.people.consents.kept import KeptGuardian, KeptOneGuardian, Way
from mewe_core.people.consents.of_age import is_of_age
from mewe_core.people.consents.personal import SEALED_FOR
from mewe_core.people.consents.reckoning import Known, place_of
from mewe_core.people.consents.rules import Reckoned
from mewe_core.people.errors import GuardianRequestAnswered, OfAge, TooManyGuardians

MOST_GUARDIANS = 4
"""More than two, because families change; the law never asks for more than two of them."""


async def get_person_consents(request: model.GetPersonConsentsRequest, work: Work) -> model.PersonConsents:
    """What of a person is covered, and which guardians there are."""
    known = await reckoning.known(work, request.person_id)
    return await _told(work, known, rules.reckoned(place_of(work), known.records, known.at))


async def list_group_consents(request: model.ListGroupConsentsRequest, work: Work) -> model.ListGroupConsentsResponse:
    """What of everybody who takes part in a group is covered. Raises Invalid for a page token of another list."""
    name, most = f"consents in group {request.group_id}", paging.size(request.page_size)
    after = str(paging.after(name, request.page_token, ""))
    persons = await work.database.all(
        store.PERSONS_IN_GROUP, str, group_id=request.group_id, now=work.now, after=after, most=most + 1
    )
    return model.ListGroupConsentsResponse(await _covered(work, persons[:most]), _next(name, persons, most))


async def list_organisation_consents(
    request: model.ListOrganisationConsentsRequest, work: Work
) -> model.ListOrganisationConsentsResponse:
    """The same for everybody whom an organisation has invited. Raises Invalid for a page token of another list."""
    name, most = f"consents in organisation {request.organisation_id}", paging.size(request.page_size)
    after = str(paging.after(name, request.page_token, ""))
    persons = await work.database.all(
        store.PERSONS_IN_ORGANISATION, str, organisation_id=request.organisation_id, after=after, most=most + 1
    )
    return model.ListOrganisationConsentsResponse(await _covered(work, persons[:most]), _next(name, persons, most))


async def record_birth_date(request: model.RecordBirthDateRequest, work: Work) -> model.PersonConsents:
    """Record a date of birth in place of the one there was. Raises Invalid for a day that cannot be."""
    rules.born_before(place_of(work), request.birth_date, work.now)
    held = await store.hold(work.database, request.person_id, work.now)
    held = await handlers.keep_birth_date(work, held, request.birth_date.format_iso(), _me(work))
    return await _told(work, *await reckoning.tell(work, held))


async def add_guardian(request: model.AddGuardianRequest, work: Work) -> model.Guardian:
    """Note that a person has a guardian. Raises OfAge, TooManyGuardians."""
    held = await store.hold(work.database, request.person_id, work.now)
    await not_of_age(work, held.person_id)
    there = await work.database.all(store.GUARDIANS_OF, KeptGuardian, about=request.person_id)
    if len(there) >= MOST_GUARDIANS:
        raise TooManyGuardians
    id_ = work.new_id()
    sealed = await work.sealing.seal(request.person_id, SEALED_FOR, _label_place(id_), request.label)
    kept = KeptGuardian(id_, request.person_id, sealed, held.last_time, _me(work))
    await work.database.execute(store.ADD_GUARDIAN, **columns(kept))
    return model.Guardian(id_, request.label)


async def record_guardian_consent(request: model.RecordGuardianConsentRequest, work: Work) -> model.PersonConsents:
    """Record a guardian's yes on paper, from the day on it.

    Raises NotFound for another's guardian or a text that is not there, NotAllowed where others decide, ConsentTextOlder;
    Invalid for a day that cannot be.
    """
    held = await store.hold(work.database, request.person_id, work.now)
    await _guardian_here(work, request.person_id, request.guardian_id)
    text = await handlers.text_here(work, request.text_id)
    shared_with = handlers.with_whom(text.purpose, request.shared_with_id)
    known = await reckoning.known(work, request.person_id, held)
    rule = rules.rule_of(place_of(work), known.records, text.purpose, shared_with, held.last_time)
    may_consent(rule, request.guardian_id, Capacity.GUARDIAN)
    await handlers.keep_yes(
        work,
        known,
        held,
        text,
        by=request.guardian_id,
        capacity=Capacity.GUARDIAN,
        shared_with=shared_with,
        at=rules.signed_at(place_of(work), request.signed_on, known.records.born, held.last_time),
        way=Way.PAPER,
        recorded_by=_me(work),
    )
    return await _told(work, *await reckoning.tell(work, held))


async def record_guardian_withdrawal(request: model.RecordGuardianWithdrawalRequest, work: Work) -> model.PersonConsents:
    """Record that a guardian has taken a yes back. Where the young person decides it changes nothing.

    Raises NotFound; OfAge: nobody takes back for an adult what they have said.
    """
    held = await store.hold(work.database, request.person_id, work.now)
    await not_of_age(work, held.person_id)
    await _guardian_here(work, request.person_id, request.guardian_id)
    shared_with = handlers.with_whom(request.purpose, request.shared_with_id)
    await handlers.withdraw(work, held, request.guardian_id, request.purpose, shared_with)
    return await _told(work, *await reckoning.tell(work, held))


async def record_one_guardian(request: model.RecordOneGuardianRequest, work: Work) -> model.OneGuardian:
    """Record why one guardian is enough, or one is not asked. Raises NotFound for another's guardian; OfAge."""
    held = await store.hold(work.database, request.person_id, work.now)
    await not_of_age(work, held.person_id)
    if request.guardian_id is not None:
        await _guardian_here(work, request.person_id, request.guardian_id)
    id_ = work.new_id()
    place = f"people_one_guardian/{id_}/note"
    kept = KeptOneGuardian(
        id=id_,
        person_id=request.person_id,
        ground=request.ground,
        purposes=request.purposes,
        guardian_id=request.guardian_id,
        create_time=held.last_time,
        end_time=None,
        recorded_by_id=_me(work),
        sealed_note=await work.sealing.seal(request.person_id, SEALED_FOR, place, request.note),
    )
    await work.database.execute(store.ADD_ONE_GUARDIAN, **columns(kept))
    await reckoning.tell(work, held)
    return kept.told()


async def end_one_guardian(request: model.EndOneGuardianRequest, work: Work) -> model.OneGuardian:
    """End an exception now; one that has ended stays as it is. Raises NotFound."""
    kept = await store.exception(work.database, request.one_guardian_id)
    if kept is None:
        raise NotFound
    held = await store.hold(work.database, kept.person_id, work.now)
    await work.database.execute(store.END_ONE_GUARDIAN, which=kept.id, now=held.last_time)
    await reckoning.tell(work, held)
    return (await store.exception(work.database, kept.id) or kept).told()


async def record_guardian_request(request: model.RecordGuardianRequestRequest, work: Work) -> model.GuardianRequest:
    """Record that a guardian asks to see what is held. Nobody is shown anything by it. Raises OfAge."""
    await not_of_age(work, request.person_id)
    told = model.GuardianRequest(work.new_id(), request.person_id, model.GuardianRequestState.OPEN, work.now, None)
    where = work.standing.scope.id
    await work.database.execute(
        store.ADD_REQUEST, **columns(told), recorded_by_id=_me(work), answered_by_id=None, organisation_id=where
    )
    return told


async def answer_guardian_request(request: model.AnswerGuardianRequestRequest, work: Work) -> model.GuardianRequest:
    """Record what a person has answered.

    Raises GuardianRequestAnswered; OfAge for a yes to what was asked before they came of age; Invalid for no answer.
    """
    if request.state is model.GuardianRequestState.OPEN:
        raise Invalid(Field("state", "granted or refused"))
    there = await work.database.first(store.REQUEST_BY_ID, model.GuardianRequest, which=request.guardian_request_id)
    if there is None:
        raise NotFound
    if request.state is model.GuardianRequestState.GRANTED:
        await not_of_age(work, there.person_id)
    if not await work.database.execute(
        store.ANSWER_REQUEST, which=there.id, became=request.state, now=work.now, by_id=_me(work)
    ):
        raise GuardianRequestAnswered
    return evolve(there, state=request.state, answer_time=work.now)


async def list_guardian_requests(request: model.ListGuardianRequestsRequest, work: Work) -> model.ListGuardianRequestsResponse:
    """What guardians have asked for in an organisation, oldest first. Raises Invalid for a page token of another list."""
    most, name = paging.size(request.page_size), f"guardian_requests {request.organisation_id}"
    after_id, _, after = str(paging.after(name, request.page_token, "/0")).partition("/")
    if not (after.isascii() and after.isdigit() and int(after) <= handlers.LATEST):
        raise paging.not_of_this_list()
    rows = await work.database.all(
        store.REQUESTS_IN,
        model.GuardianRequest,
        organisation_id=request.organisation_id,
        after=int(after),
        after_id=after_id,
        most=most + 1,
    )
    following = paging.token(name, f"{rows[most - 1].id}/{micros(rows[most - 1].create_time)}") if len(rows) > most else ""
    return model.ListGuardianRequestsResponse(tuple(rows[:most]), following)


def _me(work: Work) -> str:
    if work.caller.person_id is None:
        raise SignedOut
    return work.caller.person_id


async def _guardian_here(work: Work, person_id: str, guardian_id: str) -> None:
    if await store.guardian(work.database, person_id, guardian_id) is None:
        raise NotFound


async def not_of_age(work: Work, person_id: str) -> None:
    """Raises OfAge for whoever is: no guardian of theirs has any standing."""
    known = await reckoning.known(work, person_id)
    if is_of_age(place_of(work), known.records.born, known.at):
        raise OfAge


def _label_place(guardian_id: str) -> str:
    return f"people_guardian/{guardian_id}/label"


def _purposes(found: Sequence[Reckoned]) -> tuple[model.PurposeCovered, ...]:
    return tuple(
        model.PurposeCovered(
            purpose=one.purpose,
            shared_with_id=one.shared_with or None,
            covered=bool(one.coverage),
            reason=one.coverage.reason,
            decides=one.rule.row.who if isinstance(one.rule, Decision) else None,
        )
        for one in found
    )


async def _told(work: Work, known: Known, found: Sequence[Reckoned]) -> model.PersonConsents:
    person_id, guardians = known.records.about, list[model.Guardian]()
    grown = is_of_age(place_of(work), known.records.born, known.at)
    for one in [] if grown else await work.database.all(store.GUARDIANS_OF, KeptGuardian, about=person_id):
        label = await work.sealing.open(person_id, SEALED_FOR, _label_place(one.id), one.sealed_label)
        guardians.append(model.Guardian(one.id, label or ""))
    return model.PersonConsents(
        person_id=person_id,
        birth_date_known=known.records.born is not None,
        birth_date_own_word=known.subject is not None and known.subject.birth_date_by_id == person_id,
        purposes=_purposes(found),
        guardians=tuple(guardians),
    )


async def _covered(work: Work, persons: Sequence[str]) -> tuple[model.PersonCovered, ...]:
    shown = []
    for person_id in persons:
        known = await reckoning.known(work, person_id)
        purposes = rules.reckoned(place_of(work), known.records, known.at)
        shown.append(model.PersonCovered(person_id, _purposes(purposes)))
    return tuple(shown)


def _next(name: str, persons: Sequence[str], most: int) -> str:
    return paging.token(name, persons[most - 1]) if len(persons) > most else ""
