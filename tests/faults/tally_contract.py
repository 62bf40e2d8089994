"""The tally's contract: compiled from its proto, and as a client uses it."""

from pathlib import Path
from typing import Any

import grpc
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc
from mewe_client import Client

TALLY = Path(__file__).resolve().parent / "tally"
CONTRACT = TALLY / "contract.binpb"


def compile_to(place: Path) -> None:
    """Write the descriptor set to a file. Raises AssertionError if the proto has a fault."""
    options = ["--include_imports", "--include_source_info", f"--descriptor_set_out={place}"]
    done = protoc.main(["protoc", f"-I{TALLY / 'proto'}", *options, "mewe/tally/v1/tally_service.proto"])
    assert done == 0, "the tally's proto cannot be compiled"


async def tally_of(client: Client, room_id: str) -> int:
    """The count of a room that the client's person is in."""
    pool = DescriptorPool()
    for file in FileDescriptorSet.FromString(CONTRACT.read_bytes()).file:
        pool.Add(file)
    request: type[Any] = GetMessageClass(pool.FindMessageTypeByName("mewe.tally.v1.GetTallyRequest"))
    answer: type[Any] = GetMessageClass(pool.FindMessageTypeByName("mewe.tally.v1.Tally"))
    method: grpc.aio.UnaryUnaryMultiCallable[Message, Any] = client.deployment.channel("tally").unary_unary(
        "/mewe.tally.v1.TallyService/GetTally", request.SerializeToString, answer.FromString
    )
    return int((await client.send(method, request(room_id=room_id))).posts)


if __name__ == "__main__":
    compile_to(CONTRACT)
