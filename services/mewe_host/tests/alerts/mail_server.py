"""A small mail server on a free port of this machine, that can be told to fail; it speaks STARTTLS if it has a certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email import message_from_bytes, policy
from email.message import EmailMessage

from attrs import define, field


@define
class MailServer:
    """What it has accepted, and what it is to answer instead, by the first word of a line."""

    context: ssl.SSLContext | None = None
    instead: dict[str, str] = field(factory=dict)
    accepted: list[EmailMessage] = field(factory=list)
    recipients: list[str] = field(factory=list)
    said: list[str] = field(factory=list)
    deaf_after_data: bool = False
    """Accepts a message, and breaks the connection before it says so."""
    port: int = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, to its end."""
        with suppress(OSError, asyncio.IncompleteReadError, ssl.SSLError):
            await self._answer(writer, "220 here")
            encrypted = False
            while line := (await reader.readline()).decode().strip():
                word = line.split(":")[0].split(" ")[0].upper()
                self.said.append(line)
                if word in self.instead:
                    await self._answer(writer, self.instead[word])
                elif word == "EHLO":
                    offers = ["250-here", *(["250-STARTTLS"] if self.context and not encrypted else []), "250-AUTH PLAIN"]
                    await self._answer(writer, "\r\n".join([*offers, "250 SIZE 10000"]))
                elif word == "STARTTLS" and self.context is not None:
                    await self._answer(writer, "220 go on")
                    await writer.start_tls(self.context)
                    encrypted = True
                elif word == "AUTH":
                    await self._answer(writer, "235 welcome")
                elif word == "DATA":
                    await self._answer(writer, "354 go on")
                    content = await reader.readuntil(b"\r\n.\r\n")
                    message = message_from_bytes(content[:-3], policy=policy.default)
                    assert isinstance(message, EmailMessage)
                    self.accepted.append(message)
                    if self.deaf_after_data:
                        break
                    await self._answer(writer, "250 kept")
                elif word == "QUIT":
                    await self._answer(writer, "221 bye")
                    break
                else:
                    self.recipients += [line[8:]] if word == "RCPT" else []
                    await self._answer(writer, "250 fine")
        writer.close()

    async def _answer(self, writer: asyncio.StreamWriter, line: str) -> None:
        writer.write(f"{line}\r\n".encode())
        await writer.drain()


@asynccontextmanager
async def mail_server(context: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[MailServer]:
    """A server that runs; its port is free unless one is named."""
    here = MailServer(context)
    server = await asyncio.start_server(here.talk, "127.0.0.1", port)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None
        await server.wait_closed()
