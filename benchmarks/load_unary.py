"""Load of unary calls, from a process of its own: so many at a time, for so long.

``python -m benchmarks.load_unary grpc|connect ADDRESS SECONDS [AUTHORIZATION]``; prints how many were answered.
"""

import asyncio
import sys
import time

import grpc
import uvloop
from mewe.chat.v1.chat_service_pb2 import ListRoomsRequest, ListRoomsResponse

PATH = "/mewe.chat.v1.ChatService/ListRooms"
AT_ONCE = 32
BODY = ListRoomsRequest(page_size=10).SerializeToString()


async def over_grpc(address: str, until: float, authorization: str) -> int:
    """Calls over one channel of grpc.aio."""
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_unary(PATH, request_serializer=None, response_deserializer=None)
        metadata = [("authorization", authorization)] if authorization else []

        async def caller() -> int:
            count = 0
            while time.perf_counter() < until:
                ListRoomsResponse.FromString(await call(BODY, metadata=metadata, timeout=10))
                count += 1
            return count

        return sum(await asyncio.gather(*(caller() for _ in range(AT_ONCE))))


async def over_connect(address: str, until: float, authorization: str) -> int:
    """Calls of the Connect protocol over kept HTTP/1.1 connections."""
    host, _, port = address.rpartition(":")
    lines = [f"POST {PATH} HTTP/1.1", f"host: {address}", "content-type: application/proto", "connect-protocol-version: 1"]
    lines += ["connect-timeout-ms: 10000", f"content-length: {len(BODY)}"]
    lines += [f"authorization: {authorization}"] if authorization else []
    request = ("\r\n".join(lines) + "\r\n\r\n").encode() + BODY

    async def caller() -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        count = 0
        while time.perf_counter() < until:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if b" 200 " not in head.splitlines()[0] + b" ":
                raise RuntimeError(head.decode())
            ListRoomsResponse.FromString(await body(reader, head))
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(caller() for _ in range(AT_ONCE))))


async def body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    """An answer's body, of a known length or in chunks."""
    if b"transfer-encoding: chunked" not in head:
        return await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
    found = b""
    while length := int(await reader.readline(), 16):
        found += await reader.readexactly(length)
        await reader.readline()
    await reader.readline()
    return found


async def main(protocol: str, address: str, seconds: str, authorization: str = "") -> int:
    """The load."""
    until = time.perf_counter() + float(seconds)
    return await (over_grpc if protocol == "grpc" else over_connect)(address, until, authorization)


if __name__ == "__main__":
    sys.stdout.write(str(uvloop.run(main(*sys.argv[1:]))))
