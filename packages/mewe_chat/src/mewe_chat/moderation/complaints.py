"""Complaints: past the leaders, to the coordinator of the organisation, also from somebody who has left."""

from mewe_core.kit import paging
from mewe_core.kit.errors import Field as FieldFault
from mewe_core.kit.errors import Invalid, NotFound
from mewe_core.kit.ports import Work
from mewe_core.kit.standing import held_by

from mewe_chat.moderation import act_store, acting, complaint_store, rules
from mewe_chat.moderation.complaint_store import KeptComplaint, Reading
from mewe_chat.moderation.errors import AlreadyDecided
from mewe_chat.moderation.model import (
    AnswerComplaintRequest,
    Complaint,
    ListMyComplaintsRequest,
    ListMyComplaintsResponse,
    MakeComplaintRequest,
    MakeComplaintResponse,
    OpenComplaintsRequest,
    OpenComplaintsResponse,
)

PURPOSE = "complaint"
"""What the key of a complaint is for."""


async def make_complaint(request: MakeComplaintRequest, work: Work) -> MakeComplaintResponse:
    """Complain to the coordinator, as a participant of the group or one who has left. Raises NotFound, Invalid.

    Nothing is emitted that the leaders could hear.
    """
    person_id = work.caller.person_id
    organisation_id = await complaint_store.organisation_of_group(work.database, request.group_id)
    if person_id is None or organisation_id is None:
        raise NotFound
    if not rules.took_part(await held_by(work.database, person_id), request.group_id, work.now):
        raise NotFound
    if request.act_id is not None:
        act = await act_store.act(work.database, request.act_id)
        if act is None or act.person_id != person_id:
            raise Invalid(FieldFault("act_id", "an act about oneself, or none"))
    id_ = work.new_ordered_id()
    words = await work.sealing.seal(id_, PURPOSE, _place(id_, "text"), request.text)
    await complaint_store.keep(
        work.database,
        KeptComplaint(id_, request.group_id, organisation_id, person_id, request.act_id, words, work.now, None, None, None),
    )
    return MakeComplaintResponse(id_)


async def open_complaints(request: OpenComplaintsRequest, work: Work) -> OpenComplaintsResponse:
    """The complaints from the groups of an organisation that the caller does not lead; that they were read is kept."""
    reader_id = work.caller.person_id
    if reader_id is None:
        raise NotFound
    size, name = paging.size(request.page_size), f"complaints to {request.organisation_id}"
    after = str(paging.after(name, request.page_token, ""))
    found = await complaint_store.to(work.database, request.organisation_id, reader_id, after=after, limit=size + 1)
    for one in found[:size]:
        await complaint_store.note_reading(work.database, Reading(work.new_id(), one.id, reader_id, work.now))
    following = paging.token(name, found[size - 1].id) if len(found) > size else ""
    return OpenComplaintsResponse(tuple([await _shown(one, work) for one in found[:size]]), following)


async def answer_complaint(request: AnswerComplaintRequest, work: Work) -> Complaint:
    """Answer a complaint, once. Raises AlreadyDecided; NotFound to whoever leads the group that it comes from, or once did."""
    found = await complaint_store.complaint(work.database, request.complaint_id)
    person_id = work.caller.person_id
    if found is None or person_id is None or rules.leads(await held_by(work.database, person_id), found.group_id):
        raise NotFound
    words = await work.sealing.seal(found.id, PURPOSE, _place(found.id, "answer"), request.answer)
    if not await complaint_store.answer(work.database, found.id, words, person_id, work.now):
        raise AlreadyDecided
    answered = await complaint_store.complaint(work.database, found.id)
    return await _shown(answered or found, work)


async def list_my_complaints(request: ListMyComplaintsRequest, work: Work) -> ListMyComplaintsResponse:
    """The caller's own complaints. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("my complaints", request.page_token, ""))
    found = await complaint_store.of(work.database, work.caller.person_id or "", after=after, limit=size + 1)
    following = paging.token("my complaints", found[size - 1].id) if len(found) > size else ""
    return ListMyComplaintsResponse(tuple([await _shown(one, work) for one in found[:size]]), following)


async def _shown(one: KeptComplaint, work: Work) -> Complaint:
    act = None if one.act_id is None else await act_store.act(work.database, one.act_id)
    text = await work.sealing.open(one.id, PURPOSE, _place(one.id, "text"), one.sealed_text) if one.sealed_text else None
    answer = None
    if one.sealed_answer:
        answer = await work.sealing.open(one.id, PURPOSE, _place(one.id, "answer"), one.sealed_answer)
    return Complaint(
        one.id,
        one.group_id,
        one.person_id,
        text or "",
        one.complaint_time,
        None if act is None else await acting.shown(act, work),
        answer or "",
        one.answer_time,
    )


def _place(complaint_id: str, what: str) -> str:
    return f"chat_complaint/{complaint_id}/sealed_{what}"
