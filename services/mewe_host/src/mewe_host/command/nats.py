"""Commands for a NATS server that the mix names: who may do what there, and its streams."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from mewe_host.bus.accounts import FILE, Accounts, keep_streams
from mewe_host.bus.connection import Connection
from mewe_host.bus.permissions import KEEPER
from mewe_host.bus.stale import private_folder, write_private
from mewe_host.mix import Mounted, found, mount
from mewe_host.running import opening
from mewe_host.running.refusing import refusing
from mewe_host.running.serving import replicas
from mewe_host.running.steps import Refusal
from mewe_host.running.stopping import run


def accounts(mix: str, processes: Sequence[str], *, to: Path) -> int:
    """Write the accounts of a mix for processes that each serve some features (``people,programme``), and their keys."""
    mounted = mount(found(mix))
    named = [tuple(one.split(",")) for one in processes] or [(one.name,) for one in mounted.features]
    groups = [[one.name for one in mounted.only(names)] for names in named]
    with refusing(mounted.file):
        told = Accounts.of(mounted.mix.country, mounted.catalogue, mounted.features, groups)
        folder = private_folder(to)
        write_private(folder / FILE, told.configuration(told.keys(folder)))
    _say(f"{folder / FILE} is for nats-server: include it in its configuration, and have it reload.")
    for name in told.permitted:
        whose = "whoever runs `mewe nats streams`" if name == KEEPER else f"the process {name}"
        _say(f"{folder / name}.nk is for {whose}, and for nobody else: nats.credentials names its folder.")
    return 0


def streams(mix: str) -> int:
    """Make the streams of a mix, or bring them up to date; says which there are."""
    mounted = mount(found(mix))
    if mounted.mix.nats.embedded:
        raise Refusal(f"{mounted.file}, nats.url: the embedded server's streams are made by `mewe up`.")
    with refusing(mounted.file):
        made = run(_made(mounted))
    for name in made:
        _say(f"{name} is there.")
    return 0


async def _made(mounted: Mounted) -> Sequence[str]:
    mix = mounted.mix
    connection = await Connection.open(opening.nats_elsewhere(mix, KEEPER), name="mewe streams")
    try:
        return await keep_streams(connection, mix.country, mounted.catalogue, mounted.features, replicas=replicas(mix))
    finally:
        await connection.close()


def _say(line: str) -> None:
    Console(highlight=False, soft_wrap=True).print(line)
