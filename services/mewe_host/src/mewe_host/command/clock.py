"""The command that accepts the machine's clock after it was ahead by mistake."""

from contextlib import AsyncExitStack
from pathlib import Path

from mewe_core.kit.values import micros
from rich.console import Console

from mewe_host.command.entering import enter
from mewe_host.mix import Mounted, found, mount
from mewe_host.running import opening, seen
from mewe_host.running.desks import machine
from mewe_host.running.plan import Plan
from mewe_host.running.refusing import refusing
from mewe_host.running.stopping import run


def accept(mix: str) -> int:
    """Have time go by the machine's clock again, although this deployment has seen later moments."""
    mounted = mount(found(mix))
    with refusing(mounted.file):
        enter(mounted, "clock accept")
        now = run(_accepted(mounted))
    Console(highlight=False, soft_wrap=True).print(f"Time goes by the machine's clock: {now}. What was stamped later stays so.")
    return 0


async def _accepted(mounted: Mounted) -> str:
    async with AsyncExitStack() as stack:
        stores = await opening.stores(Plan(mounted, mounted.features, brings_all=False), stack)
        newest = await seen.newest_of(stores.values())
    now = machine(mounted.mix).now()
    seen.Mark(micros(now), newest).write(seen.beside(Path(mounted.mix.keys.folder)))
    return now.round("second").format_iso()
