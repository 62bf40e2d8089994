"""Alerts of a real host: they leave by a real mail server, or the host says that they cannot."""

import asyncio
from pathlib import Path

import httpx
from mewe_core.kit.ports import Alert, AlertKind
from mewe_host.desk import alerts
from mewe_host.store.open import open_store
from whenever import Instant

from tests.waiting import until

from ..alerts.mail_server import mail_server
from ..keyring.ring import ring
from .conftest import Start


async def kept(folder: Path, number: int, to: str) -> None:
    """An alert in the database of people, as a unit of a handler keeps it."""
    store = await open_store("people", f"sqlite:{folder / 'var' / 'data'}")
    made = Alert(f"{number:032x}", AlertKind.ESCALATED, to, "sv")
    async with ring(folder / "var" / "keys", f"sqlite:{folder / 'var' / 'data'}", feature="people") as sealing:
        await store.write(lambda database: alerts.keep(made, database, sealing, Instant.now()))
    await store.close()


def lies(file: Path, start: str) -> bool:
    """Whether a file is there and begins so, and its last line is whole."""
    return file.exists() and file.read_text().startswith(start) and file.read_text().endswith("\n")


def test_without_a_mail_server_alerts_wait_and_the_host_says_so(mix: Path, start: Start, tmp_path: Path) -> None:
    """At the start, in the readiness report and among the figures; the host serves all the same."""
    start("up", mix).stop()
    asyncio.run(kept(tmp_path, 1, "mailto:leader@example.org"))
    host = start("up", mix)
    assert any("Alerts reach nobody" in note for note in host.ready["notes"])
    notes = ["alerts wait: no sender for mailto: is set up in [alerts]"]
    asyncio.run(until(lambda: httpx.get(f"{host.http}/readyz").json() == {"ok": True, "faults": [], "notes": notes}))
    asyncio.run(until(lambda: 'mewe_alerts_without_sender{feature="people"} 1.0' in httpx.get(f"{host.http}/metrics").text))
    assert host.stop() == 0


def test_once_it_is_named_they_leave(mix: Path, start: Start, tmp_path: Path) -> None:
    """What waited arrives, a number goes to the program, each once."""
    start("up", mix).stop()
    called, named = tmp_path / "called", mix.read_text()

    async def story() -> None:
        await kept(tmp_path, 1, "mailto:leader@example.org")
        await kept(tmp_path, 2, "tel:+46700000000")
        async with mail_server() as server:
            settings = f'smtp = "smtp://127.0.0.1:{server.port}"\nsender = "mewe@example.org"\n'
            text = f'{named}\n[alerts]\n{settings}command = ["tee", "-a", "{called}"]\n'
            await asyncio.to_thread(mix.write_text, text)
            host = await asyncio.to_thread(start, "up", mix)
            assert not any("Alerts reach nobody" in note for note in host.ready["notes"])
            await until(lambda: bool(server.accepted) and lies(called, "+46700000000"))
            assert await asyncio.to_thread(host.stop) == 0
            host = await asyncio.to_thread(start, "up", mix)
            assert await asyncio.to_thread(host.stop) == 0
            assert [message["To"] for message in server.accepted] == ["leader@example.org"]
            assert called.read_text().count("+46") == 1

    asyncio.run(story())
