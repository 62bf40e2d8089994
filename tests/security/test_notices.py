"""Notices on what really runs: from a browser's subscription to what its push service is given."""

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import http_ece
from attrs import define, field
from cryptography.hazmat.primitives.asymmetric import ec
from mewe_host.alerts.push import encoded

from tests.security.country import COORDINATOR, Country, running
from tests.security.deployment import PLENTY
from tests.waiting import eventually

PUSH = """
[push]
contact = "mailto:who@example.org"
here = true
"""


@define
class Browser:
    """A device's keys, and what its push service was given for it: paths and bodies."""

    port: int
    came: list[tuple[str, bytes]] = field(factory=list)
    key: ec.EllipticCurvePrivateKey = field(factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes..."

    def subscription(self, name: str) -> dict[str, Any]:
        """What it gives an app."""
        secret = base64.urlsafe_b64encode(self.secret).decode().rstrip("=")
        endpoint = f"http://127.0.0.1:{self.port}/{name}"
        return {"endpoint": endpoint, "public_key": encoded(self.key.public_key()), "secret": secret}

    def read(self) -> list[bytes]:
        """What it can make of it."""
        return [
            http_ece.decrypt(body, private_key=self.key, auth_secret=self.secret, version="aes128gcm") for _, body in self.came
        ]


@contextmanager
def browser() -> Iterator[Browser]:
    """One whose push service runs here."""
    came = list[tuple[str, bytes]]()

    class Service(BaseHTTPRequestHandler):
        """Takes everything."""

        def do_POST(self) -> None:
            """A push."""
            came.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with HTTPServer(("127.0.0.1", 0), Service) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield Browser(server.server_port, came)
        finally:
            server.shutdown()
            thread.join()


def wants(country: Country, token: str) -> Any:
    """Let somebody turn notices on, without quiet hours."""
    return country.do(token, "SetNoticeSettings", wanted=True, time_zone="Europe/Stockholm")


def test_a_notice_goes_to_whose_device_it_is_and_nothing_is_kept_in_the_clear() -> None:
    """Whoever turned it on gets it, another cannot end it, and no file of the deployment but the keys tells where it went."""
    with running(limits=PLENTY + PUSH) as country, browser() as hers:
        by = country.national.token
        other = country.invited(by, country.do(by, "CreateOrganisation", name="Exempelby", kind=1).id, role=COORDINATOR)
        assert wants(country, by).push_key
        mine = country.do(by, "AddDevice", **hers.subscription("canary-of-the-endpoint")).devices
        assert [one.is_this for one in mine] == [True]
        wants(country, other.token)
        assert country.do(other.token, "RemoveDevice", device_id=mine[0].id).devices == []
        country.do(by, "TestNotice")
        eventually(lambda: len(hers.came) == 1)
        assert (hers.came[0][0], hers.read()) == ("/canary-of-the-endpoint", [b'{"key":"new"}'.ljust(64)])
        for endpoint in ("https://127.0.0.1/", "https://169.254.169.254/", "http://localhost:80/", "https://example.org/"):
            asked = {**hers.subscription("x"), "endpoint": endpoint}
            assert country.ask(other.token, "AddDevice", **asked).reason == "INVALID"
        told = [one for one in country.here.folder.rglob("*") if one.is_file() and b"canary-of" in one.read_bytes()]
        assert (told, country.here.faults()) == ([], [])
        country.do(by, "EndDeviceSession", device_session_id=country.national.session_id)
        assert len(hers.came) == 1
