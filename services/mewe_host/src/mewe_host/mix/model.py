"""The mix: which features a deployment runs, where, and on what. The classes are the file, key by key."""

import os
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs
from attrs import field, frozen
from mewe_core.kit.checks import between, few
from mewe_core.kit.errors import Field, Invalid
from mewe_core.kit.pushing import KNOWN_SERVICES

from mewe_host.mix.countries import COUNTRIES

_Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _rule(right: Callable[[Any], bool], rule: str) -> _Check:
    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if not right(value):
            raise Invalid(Field(attribute.name, rule))

    return check


def _is_address(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    name = host[1:-1] if host.startswith("[") and host.endswith("]") else host
    if not colon or not name or (":" in name) != (name is not host):
        return False
    return re.fullmatch(r"[A-Za-z0-9.:-]+", name) is not None and port.isascii() and port.isdigit() and int(port) <= 65535


ADDRESS = 'host:port, such as "127.0.0.1:8080" or "[::1]:8080"; port 0 takes a free one'
_address = _rule(_is_address, ADDRESS)
_filled = _rule(lambda text: bool(text.strip()), "the path of a folder or file")
_reason = _rule(lambda text: len(text.strip()) >= 10, "the reason, in a sentence")
_ADDRESS_OF = re.compile(r"(smtps?)://(.+)")
_command = _rule(
    lambda words: all(word and "\0" not in word for word in words),
    'a program and its arguments, such as ["/usr/local/bin/country-kms"]',
)
_language = _rule(
    lambda tags: bool(tags) and all(re.fullmatch(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) for tag in tags),
    'one language tag or more, such as ["sv", "en"]',
)


@frozen
class Listening:
    """Where a face listens."""

    address: str = field(validator=_address)

    @property
    def host(self) -> str:
        """The name or number before the port, without brackets."""
        return self.address.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port; 0 takes a free one."""
        return int(self.address.rpartition(":")[2])

    @property
    def is_loopback(self) -> bool:
        """Whether only programs on this machine can reach it."""
        return self.host in LOOPBACK


_RULE_NAME = "lower-case letters, digits, - and _, at most 64"
DATABASE_URL = '"sqlite:FOLDER" or "postgresql://USER@HOST/DATABASE"'


def _is_database(url: str) -> bool:
    return (url.startswith("sqlite:") and len(url) > 7) or re.fullmatch(r"postgres(ql)?://\S+", url) is not None


@frozen
class DatabaseSettings:
    """Where the features keep what they know. ``url_env`` names an environment variable that holds the url instead.

    ``plain_because``: why a server on another machine is spoken to without TLS that proves who it is; unsaid, it is refused.
    """

    url: str = field(default="sqlite:var/data", validator=_rule(_is_database, DATABASE_URL), repr=False)
    url_env: str | None = None
    plain_because: str | None = field(default=None, validator=attrs.validators.optional(_reason))

    @property
    def embedded(self) -> bool:
        """Whether the databases are files of this machine."""
        return self.url.startswith("sqlite:")


NATS_URL = '"embedded", or the servers as "nats://HOST:4222" or "tls://HOST:4222", with commas between several'


def _is_nats(url: str) -> bool:
    return url == "embedded" or all(re.fullmatch(r"(nats|tls)://[^\s,]+", one) for one in url.split(","))


@frozen
class NatsSettings:
    """How events travel. ``monitoring`` lists each server's monitoring address, which proves that it keeps what it accepts.

    ``ca`` is the file with whom a ``tls://`` server's certificate has to come from; unsaid, those that the machine trusts.
    ``credentials`` is the folder with the key of each process, made by ``mewe nats accounts``.
    ``plain_because``: why a server on another machine is spoken to without TLS; unsaid, it is refused.
    """

    url: str = field(default="embedded", validator=_rule(_is_nats, NATS_URL), repr=False)
    url_env: str | None = None
    monitoring: tuple[str, ...] = field(
        default=(),
        validator=_rule(
            lambda urls: all(re.fullmatch(r"https?://\S+", url) for url in urls),
            'the monitoring address of each server, such as ["http://127.0.0.1:8222"]',
        ),
    )
    folder: str = field(default="var/nats", validator=_filled)
    ca: str | None = field(default=None, validator=attrs.validators.optional(_filled))
    credentials: str | None = field(default=None, validator=attrs.validators.optional(_filled))
    plain_because: str | None = field(default=None, validator=attrs.validators.optional(_reason))

    @property
    def embedded(self) -> bool:
        """Whether ``mewe up`` brings the server along."""
        return self.url == "embedded"


@frozen
class KeysSettings:
    """The folder with the country's secrets; made at the first start, readable by its owner alone.

    With a ``kms_command`` its files are wrapped by a key management service, reached by that program within ``kms_seconds``.
    """

    folder: str = field(default="var/keys", validator=_filled)
    kms_command: tuple[str, ...] = field(default=(), validator=_command)
    kms_seconds: int = field(default=10, validator=between(1, 120))


SMTP_URL = '"smtp://HOST:PORT" (STARTTLS, but to this machine in the clear) or "smtps://HOST:PORT"'


@frozen
class AlertsSettings:
    """How alerts leave: by e-mail over ``smtp``, from the address ``sender``; to numbers by a program (``command``).

    ``user_env`` and ``password_env`` name the environment variables that hold what the mail server asks for.
    """

    smtp: str | None = field(
        default=None,
        validator=attrs.validators.optional(
            _rule(lambda url: (at := _ADDRESS_OF.fullmatch(url)) is not None and _is_address(at[2]), SMTP_URL)
        ),
    )
    sender: str | None = field(
        default=None,
        validator=attrs.validators.optional(
            _rule(
                lambda text: re.fullmatch(r"[^\s@<>]+@[A-Za-z0-9.-]+", text) is not None,
                'an address, such as "mewe@example.org"',
            )
        ),
    )
    user_env: str | None = None
    password_env: str | None = None
    command: tuple[str, ...] = field(default=(), validator=_command)
    seconds: int = field(default=20, validator=between(1, 120))

    @property
    def server(self) -> Listening:
        """Where the mail server listens."""
        return Listening((self.smtp or "").partition("://")[2])


_CONTACT = re.compile(r"mailto:[^\s@<>]+@[A-Za-z0-9.-]+|https://[A-Za-z0-9.-]+(/\S*)?")
_SERVICE = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*")


@frozen
class PushSettings:
    """How devices learn that there is something new: through the push services of browsers, which are on the internet.

    ``contact``: whom a push service may ask, ``mailto:`` or ``https:``; without one, nothing is pushed. ``services``: where
    pushes may go; a leading dot stands for every name below it. ``here``: a push service on this machine is let in, in a demo.
    """

    contact: str | None = field(
        default=None,
        validator=attrs.validators.optional(
            _rule(lambda text: _CONTACT.fullmatch(text) is not None, '"mailto:" and an address, or an https address')
        ),
    )
    services: tuple[str, ...] = field(
        default=KNOWN_SERVICES,
        validator=[
            few(50, least=1),
            _rule(
                lambda names: all(_SERVICE.fullmatch(name) for name in names),
                'names of push services, such as ["fcm.googleapis.com", ".push.apple.com"]',
            ),
        ],
    )
    here: bool = False
    seconds: int = field(default=20, validator=between(1, 120))


@frozen
class ClockSettings:
    """A file that several processes read the time from, so that a demo can let months pass."""

    file: str | None = field(default=None, validator=attrs.validators.optional(_filled))


@frozen
class LogSettings:
    """Where the log goes: a file, or standard error if none is named."""

    file: str | None = field(default=None, validator=attrs.validators.optional(_filled))


@frozen
class Limits:
    """How much one caller, and all of them, may ask for.

    Of one person and in one process: ``calls_a_minute`` calls, of which ``lists_a_minute`` give much (lists, exports,
    calendars), and ``streams_a_person`` streams open. The least that may be set still lets somebody work by hand.
    """

    message_bytes: int = field(default=1 << 20, validator=between(1 << 10, 16 << 20))
    calls_at_once: int = field(default=512, validator=between(1, 100_000))
    calls_a_minute: int = field(default=300, validator=between(60, 1_000_000))
    lists_a_minute: int = field(default=120, validator=between(30, 1_000_000))
    streams_a_person: int = field(default=30, validator=between(5, 10_000))
    drain_seconds: int = field(default=5, validator=between(0, 60))


@frozen
class ArchiveRule:
    """A rule of the organisation, named as a receipt shows it: these tables are kept ``days`` longer than an erased person."""

    rule: str = field(validator=_rule(lambda name: re.fullmatch(r"[a-z0-9][a-z0-9_-]{0,63}", name) is not None, _RULE_NAME))
    tables: tuple[str, ...] = field(validator=few(200, least=1))
    days: int = field(validator=between(1, 36_500))


@frozen
class PrivacySettings:
    """What the organisation's law keeps in spite of an erasure."""

    archives: tuple[ArchiveRule, ...] = ()


@frozen
class Mix:
    """One deployment, as its file says. ``features`` holds each feature's own table, still to be read by its own class."""

    country: str = field(validator=_rule(COUNTRIES.__contains__, 'a country by its ISO 3166-1 code, such as "SE"'))
    features: Mapping[str, Mapping[str, Any]] = field(
        validator=_rule(bool, "a section a feature, such as [features.people]"), repr=False
    )
    languages: tuple[str, ...] = field(default=("en",), validator=[few(50, least=1), _language])
    plugins: tuple[str, ...] = ()
    demo: bool = False
    trial_issuer: bool = False
    http: Listening = Listening("127.0.0.1:8080")
    grpc: Listening = Listening("127.0.0.1:50051")
    database: DatabaseSettings = DatabaseSettings()
    nats: NatsSettings = NatsSettings()
    keys: KeysSettings = KeysSettings()
    alerts: AlertsSettings = AlertsSettings()
    push: PushSettings = PushSettings()
    clock: ClockSettings = ClockSettings()
    log: LogSettings = LogSettings()
    limits: Limits = Limits()
    privacy: PrivacySettings = PrivacySettings()


def from_environment(named: str) -> str | None:
    """What an environment variable holds, or None if it is not set or empty."""
    return os.environ.get(named) or None
