"""A bare grpc.aio server whose one method answers with a message: the ceiling of a unary call over gRPC."""

import sys

import grpc
import uvloop
from mewe.chat.v1 import chat_service_pb2 as chat


async def echo(
    request: chat.ListRoomsRequest, _: "grpc.aio.ServicerContext[chat.ListRoomsRequest, chat.ListRoomsResponse]"
) -> chat.ListRoomsResponse:
    """A page with one room, like the call that is measured."""
    return chat.ListRoomsResponse(rooms=[chat.Room(id=request.page_token, group_id="g", open=True, last_sequence=7)])


async def main() -> None:
    """Serve on a free port, which is printed."""
    server = grpc.aio.server()
    method = grpc.unary_unary_rpc_method_handler(
        echo,
        request_deserializer=chat.ListRoomsRequest.FromString,
        response_serializer=chat.ListRoomsResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("mewe.chat.v1.ChatService", {"ListRooms": method}),))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main())
