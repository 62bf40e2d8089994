"""Where NATS is, and how one gets in."""

import json
import ssl
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attrs import evolve, field, frozen

from mewe_host.bus.faults import BusFault
from mewe_host.bus.nkeys import UserKey
from mewe_host.bus.subjects import ALL, inbox
from mewe_host.certificates import is_for_another_name

ADDRESS_FILE = "address.json"
USERS = "users"
"""The folder with the keys of processes, beside it."""

SERVERS = 'the servers as "nats://HOST:4222" or "tls://HOST:4222", with commas between several'
ALLOWED = f'"embedded", or {SERVERS}'


@frozen
class NatsAddress:
    """The servers (``nats://host:port``, without credentials), each one's monitoring address, and who one is there.

    That is a user with a password, or a ``key`` of the process called ``process``. ``ca``: the file with whom a
    ``tls://`` server's certificate has to come from; without it those that the machine trusts.
    """

    servers: tuple[str, ...]
    monitoring: tuple[str, ...]
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca: str | None = None
    process: str | None = None
    key: UserKey | None = None

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
    def read(cls, folder: Path, process: str = ALL) -> "NatsAddress":
        """What an embedded server wrote for a process of this machine. Raises BusFault if there is none, or none for it."""
        try:
            kept = json.loads((folder / ADDRESS_FILE).read_text())
            here = cls(tuple(kept["servers"]), tuple(kept["monitoring"]), kept["user"], kept["password"])
        except (OSError, ValueError, KeyError) as fault:
            raise BusFault(
                "nats.url",
                f"no embedded NATS server runs in {folder}; it comes with `mewe up`, and `mewe serve` brings none",
                f"start `mewe up` or `mewe up --split` instead, or run NATS yourself and name it here: {SERVERS}",
            ) from fault
        if here.user is not None:
            return here
        if not (folder / USERS / f"{process}.nk").exists():
            raise BusFault(
                "nats.url",
                f"the embedded NATS server lets in a process for one feature and one for all, and not one for {process}",
                f"serve one feature a process, or all in one, or run NATS yourself and name it here: {SERVERS}",
            )
        return here.known(folder / USERS, process)

    def known(self, folder: Path, process: str) -> "NatsAddress":
        """The same, with the key of a process from the folder of such keys. Raises BusFault if it has none."""
        try:
            key = UserKey.read((folder / f"{process}.nk").read_text())
        except OSError as fault:
            problem = f"no key of the process {process} is in {folder} (or it cannot be read)"
            raise BusFault("nats.credentials", problem, "the folder with the file that `mewe nats accounts` made") from fault
        return evolve(self, process=process, key=key, user=None, password=None)

    @property
    def inbox(self) -> str:
        """Where this user is answered."""
        return inbox(self.process) if self.process else "_INBOX.mewe"

    def text(self) -> str:
        """What ``read`` reads; the keys of processes stand in files of their own."""
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
    if is_for_another_name(fault):
        problem = f"the certificate of the server that answers at {address.shown()} is for another name"
        return BusFault(key, problem, "the name that stands in the server's certificate")
    problem = f"nobody it names vouches for the certificate of the server that answers at {address.shown()}"
    return BusFault("nats.ca", problem, "the file with the certificate of the authority that the server's comes from")
