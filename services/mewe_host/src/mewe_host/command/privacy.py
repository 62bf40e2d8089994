"""``mewe privacy``: the register, one person's data, an erasure, a retention run, and whether a receipt is as it was signed."""

import json
import os
import re
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mewe_core.kit import records
from mewe_core.kit.privacy import exporting, receipts, register, retaining
from rich.console import Console
from rich.table import Table

from mewe_host.command.entering import enter
from mewe_host.command.keeping import opened
from mewe_host.mix import Mounted, found, mount
from mewe_host.privacy import page
from mewe_host.privacy.erasing import Erasing
from mewe_host.privacy.ledger import Entry
from mewe_host.running.opening import kept_keys
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import Refusal
from mewe_host.running.stopping import run

if TYPE_CHECKING:
    from mewe_host.running.desks import Desks


def write_register(mix: str | None, *, as_json: bool, to: Path | None) -> int:
    """Print, or write, what is held about persons in a mix."""
    mounted = mount(found(mix))
    features = {"kit": records.PERSONAL_DATA, **{one.name: one.personal for one in mounted.features}}
    if as_json:
        text = json.dumps(register.table(features, mounted.mix.country), ensure_ascii=False, indent=1) + "\n"
    else:
        text = register.text(features, mounted.mix.country)
    if to is None:
        sys.stdout.write(text)
    else:
        _written(to, text)
    return 0


def export(mix: str, person: str, *, to: Path, language: str) -> int:
    """Write everything that is held about a person: ``export.json`` for machines, ``export.html`` for people."""
    mounted = mount(found(mix))
    with refusing(mounted.file):
        enter(mounted, "privacy export", person=_person(person))
        document = run(_exported(mounted, _person(person)))
    try:
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as fault:
        raise Refusal(f"the folder {to} cannot be made: {fault.strerror}") from fault
    _written(to / "export.json", json.dumps(document, ensure_ascii=False, indent=1) + "\n")
    _written(to / "export.html", page.html(document, language))
    rows = sum(len(table["rows"]) for tables in document["features"].values() for table in tables)
    Console(highlight=False, soft_wrap=True).print(f"{rows} entries about this person are in {to}.")
    return 0


def erase(mix: str, person: str, *, to: Path | None) -> int:
    """Erase a person in every feature, and print or write the receipt. No host may run on embedded databases meanwhile."""
    mounted = mount(found(mix))
    with refusing(mounted.file):
        enter(mounted, "privacy erase", person=_person(person))
        made = run(_erased(mounted, _person(person)))
    text = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    if to is None:
        sys.stdout.write(text)
    else:
        _written(to, text)
    return 0


def retention(mix: str, *, dry_run: bool) -> int:
    """Remove what is past its term, or say what that would be."""
    mounted = mount(found(mix))
    with refusing(mounted.file):
        if not dry_run:
            enter(mounted, "privacy retention")
        told = run(_retained(mounted, dry_run=dry_run))
    table = Table("feature", "table", "past days", "rows")
    for feature, one in told:
        table.add_row(feature, one.table, str(one.days), str(one.rows))
    console = Console()
    if told:
        console.print(table)
        console.print("Nothing was changed." if dry_run else "These are gone.")
    else:
        console.print("Nothing is past its term.")
    return 0


def verify(mix: str, receipt: Path) -> int:
    """Say whether a receipt is as it was signed with the keys of the mix; the answer is 0 if so, 1 if not."""
    mounted = mount(found(mix))
    try:
        document = json.loads(receipt.read_text("utf-8"))
    except OSError as fault:
        raise Refusal(f"the receipt {receipt} cannot be read: {fault.strerror}") from fault
    except ValueError:
        document = None
    folder = Path(mounted.mix.keys.folder)
    if not (folder / "signing.pem").exists():  # opening them would make what is missing
        raise Refusal(f"{mounted.file}, keys.folder: no keys are in {folder}, and only with the country's keys can one verify")
    with refusing(mounted.file):
        keys = kept_keys(mounted.mix)
    wrong = receipts.verified(document, keys)
    Console(highlight=False, soft_wrap=True).print(
        "ok    the receipt is as it was signed" if wrong is None else f"WRONG {wrong}"
    )
    return int(wrong is not None)


async def _exported(mounted: Mounted, person: str) -> dict[str, Any]:
    async with _opened(mounted) as (desks, _):
        features = {
            name: await desk.look(partial(exporting.export_all, desk.feature, person)) for name, desk in desks.by_name.items()
        }
        return exporting.document(person, mounted.mix.country, desks.clock.now(), features)


async def _erased(mounted: Mounted, person: str) -> dict[str, Any]:
    async with _opened(mounted) as (desks, erasing):
        entry = Entry(secrets.token_hex(16), person, desks.clock.now())
        answers = []
        for one in erasing.by_name.values():
            await one.begin(entry)
            answers += [answer for pending, answer in await one.go_on() if pending.id == entry.erasure_id]
        keys = kept_keys(mounted.mix)
        return dict(receipts.receipt(entry.erasure_id, person, mounted.mix.country, entry.decided_at, answers, keys))


async def _retained(mounted: Mounted, *, dry_run: bool) -> list[tuple[str, retaining.PastTerm]]:
    told = []
    async with _opened(mounted) as (desks, erasing):
        for name, desk in desks.by_name.items():
            told += [(name, one) for one in await desk.look(partial(retaining.past_term, desk.feature))]
            if not dry_run:
                await erasing.by_name[name].retain()
    return told


@asynccontextmanager
async def _opened(mounted: Mounted) -> AsyncIterator[tuple["Desks", Erasing]]:
    async with opened(mounted) as desks:
        keys = kept_keys(mounted.mix)
        yield desks, Erasing(mounted.mix, mounted.catalogue, desks.by_name, keys, desks.clock)


def _person(named: str) -> str:
    """Raises Refusal for what cannot be an id; it is not repeated."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", named):
        raise Refusal("PERSON is the id of a person as the platform shows it: 1 to 64 letters, digits, - and _.")
    return named


def _written(file: Path, text: str) -> None:
    """A file that its owner alone can read. Raises Refusal."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as opened_file:
            opened_file.write(text)
    except OSError as fault:
        raise Refusal(f"{file} cannot be written: {fault.strerror}") from fault
