"""What would go to another machine unprotected: refused, unless the mix says why it does not matter there."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from mewe_host.mix.faults import Fault
from mewe_host.mix.model import Mix
from mewe_host.store.fault import StoreFault
from mewe_host.store.place import PostgresqlServer, on_this_machine, place

VERIFIED = '"postgresql://USER@HOST/DATABASE?sslmode=verify-full&sslrootcert=/PATH/TO/CA.pem"'
_OR = "or {}.plain_because with the reason why nobody can listen there"


def faults(mix: Mix, file: str) -> Iterator[Fault]:
    """Each address of another machine that is to be spoken to without TLS, or without knowing whom one speaks to."""
    if mix.database.plain_because is None and _database_in_the_clear(mix):
        problem = "this database is on another machine, and nothing proves which one answers and hides what is said to it"
        yield Fault(file, "database.url", problem, f"{VERIFIED}, {_OR.format('database')}")
    if mix.nats.plain_because is not None:
        return
    if _elsewhere("nats", mix.nats.url.split(",")):
        problem = "this server is on another machine, and what is said to it could be read and changed on its way"
        yield Fault(file, "nats.url", problem, f'"tls://HOST:4222", {_OR.format("nats")}')
    if _elsewhere("http", mix.nats.monitoring):
        problem = "this is on another machine, and what it says could be changed on its way"
        yield Fault(file, "nats.monitoring", problem, f'"https://HOST:8222", {_OR.format("nats")}')


def notes(mix: Mix) -> Iterator[str]:
    """What is unprotected all the same, with the reason that the mix gives; for whoever starts the host."""
    if mix.database.plain_because is not None and _database_in_the_clear(mix):
        yield f"The database is on another machine and is not verified by TLS: {mix.database.plain_because}"
    if mix.nats.plain_because is not None and _elsewhere("nats", mix.nats.url.split(",")):
        yield f"NATS is on another machine and is reached without TLS: {mix.nats.plain_because}"
    for name, face in (("http", mix.http), ("grpc", mix.grpc)):
        if not face.is_loopback:
            yield (
                f"{name}.address {face.address} can be reached from other machines, without TLS: let a firewall let nobody but "
                'your proxy in (docs/country.md, "The proxy")'
            )


def _database_in_the_clear(mix: Mix) -> bool:
    try:
        where = place(mix.database.url)
    except StoreFault:
        return True
    return isinstance(where, PostgresqlServer) and where.is_elsewhere and not where.is_proven


def _elsewhere(scheme: str, urls: Sequence[str]) -> bool:
    parts = [urlsplit(one.strip()) for one in urls]
    return any(one.scheme == scheme and not on_this_machine(one.hostname or "") for one in parts)
