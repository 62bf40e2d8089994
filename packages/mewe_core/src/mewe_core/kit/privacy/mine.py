"""The one RPC that every feature has without declaring it: its own part of one's own data."""

import json

from attrs import field, frozen

from mewe_core.kit import paging
from mewe_core.kit.access import signed_in
from mewe_core.kit.checks import identifier, text
from mewe_core.kit.earlier import closed_before
from mewe_core.kit.errors import SignedOut, StillClosed
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.ports import Work
from mewe_core.kit.privacy.exporting import export_some
from mewe_core.kit.privacy.passes import check_pass

LIST = "export"
_DIGITS = 15


@frozen
class ExportMineRequest:
    """Ask a feature for what it keeps about oneself."""

    area: str = field(validator=identifier)
    export_pass: str = field(validator=text(1000), repr=False)
    page_token: str = field(default="", validator=text(paging.LONGEST, least=0))


@frozen
class ExportMineResponse:
    """A page: tables as JSON; ``next_page_token`` is empty on the last."""

    area: str
    tables: str = field(repr=False)
    next_page_token: str


def export_of(feature: Feature) -> Rpc[ExportMineRequest, ExportMineResponse]:
    """The RPC of one feature. It only reads, and finds rows by the caller alone."""

    async def export_mine(request: ExportMineRequest, work: Work) -> ExportMineResponse:
        """A page of what the feature keeps about the caller. Raises PassNotGood, StillClosed, Invalid."""
        if work.caller.person_id is None:
            raise SignedOut
        place, _, row = str(paging.after(LIST, request.page_token, "0/0")).partition("/")
        if not all(one.isdecimal() and len(one) <= _DIGITS for one in (place, row)):
            raise paging.not_of_this_list()
        check_pass(request.export_pass, work)
        if await closed_before(work.database, work.caller.person_id) is not None:
            raise StillClosed
        page = await export_some(feature, work.caller.person_id, work, after=(int(place), int(row)))
        following = "" if page.following is None else paging.token(LIST, "/".join(map(str, page.following)))
        return ExportMineResponse(feature.name, json.dumps(page.tables, ensure_ascii=False), following)

    return Rpc(export_mine, signed_in())
