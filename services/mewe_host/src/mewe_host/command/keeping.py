"""Commands that look after the databases of a mix: migrations, and events that were put aside."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from mewe_host.command.entering import enter
from mewe_host.mix import Mounted, found, mount
from mewe_host.running.plan import Plan
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import Refusal
from mewe_host.running.stopping import run

if TYPE_CHECKING:
    from mewe_host.desk.desk import FeatureDesk
    from mewe_host.running.desks import Desks


def migrate(mix: str | None) -> int:
    """Bring every database of the mix up to this program's version, and say what was done."""
    from mewe_host.keyring.opening import prepared
    from mewe_host.store.migrate import State
    from mewe_host.store.migrate import migrate as bring_up

    mounted = mount(found(mix))
    with refusing(mounted.file):
        before = run(bring_up(mounted.features, mounted.mix.database.url))
        run(prepared(mounted.mix.database.url, [one.name for one in mounted.features]))
    table = Table("feature", "part", "before", "now")
    for one in before:
        now = "the same" if one.state is State.CURRENT else one.known
        table.add_row(one.area, one.part, one.kept or "none", now)
    Console().print(table)
    return 0


def parked(mix: str | None) -> int:
    """List what was put aside in every feature of the mix."""
    mounted = mount(found(mix))
    with refusing(mounted.file):
        table = run(_listed(mounted))
    if table.row_count:
        Console().print(table)
    else:
        Console().print("Nothing was put aside.")
    return 0


def redrive(mix: str, feature: str, area: str, aggregate: str) -> int:
    """Take in what was put aside of one aggregate; what still cannot be taken in stays where it is, and the answer is 1."""
    mounted = mount(found(mix))
    mounted.only((feature,))
    with refusing(mounted.file):
        enter(mounted, "events redrive")
        kept, left = run(_driven(mounted, feature, area, aggregate))
    Console().print(f"Taken in: {kept}. Still put aside: {left}.")
    return int(left > 0)


async def _listed(mounted: Mounted) -> Table:
    table = Table("feature", "area", "aggregate", "sequence", "event", "reason", "since")
    async with opened(mounted) as desks:
        for name, desk in desks.by_name.items():
            for one in await desk.parked():
                event = one.envelope
                since = one.parked_at.round("second").format_iso()
                table.add_row(name, event.area, event.aggregate_id, str(event.sequence), event.name, one.reason, since)
    return table


async def _driven(mounted: Mounted, feature: str, area: str, aggregate: str) -> tuple[int, int]:
    async with opened(mounted) as desks:
        desk = desks.by_name[feature]
        there = await _of(desk, area, aggregate)
        if not there:
            raise Refusal(f'Nothing of "{area}" is put aside under this id in "{feature}"; mewe events parked lists what is.')
        try:
            await desk.redrive(area, aggregate)
        except Exception as fault:
            Console().print(f"The first of them failed again: {type(fault).__name__}.")
        left = await _of(desk, area, aggregate)
        return there - left, left


async def _of(desk: "FeatureDesk", area: str, aggregate: str) -> int:
    return sum(one.envelope.area == area and one.envelope.aggregate_id == aggregate for one in await desk.parked())


@asynccontextmanager
async def opened(mounted: Mounted) -> AsyncIterator["Desks"]:
    """The desks of all features, without faces and NATS. On SQLite no host may run meanwhile: it has one host a file."""
    from mewe_host.running import opening
    from mewe_host.running.desks import desks
    from mewe_host.wire.assembling import assemble

    plan = Plan(mounted, mounted.features, brings_all=False)
    async with AsyncExitStack() as stack:
        await opening.migrated(plan)
        keys = opening.keys(plan)
        keyrings = await opening.keyrings(plan, keys, stack)
        yield desks(plan, assemble(plan.mounted.features), keys, keyrings, await opening.stores(plan, stack))
