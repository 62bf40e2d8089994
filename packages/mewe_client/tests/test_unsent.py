"""Not sent yet: what was asked is kept, sealed, until it is answered; sent once, whatever is lost on the way."""

import asyncio
import resource
import signal
import stat
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import grpc
import pytest
from mewe.people.v1 import people_service_pb2 as people
from mewe.safety.v1.concern_service_pb2 import Concern, ListConcernsRequest
from mewe.safety.v1.help_service_pb2 import LINE_KIND_EMERGENCY, HelpAnswer, HelpLine
from mewe_client import Client, Deployment, Kind, Outbox, Refused, State, unsent

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


def test_what_is_forgotten_meanwhile_keeps_nothing_else_from_being_sent(host: Host) -> None:
    """The first of three is being sent when the second is taken back; and one that is taken back while it waits its turn."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        outbox = Outbox()
        way.open = False
        way.sever()
        first, second, third = [await outbox.ask_for_help(young, seconds=0.5) for _ in range(3)]
        way.open, way.late = True, 0.3
        sending = asyncio.create_task(outbox.until_sent(young))
        await asyncio.sleep(0)
        outbox.forget(second.id)
        waiting = asyncio.create_task(outbox.ask_for_help(young, "no, rather not"))
        await asyncio.sleep(0)
        fourth = outbox.asked[-1]
        outbox.forget(fourth.id)
        await asyncio.wait_for(sending, 30)
        assert (await waiting).state is State.NOT_SENT
        assert [(one.id, one.state) for one in outbox.asked] == [(first.id, State.SENT), (third.id, State.SENT)]
        assert len(await concerns(national, young)) == 2

    play(host, scene)


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow beyond a little: writing fails as it does where there is no room."""
    before, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (before, most))


def test_a_full_disk_is_in_nobodys_way(host: Host, tmp_path: Path) -> None:
    """It is sent, or kept in memory and sent later; that it is not on disk is seen, and it is once there is room."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        key, file = Outbox.new_key(), tmp_path / "unsent"
        outbox = Outbox.in_file(file, key)
        with full_disk():
            sent = await outbox.ask_for_help(young, WORDS)
            assert (sent.state, outbox.on_disk) == (State.SENT, False)
            assert Outbox.in_file(file, key).asked == ()
            assert len(await concerns(national, young)) == 1
            await outbox.learn_lines(young)
            way.open = False
            way.sever()
            later = await outbox.ask_for_help(young, WORDS, seconds=1)
            assert (later.state, outbox.unsent, outbox.on_disk) == (State.NOT_SENT, (later,), False)
            assert [one.id for one in await outbox.send(young, seconds=1)] == [later.id]
        assert await outbox.send(young, seconds=1)
        assert (len(outbox.asked), outbox.on_disk) == (2, True)
        assert Outbox.in_file(file, key).asked == outbox.asked
        way.open = True
        with full_disk():
            await asyncio.wait_for(outbox.until_sent(young), 30)
            assert (outbox.unsent, outbox.on_disk) == ((), False)
            outbox.forget(sent.id)
        assert await outbox.send(young) == ()
        assert (len(outbox.asked), outbox.on_disk) == (1, True)
        assert [(one.id, one.state) for one in Outbox.in_file(file, key).asked] == [(later.id, State.SENT)]

    play(host, scene)


@pytest.mark.parametrize("seconds", [10.0, 4.0])
def test_on_a_slow_network_help_gets_through(host: Host, seconds: float) -> None:
    """No token yet, and each answer takes long: as long is waited as is wished, and a late one is there the next time."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        way.late = 1.8
        started = young.deployment.resume(without_token(young), young.key)
        outbox = Outbox()
        asked = await outbox.ask_for_help(started, WORDS, seconds=seconds)
        if seconds < 10:
            await asyncio.wait_for(outbox.until_sent(started, seconds=seconds), 30)
            [asked] = outbox.asked
        assert asked.state is State.SENT
        assert len(await concerns(national, young)) == 1

    play(host, scene)


def test_a_fault_of_the_service_makes_nobody_of_somebody(host: Host) -> None:
    """Where a service answers but gives no token it is asked again; after a time help goes out all the same."""

    async def scene(young: Client, national: Client, way: Way) -> None:
        faulty = grpc.aio.server()
        port = faulty.add_insecure_port("127.0.0.1:0")
        await faulty.start()
        later = [0.0]
        addresses = {"people": f"127.0.0.1:{port}", "safety": way.address}
        async with Deployment(addresses, now=lambda: time.time() + later[-1]) as deployment:
            started = deployment.resume(without_token(young), young.key)
            with pytest.raises(Refused):
                await started.whatever_token()
            with pytest.raises(Refused):
                await started.proof()
            outbox = Outbox()
            assert (await outbox.ask_for_help(started, WORDS)).state is State.NOT_SENT
            [asked] = await outbox.send(started)
            assert not asked.tried
            later.append(unsent.FOR_A_NAME)
            assert await outbox.send(started) == ()
        await faulty.stop(None)
        assert await concerns(national, young) == []

    play(host, scene)
