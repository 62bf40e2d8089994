"""A real browser on a real host, with the diary's page on the host's own origin: what the tests and the figures drive."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from attrs import frozen
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

WEB = Path(__file__).resolve().parents[1]
PACKAGE = WEB / "packages/diary"
FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
POLICY = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
SERVICE = "mewe.diary.v1.DiaryService"
MIX = """
country = "SE"
[features.people]
[features.programme]
[features.diary]
[http]
address = "127.0.0.1:0"
[grpc]
address = "127.0.0.1:0"
"""
REDEEM = """async ([body]) => {
    const headers = { "content-type": "application/json", "connect-timeout-ms": "10000" };
    const answer = await fetch("/mewe.people.v1.PeopleService/RedeemInvitation", { method: "POST", headers, body });
    return answer.json();
}"""


@frozen
class Host:
    """A host that runs."""

    origin: str
    code: str


@contextmanager
def running_host(folder: Path) -> Iterator[Host]:
    """A host of its own, until the end of the block."""
    (folder / "mix.toml").write_text(MIX)
    command = [sys.executable, "-m", "mewe_host", "up", "mix.toml", "--json"]
    with (folder / "errors").open("w") as errors:
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603
    assert process.stdout is not None
    try:
        lines = (json.loads(line) for line in process.stdout)
        ready = next((one for one in lines if one["step"] == "ready"), None)
        assert ready is not None, (folder / "errors").read_text()
        port = ready["health"][0].rpartition(":")[2]
        yield Host(f"http://localhost:{port}", ready["notes"][0].split()[-1])
    finally:
        process.terminate()
        process.communicate()


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    chromium = shutil.which("chromium")
    assert chromium, "the page tests need Chromium; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


def build() -> None:
    """The package and the page's bundle as they are now."""
    done = subprocess.run(["npm", "--silent", "run", "build"], cwd=WEB, capture_output=True, text=True, check=False)  # noqa: S607
    assert done.returncode == 0, done.stdout + done.stderr


def _page(route: Route) -> None:
    name = route.request.url.rsplit("/", 1)[-1]
    path = PACKAGE / "dist/page/page.js" if name == "page.js" else PACKAGE / "test/page/page.html"
    route.fulfill(path=path, headers={"content-security-policy": POLICY, "content-type": _TYPES[path.suffix]})


_TYPES = {".js": "text/javascript", ".html": "text/html"}


@frozen
class Device:
    """A browser of its own storage, on the diary's page."""

    context: BrowserContext
    page: Page
    origin: str

    def does(self, script: str, given: object = None) -> Any:
        """Runs the body of a function of (diary, given) in the page; the kept diary that is open is ``globalThis.kept``."""
        return self.page.evaluate(f"async (given) => {{ const diary = globalThis.diary; {script} }}", given)

    def again(self) -> None:
        """Loads the page anew: what was only in memory is gone."""
        self.page.goto(f"{self.origin}/test/page.html")
        self.page.wait_for_function("globalThis.diary !== undefined")

    def signs_in(self, token: str) -> None:
        """From now on ``globalThis.client`` calls as somebody."""
        self.does("globalThis.client = diary.diaryClient(location.origin, async () => given)", token)


def new_device(browser: Browser, origin: str) -> Device:
    """A device that has kept nothing yet."""
    context = browser.new_context()
    context.route("**/test/page.*", _page)
    device = Device(context, context.new_page(), origin)
    device.again()
    return device


def token(device: Device, host: Host) -> str:
    """The token of whoever redeems the host's first code."""
    body = json.dumps({"requestId": uuid4().hex, "code": host.code})
    return str(device.page.evaluate(REDEEM, [body])["accessToken"]["token"])
