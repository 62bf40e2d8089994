"""A push service that runs here, and a browser whose devices it reaches."""

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

from tests.security.country import Country

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


def wants(country: Country, token: str, **quiet: int) -> Any:
    """Let somebody turn notices on; without quiet hours, if none are given."""
    return country.do(token, "SetNoticeSettings", wanted=True, time_zone="Europe/Stockholm", **quiet)
