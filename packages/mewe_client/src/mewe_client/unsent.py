"""Not sent yet: calls for help and reports are kept on the device until they are answered, and are sent only once.

What is asked is kept before it is sent. Where there is no network it stays "not sent yet", is tried again with the same
request_id, and is never dropped but by the person. Emergency numbers are there at once, with or without a network.
"""

import asyncio
import base64
import json
import os
import uuid
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

import grpc
from attrs import evolve, field, frozen
from google.protobuf.message import Message
from mewe.chat.v1.chat_service_pb2 import ReportMessageRequest, ReportMessageResponse
from mewe.safety.v1.help_service_pb2 import (
    LINE_KIND_EMERGENCY,
    AskForHelpRequest,
    AskToTalkRequest,
    HelpAnswer,
    HelpLine,
    ListHelpLinesRequest,
)

from mewe_client.client import UNREACHED, WAIT, Client
from mewe_client.refusals import Refused
from mewe_client.sealed_file import KEY_BYTES, SealedFile

LONGEST_PAUSE = 60.0
"""Seconds between two attempts of ``until_sent`` at most."""

FOR_A_NAME = 60.0
"""Seconds after it was asked that something is sent as nobody's, where the service answers but fails to say who asks."""


class State(StrEnum):
    """Where something stands that was asked. ``REFUSED``: the request was malformed, and will never be taken as it is."""

    NOT_SENT = "not sent yet"
    SENT = "sent"
    REFUSED = "refused"


class Kind(StrEnum):
    """What was asked."""

    HELP = "help"
    TALK = "talk"
    REPORT = "report"


_REQUESTS: dict[Kind, type[Message]] = {
    Kind.HELP: AskForHelpRequest,
    Kind.TALK: AskToTalkRequest,
    Kind.REPORT: ReportMessageRequest,
}
_ANSWERS: dict[Kind, type[Message]] = {Kind.HELP: HelpAnswer, Kind.TALK: HelpAnswer, Kind.REPORT: ReportMessageResponse}


@frozen
class Asked:
    """Something that was asked: ``id`` is its request_id, ``at`` when (seconds since 1970).

    ``request`` holds the words until they are sent, and no longer. ``answer``: who will read it and when (``HelpAnswer``), or
    that a report was taken; None until it is sent. ``sentence``: what may be shown of a refusal.
    """

    id: str
    kind: Kind
    state: State
    at: float
    request: Message | None = field(default=None, repr=False)
    answer: Message | None = field(default=None, repr=False)
    sentence: str = ""
    token: str | None = field(default=None, repr=False)
    tried: bool = False


class Outbox:
    """What one person asked on this device. One process at a time works with a file.

    In memory, unless ``in_file`` is used. ``lines``: numbers that the app brings, for as long as no deployment has told any.
    """

    def __init__(self, *, lines: Iterable[HelpLine] = ()) -> None:
        self._file: SealedFile | None = None
        self._lines = tuple(lines)
        self._asked: dict[str, Asked] = {}
        self._on_disk = False
        self._sending = asyncio.Lock()

    @classmethod
    def in_file(cls, path: Path, key: bytes, *, lines: Iterable[HelpLine] = ()) -> Self:
        """What is kept in a file, sealed under a key of 32 bytes (``new_key``) that the device keeps with its secrets.

        Raises ValueError for another key or a file that was changed: nothing is dropped because it cannot be read.
        """
        outbox = cls(lines=lines)
        outbox._file = SealedFile(path, key)
        outbox._load(outbox._file.read())
        outbox._on_disk = True
        return outbox

    @staticmethod
    def new_key() -> bytes:
        """A key for a file, to be kept by the device, not beside the file."""
        return os.urandom(KEY_BYTES)

    @property
    def on_disk(self) -> bool:
        """Whether all this is in the file as it stands here; False in memory, and while the file cannot be written.

        On a full disk everything goes on in memory, and is sent; it is written with the next change or attempt that can be.
        """
        return self._on_disk

    @property
    def asked(self) -> tuple[Asked, ...]:
        """Everything that was asked and not forgotten, oldest first."""
        return tuple(self._asked.values())

    @property
    def unsent(self) -> tuple[Asked, ...]:
        """What is not sent yet."""
        return tuple(one for one in self._asked.values() if one.state is State.NOT_SENT)

    @property
    def lines(self) -> tuple[HelpLine, ...]:
        """The numbers that were told last, emergency first: there without a network too.

        Whether a helpline is open is not said: that was true when it was told.
        """
        return self._lines

    async def ask_for_help(
        self, me: Client, text: str = "", *, kept_from_id: str | None = None, seconds: float = WAIT
    ) -> Asked:
        """ "I need help." Kept, then sent; what comes back says whether it was.

        Never raises for want of a network or of room on the disk. ``seconds`` are waited for an answer, and before that at most
        as long for a token where there is none.
        """
        request = AskForHelpRequest(request_id=uuid.uuid4().hex, text=text, kept_from_id=kept_from_id)
        return await self._ask(me, Kind.HELP, request, seconds)

    async def ask_to_talk(self, me: Client, text: str = "", *, seconds: float = WAIT) -> Asked:
        """ "I want to talk to a leader." As ``ask_for_help``."""
        return await self._ask(me, Kind.TALK, AskToTalkRequest(request_id=uuid.uuid4().hex, text=text), seconds)

    async def report_message(
        self, me: Client, *, room_id: str, message_id: str, text: str = "", seconds: float = WAIT
    ) -> Asked:
        """Report a message. As ``ask_for_help``."""
        request = ReportMessageRequest(request_id=uuid.uuid4().hex, room_id=room_id, message_id=message_id, text=text)
        return await self._ask(me, Kind.REPORT, request, seconds)

    async def send(self, me: Client, *, seconds: float = WAIT) -> tuple[Asked, ...]:
        """Try once what is not sent yet, oldest first; what still is not. Call it when there is a network again."""
        if not self._on_disk:
            self._keep()
        for one in self.unsent:
            await self._try(me, one, seconds)
        return self.unsent

    async def until_sent(self, me: Client, *, seconds: float = WAIT) -> None:
        """Try with growing pauses until everything is sent."""
        pause = 1.0
        while await self.send(me, seconds=seconds):
            await asyncio.sleep(pause)
            pause = min(LONGEST_PAUSE, 2 * pause)

    async def learn_lines(self, me: Client, *, seconds: float = WAIT) -> tuple[HelpLine, ...]:
        """Ask for the country's numbers, and keep them; those known before where nobody answers."""
        request = ListHelpLinesRequest()
        try:
            self._know(list((await me.deployment.guest().reach(me.help.ListHelpLines, request, None, seconds)).lines))
        except Refused:
            return self._lines
        self._keep()
        return self._lines

    def forget(self, id_: str) -> None:
        """Drop what the person no longer wants to see, or to be sent. Raises KeyError if there is no such thing.

        Where the file cannot be written it stays in there until it can be (``on_disk``).
        """
        del self._asked[id_]
        self._keep()

    async def _ask(self, me: Client, kind: Kind, request: Any, seconds: float) -> Asked:
        one = Asked(request.request_id, kind, State.NOT_SENT, me.deployment.now(), request)
        self._asked[one.id] = one
        self._keep()
        return await self._try(me, one, seconds)

    async def _try(self, me: Client, given: Asked, seconds: float) -> Asked:
        """Send what was not forgotten, always as the same person: a repeat as somebody else would be asked twice."""
        async with self._sending:
            one = self._asked.get(given.id)
            if one is None or one.state is not State.NOT_SENT or one.request is None:
                return one or given
            try:
                if not one.tried:
                    token = await _token(me, one, seconds)
                    if one.id not in self._asked:
                        return one
                    one = self._put(evolve(one, token=token, tried=True))
                answer = await me.reach(_method(me, one.kind), one.request, one.token, seconds)
            except Refused as refused:
                if refused.code is not grpc.StatusCode.INVALID_ARGUMENT:
                    return one
                return self._put(evolve(one, state=State.REFUSED, sentence=refused.sentence))
            if isinstance(answer, HelpAnswer):
                self._know(answer.lines)
            return self._put(evolve(one, state=State.SENT, request=None, token=None, answer=answer))

    def _put(self, one: Asked) -> Asked:
        if one.id in self._asked:
            self._asked[one.id] = one
            self._keep()
        return one

    def _know(self, told: Iterable[HelpLine]) -> None:
        lines = []
        for one in told:
            line = HelpLine()
            line.CopyFrom(one)
            if line.kind != LINE_KIND_EMERGENCY:
                line.ClearField("open_now")
            lines.append(line)
        if lines:
            self._lines = tuple(lines)

    def _keep(self) -> None:
        """Write it down, if that can be: nothing that goes wrong with the file is in the way of sending."""
        if self._file is None:
            return
        held = {"asked": [_told(one) for one in self._asked.values()], "lines": [_text(one) for one in self._lines]}
        try:
            self._file.write(json.dumps(held).encode())
        except OSError:
            self._on_disk = False
        else:
            self._on_disk = True

    def _load(self, content: bytes) -> None:
        if content:
            held = json.loads(content)
            self._asked = {one["id"]: _read(one) for one in held["asked"]}
            self._know([HelpLine.FromString(base64.b64decode(one)) for one in held["lines"]])


async def _token(me: Client, one: Asked, seconds: float) -> str | None:
    """What says who asks. Raises Refused where to wait for it is better than to ask as nobody."""
    try:
        return await me.whatever_token(seconds)
    except Refused as refused:
        if refused.code in UNREACHED or me.deployment.now() - one.at < FOR_A_NAME:
            raise
        return None


def _method(me: Client, kind: Kind) -> Any:
    """The RPC of what was asked."""
    if kind is Kind.REPORT:
        return me.chat.ReportMessage
    return me.help.AskForHelp if kind is Kind.HELP else me.help.AskToTalk


def _text(message: Message | None) -> str | None:
    return None if message is None else base64.b64encode(message.SerializeToString()).decode()


def _told(one: Asked) -> dict[str, object]:
    same = {name: getattr(one, name) for name in ("id", "kind", "state", "at", "sentence", "token", "tried")}
    return {**same, "request": _text(one.request), "answer": _text(one.answer)}


def _read(held: dict[str, Any]) -> Asked:
    kind, request, answer = Kind(held["kind"]), held.pop("request"), held.pop("answer")
    return Asked(
        **{**held, "kind": kind, "state": State(held["state"])},
        request=None if request is None else _REQUESTS[kind].FromString(base64.b64decode(request)),
        answer=None if answer is None else _ANSWERS[kind].FromString(base64.b64decode(answer)),
    )
