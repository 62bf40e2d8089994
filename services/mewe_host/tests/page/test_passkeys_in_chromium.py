"""Passkeys in a real browser with an authenticator of its own, on a real host: what is verified is what browsers make."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from attrs import frozen
from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.ports import kept_port

FLAGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
PEOPLE = "mewe.people.v1.PeopleService/"
PASSKEYS = "mewe.people.v1.PasskeyService/"
MIX = """
country = "SE"
[features.people.passkeys]
rp_id = "localhost"
origins = ["http://localhost:{port}"]
[features.people]
[http]
address = "127.0.0.1:{port}"
[grpc]
address = "127.0.0.1:0"
"""
CALL = """async ([path, body, token]) => {
    const headers = { "content-type": "application/json", "connect-timeout-ms": "10000" };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(`/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    return [answer.status, await answer.json()];
}"""
CREATE = """async (options) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(options));
    return JSON.stringify((await navigator.credentials.create({ publicKey })).toJSON());
}"""
GET = """async (options) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(options));
    return JSON.stringify((await navigator.credentials.get({ publicKey })).toJSON());
}"""
INTERNAL = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@frozen
class Telephone:
    """A browser's page on the host, with an authenticator that verifies its holder."""

    page: Page
    devtools: CDPSession
    authenticator: str

    def call(self, path: str, token: str = "", **body: object) -> Any:
        """A call of the page's own, which has to be answered."""
        status, answer = self.page.evaluate(CALL, [path, body, token])
        assert status == 200, answer
        return answer

    def refused(self, path: str, **body: object) -> str:
        """What a call is told that has to be refused."""
        status, answer = self.page.evaluate(CALL, [path, body, ""])
        assert status != 200
        return str(answer["message"])

    def make(self, token: str) -> str:
        """A passkey of whoever has the token."""
        options = self.call(f"{PASSKEYS}GetPasskeyRegistrationOptions", token)["options"]
        return str(self.page.evaluate(CREATE, options))

    def asked(self) -> str:
        """What to sign in with."""
        return str(self.call(f"{PASSKEYS}GetPasskeySignInOptions")["options"])

    def verifies(self, *, holder: bool) -> None:
        """Whether the authenticator knows its holder from now on."""
        said = {"authenticatorId": self.authenticator, "isUserVerified": holder}
        self.devtools.send("WebAuthn.setUserVerified", said)


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """A host that runs: its origin as browsers say it, and the code of the first who signs in."""
    folder = tmp_path_factory.mktemp("host")
    with kept_port() as port, (folder / "errors").open("w") as errors:
        (folder / "mix.toml").write_text(MIX.format(port=port))
        command = [sys.executable, "-m", "mewe_host", "up", "mix.toml", "--json"]
        process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, text=True)  # noqa: S603
        assert process.stdout is not None
        try:
            lines = (json.loads(line) for line in process.stdout)
            ready = next((one for one in lines if one["step"] == "ready"), None)
            assert ready is not None, (folder / "errors").read_text()
            yield f"http://localhost:{port}", ready["notes"][0].split()[-1]
        finally:
            process.terminate()
            process.communicate()


@pytest.fixture(scope="module")
def telephone(host: tuple[str, str]) -> Iterator[Telephone]:
    """Chromium on a page that the host serves, with a virtual authenticator."""
    chromium = shutil.which("chromium")
    assert chromium, "the page tests need Chromium; on Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        page = browser.new_page()
        page.goto(f"{host[0]}/healthz")
        devtools = page.context.new_cdp_session(page)
        devtools.send("WebAuthn.enable")
        made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": INTERNAL})
        yield Telephone(page, devtools, made["authenticatorId"])
        browser.close()


@pytest.fixture(scope="module")
def nina(telephone: Telephone, host: tuple[str, str]) -> tuple[str, str, str]:
    """Who is signed in by the code, and has made a passkey: her id, her token, and the secret of her device."""
    session = telephone.call(f"{PEOPLE}RedeemInvitation", requestId=uuid4().hex, code=host[1])
    token = session["accessToken"]["token"]
    secret = session["sessionToken"]
    request = {"requestId": uuid4().hex, "credential": telephone.make(token), "sessionToken": secret}
    assert telephone.call(f"{PASSKEYS}RegisterPasskey", token, **request)["id"]
    return session["personId"], token, secret


@contextmanager
def another_site(folder: Path) -> Iterator[str]:
    """A page on another port of the same name, which browsers let ask for the passkeys of that name."""
    (folder / "index.html").write_text("<!doctype html><title>Another</title>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Nothing."""


def signing_in(credential: str) -> dict[str, str]:
    """A request with what the authenticator has answered."""
    return {"requestId": uuid4().hex, "credential": credential}


def test_a_passkey_signs_in_without_a_name(telephone: Telephone, nina: tuple[str, str, str]) -> None:
    """Made and used in the browser; the session is hers, and each use counts once."""
    for _ in range(2):
        answer = telephone.page.evaluate(GET, telephone.asked())
        session = telephone.call(f"{PASSKEYS}SignInWithPasskey", **signing_in(answer))
        me = telephone.call(f"{PEOPLE}GetMe", session["accessToken"]["token"])
        assert session["personId"] == me["personId"] == nina[0]
        assert telephone.refused(f"{PASSKEYS}SignInWithPasskey", **signing_in(answer)) == "This passkey does not work here."
    [kept] = telephone.call(f"{PASSKEYS}ListPasskeys", nina[1])["passkeys"]
    assert "lastUseTime" in kept


def test_a_device_that_has_a_passkey_makes_no_second_one(telephone: Telephone, nina: tuple[str, str, str]) -> None:
    """The browser is told which there are."""
    with pytest.raises(Exception, match="InvalidStateError"):
        telephone.make(nina[1])


def test_an_authenticator_that_knows_nobody_signs_nobody_in(telephone: Telephone, nina: tuple[str, str, str]) -> None:
    """The browser refuses; where a page asks it for less, the host does."""
    telephone.verifies(holder=False)
    try:
        with pytest.raises(Exception, match="NotAllowedError"):
            telephone.page.evaluate(GET, telephone.asked())
        less = json.dumps({**json.loads(telephone.asked()), "userVerification": "discouraged"})
        answer = telephone.page.evaluate(GET, less)
        assert telephone.refused(f"{PASSKEYS}SignInWithPasskey", **signing_in(answer)) == "This passkey does not work here."
    finally:
        telephone.verifies(holder=True)


def test_what_another_site_was_given_is_worth_nothing_here(
    telephone: Telephone, nina: tuple[str, str, str], host: tuple[str, str], tmp_path: Path
) -> None:
    """A page of another origin has the passkey answer our challenge, and brings it: what the browser wrote into it is seen."""
    options = telephone.asked()
    with another_site(tmp_path) as address:
        telephone.page.goto(address)
        answer = telephone.page.evaluate(GET, options)
    telephone.page.goto(f"{host[0]}/healthz")
    assert telephone.refused(f"{PASSKEYS}SignInWithPasskey", **signing_in(answer)) == "This passkey does not work here."
    mine = telephone.page.evaluate(GET, options)
    assert telephone.call(f"{PASSKEYS}SignInWithPasskey", **signing_in(mine))["personId"] == nina[0]


def test_a_passkey_that_was_removed_signs_nobody_in(telephone: Telephone, nina: tuple[str, str, str]) -> None:
    """Though the device still has it."""
    [kept] = telephone.call(f"{PASSKEYS}ListPasskeys", nina[1])["passkeys"]
    removing = {"requestId": uuid4().hex, "passkeyId": kept["id"], "sessionToken": nina[2]}
    telephone.call(f"{PASSKEYS}RemovePasskey", nina[1], **removing)
    answer = telephone.page.evaluate(GET, telephone.asked())
    assert telephone.refused(f"{PASSKEYS}SignInWithPasskey", **signing_in(answer)) == "This passkey does not work here."
