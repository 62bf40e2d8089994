"""A bare Connect server under uvicorn whose one method answers with a message: the ceiling of a unary call over HTTP."""

import socket
import sys
from collections.abc import Mapping

import uvicorn
from connectrpc._server_shared import EndpointUnary
from connectrpc.compat import google_protobuf_codecs
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from mewe.chat.v1 import chat_service_pb2 as chat

Context = RequestContext[chat.ListRoomsRequest, chat.ListRoomsResponse]


async def echo(request: chat.ListRoomsRequest, _: Context) -> chat.ListRoomsResponse:
    """A page with one room, like the call that is measured."""
    return chat.ListRoomsResponse(rooms=[chat.Room(id=request.page_token, group_id="g", open=True, last_sequence=7)])


class Echo(ConnectASGIApplication[None]):
    """The application, without generated code."""

    @property
    def path(self) -> str:
        """Where the service stands."""
        return "/mewe.chat.v1.ChatService"


def endpoints(_: None) -> Mapping[str, EndpointUnary[chat.ListRoomsRequest, chat.ListRoomsResponse]]:
    """The one method."""
    method = MethodInfo(
        name="ListRooms",
        service_name="mewe.chat.v1.ChatService",
        input=chat.ListRoomsRequest,
        output=chat.ListRoomsResponse,
        stream_type=StreamType.UNARY,
        idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
    )
    return {"/mewe.chat.v1.ChatService/ListRooms": Endpoint.unary(method, echo)}


def main() -> None:
    """Serve on a free port, which is printed."""
    listening = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(f"{listening.getsockname()[1]}\n")
    sys.stdout.flush()
    server = uvicorn.Server(
        uvicorn.Config(
            Echo(service=None, endpoints=endpoints, codecs=google_protobuf_codecs()), log_level="warning", access_log=False
        )
    )
    server.run(sockets=[listening])


if __name__ == "__main__":
    main()
