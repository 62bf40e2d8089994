"""Alerts by a program of the deployment: for text messages and calls, whose services differ from country to country."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE

from attrs import frozen

from mewe_host.alerts.letters import Letter, NotSent


@frozen
class CommandSender:
    """A program that reads a letter from standard input: the number in the first line, an empty line, the words.

    It leaves with 0 within ``seconds`` once the letter was taken over. The number is no argument, because everybody on the
    machine sees those.
    """

    command: tuple[str, ...]
    seconds: float = 20.0

    async def send(self, letter: Letter) -> None:
        """Return once the program has left with 0. Raises NotSent."""
        try:
            process = await asyncio.create_subprocess_exec(*self.command, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL)
        except OSError as fault:
            raise NotSent(type(fault).__name__) from None
        try:
            async with asyncio.timeout(self.seconds):
                await process.communicate(f"{letter.to}\n\n{letter.text}\n".encode())
        except TimeoutError:
            raise NotSent("TimeoutError") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode != 0:
            raise NotSent(f"Exit{process.returncode}")
