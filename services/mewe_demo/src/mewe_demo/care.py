"""What protects: a cry for help until it is answered, one's own data in one's own hands, and being forgotten with a receipt."""

import json
from collections.abc import Awaitable, Callable

from attrs import frozen
from mewe.kit.v1.export_service_pb2 import ExportMineRequest
from mewe.kit.v1.export_service_pb2_grpc import ExportServiceStub
from mewe.people.v1.people_service_pb2 import GetMeRequest
from mewe.people.v1.privacy_service_pb2 import (
    ERASURE_STATE_COMPLETED,
    AllowExportRequest,
    EraseMeRequest,
    Erasure,
    ErasureStatus,
    GetErasureRequest,
)
from mewe.people.v1.privacy_service_pb2_grpc import PrivacyServiceStub
from mewe.safety.v1 import concern_service_pb2 as concerns
from mewe.safety.v1.help_service_pb2 import LINE_KIND_EMERGENCY, AskForHelpRequest, ListMyConcernsRequest
from mewe_client import Client, Refused
from whenever import Instant

WORDS = "We have talked, and your teacher knows now. Come to us at any time."


@frozen
class Help:
    """A concern from the first word to the last: what the young person is told at once, who did what, how it ended."""

    readers: int
    somebody_now: bool
    emergency: tuple[str, ...]
    log: tuple[str, ...]
    told: str


@frozen
class Own:
    """An export: of each feature the number of tables, and of rows in them."""

    features: tuple[tuple[str, int, int], ...]


@frozen
class Forgotten:
    """An erasure: what the device was told at once, after how many hours it was done, and what each feature signed for."""

    told_at_once: str
    hours: int
    features: tuple[tuple[str, int, dict[str, int]], ...]


async def helped(young: Client, leader: Client) -> Help:
    """A young person asks for help; a leader on duty reads it, takes it on, keeps a note and closes it with a word to them."""
    asked = await young.send(young.help.AskForHelp, AskForHelpRequest(text="I do not know how to go on at home."))
    leader.positions.keep(young.positions.shown())
    which = asked.id
    await leader.send(leader.concerns.OpenConcern, concerns.OpenConcernRequest(concern_id=which))
    await leader.send(leader.concerns.AcknowledgeConcern, concerns.AcknowledgeConcernRequest(concern_id=which))
    note = concerns.NoteConcernRequest(concern_id=which, text="Talked for an hour after school.")
    await leader.send(leader.concerns.NoteConcern, note)
    entries = await leader.send(leader.concerns.ListConcernEntries, concerns.ListConcernEntriesRequest(concern_id=which))
    closing = concerns.CloseConcernRequest(concern_id=which, outcome=concerns.OUTCOME_SUPPORTED, words=WORDS)
    await leader.send(leader.concerns.CloseConcern, closing)
    young.positions.keep(leader.positions.shown())
    mine = await young.send(young.help.ListMyConcerns, ListMyConcernsRequest())
    return Help(
        readers=len(asked.readers),
        somebody_now=any(one.HasField("from_time") for one in asked.readers),
        emergency=tuple(one.number for one in asked.lines if one.kind == LINE_KIND_EMERGENCY),
        log=tuple(concerns.EntryKind.Name(one.kind).removeprefix("ENTRY_KIND_").lower() for one in entries.entries),
        told=next(one.words for one in mine.concerns if one.id == which),
    )


async def shown_everything(young: Client) -> Own:
    """A young person has everything shown that is kept about them: each feature is asked for its part."""
    privacy = PrivacyServiceStub(young.deployment.channel("people"))
    given = await young.send(privacy.AllowExport, AllowExportRequest(session_token=_secret(young), proof=await young.proof()))
    features = []
    for area in given.areas:
        export = ExportServiceStub(young.deployment.channel(area))
        tables, following = list[dict[str, list[object]]](), None
        while following is None or following:
            page = ExportMineRequest(area=area, export_pass=given.export_pass, page_token=following or "")
            answer = await young.send(export.ExportMine, page)
            tables += json.loads(answer.tables)
            following = answer.next_page_token
        features.append((area, len(tables), sum(len(one["rows"]) for one in tables)))
    return Own(tuple(features))


async def forgotten(young: Client, now: Callable[[], Instant], wait_until: Callable[[Instant], Awaitable[None]]) -> Forgotten:
    """A young person asks to be erased: signed out at once, erased when the time to undo it is over; the receipt says what."""
    privacy = PrivacyServiceStub(young.deployment.channel("people"))
    asked_at = now()
    erasure = await young.send(privacy.EraseMe, EraseMeRequest(session_token=_secret(young), proof=await young.proof()))
    told = await _refused(young)
    destroyed_at = Instant.from_timestamp(erasure.destroy_time.seconds)
    await wait_until(destroyed_at.add(seconds=1))
    status = await _completed(young.deployment.guest(), erasure, lambda: wait_until(now()))
    return Forgotten(
        told_at_once=told,
        hours=round((destroyed_at - asked_at).total("hours")),
        features=tuple(
            (one["feature"], one["keys_destroyed"], _by_what_was_done(one["rows"]))
            for one in json.loads(status.receipt)["features"]
        ),
    )


async def _completed(guest: Client, erasure: Erasure, settle: Callable[[], Awaitable[None]]) -> ErasureStatus:
    """The state of an erasure once every feature has answered; ``settle`` returns when all that was told is heard."""
    privacy = PrivacyServiceStub(guest.deployment.channel("people"))
    question = GetErasureRequest(erasure_id=erasure.id, receipt_token=erasure.receipt_token)
    status = await guest.send(privacy.GetErasure, question)
    while status.state != ERASURE_STATE_COMPLETED:
        await settle()
        status = await guest.send(privacy.GetErasure, question)
    return status


async def _refused(client: Client) -> str:
    try:
        await client.send(client.people.GetMe, GetMeRequest())
    except Refused as refused:
        return f"{refused.reason}: {refused.sentence}"
    return "nothing: it was let in"


def _by_what_was_done(rows: list[dict[str, str | int]]) -> dict[str, int]:
    done: dict[str, int] = {}
    for one in rows:
        done[str(one["done"])] = done.get(str(one["done"]), 0) + int(one["rows"])
    return done


def _secret(client: Client) -> str:
    if client.session is None:
        raise ValueError("nobody is signed in here")
    return client.session.session_token
