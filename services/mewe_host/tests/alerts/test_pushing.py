"""Notices through a push service that runs here: what it sees, what it may do, and where a host does not go."""

import asyncio
import base64
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import http_ece
import pytest
from attrs import define, evolve, field
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.ports import Push, Pushing
from mewe_core.kit.pushing import refused
from mewe_core.kit.records import ALERT, ALERT_KEY
from mewe_host.alerts.delivery import Delivery, Waiting, pause
from mewe_host.alerts.letters import NotSent, NotThere, letter
from mewe_host.alerts.push import Barred, OpenInternet, PushSender, encoded, is_open
from mewe_host.desk import alerts
from mewe_host.identity.keys import private_key
from mewe_host.parts import Store
from sqlalchemy import select
from whenever import TimeDelta

from tests.ports import kept_port

from .post import World, world

ROWS = select(ALERT.c.id)


@define
class Browser:
    """A device's half: its keys, and what it can read."""

    key: ec.EllipticCurvePrivateKey = field(factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes..."

    def read(self, body: bytes) -> bytes:
        """What was encrypted for it."""
        plain: bytes = http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm")
        return plain


@define
class Service:
    """A push service: what came, and what it answers."""

    status: int = 201
    location: str = ""
    came: list[tuple[str, dict[str, str], bytes]] = field(factory=list)
    port: int = 0
    silent: asyncio.Event | None = None
    breaks: bool = False
    """Takes a push, and breaks the connection before it says so."""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request after the other."""
        try:
            while line := (await reader.readline()).decode().strip():
                headers = {}
                while header := (await reader.readline()).decode().strip():
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers["content-length"]))
                self.came.append((line.split(" ")[1], headers, body))
                if self.silent is not None:
                    await self.silent.wait()
                if self.breaks:
                    break
                where = f"Location: {self.location}\r\n" if self.location else ""
                writer.write(f"HTTP/1.1 {self.status} so\r\n{where}Content-Length: 0\r\n\r\n".encode())
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def service(port: int = 0) -> AsyncIterator[Service]:
    """One that runs."""
    here = Service()
    server = await asyncio.start_server(here.talk, "127.0.0.1", port)
    here.port = server.sockets[0].getsockname()[1]
    try:
        yield here
    finally:
        server.close()


@define
class Scene:
    """A feature's pushes, a sender with a key of a folder, and a device."""

    here: World
    sender: PushSender
    browser: Browser = field(factory=Browser)

    def delivery(self, store: Store | None = None) -> Delivery:
        """A process of its own."""
        return Delivery("safety", store or self.here.store, self.here.sealing, self.here.clock, {"push": self.sender})

    def push(self, number: int, port: int, *, device: str = "device") -> Push:
        """One to the service at a port."""
        return Push(
            f"{number:032x}",
            "topic-of-the-device",
            f"http://127.0.0.1:{port}/to/{device}",
            encoded(self.browser.key.public_key()),
            base64.urlsafe_b64encode(self.browser.secret).decode().rstrip("="),
            device,
            "ada",
            self.here.clock.now() + TimeDelta(hours=12),
        )

    async def keep(self, push: Push) -> None:
        """Keep it as a unit does."""
        await self.here.store.write(lambda database: alerts.keep_push(push, database, self.here.sealing, self.here.clock.now()))

    async def rows(self) -> list[str]:
        """What is kept of pushes."""
        return await self.here.store.read(lambda database: database.all(ROWS, str))


def play(url: str, tmp_path: Path, story: Callable[[Scene], Coroutine[object, object, None]]) -> None:
    """Play a story."""

    async def whole() -> None:
        async with world(url, tmp_path) as here:
            key = private_key(tmp_path / "push.pem", None)
            sender = PushSender(key, "mailto:who@example.org", Pushing("a key", here=True), seconds=2)
            try:
                await story(Scene(here, sender))
            finally:
                await sender.close()

    asyncio.run(whole())


def test_a_push_service_sees_a_constant_of_one_length(url: str, tmp_path: Path) -> None:
    """Three pushes: the same words once decrypted, signed for this service, and nothing else in the headers."""

    async def story(scene: Scene) -> None:
        async with service() as push_service:
            for number in range(3):
                await scene.keep(scene.push(number, push_service.port))
            await scene.delivery().deliver()
            assert {scene.browser.read(body) for _, _, body in push_service.came} == {b'{"key":"new"}'.ljust(64)}
            assert len(push_service.came) == 3
            assert len({len(body) for _, _, body in push_service.came}) == 1
            for path, headers, _ in push_service.came:
                assert path == "/to/device"
                token, key = headers["authorization"].removeprefix("vapid t=").split(", k=")
                assert key == encoded(scene.sender.key.public_key())
                public = ECKey.import_key(scene.sender.key.public_key())
                assert jwt.decode(token, public, algorithms=["ES256"]).claims == {
                    "aud": f"http://127.0.0.1:{push_service.port}",
                    "exp": scene.here.clock.now().add(hours=12).timestamp(),
                    "sub": "mailto:who@example.org",
                }
                assert {**headers, "authorization": "", "host": ""} == {
                    "host": "",
                    "authorization": "",
                    "content-encoding": "aes128gcm",
                    "content-type": "application/octet-stream",
                    "content-length": headers["content-length"],
                    "ttl": str(12 * 3600),
                    "topic": "topic-of-the-device",
                    "urgency": "normal",
                }
            assert await scene.rows() == []
            assert await scene.here.sealing.abouts(ALERT_KEY) == []

    play(url, tmp_path, story)


def test_a_service_that_is_down_gets_it_once_when_it_is_up(url: str, tmp_path: Path) -> None:
    """It refuses, then answers with a fault, then takes it: one push is taken, however many processes try."""

    async def story(scene: Scene) -> None:
        first, second = scene.delivery(), scene.delivery()
        with kept_port() as port:
            await scene.keep(scene.push(1, port))
            await first.deliver()
            async with service(port) as push_service:
                push_service.status = 503
                scene.here.clock.advance(seconds=pause(1).total("seconds"))
                await asyncio.gather(first.deliver(), second.deliver())
                assert len(push_service.came) == 1
                push_service.status = 201
                await asyncio.gather(first.deliver(), second.deliver())
                assert len(push_service.came) == 1
                scene.here.clock.advance(seconds=pause(2).total("seconds"))
                for _ in range(3):
                    await asyncio.gather(first.deliver(), second.deliver())
                assert len(push_service.came) == 2
                assert await first.waiting() == Waiting(0, None)

    play(url, tmp_path, story)


def test_what_is_not_worth_it_any_more_does_not_leave(url: str, tmp_path: Path) -> None:
    """After twelve hours without the service nothing is sent, and nothing is kept."""

    async def story(scene: Scene) -> None:
        async with service() as push_service:
            await scene.keep(scene.push(1, push_service.port))
            scene.here.clock.advance(hours=12)
            await scene.delivery().deliver()
            assert (push_service.came, await scene.rows()) == ([], [])
            assert await scene.here.sealing.abouts(ALERT_KEY) == []

    play(url, tmp_path, story)


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_is_no_more_is_told_to_the_feature_once(url: str, tmp_path: Path, status: int) -> None:
    """It is not tried again, its address is gone, and another device gets its own."""

    async def story(scene: Scene) -> None:
        async with service() as push_service:
            push_service.status = status
            await scene.keep(scene.push(1, push_service.port, device="old"))
            delivery = scene.delivery()
            await delivery.deliver()
            scene.here.clock.advance(hours=1)
            push_service.status = 201
            await scene.keep(scene.push(2, push_service.port, device="new"))
            await delivery.deliver()
            assert [path for path, _, _ in push_service.came] == ["/to/old", "/to/new"]
            assert await scene.here.store.read(lambda database: refused(database, 10)) == ["old"]
            assert await scene.here.sealing.abouts(ALERT_KEY) == []
            assert await delivery.waiting() == Waiting(0, None)

    play(url, tmp_path, story)


def test_what_was_withdrawn_does_not_leave(url: str, tmp_path: Path) -> None:
    """Seen before it left: neither now nor when the service is back."""

    async def story(scene: Scene) -> None:
        async with service() as push_service:
            for number in (1, 2):
                await scene.keep(scene.push(number, push_service.port, device=f"device-{number}"))
            await scene.here.store.write(lambda database: alerts.withdraw(f"{1:032x}", database))
            await scene.delivery().deliver()
            assert [path for path, _, _ in push_service.came] == ["/to/device-2"]

    play(url, tmp_path, story)


def test_a_push_that_left_and_could_not_be_marked_is_not_sent_again_by_its_process(url: str, tmp_path: Path) -> None:
    """Another process sends it once more, with the same topic: of the two a push service keeps one."""

    async def story(scene: Scene) -> None:
        class Failing:
            """A store that cannot write the mark."""

            writes = 0

            def __getattr__(self, name: str) -> object:
                return getattr(scene.here.store, name)

            async def write(self, unit: object) -> object:
                self.writes += 1
                if self.writes == 3:  # the lease, the claim, the mark
                    raise Unavailable
                return await scene.here.store.write(unit)  # type: ignore[arg-type]

        async with service() as push_service:
            await scene.keep(scene.push(1, push_service.port))
            first = scene.delivery(Failing())  # type: ignore[arg-type]
            await first.deliver()
            scene.here.clock.advance(minutes=1)
            await first.deliver()
            assert (len(push_service.came), await scene.rows()) == (1, [])
        async with service() as push_service:
            await scene.keep(scene.push(2, push_service.port))
            push_service.breaks = True
            await first.deliver()
            push_service.breaks = False
            scene.here.clock.advance(minutes=1)
            await first.finish(0)
            await scene.delivery().deliver()
            assert [headers["topic"] for _, headers, _ in push_service.came] == ["topic-of-the-device"] * 2

    play(url, tmp_path, story)


def sent(scene: Scene, push: Push, sender: PushSender) -> Coroutine[object, object, None]:
    """Send without keeping."""
    to = {"endpoint": push.endpoint, "public_key": push.public_key, "secret": push.secret, "topic": push.topic}
    return sender.send(letter(push.id, "push", json.dumps(to), "", scene.here.clock.now(), push.until))


def test_a_service_that_redirects_stalls_or_is_unknown_gets_nothing_more(tmp_path: Path) -> None:
    """No redirect is followed, nobody is waited for, and an endpoint off the list is a device that is no more."""

    async def story(scene: Scene) -> None:
        async with service() as push_service, service() as elsewhere:
            push_service.status, push_service.location = 307, f"http://127.0.0.1:{elsewhere.port}/secret"
            one = scene.push(1, push_service.port)
            with pytest.raises(NotSent, match="Status307"):
                await sent(scene, one, scene.sender)
            assert elsewhere.came == []
            push_service.silent = asyncio.Event()
            with pytest.raises(NotSent, match="Timeout"):
                await sent(scene, one, evolve(scene.sender, seconds=0.2))
            closed = evolve(scene.sender, offered=Pushing("a key"))
            before = len(push_service.came)
            with pytest.raises(NotThere, match="NoService"):
                await sent(scene, one, closed)
            with pytest.raises(NotThere, match="NoKey"):
                await sent(scene, evolve(one, public_key="BA" + "A" * 85), scene.sender)
            assert len(push_service.came) == before

    play(f"sqlite:{tmp_path / 'data'}", tmp_path, story)


OWN = """127.0.0.1 127.8.8.8 0.0.0.0 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255
240.0.0.1
198.18.0.1 ::1 :: fe80::1 fd00::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 2002:7f00:1::1 2001:0:1::1"""


@pytest.mark.parametrize("address", OWN.split())
def test_addresses_of_ones_own_are_not_open(address: str) -> None:
    """However they are written or wrapped."""
    assert not is_open(ip_address(address))


def test_a_name_that_leads_home_leads_nowhere() -> None:
    """A name on the list whose address is this machine's, or its network's: nobody is called, whatever else it has."""
    assert is_open(ip_address("142.250.74.10"))
    assert is_open(ip_address("2a00:1450:400f:80d::200a"))
    assert is_open(ip_address("64:ff9b::8efa:4a0a"))

    async def story() -> None:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen()
            listening.setblocking(False)
            port = listening.getsockname()[1]
            for host in ("localhost", "127.0.0.1", "0.0.0.0", "::1", "2130706433", "0x7f.1"):  # noqa: S104
                with pytest.raises((Barred, socket.gaierror)):
                    await OpenInternet(here=False).connect_tcp(host, port, 1)
            with pytest.raises(BlockingIOError):
                listening.accept()
            stream = await OpenInternet(here=True).connect_tcp("127.0.0.1", port, 1)
            await stream.aclose()

    asyncio.run(story())


def test_the_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    """Whoever starts again pushes with the same one."""
    file = tmp_path / "push.pem"
    keys = {encoded(private_key(file, None).public_key()) for _ in range(3)}
    assert (len(keys), file.stat().st_mode & 0o777) == (1, 0o600)
