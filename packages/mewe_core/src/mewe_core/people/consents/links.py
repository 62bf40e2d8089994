"""One-time codes by which a guardian answers about one purpose of one person. GuardianService."""

from whenever import Instant

from mewe_core.kit.errors import NotAllowed, NotFound, SignedOut
from mewe_core.kit.ports import Work
from mewe_core.kit.values import columns
from mewe_core.kit.words import normalised
from mewe_core.people import codes
from mewe_core.people.consent import Capacity, may_consent
from mewe_core.people.consents import guardian_model as model
from mewe_core.people.consents import handlers, reckoning, rules, store
from mewe_core.people.consents.kept import KeptLink, Way
from mewe_core.people.consents.model import ConsentText
from mewe_core.people.consents.reckoning import place_of
from mewe_core.people.errors import CodeNotGood, ConsentTextOlder

CODE = "people.consent.link"
USUAL_HOURS = 168


async def make_consent_link(request: model.MakeConsentLinkRequest, work: Work) -> model.ConsentLink:
    """A code for one guardian. Raises NotFound for another's guardian, NotAllowed where others decide, ConsentTextOlder."""
    if await store.guardian(work.database, request.person_id, request.guardian_id) is None:
        raise NotFound
    text = await handlers.text_here(work, request.text_id)
    shared_with = handlers.with_whom(text.purpose, request.shared_with_id)
    known = await reckoning.known(work, request.person_id)
    rule = rules.rule_of(place_of(work), known.records, text.purpose, shared_with, known.at)
    may_consent(rule, request.guardian_id, Capacity.GUARDIAN)
    if work.caller.person_id is None:
        raise SignedOut
    code = codes.code(work.ids.secret(codes.RANDOM_BYTES))
    kept = KeptLink(
        id=work.new_id(),
        code_digest=_digest(work, code),
        person_id=request.person_id,
        guardian_id=request.guardian_id,
        text_id=text.id,
        shared_with_id=shared_with,
        create_time=work.now,
        made_by_id=work.caller.person_id,
        expire_time=work.now.add(hours=request.valid_hours or USUAL_HOURS),
        answer_time=None,
        agrees=None,
    )
    await work.database.execute(store.ADD_LINK, **columns(kept))
    return model.ConsentLink(kept.id, code, kept.expire_time)


async def open_consent_link(request: model.OpenConsentLinkRequest, work: Work) -> model.ConsentQuestion:
    """What a code asks: nothing but the text. Raises CodeNotGood, whatever is wrong."""
    link = await work.database.first(store.LINK_BY_CODE, KeptLink, digest=_digest(work, request.code), now=work.now)
    if link is None:
        raise CodeNotGood
    text = await _asked(work, link, work.now)
    return model.ConsentQuestion(text.purpose, text.language, text.text, link.expire_time)


async def answer_consent_link(request: model.AnswerConsentLinkRequest, work: Work) -> model.AnswerConsentLinkResponse:
    """A guardian's yes or no; a no ends an earlier yes of theirs. Raises CodeNotGood, whatever is wrong."""
    link = await work.database.first(
        store.USE_LINK, KeptLink, digest=_digest(work, request.code), now=work.now, said=request.agrees
    )
    if link is None:
        raise CodeNotGood
    held = await store.hold(work.database, link.person_id, work.now)
    text = await _asked(work, link, held.last_time)
    if request.agrees:
        known = await reckoning.known(work, link.person_id, held)
        await handlers.keep_yes(
            work,
            known,
            held,
            text,
            by=link.guardian_id,
            capacity=Capacity.GUARDIAN,
            shared_with=link.shared_with_id,
            at=held.last_time,
            way=Way.LINK,
            recorded_by=None,
        )
    else:
        await handlers.withdraw(work, held, link.guardian_id, text.purpose, link.shared_with_id)
    await reckoning.tell(work, held)
    return model.AnswerConsentLinkResponse()


def _digest(work: Work, code: str) -> str:
    return work.keys.digest(CODE, normalised(code).encode())


async def _asked(work: Work, link: KeptLink, at: Instant) -> ConsentText:
    """The text of a code, if the guardian may still answer it. Raises CodeNotGood."""
    try:
        text = await handlers.text_here(work, link.text_id)
        known = await reckoning.known(work, link.person_id)
        rule = rules.rule_of(place_of(work), known.records, text.purpose, link.shared_with_id, max(at, known.at))
        may_consent(rule, link.guardian_id, Capacity.GUARDIAN)
    except (NotFound, NotAllowed, ConsentTextOlder):
        raise CodeNotGood from None
    return text
