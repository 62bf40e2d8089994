"""A program is tied to the process that starts it, also by a process that is busy answering calls."""

import asyncio
import signal
import subprocess
import sys

import grpc
from mewe_host.tied import tied

STARTS = 60
CALLERS = 8


async def echo(data: bytes, _: object) -> bytes:
    """The same again."""
    return data


def test_every_program_starts_while_calls_are_answered() -> None:
    """None of sixty crashes or hangs on its way, although threads of gRPC are at work in the process that starts them."""

    async def run() -> list[int]:
        server = grpc.aio.server()
        methods = {"Echo": grpc.unary_unary_rpc_method_handler(echo)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("test.Echo", methods),))
        port = server.add_insecure_port("127.0.0.1:0")
        await server.start()
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            call = channel.unary_unary("/test.Echo/Echo", None, None)

            async def calling() -> None:
                while True:
                    await call(b"again")

            callers = [asyncio.create_task(calling()) for _ in range(CALLERS)]
            codes = []
            for _ in range(STARTS):
                command = tied([sys.executable, "-S", "-c", ""], signal.SIGKILL)
                started = subprocess.Popen(command, start_new_session=True)  # noqa: S603, ASYNC220
                codes.append(await asyncio.to_thread(started.wait, 60))
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
        await server.stop(None)
        return codes

    assert asyncio.run(run()) == [0] * STARTS


def test_a_program_is_not_begun_for_a_process_that_is_gone() -> None:
    """What comes to be after its starter has ended ends at once, and does nothing."""
    words = tied([sys.executable, "-c", "print('begun')"], signal.SIGKILL)
    words[words.index("-c") + 2] = "1"
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout) == (1, "")
