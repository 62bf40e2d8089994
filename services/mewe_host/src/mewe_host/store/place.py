"""Where the databases of a deployment are, read from the one URL that the mix gives."""

import os
import re
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from attrs import field, frozen

from mewe_host.store.fault import StoreFault

_AREA = re.compile(r"[a-z][a-z0-9_]{0,39}")
_KEYRING = "_keyring"
_RESERVED = frozenset({"kit", "public", "information_schema"})


@frozen
class SqliteFolder:
    """A folder with one file a feature."""

    folder: Path

    def file(self, area: str) -> Path:
        """The file of a feature."""
        return self.folder / f"{area}.db"

    def name(self, area: str) -> str:
        """The feature's database in a message."""
        return str(self.file(area))


@frozen
class PostgresqlServer:
    """A database of a PostgreSQL server, with one schema a feature. The URL may hold a password."""

    url: str = field(repr=False)

    def name(self, area: str) -> str:
        """The feature's database in a message."""
        parts = urlsplit(self.url)
        return f'schema "{area}" of postgresql://{parts.hostname or "localhost"}{parts.path}'

    @property
    def is_elsewhere(self) -> bool:
        """Whether any of the servers that it may mean is not on this machine, as far as the url and the environment say."""
        parts = urlsplit(self.url)
        said = dict(parse_qsl(parts.query))
        named = ",".join((parts.netloc.rpartition("@")[2], said.get("host", "")))
        hosts = [unquote(_without_port(one)) for one in named.split(",") if one]
        return "service" in said or not all(map(on_this_machine, hosts or os.environ.get("PGHOST", "").split(",")))

    @property
    def is_proven(self) -> bool:
        """Whether nothing is said to a server but over TLS, and before one that somebody named vouches for under its name."""
        said = dict(parse_qsl(urlsplit(self.url).query))
        return said.get("sslmode") == "verify-full" and bool(said.get("sslrootcert"))


def on_this_machine(host: str) -> bool:
    """Whether only this machine is reached by a name or number, or by the folder of a socket."""
    if host in ("", "localhost") or host.startswith(("/", "@")):
        return True
    with suppress(ValueError):
        return ip_address(host.strip("[]")).is_loopback
    return False


def _without_port(host: str) -> str:
    return host[: host.index("]") + 1] if host.startswith("[") and "]" in host else host.partition(":")[0]


Place = SqliteFolder | PostgresqlServer


def place(url: str) -> Place:
    """Read ``sqlite:FOLDER`` or ``postgresql://USER@HOST/DATABASE``. Raises StoreFault saying what is allowed."""
    scheme, separator, rest = url.partition(":")
    if separator and scheme == "sqlite" and rest and not rest.startswith("//"):
        return SqliteFolder(Path(rest))
    if scheme in ("postgresql", "postgres") and rest.startswith("//"):
        with suppress(ValueError):
            urlsplit(url)
            return PostgresqlServer(url)
    raise StoreFault("the url of the databases is sqlite:FOLDER or postgresql://USER@HOST/DATABASE")


def checked_area(area: str) -> str:
    """The name of a feature, which also names its file or schema. Raises StoreFault if it cannot."""
    if not _AREA.fullmatch(area) or area in _RESERVED or area.startswith("pg_") or area.endswith(_KEYRING):
        raise StoreFault(
            f'no database can be named after the feature "{area}": small letters, digits and _, not a reserved word'
        )
    return area


def keyring_schema(area: str) -> str:
    """The schema with the data keys of a feature. Raises StoreFault if the feature's name cannot be one."""
    return f"{checked_area(area)}{_KEYRING}"


def keyring_of(schema: str) -> str | None:
    """The feature whose data keys a schema holds; None if it holds none."""
    return schema.removesuffix(_KEYRING) if schema.endswith(_KEYRING) and schema != _KEYRING else None
