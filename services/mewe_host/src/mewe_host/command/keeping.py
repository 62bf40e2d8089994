"""Commands that look after the databases of a mix: migrations, and events that were put aside."""

import asyncio

from rich.console import Console
from rich.table import Table

from mewe_host.mix import found, mount
from mewe_host.running.refusing import refusing


def migrate(mix: str | None) -> int:
    """Bring every database of the mix up to this program's version, and say what was done."""
    from mewe_host.store.migrate import State
    from mewe_host.store.migrate import migrate as bring_up

    mounted = mount(found(mix))
    with refusing(mounted.file):
        before = asyncio.run(bring_up(mounted.features, mounted.mix.database.url))
    table = Table("feature", "part", "before", "now")
    for one in before:
        table.add_row(one.area, one.part, one.kept or "none", "the same" if one.state is State.CURRENT else one.known)
    Console().print(table)
    return 0
