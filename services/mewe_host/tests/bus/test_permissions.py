"""What a process may at NATS: everything that it does, and nothing else, however well it knows the protocol."""

import asyncio
import contextlib
import json
import shutil
import socket
from collections.abc import Iterable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from mewe_core.kit.events import catalogue
from mewe_core.kit.privacy.sweeping import Sweep
from mewe_host.bus.accounts import keep_streams
from mewe_host.bus.live import Topics
from mewe_host.bus.permissions import KEEPER, Permissions
from mewe_host.bus.replay import ask
from mewe_host.bus.server import EmbeddedServer
from mewe_host.bus.subjects import ALL, Names
from mewe_host.desk import witnessing
from mewe_host.privacy.streams import remove

from tests.waiting import until

from .postal import COUNTRY, echoed, exchange, hears, join, kill, write_notes
from .restricted import NAMES, accounts, at_work, country, into
from .test_witnesses import checked


def test_everything_works_with_no_more_than_that(tmp_path: Path, url: str) -> None:
    """Events, replay of a gap, checkpoints at witnesses, live topics, sweeping: and the server has refused nothing."""

    async def scene() -> None:
        async with country(tmp_path, url) as here, at_work(here) as by_name:
            world = here.world
            await join(world, "p1", "c1")
            await write_notes(world, "p1", "c1", range(8))
            await hears(world, "p1", "c1", 8)
            assert len(await ask(by_name["echo"], NAMES, "circle", "c1", 0)) >= 8
            await checked(world, "circle")
            await checked(world, "echo")

            async def kept() -> bool:
                rows = [await world.stores[name].read(witnessing.kept) for name in ("circle", "echo")]
                return [[row.area_id for row in one] for one in rows] == [["echo"], ["circle"]]

            await until(kept)
            topics = Topics(world.clock)
            await topics.hear(by_name["circle"], COUNTRY, ("circle",))
            await write_notes(world, "p1", "c1", range(8, 10))
            await hears(world, "p1", "c1", 10)
            await topics.stop()
            before = (await here.streams())[NAMES.events("circle")].state.messages
            sweep = Sweep(name="note_posted", aggregate_id="c1", person_id="p1", whole=True)
            await remove(by_name["circle"], NAMES, here.catalogue, "circle", sweep)
            assert (await here.streams())[NAMES.events("circle")].state.messages == before - 10
            assert here.violations() == []

    asyncio.run(scene())


def test_a_gap_is_told_again_and_jetstream_is_built_anew(tmp_path: Path, sqlite_url: str) -> None:
    """What is missing in the stream is asked for; once the keeper has made lost streams again, their tellers fill them."""

    async def scene() -> None:
        async with country(tmp_path, sqlite_url) as here:
            world = here.world
            async with here.as_("circle") as teller, exchange(world, teller, world.desks["circle"]) as telling:
                await world.call("Join", "p1", request_id="j1", circle_id="c1")
                await write_notes(world, "p1", "c1", range(5))
                await until(telling.settled)
                stream = (await teller.client()).jetstream()
                await stream.delete_msg(NAMES.events("circle"), 2)
                async with here.as_("echo") as hearer, exchange(world, hearer, world.desks["echo"]) as hearing:
                    await asyncio.wait_for(hearing.caught_up(), 15)
                    assert await echoed(world, "p1", "c1") == (5, 1)
                    assert here.violations() == []
            shutil.rmtree(tmp_path / "nats" / "jetstream")
            killed = here.server.pid
            await kill(here.server)

            async def again() -> bool:
                return here.server.pid not in (None, killed) and here.server.address.shown() in _answering(here.server)

            await until(again)
            async with at_work(here), AsyncExitStack() as stack:
                keeper = await stack.enter_async_context(here.as_(KEEPER))
                await keep_streams(keeper, COUNTRY, here.catalogue, here.features, replicas=1)

                async def filled() -> bool:
                    return (await here.streams())[NAMES.events("circle")].state.messages >= 5

                await until(filled)

    asyncio.run(scene())


def attempts() -> Iterator[tuple[str, bytes]]:
    """What the circle's process may not say, with what it would say."""
    own, others = NAMES.events("circle"), NAMES.events("diary")
    yield NAMES.subject("echo", "note_posted", "c1"), b"as somebody else"
    yield NAMES.subject("diary", "page_written", "c1"), b"as somebody else"
    yield NAMES.subject("circle", "never_declared", "c1"), b"what it does not tell"
    yield Names("NO").subject("circle", "note_posted", "c1"), b"in another country"
    yield "mewe-filled.SE.diary.EVENTS", b"that another's stream is filled"
    yield NAMES.replay("diary"), json.dumps({"aggregate_id": "c1", "after": 0}).encode()
    for stream in (own, others, NAMES.states("diary"), "MARKS_SE"):
        for what in ("DELETE", "PURGE", "UPDATE", "CREATE", "SNAPSHOT", "RESTORE", "PEER.REMOVE", "LEADER.STEPDOWN"):
            yield f"$JS.API.STREAM.{what}.{stream}", json.dumps({"name": stream}).encode()
    yield f"$JS.API.STREAM.CREATE.{own}", json.dumps({"name": own, "sources": [{"name": others}]}).encode()
    yield "$JS.API.STREAM.CREATE.MINE", json.dumps({"name": "MINE", "mirror": {"name": others}}).encode()
    yield "$JS.API.STREAM.LIST", b""
    yield "$JS.API.STREAM.NAMES", b""
    for stream in (others, NAMES.states("diary"), NAMES.events("echo")):
        yield f"$JS.API.STREAM.MSG.GET.{stream}", b'{"seq": 1}'
        yield f"$JS.API.DIRECT.GET.{stream}", b'{"seq": 1}'
        yield f"$JS.API.STREAM.MSG.DELETE.{stream}", b'{"seq": 1}'
        yield f"$JS.API.CONSUMER.CREATE.{stream}", json.dumps({"stream_name": stream, "config": {}}).encode()
        yield f"$JS.API.CONSUMER.CREATE.{stream}.circle", json.dumps({"stream_name": stream, "config": {}}).encode()
        yield f"$JS.API.CONSUMER.DURABLE.CREATE.{stream}.circle", json.dumps({"stream_name": stream}).encode()
    yield f"$JS.API.STREAM.INFO.{others}", b""
    push = {"durable_name": "echo", "deliver_subject": NAMES.subject("diary", "page_written", "x")}
    for durable in ("circle", "echo"):
        yield f"$JS.API.CONSUMER.CREATE.{own}.{durable}", json.dumps({"stream_name": own, "config": push}).encode()
        yield f"$JS.API.CONSUMER.DURABLE.CREATE.{own}.{durable}", json.dumps({"stream_name": own, "config": push}).encode()
    for what in ("INFO", "DELETE", "MSG.NEXT", "RESET", "PAUSE", "UNPIN"):
        yield f"$JS.API.CONSUMER.{what}.{own}.echo", b""
    yield f"$JS.ACK.{own}.echo.1.1.1.1.1", b"+ACK"
    yield "$JS.API.ACCOUNT.PURGE.MEWE_SE", b""
    yield "$JS.API.SERVER.REMOVE", b""
    yield "$SYS.REQ.SERVER.PING", b""


LISTENING = (
    ">",
    "mewe.>",
    "mewe.SE.>",
    "mewe.*.circle.v1.*.*",
    NAMES.area("diary"),
    NAMES.area("echo"),
    NAMES.replay("echo"),
    "mewe-replay.>",
    "_INBOX.>",
    "_INBOX.mewe.>",
    "_INBOX.mewe.echo.>",
    "$JS.>",
    "$JS.API.STREAM.INFO.*",
    "$SYS.>",
)
"""What it may not hear."""


def test_a_process_can_do_nothing_else(tmp_path: Path, sqlite_url: str) -> None:
    """Each attempt of the circle's process is refused by the server by its subject, and every stream is as it was."""

    async def scene() -> None:
        async with country(tmp_path, sqlite_url) as here:
            async with here.as_("diary") as writer:
                stream = (await writer.client()).jetstream()
                await stream.publish(NAMES.subject("diary", "page_written", "d1"), b"dear diary")
            before = await here.streams()
            async with here.as_("circle") as connection:
                client = await connection.client()
                answers: list[bytes] = []
                for subject, said in attempts():
                    reply = client.new_inbox()
                    listening = await client.subscribe(reply, cb=into(answers))
                    await client.publish(subject, said, reply=reply)
                    await client.flush(2)
                    await here.refused(subject)
                    await listening.unsubscribe()
                for subject in LISTENING:
                    await client.subscribe(subject, cb=into(answers))
                    await client.flush(2)
                    await here.refused(subject)
                assert answers == []
            after = await here.streams()
            assert {name: (one.config, one.state.messages, one.state.consumer_count) for name, one in after.items()} == {
                name: (one.config, one.state.messages, one.state.consumer_count) for name, one in before.items()
            }
            assert len([*attempts()]) + len(LISTENING) == len(here.violations())

    asyncio.run(scene())


def test_the_keeper_makes_streams_and_reads_none(tmp_path: Path, sqlite_url: str) -> None:
    """It may neither publish events nor read, take away or consume what is in a stream."""

    async def scene() -> None:
        async with country(tmp_path, sqlite_url) as here, here.as_(KEEPER) as connection:
            client = await connection.client()
            stream = NAMES.events("circle")
            for subject in (
                NAMES.subject("circle", "note_posted", "c1"),
                f"$JS.API.STREAM.MSG.GET.{stream}",
                f"$JS.API.STREAM.MSG.DELETE.{stream}",
                f"$JS.API.STREAM.PURGE.{stream}",
                f"$JS.API.STREAM.DELETE.{stream}",
                f"$JS.API.CONSUMER.MSG.NEXT.{stream}.echo",
            ):
                await client.publish(subject, b"")
                await client.flush(2)
                await here.refused(subject)

    asyncio.run(scene())


def test_who_tells_again_answers_at_an_inbox_alone(tmp_path: Path, sqlite_url: str) -> None:
    """Nobody has a teller say something where it may speak and they may not: only an inbox is answered."""

    async def scene() -> None:
        async with country(tmp_path, sqlite_url) as here, at_work(here) as by_name:
            await join(here.world, "p1", "c1")
            stolen = NAMES.subject("circle", "note_posted", "c2")
            heard: list[bytes] = []
            await by_name["circle"].listen(NAMES.area("circle"), into(heard))
            client = await by_name["echo"].client()
            asked = json.dumps({"aggregate_id": "c1", "after": 0}).encode()
            await client.publish(NAMES.replay("circle"), asked, reply=stolen)
            answer = await client.request(NAMES.replay("circle"), asked, timeout=5)
            assert json.loads(answer.data)["events"]
            assert [one for one in heard if b'"events"' in one] == []

    asyncio.run(scene())


def test_no_two_processes_may_tell_the_same_and_none_may_take_away(tmp_path: Path, sqlite_url: str) -> None:
    """Over every feature that is installed, as a mix of one process a feature has them."""
    from mewe_core.kit.plugins import installed, load

    features = load(tuple(sorted(installed())))[0]
    known = catalogue([(one.name, one.tells) for one in features])
    permitted = accounts(features, known).permitted
    processes = {name: one for name, one in permitted.items() if name not in (ALL, KEEPER)}
    assert set(processes) == {one.name for one in features}
    for name, one in processes.items():
        for subject in one.publish:
            kind, *rest = subject.split(".")
            assert kind in ("mewe", "mewe-filled", "mewe-replay", "$JS", "_INBOX"), subject
            assert kind not in ("mewe", "mewe-filled") or rest[:2] == [COUNTRY, name], subject
        own = {f"EVENTS_{COUNTRY}_{name}", f"STATE_{COUNTRY}_{name}"}
        taken = {subject.split(".")[-1] for subject in one.publish if subject.startswith("$JS.API.STREAM.MSG.DELETE.")}
        assert taken <= own
    may_take = [one for one in _said(permitted.values()) if ".DELETE." in one and not one.startswith("$JS.API.STREAM.MSG.")]
    assert may_take == []
    assert [one for one in _said(permitted.values()) if ".PURGE." in one or one in (">", "$JS.>", "$JS.API.>")] == []


def _said(permitted: Iterable[Permissions]) -> Iterator[str]:
    for one in permitted:
        yield from one.publish


def _answering(server: EmbeddedServer) -> str:
    host, _, port = server.address.shown().rpartition(":")
    with contextlib.suppress(OSError), socket.create_connection((host, int(port)), 1):
        return server.address.shown()
    return ""
