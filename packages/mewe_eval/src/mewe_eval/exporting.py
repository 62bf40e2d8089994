"""The file of a study out of what is kept: only those who consent to what it is wanted for, under names of the study alone."""

from mewe_core.kit import paging
from mewe_core.kit.errors import NotFound
from mewe_core.kit.ports import Work

from mewe_eval import group_store, study_rows
from mewe_eval.exports.codebook import codebook_of
from mewe_eval.group_store import KeptGroup
from mewe_eval.model import GetStudyFileRequest, GetStudyFileResponse
from mewe_eval.settings import Deployed
from mewe_eval.study_rows import Kept, Row


async def get_study_file(request: GetStudyFileRequest, work: Work) -> GetStudyFileResponse:
    """A page of a study's file. Raises NotFound, and Invalid for a page token of another list."""
    deployed = work.settings(Deployed)
    protocol = deployed.protocols.get(request.study_id)
    if protocol is None:
        raise NotFound
    instruments = study_rows.asked_instruments(deployed, protocol)
    size, name = paging.size(request.page_size), f"{protocol.id} of {request.organisation_id}"
    after = str(paging.after(name, request.page_token, ""))
    groups = await work.database.all(
        group_store.GROUPS_OF, KeptGroup, which=request.organisation_id, after=after, limit=size + 1
    )
    kept, rows = Kept(work.database, work.keys, work.sealing, work.caller.country, work.now), list[Row]()
    for group in groups[:size]:
        rows += (await study_rows.rows_of(group, protocol, request.purpose, kept)).rows
    book = b""
    if not request.page_token:
        cut = work.now.to_tz(deployed.settings.time_zone.key).date().format_iso()
        book = codebook_of(protocol, instruments, cut, request.language or "en")
    following = paging.token(name, groups[size - 1].id) if len(groups) > size else ""
    return GetStudyFileResponse(study_rows.as_csv(instruments, rows, head=not request.page_token), book, following)
