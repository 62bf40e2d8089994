"""Contracts for the tests of the wire, compiled from proto texts."""

from collections.abc import Callable
from pathlib import Path

import grpc_tools
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc
from mewe_host.wire.contracts import Contracts

Compile = Callable[[str, str], FileDescriptorSet]

WELL_KNOWN = Path(grpc_tools.__file__).parent / "_proto"


@pytest.fixture(scope="session")
def compile_contract(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """``compile_contract(text, area)``: the descriptor set of a proto text, as ``mewe/<area>/v1/<area>.proto``."""

    def compiled(text: str, area: str) -> FileDescriptorSet:
        root = tmp_path_factory.mktemp(area)
        source = root / "mewe" / area / "v1" / f"{area}.proto"
        source.parent.mkdir(parents=True)
        source.write_text(text)
        out = root / "contract.binpb"
        arguments = ["--include_imports", "--include_source_info", f"--descriptor_set_out={out}"]
        assert protoc.main(["protoc", f"-I{root}", f"-I{WELL_KNOWN}", *arguments, str(source)]) == 0
        return FileDescriptorSet.FromString(out.read_bytes())

    return compiled


@pytest.fixture(scope="session")
def letters(compile_contract: Compile) -> Contracts:
    """The contract of letters.proto."""
    text = (Path(__file__).parent / "letters.proto").read_text()
    return Contracts({"letters": compile_contract(text, "letters")})
