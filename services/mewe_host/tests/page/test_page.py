"""The first page: in English and Swedish, on a phone, for everybody."""

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from attrs import evolve
from mewe_core.kit.texts import languages, say
from mewe_host.page import PACKAGE, Deployment, Mounted, page, routes
from playwright.sync_api import Browser
from starlette.applications import Starlette

AXE = Path(__file__).resolve().parents[4] / "tests/pages/node_modules/axe-core/axe.min.js"

DEPLOYMENT = Deployment(
    country="SE",
    version="0.1.0",
    grpc_address="127.0.0.1:50051",
    features=(
        Mounted("people", "0.1.0", "Who is who.", "mewe_core.people", ready=True),
        Mounted("weather", "2.0", "<script>alert(1)</script>", "no_such_package", ready=False),
    ),
)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The page behind a real server."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(Starlette(routes=list(routes(lambda: DEPLOYMENT))), log_level="warning", ws="none"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listening])))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["sv-SE", "en-GB"])
def test_everybody_can_read_it_on_a_phone(browser: Browser, address: str, language: str, scheme: str) -> None:
    """Axe finds nothing, nothing runs off a narrow screen, no message is logged, and the language is the reader's."""
    page_ = browser.new_page(
        viewport={"width": 360, "height": 740}, locale=language, color_scheme="dark" if scheme == "dark" else "light"
    )
    logged: list[str] = []
    page_.on("console", lambda message: logged.append(message.text))
    page_.goto(address)
    if folder := os.environ.get("MEWE_PICTURES"):
        page_.screenshot(path=f"{folder}/first-{language}-{scheme}.png", full_page=True)
    assert page_.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page_.evaluate("document.documentElement.lang") == language[:2]
    assert logged == []
    violations = page_.evaluate(f"{AXE.read_text()}; axe.run().then(found => found.violations.map(v => v.id))")
    assert violations == []
    page_.close()


def test_what_a_feature_says_of_itself_is_escaped() -> None:
    """A summary can hold no markup."""
    assert "<script>" not in page(DEPLOYMENT, "en")


def test_the_country_has_its_name() -> None:
    """The country is called what its people call it, in the reader's language."""
    assert ">MEWE i Sverige<" in page(DEPLOYMENT, "sv")
    assert ">MEWE in Sweden<" in page(DEPLOYMENT, "en")


def test_it_says_what_is_not_ready() -> None:
    """One feature that waits makes the whole wait; when all work, it says so."""
    assert say(PACKAGE, "sv", "state-waiting") in page(DEPLOYMENT, "sv")
    well = evolve(DEPLOYMENT, features=DEPLOYMENT.features[:1])
    assert say(PACKAGE, "sv", "state-ready") in page(well, "sv")


def test_every_text_is_there_in_every_language() -> None:
    """The languages have the same keys."""
    folder = Path(__file__).resolve().parents[2] / "src/mewe_host/page/locale"
    keys = [{line.split(" =")[0] for line in (folder / f"{tag}.ftl").read_text().splitlines()} for tag in languages(PACKAGE)]
    assert len(keys) == 2
    assert keys[0] == keys[1]
