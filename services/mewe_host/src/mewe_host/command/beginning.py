"""``mewe audit begin-anew``: after a backup was restored, two people say so for good, and what follows can be right again."""

from collections.abc import Sequence
from pathlib import Path

from mewe_core.kit.errors import Unavailable
from mewe_core.kit.values import micros
from rich.console import Console

from mewe_host.command.auditing import Held, held_of, reading, require_keys, require_there, witnessed
from mewe_host.command.telling import Told, missing
from mewe_host.desk.beginnings import KIND, Beginning, begin, beginnings, to_hold
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.verifying import Wrong, verifier
from mewe_host.identity import acts
from mewe_host.mix import Mounted, found, mount
from mewe_host.parts import Read
from mewe_host.running import opening
from mewe_host.running.desks import machine
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import Refusal
from mewe_host.running.stopping import run

_LONGEST = 500


def begin_anew(mix: str, *, by: str, with_: str, why: str, files: Sequence[Path], acts_files: Sequence[Path]) -> int:
    """Enter a new beginning for each feature whose chain lacks what was sealed; 0 if there was one, else 1."""
    for name, text in (("by", by), ("with", with_), ("why", why)):
        if not text.strip() or not text.isprintable() or len(text) > _LONGEST:
            raise Refusal(f"--{name} is to be a line of 1 to {_LONGEST} characters; it is kept for as long as the audit is.")
    if by.strip().casefold() == with_.strip().casefold():
        raise Refusal("--by and --with are to be two people: nobody begins an audit anew alone.")
    mounted = mount(found(mix))
    folder = require_keys(mounted)
    with refusing(mounted.file):
        against = held_of(mounted, folder, files, acts_files)
        if wrong := [words for book in against.books for words in book.wrong]:
            raise Refusal(
                f"the book of acts is not as it was written ({wrong[0]}); a new beginning in it would be worth nothing"
            )
        begun = run(_begun(mounted, against, by=by.strip(), with_=with_.strip(), why=why.strip()))
        for one in begun:
            opening.enter(mounted.mix, KIND, one.said, at=one.moment)
    console = Console(highlight=False, soft_wrap=True, markup=False)
    for one in begun:
        console.print(f"{one.feature}: {missing(one)}")
    if begun:
        console.print(f"This is in {acts.beside(folder)} for good, and each mewe audit verify says it. Now start the hosts.")
        return 0
    console.print("Nothing is missing: each chain holds every checkpoint there is. Nothing was begun anew.")
    return 1


async def _begun(mounted: Mounted, against: Held, *, by: str, with_: str, why: str) -> list[Beginning]:
    await require_there(mounted)
    now, begun, told = micros(machine(mounted.mix).now()), list[Beginning](), Told(quiet=True)
    async with reading(mounted) as reads:
        held = against.checkpoints(told)
        for one in mounted.features:
            held += await witnessed(one.name, reads(one.name), against, told)
        for one in mounted.features:
            known = beginnings(against.books, one.name)
            of_this = to_hold([checkpoint for checkpoint in held if checkpoint.feature == one.name], known)
            new = await _of_feature(mounted, one.name, reads(one.name), against, of_this, now, (by, with_, why))
            begun += [] if new is None else [new]
    return begun


async def _of_feature(
    mounted: Mounted,
    name: str,
    read: Read,
    against: Held,
    of_this: Sequence[Checkpoint],
    now: int,
    who: tuple[str, str, str],
) -> Beginning | None:
    shared = not mounted.mix.database.embedded
    checking = verifier(name, read, against.keys, of_this, shared=shared, could_sign=against.could_sign)
    try:
        found = await checking.compare()
    except Wrong as wrong:
        raise Refusal(f"{name}: {wrong}. A new beginning does not mend that: restore a database that is whole") from None
    except Unavailable:
        raise Refusal(f"{name}: the database cannot be read to its end; restore one that is whole") from None
    by, with_, why = who
    return begin(name, found, now, by=by, with_=with_, why=why)
