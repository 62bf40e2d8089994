"""The command that shows what the audit holds of one person, to an operator who has the country's key."""

from mewe_core.kit.database import Database, Executable
from mewe_core.kit.errors import Unavailable
from mewe_core.kit.records import AUDIT
from mewe_core.kit.values import moment
from rich.console import Console
from sqlalchemy import bindparam, or_, select

from mewe_host.command.auditing import Reads, reading, require_keys, require_there
from mewe_host.command.entering import about, enter
from mewe_host.desk.audit import Audit
from mewe_host.desk.chain import Record
from mewe_host.identity import acts
from mewe_host.mix import Mounted, found, mount
from mewe_host.running import opening
from mewe_host.running.refusing import refusing
from mewe_host.running.stopping import run

MOST = 500
"""How many records are read at once."""

OF_PERSON: Executable = (
    select(*AUDIT.c)
    .where(
        AUDIT.c.position > bindparam("after"),
        or_(
            AUDIT.c.caller_id == bindparam("pseudonym"),
            AUDIT.c.about_id == bindparam("pseudonym"),
            AUDIT.c.scope_id == bindparam("pseudonym"),
        ),
    )
    .order_by(AUDIT.c.position)
    .limit(MOST)
)
"""The records by a person, or about one, behind a position."""


def show(mix: str, *, person: str) -> int:
    """Print a line a record, in order, feature by feature, then what operators did about the person before now.

    Says 0, or 1 if a database could not be read to its end.
    """
    mounted = mount(found(mix))
    folder = require_keys(mounted)
    with refusing(mounted.file):
        keys = opening.kept_keys(mounted.mix)
        pseudonym = Audit(keys).pseudonym(person)
        before = about(acts.read(acts.beside(folder), keys), pseudonym)
        enter(mounted, "audit show", person=person)
        failed = run(_shown(mounted, pseudonym))
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for act in before:
        console.print(f"operators: {act}")
    return failed


async def _shown(mounted: Mounted, pseudonym: str) -> int:
    await require_there(mounted)
    console, failed = Console(highlight=False, soft_wrap=True, markup=False), False
    async with reading(mounted) as reads:
        for one in mounted.features:
            try:
                await _of_feature(one.name, pseudonym, reads, console)
            except Unavailable:
                console.print(f"{one.name}: the database cannot be read to its end: it is damaged, or not there just now")
                failed = True
    return int(failed)


async def _of_feature(feature: str, pseudonym: str, reads: Reads, console: Console) -> None:
    after = -(2**63)

    async def page(database: Database) -> list[Record]:
        return await database.all(OF_PERSON, Record, pseudonym=pseudonym, after=after)

    while True:
        rows = await reads(feature)(page)
        for row in rows:
            console.print(line(feature, row, pseudonym))
            after = row.position
        if len(rows) < MOST:
            return


def line(feature: str, row: Record, pseudonym: str) -> str:
    """A record in one line; others stand in it by their pseudonyms."""
    try:
        return _line(feature, row, pseudonym)
    except (TypeError, ValueError, OverflowError):  # a database may hold anything
        return f"{feature}: the record at position {row.position} holds what no host writes; verify"


def _line(feature: str, row: Record, pseudonym: str) -> str:
    until = "" if row.until is None else f" to {moment(row.until).format_iso()}"
    times = "" if row.count == 1 else f" {row.count} times"
    about = "" if row.about_id is None else f", of {row.about_id}"
    by = "they" if row.caller_id == pseudonym else row.caller_id or "nobody"
    when = f"{moment(row.at).format_iso()}{until}"
    return f"{when} {feature}: {by} {row.method} {row.outcome}{times} in {row.scope_kind} {row.scope_id}{about}"
