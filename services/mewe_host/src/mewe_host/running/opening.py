"""What a host opens before it serves: keys, databases, NATS. Each is closed again by the stack it is opened on."""

import secrets
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from whenever import Instant

from mewe_host.bus.accounts import Accounts
from mewe_host.bus.address import NatsAddress
from mewe_host.bus.connection import Connection
from mewe_host.bus.server import EmbeddedServer
from mewe_host.bus.subjects import process
from mewe_host.identity import acts, folder
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.kms import CommandKms, Kms
from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.opening import Keyrings
from mewe_host.mix.model import Mix
from mewe_host.parts import Store
from mewe_host.running.desks import machine
from mewe_host.running.migrating import migrated_apart
from mewe_host.running.plan import Plan
from mewe_host.running.versions import are_current
from mewe_host.store.open import open_pool, open_store
from mewe_host.store.place import SqliteFolder, place


def keys(plan: Plan) -> FileKeys:
    """The country's keys, for a host: the book of acts names the signing key as the newest from now on. Raises KeyFault."""
    opened = kept_keys(plan.mix)
    acts.enter_signing_key(acts.beside(Path(plan.mix.keys.folder)), opened, machine(plan.mix).now())
    return opened


def kept_keys(mix: Mix) -> FileKeys:
    """The keys of a mix, with the public keys that it had before. Raises KeyFault."""
    folder = Path(mix.keys.folder)
    opened = FileKeys.of(folder, mix.country, kms(mix))
    book = acts.beside(folder)
    acts.know_signing_keys(book, opened)
    opened.look_up = lambda id_: next((one.key for one in acts.read(book, opened).keys if one.key.id == id_), None)
    return opened


def enter(mix: Mix, kind: str, said: acts.Said, *, at: Instant | None = None) -> acts.Act:
    """Write into the book of acts, now or as of a later moment. Raises KeyFault: what cannot be entered is not to be done."""
    file, opened, now = acts.beside(Path(mix.keys.folder)), kept_keys(mix), machine(mix).now()
    acts.enter_signing_key(file, opened, now)
    return acts.enter(file, kind, said, opened, now if at is None else max(now, at))


def kms(mix: Mix) -> Kms | None:
    """The key management service of a mix, if it names one."""
    return CommandKms(mix.keys.kms_command, mix.keys.kms_seconds) if mix.keys.kms_command else None


async def migrated(plan: Plan) -> str:
    """Bring up the embedded databases if this process brings all along, and see that they are fit; says what was done.

    Raises StoreFault if a database is not of the version that this program wants.
    """
    url = plan.mix.database.url
    where = place(url)
    if isinstance(where, SqliteFolder) and are_current(plan.serving, where.folder):
        return ""
    if plan.brings_all and plan.mix.database.embedded:
        changed = await migrated_apart(plan)
        return f"migrated {', '.join(changed)}" if changed else ""
    from mewe_host.store.migrate import require_current

    await require_current(plan.serving, url)
    return ""


async def stores(plan: Plan, stack: AsyncExitStack) -> Mapping[str, Store]:
    """The database of each feature that is served here. Raises StoreFault."""
    url = plan.mix.database.url
    pool = await open_pool(url)
    if pool is not None:
        stack.push_async_callback(pool.close)
    opened: dict[str, Store] = {}
    for name in plan.names:
        opened[name] = await open_store(name, url, pool)
        stack.push_async_callback(opened[name].close)
    return opened


def keeping(mix: Mix, keys: FileKeys) -> Keyrings:
    """What opens the keyrings of a mix. Raises KeyFault if its master keys cannot be used."""
    folder = Path(mix.keys.folder)
    return Keyrings(mix.country, mix.database.url, folder, keys, Masters.of(folder, mix.country, kms(mix)))


async def keyrings(plan: Plan, keys: FileKeys, stack: AsyncExitStack) -> Mapping[str, Keyring]:
    """The data keys of each feature that is served here, apart from its rows. Raises KeyFault."""
    return await keeping(plan.mix, keys).opened(plan.names, stack)


def transport_key(plan: Plan) -> str:
    """What the embedded NATS server enciphers its files with; made once, in the folder of keys. Raises KeyFault."""
    path = Path(plan.mix.keys.folder)
    folder.ready(path)
    return folder.kept(path / "nats.key", lambda: f"k{secrets.token_hex(32)}".encode()).decode()


async def nats(plan: Plan, stack: AsyncExitStack) -> EmbeddedServer:
    """The embedded server, which lets in a process for every feature and one for all of them. Raises BusFault."""
    every = plan.mounted.features
    groups = [*((one.name,) for one in every), tuple(one.name for one in every)]
    accounts = Accounts.of(plan.mix.country, plan.mounted.catalogue, every, groups)
    server = await EmbeddedServer.start(plan.nats_folder, key=transport_key(plan), accounts=accounts)
    stack.push_async_callback(server.stop)
    return server


def nats_elsewhere(mix: Mix, called: str) -> NatsAddress:
    """Where NATS is that others run, and who the process ``called`` so is there. Raises BusFault."""
    settings = mix.nats
    address = NatsAddress.of(settings.url, settings.monitoring, settings.ca)
    return address if settings.credentials is None else address.known(Path(settings.credentials), called)


async def connection(plan: Plan, stack: AsyncExitStack) -> tuple[Connection, str]:
    """The way to NATS, and with ``mewe up`` the server itself; says where it leads. Raises BusFault."""
    settings = plan.mix.nats
    called = process(plan.names, [one.name for one in plan.mounted.features])
    if not settings.embedded:
        address = nats_elsewhere(plan.mix, called)
    elif plan.brings_all:
        address = (await nats(plan, stack)).address
    else:
        address = NatsAddress.read(plan.nats_folder, called)
    opened = await Connection.open(address, name=f"mewe {' '.join(plan.names)}")
    stack.push_async_callback(opened.close)
    return opened, address.shown()


def version() -> str:
    """The version of this program."""
    from importlib.metadata import version

    return version("mewe-host")
