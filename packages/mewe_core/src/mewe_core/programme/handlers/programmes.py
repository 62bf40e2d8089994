"""What can be run here: ProgrammeService."""

from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work
from mewe_core.programme.model.programmes import (
    GetProgrammeRequest,
    ListProgrammesRequest,
    ListProgrammesResponse,
    Programme,
)
from mewe_core.programme.offer import Offer, told


async def list_programmes(request: ListProgrammesRequest, work: Work) -> ListProgrammesResponse:
    """The newest version of each programme on offer, by id. Raises Invalid for a page token of another list."""
    size = paging.size(request.page_size)
    after = str(paging.after("programmes", request.page_token, ""))
    found = [one for one in work.settings(Offer).all_newest() if one.id > after]
    following = paging.token("programmes", found[size - 1].id) if len(found) > size else ""
    return ListProgrammesResponse(tuple(told(one, request.language) for one in found[:size]), following)


async def get_programme(request: GetProgrammeRequest, work: Work) -> Programme:
    """One programme, whole. Raises NotFound if it is not on offer in that version."""
    on_offer = work.settings(Offer)
    if request.version == 0:
        found = on_offer.newest(request.programme_id)
    else:
        found = on_offer.version(request.programme_id, request.version)
    if found is None:
        raise NotFound
    return told(found, request.language)
