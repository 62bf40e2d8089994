"""Where NATS is, and how one gets in."""

import json
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from mewe_host.bus.faults import BusFault

ADDRESS_FILE = "address.json"

_OTHER_NAME = frozenset({62, 64})
"""OpenSSL's codes for a certificate of another name, or of another address."""

ALLOWED = '"embedded", or the servers as "nats://HOST:4222" or "tls://HOST:4222", with commas between several'


@frozen
class NatsAddress:
    """The servers (``nats://host:port``, without credentials), each one's monitoring address, the user, and the file ``ca``
    with whom a server's certificate has to come from (of ``tls://`` servers; without it those that the machine trusts)."""

    servers: tuple[str, ...]
    monitoring: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None

    @classmethod
    def of(cls, url: str, monitoring: tuple[str, ...], ca: str | None = None) -> "NatsAddress":
        """From the two keys of a mix; a user and password may stand in the url. Raises BusFault if the url is no such thing."""
        servers: list[str] = []
        user = password = None
        for one in url.split(","):
            parts = urlsplit(one.strip())
            try:
                port = parts.port or 4222
            except ValueError:
                port = 0
            if parts.scheme not in ("nats", "tls") or not parts.hostname or not port:
                raise BusFault("nats.url", "this is not the address of a NATS server", ALLOWED)
            if parts.username is not None:
                user, password = unquote(parts.username), unquote(parts.password or "")
            host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
            servers.append(f"{parts.scheme}://{host}:{port}")
        return cls(tuple(servers), monitoring, user, password, ca)

    @classmethod
    def read(cls, folder: Path) -> "NatsAddress":
        """What an embedded server wrote for the other processes of this machine. Raises BusFault if there is none."""
        try:
            kept = json.loads((folder / ADDRESS_FILE).read_text())
            return cls(tuple(kept["servers"]), tuple(kept["monitoring"]), kept["user"], kept["password"])
        except (OSError, ValueError, KeyError) as fault:
            raise BusFault(
                "nats.url", f"no embedded NATS server has left its address in {folder}", "a running `mewe up`, or an url"
            ) from fault

    def text(self) -> str:
        """The same as ``read`` reads it."""
        return json.dumps(
            {"servers": self.servers, "monitoring": self.monitoring, "user": self.user, "password": self.password}
        )

    def trust(self) -> ssl.SSLContext:
        """Whom a server's certificate has to come from. Raises BusFault if the file is none of certificates."""
        try:
            return ssl.create_default_context(cafile=self.ca)
        except (OSError, ssl.SSLError) as fault:
            raise BusFault("nats.ca", "the file cannot be read as certificates", "the path of a .pem file") from fault

    def shown(self) -> str:
        """The servers as a person may see them: without credentials."""
        return ", ".join(one.partition("://")[2] for one in self.servers)


def not_trusted(key: str, address: NatsAddress, fault: ssl.SSLError) -> BusFault:
    """What to raise where TLS with a server failed; ``key`` is where the mix names the server."""
    if not isinstance(fault, ssl.SSLCertVerificationError):
        allowed = "a server that speaks TLS from the first byte (`handshake_first: true` in its section tls)"
        return BusFault(key, f"what answers at {address.shown()} does not begin with TLS, and was told nothing", allowed)
    if fault.verify_code in _OTHER_NAME:
        problem = f"the certificate of the server that answers at {address.shown()} is for another name"
        return BusFault(key, problem, "the name that stands in the server's certificate")
    problem = f"nobody it names vouches for the certificate of the server that answers at {address.shown()}"
    return BusFault("nats.ca", problem, "the file with the certificate of the authority that the server's comes from")
