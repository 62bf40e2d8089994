"""Pushes: to a browser's push service (RFC 8030), encrypted for the device (RFC 8291), signed by the deployment (RFC 8292).

Where one goes is a URL that a device gave. So it goes to services on the list alone, over TLS, to addresses of the open
internet, on one connection; no redirect is followed, no proxy of the environment is used, and what is answered is not read.
"""

import asyncio
import base64
import json
import socket
import ssl
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import http_ece
import httpcore
from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from httpcore import SOCKET_OPTION
from joserfc import jwt
from joserfc.jwk import ECKey
from mewe_core.kit.ports import Pushing
from whenever import Instant, TimeDelta

from mewe_host.alerts.letters import Letter, NotSent, NotThere

PAYLOAD = b'{"key":"new"}'.ljust(64)
"""What every device gets, whatever is new."""

TOKEN_LIFE = TimeDelta(hours=12)
"""How long a push service may take the deployment's signature for good; RFC 8292 allows a day."""

_GONE = (404, 410)
_MAPS_IPV4 = IPv6Network("64:ff9b::/96")
_FAULTS = (
    httpcore.NetworkError,
    httpcore.ProtocolError,
    httpcore.ProxyError,
    httpcore.TimeoutException,
    httpcore.UnsupportedProtocol,
    ssl.SSLError,
    OSError,
    TimeoutError,
)


def encoded(key: ec.EllipticCurvePublicKey) -> str:
    """A public key as a browser is given it."""
    return _text(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def is_open(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open internet, whatever it is wrapped in."""
    if isinstance(address, IPv6Address):
        if address.sixtofour is not None or address.teredo is not None:
            return False
        if address in _MAPS_IPV4:
            return is_open(IPv4Address(int(address) & 0xFFFFFFFF))
        if address.ipv4_mapped is not None:
            return is_open(address.ipv4_mapped)
    return address.is_global and not address.is_multicast and not address.is_reserved


class Barred(OSError):
    """A name leads to a machine that no push service is on."""


@frozen
class OpenInternet(httpcore.AsyncNetworkBackend):
    """Connects to an address that was looked at, and not to a name that may lead elsewhere the next time.

    ``here``: to this machine's 127.0.0.1 too.
    """

    here: bool
    _inner: httpcore.AnyIOBackend = field(factory=httpcore.AnyIOBackend)

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises Barred if the name leads anywhere else as well."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        addresses = [ip_address(str(one[4][0])) for one in found]
        own = IPv4Address("127.0.0.1")
        if not addresses or not all(is_open(one) or (self.here and one == own) for one in addresses):
            raise Barred
        return await self._inner.connect_tcp(str(addresses[0]), port, timeout, local_address, socket_options)


@define
class PushSender:
    """Sends with the deployment's key. ``contact`` is whom a push service may ask."""

    key: ec.EllipticCurvePrivateKey = field(repr=False)
    contact: str
    offered: Pushing
    seconds: float = 20.0
    _pool: httpcore.AsyncConnectionPool | None = field(default=None, init=False)

    async def send(self, letter: Letter) -> None:
        """Return once the push service has taken it over. Raises NotSent; NotThere if the device is no more."""
        to = json.loads(letter.to)
        endpoint = str(to["endpoint"])
        if not self.offered.takes(endpoint):
            raise NotThere("NoService")
        try:
            body = _encrypted(to["public_key"], to["secret"])
        except (ValueError, http_ece.ECEException):
            raise NotThere("NoKey") from None
        left = 0 if letter.until is None else max(0, int((letter.until - letter.at).total("seconds")))
        headers = [
            ("Content-Encoding", "aes128gcm"),
            ("Content-Type", "application/octet-stream"),
            ("Content-Length", str(len(body))),
            ("TTL", str(left)),
            ("Topic", str(to["topic"])),
            ("Urgency", "normal"),
            ("Authorization", self._signed(endpoint, letter.at)),
        ]
        try:
            async with (
                asyncio.timeout(self.seconds),
                self._connections().stream("POST", endpoint, headers=headers, content=body) as answer,
            ):
                status = answer.status
        except _FAULTS as fault:
            raise NotSent(type(fault).__name__) from None
        if status in _GONE:
            raise NotThere(f"Status{status}")
        if not 200 <= status < 300:
            raise NotSent(f"Status{status}")

    async def close(self) -> None:
        """Let go of every connection."""
        if self._pool is not None:
            await self._pool.aclose()
            self._pool = None

    def _connections(self) -> httpcore.AsyncConnectionPool:
        if self._pool is None:
            self._pool = httpcore.AsyncConnectionPool(
                ssl_context=ssl.create_default_context(), network_backend=OpenInternet(self.offered.here), keepalive_expiry=30
            )
        return self._pool

    def _signed(self, endpoint: str, at: Instant) -> str:
        origin = "/".join(endpoint.split("/")[:3])
        claims = {"aud": origin.removesuffix(":443"), "exp": (at + TOKEN_LIFE).timestamp(), "sub": self.contact}
        token = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, ECKey.import_key(self.key), algorithms=["ES256"])
        return f"vapid t={token}, k={encoded(self.key.public_key())}"


def _encrypted(public_key: str, secret: str) -> bytes:
    once = ec.generate_private_key(ec.SECP256R1())
    body: bytes = http_ece.encrypt(
        PAYLOAD, private_key=once, dh=_bytes(public_key), auth_secret=_bytes(secret), version="aes128gcm"
    )
    return body


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
