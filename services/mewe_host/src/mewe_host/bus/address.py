"""Where NATS is, and how one gets in."""

import json
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from mewe_host.bus.faults import BusFault

ADDRESS_FILE = "address.json"

ALLOWED = '"embedded", or the servers as "nats://HOST:4222" or "tls://HOST:4222", with commas between several'


@frozen
class NatsAddress:
    """The servers (``nats://host:port``, without credentials), each one's monitoring address, and the user."""

    servers: tuple[str, ...]
    monitoring: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def of(cls, url: str, monitoring: tuple[str, ...]) -> "NatsAddress":
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
        return cls(tuple(servers), monitoring, user, password)

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

    def shown(self) -> str:
        """The servers as a person may see them: without credentials."""
        return ", ".join(one.partition("://")[2] for one in self.servers)
