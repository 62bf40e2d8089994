"""Every method of a contract has one RPC, every RPC a method, and all that does not fit is said in one message."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from attrs import evolve, frozen
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from mewe_core.kit.access import Access, anyone, signed_in
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.personal import holds_nothing
from mewe_core.kit.ports import Follow, Work
from mewe_core.kit.preparing import Preparing
from mewe_host.wire.codecs import Codecs
from mewe_host.wire.contracts import Contracts
from mewe_host.wire.methods import bind
from sqlalchemy import MetaData

CONTRACT = """
syntax = "proto3";
package mewe.notes.v1;
service NoteService {
  rpc AddNote(AddNoteRequest) returns (Note);
  rpc GetNote(AskNote) returns (Note) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc WatchNotes(AskNote) returns (stream Notes) { option idempotency_level = NO_SIDE_EFFECTS; }
}
message AddNoteRequest { string request_id = 1; string text = 2; }
message AskNote { string id = 1; }
message Note { string id = 1; }
message Notes { repeated Note notes = 1; }
"""


@frozen
class AddNote:
    request_id: str
    text: str


@frozen
class GetNote:
    id: str


@frozen
class Note:
    id: str


async def add_note(request: AddNote, work: Work) -> Note:
    """Add one."""
    return Note(request.request_id)


async def get_note(request: GetNote, work: Work) -> Note:
    """Get one."""
    return Note(request.id)


async def watch_notes(request: GetNote, work: Work) -> Follow[Note]:
    """Follow one."""
    raise NotImplementedError


ALL: tuple[Rpc[Any, object], ...] = (Rpc(add_note, signed_in()), Rpc(get_note, anyone()), Rpc(watch_notes, anyone()))

Compile = Callable[[str, str], FileDescriptorSet]


@pytest.fixture(scope="module")
def contracts(compile_contract: Compile) -> Contracts:
    """The contract of this module."""
    return Contracts({"notes": compile_contract(CONTRACT, "notes")})


def _feature(*rpcs: Rpc[Any, object]) -> Feature:
    tables = MetaData()
    return Feature(
        name="notes", package="notes", version="1", summary="Notes.", rpcs=rpcs, tables=tables, personal=holds_nothing(tables)
    )


def _problems(contracts: Contracts, *rpcs: Rpc[Any, object]) -> list[str]:
    codecs = Codecs(contracts)
    bind(_feature(*rpcs), codecs)
    return codecs.problems


def test_a_feature_that_fits_is_bound(contracts: Contracts) -> None:
    """Each method stands under its path, with what the contract says about reading and streaming."""
    codecs = Codecs(contracts)
    bound = bind(_feature(*ALL), codecs)
    assert codecs.problems == []
    assert {path: (one.area, one.reads, one.streams) for path, one in bound.items()} == {
        "/mewe.notes.v1.NoteService/AddNote": ("notes", False, False),
        "/mewe.notes.v1.NoteService/GetNote": ("notes", True, False),
        "/mewe.notes.v1.NoteService/WatchNotes": ("notes", True, True),
    }


@pytest.mark.parametrize(
    ("name", "answer", "flagged", "much"),
    [
        ("ListThings", "string id = 1;", False, True),
        ("GetThings", "string id = 1; string next_page_token = 2;", False, True),
        ("GetThings", "string id = 1;", True, True),
        ("GetThings", "string id = 1;", False, False),
    ],
)
def test_a_list_a_page_and_what_says_so_give_much(
    compile_contract: Compile, name: str, answer: str, *, flagged: bool, much: bool
) -> None:
    """The contract tells what comes in any number; a whole file has to be said."""

    @frozen
    class Things:
        id: str
        next_page_token: str = ""

    async def handler(request: GetNote, work: Work) -> Note:
        raise NotImplementedError

    handler.__name__ = "list_things" if name.startswith("List") else "get_things"
    handler.__annotations__["return"] = Things if "page" in answer else Note
    text = f"""
    syntax = "proto3";
    package mewe.notes.v1;
    service NoteService {{ rpc {name}(AskNote) returns (Note) {{ option idempotency_level = NO_SIDE_EFFECTS; }} }}
    message AskNote {{ string id = 1; }}
    message Note {{ {answer} }}
    """
    codecs = Codecs(Contracts({"notes": compile_contract(text, "notes")}))
    (bound,) = bind(_feature(Rpc(handler, anyone(), gives_much=flagged)), codecs).values()
    assert codecs.problems == []
    assert bound.gives_much is much


def test_a_method_without_an_rpc_is_named(contracts: Contracts) -> None:
    """What the contract promises and the feature does not serve stops the start."""
    assert _problems(contracts, *ALL[:2]) == ["feature notes: mewe.notes.v1.NoteService/WatchNotes has no Rpc in the feature"]


def test_an_rpc_without_a_method_is_named(contracts: Contracts) -> None:
    """What the feature serves and no contract promises stops the start."""

    async def burn_notes(request: GetNote, work: Work) -> Note:
        raise NotImplementedError

    assert _problems(contracts, *ALL, Rpc(burn_notes, anyone())) == [
        "feature notes: no service of mewe.notes.v1 has a method BurnNotes (handler burn_notes)"
    ]


def test_two_rpcs_for_one_method_are_named(contracts: Contracts) -> None:
    """A method has one handler."""
    assert _problems(contracts, *ALL, ALL[0]) == ["feature notes: AddNote has more than one Rpc"]


def test_an_rpc_without_an_access_rule_is_refused(contracts: Contracts) -> None:
    """Nothing is served that does not say who may."""
    rpc = Rpc(add_note, cast("Access[AddNote]", None))
    assert _problems(contracts, rpc, *ALL[1:]) == ["feature notes: AddNote: has no access rule"]


def test_a_handler_that_does_not_follow_is_no_stream(contracts: Contracts) -> None:
    """A streaming method needs a handler that answers Follow, any other one that does not."""

    async def watch_notes(request: GetNote, work: Work) -> Note:
        raise NotImplementedError

    async def get_note(request: GetNote, work: Work) -> Follow[Note]:
        raise NotImplementedError

    assert _problems(contracts, ALL[0], Rpc(get_note, anyone()), Rpc(watch_notes, anyone())) == [
        "feature notes: GetNote: answers Follow[...], does not stream in the contract",
        "feature notes: WatchNotes: streams in the contract, its handler does not answer Follow[...]",
    ]


def test_handlers_have_to_be_annotated_coroutines(contracts: Contracts) -> None:
    """Classes of request and answer are read off the handler."""

    async def get_note(request, work):  # type: ignore[no-untyped-def]
        raise NotImplementedError

    def add_note(request: AddNote, work: Work) -> Note:
        raise NotImplementedError

    assert _problems(contracts, Rpc(cast(Any, add_note), anyone()), Rpc(get_note, anyone()), ALL[2]) == [
        "feature notes: AddNote: its handler add_note is not a coroutine function",
        "feature notes: GetNote: its handler get_note does not name the classes of request and answer",
    ]


FAULTY = """
syntax = "proto3";
package mewe.faulty.v1;
service NoteService {
  rpc AddNote(AskNote) returns (Note);
  rpc WatchNotes(AskNote) returns (stream Note);
  rpc GetNote(stream AskNote) returns (Note) { option idempotency_level = NO_SIDE_EFFECTS; }
}
message AskNote { string id = 1; }
message Note { string id = 1; }
"""


def test_contracts_that_cannot_be_served_are_refused(compile_contract: Compile) -> None:
    """A write needs a request_id, a stream only reads, and requests do not stream."""

    async def add_note(request: GetNote, work: Work) -> Note:
        raise NotImplementedError

    codecs = Codecs(Contracts({"faulty": compile_contract(FAULTY, "faulty")}))
    tables = MetaData()
    feature = Feature(
        name="faulty",
        package="faulty",
        version="1",
        summary="Faults.",
        rpcs=(Rpc(add_note, anyone()), *ALL[1:]),
        tables=tables,
        personal=holds_nothing(tables),
    )
    assert bind(feature, codecs) == {}
    assert codecs.problems == [
        "feature faulty: AddNote: writes (or lacks NO_SIDE_EFFECTS), but mewe.faulty.v1.AskNote has no string request_id",
        "feature faulty: WatchNotes: a stream only reads: its contract needs idempotency_level = NO_SIDE_EFFECTS",
        "feature faulty: WatchNotes: streams, and mewe.faulty.v1.Note is not one repeated message and nothing besides",
        "feature faulty: GetNote: streams of requests are not supported",
    ]


def test_a_stream_prepares_nothing(contracts: Contracts) -> None:
    """A stream that declares something to prepare stops the start; a call may."""

    async def prepare(request: Any, before: Preparing) -> object:
        raise NotImplementedError

    assert _problems(contracts, evolve(ALL[0], prepare=prepare), *ALL[1:]) == []
    problem = "feature notes: WatchNotes: streams, and what streams prepares nothing"
    assert _problems(contracts, *ALL[:2], evolve(ALL[2], prepare=prepare)) == [problem]
