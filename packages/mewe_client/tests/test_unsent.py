"""Not sent yet: what was asked is kept, sealed, until it is answered; sent once, whatever is lost on the way."""

import asyncio
import signal
import stat
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
from mewe.people.v1 import people_service_pb2 as people
from mewe.safety.v1.concern_service_pb2 import Concern, ListConcernsRequest
from mewe.safety.v1.help_service_pb2 import LINE_KIND_EMERGENCY, HelpAnswer, HelpLine
from mewe_client import Client, Deployment, Kind, Outbox, State

from .hosting import Host
from .severing import Way, way_to

WORDS = "nobody at home may read this"
Scene = Callable[[Client, Client, Way], Awaitable[None]]


def play(host: Host, scene: Scene) -> None:
    """Run a scene with somebody of a school, whose way to the host can be severed; and who gets their concerns."""

    async def played() -> None:
        async with way_to(host.port) as way, Deployment(way.address) as here, Deployment(host.address) as there:
            national = host.of_national(there)
            school = people.CreateOrganisationRequest(name="North", kind=people.ORGANISATION_KIND_SCHOOL)
            made = await national.send(national.people.CreateOrganisation, school)
            code = (await national.send(national.people.InvitePerson, people.InvitePersonRequest(organisation_id=made.id))).code
            young = await here.sign_in(code)
            await national.confirm(young)
            await young.send(young.people.GetMe, people.GetMeRequest())
            await scene(young, national, way)

    asyncio.run(played())


async def concerns(national: Client, about: Client) -> list[Concern]:
    """The concerns about somebody."""
    there = await national.send(national.concerns.ListConcerns, ListConcernsRequest(page_size=200), seconds=30)
    return [one for one in there.concerns if one.about_id == about.person_id]


def without_token(of: Client) -> people.DeviceSession:
    """A session as an app has it that was just started."""
    assert of.session is not None
    session = people.DeviceSession()
    session.CopyFrom(of.session)
    session.ClearField("access_token")
    return session


def test_with_a_network_it_is_sent_at_once(host: Host) -> None:
    """Who will read it, and the numbers that are open now."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        outbox = Outbox()
        asked = await outbox.ask_for_help(young, WORDS)
        assert (asked.state, asked.kind, outbox.unsent) == (State.SENT, Kind.HELP, ())
        assert isinstance(asked.answer, HelpAnswer)
        assert [one.person_id for one in asked.answer.readers] == [national.person_id]
        assert [one.id for one in await concerns(national, young)] == [asked.answer.id]
        talk = await outbox.ask_to_talk(young)
        assert [one.id for one in outbox.asked] == [asked.id, talk.id]

    play(host, scene)


def test_without_one_it_is_not_sent_yet_and_the_numbers_are_there(host: Host, tmp_path: Path) -> None:
    """Nothing raises, nothing is lost: not with the process either. Once there is a network it is sent, and once only."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        key, file = Outbox.new_key(), tmp_path / "unsent"
        outbox = Outbox.in_file(file, key)
        assert [one.number for one in await outbox.learn_lines(young)][:1] == ["112"]
        way.open = False
        way.sever()
        asked = await outbox.ask_for_help(young, WORDS, seconds=2)
        assert str(asked.state) == "not sent yet"
        assert [(one.number, one.open_now) for one in outbox.lines][:1] == [("112", True)]
        again = Outbox.in_file(file, key)
        assert (again.asked, again.lines) == (outbox.asked, outbox.lines)
        assert await again.send(young, seconds=1) == again.unsent == again.asked
        assert await concerns(national, young) == []
        way.open = True
        await asyncio.wait_for(again.until_sent(young), 30)
        assert [one.state for one in again.asked] == [State.SENT]
        assert len(await concerns(national, young)) == 1
        assert await again.send(young) == ()
        assert len(await concerns(national, young)) == 1

    play(host, scene)


def test_an_answer_that_was_lost_is_asked_for_and_nothing_is_done_twice(host: Host, tmp_path: Path) -> None:
    """The host took it and is killed before its answer came; another process of the app, and another of the host, go on.

    They go on as the person who asked, also when the session has ended meanwhile.
    """

    async def scene(young: Client, national: Client, way: Way) -> None:
        key, file = Outbox.new_key(), tmp_path / "unsent"
        way.losing = True
        asked = await Outbox.in_file(file, key).ask_for_help(young, WORDS, seconds=3)
        assert asked.state is State.NOT_SENT
        [there] = await concerns(national, young)
        host.end(signal.SIGKILL)
        assert [one.id for one in await Outbox.in_file(file, key).send(young, seconds=1)] == [asked.id]
        host.start()
        way.losing = False
        way.sever()
        session = without_token(young)
        await young.send(
            young.people.EndDeviceSession, people.EndDeviceSessionRequest(device_session_id=session.id), seconds=30
        )
        outbox = Outbox.in_file(file, key)
        await asyncio.wait_for(outbox.until_sent(young.deployment.resume(session, young.key)), 30)
        [sent] = outbox.asked
        assert isinstance(sent.answer, HelpAnswer)
        assert sent.answer.id == there.id
        assert [one.id for one in await concerns(national, young)] == [there.id]

    play(host, scene)


def test_nobody_reads_what_is_kept(host: Host, tmp_path: Path) -> None:
    """Sealed, for the device's user alone, as long for nothing as for a call; once it is sent the words are gone."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        key, file = Outbox.new_key(), tmp_path / "unsent"
        outbox = Outbox.in_file(file, key)
        await outbox.learn_lines(young)
        empty = file.stat().st_size
        way.open = False
        way.sever()
        asked = await outbox.ask_for_help(young, WORDS, seconds=1)
        held = file.read_bytes()
        for secret in (WORDS, asked.id, young.person_id, str(young.token)):
            assert secret.encode() not in held
        assert len(held) == empty
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert WORDS not in repr(outbox.asked)
        with pytest.raises(ValueError, match="another key"):
            Outbox.in_file(file, Outbox.new_key())
        file.write_bytes(held[:-1] + bytes([held[-1] ^ 1]))
        with pytest.raises(ValueError, match="changed"):
            Outbox.in_file(file, key)
        file.write_bytes(held)
        way.open = True
        outbox = Outbox.in_file(file, key)
        await asyncio.wait_for(outbox.until_sent(young), 30)
        [sent] = Outbox.in_file(file, key).asked
        assert (sent.request, sent.token, sent.state) == (None, None, State.SENT)

    play(host, scene)


def test_a_session_that_is_over_is_in_nobodys_way(host: Host) -> None:
    """It is brought to where the person belongs, with the token that they had; nobody has to sign in to ask for help."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        session = young.session
        assert session is not None
        await young.send(young.people.EndDeviceSession, people.EndDeviceSessionRequest(device_session_id=session.id))
        assert (await Outbox().ask_for_help(young, WORDS)).state is State.SENT
        assert len(await concerns(national, young)) == 1
        guest = await Outbox().ask_for_help(young.deployment.guest(), WORDS)
        assert guest.state is State.SENT

    play(host, scene)


def test_whoever_is_signed_in_does_not_ask_as_nobody(host: Host) -> None:
    """An app that was started without a network has no token yet: it waits for one, so that the right adults get it."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        started = young.deployment.resume(without_token(young), young.key)
        outbox = Outbox()
        way.open = False
        way.sever()
        assert (await outbox.ask_for_help(started, WORDS, seconds=1)).state is State.NOT_SENT
        way.open = True
        await asyncio.wait_for(outbox.until_sent(started), 30)
        assert len(await concerns(national, young)) == 1

    play(host, scene)


def test_what_is_forgotten_is_not_sent(host: Host, tmp_path: Path) -> None:
    """The person may take back what is not sent yet; nobody else drops anything."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        key, file = Outbox.new_key(), tmp_path / "unsent"
        way.open = False
        way.sever()
        first = await Outbox.in_file(file, key).ask_for_help(young, seconds=1)
        outbox = Outbox.in_file(file, key)
        outbox.forget(first.id)
        with pytest.raises(KeyError):
            outbox.forget(first.id)
        way.open = True
        assert await outbox.send(young) == ()
        assert Outbox.in_file(file, key).asked == ()
        assert await concerns(national, young) == []

    play(host, scene)


@pytest.mark.skipif(not find_spec("mewe_chat"), reason="without a chat there is nothing to report")
def test_a_report_is_kept_like_a_call(host: Host) -> None:
    """Sent once; and one that will never be taken as it is says so, and stays to be seen."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        outbox = Outbox()
        way.open = False
        way.sever()
        sent = await outbox.report_message(young, room_id="a" * 32, message_id="b" * 32, text="worried", seconds=1)
        too_long = await outbox.report_message(young, room_id="a" * 32, message_id="b" * 32, text="x" * 3000, seconds=1)
        way.open = True
        await asyncio.wait_for(outbox.until_sent(young), 30)
        states = {one.id: one.state for one in outbox.asked}
        assert states == {sent.id: State.SENT, too_long.id: State.REFUSED}
        assert outbox.asked[1].sentence

    play(host, scene)


def test_an_app_may_bring_numbers_of_its_own() -> None:
    """Shown until a deployment has told the country's."""
    line = HelpLine(kind=LINE_KIND_EMERGENCY, name="112", number="112", source="the app")
    assert Outbox(lines=[line]).lines == (line,)
