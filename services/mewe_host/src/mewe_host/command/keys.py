"""Commands that look after the keys of a mix: list them, make a new master, rotate."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from attrs import frozen
from rich.console import Console
from rich.table import Table

from mewe_host.command.auditing import require_keys
from mewe_host.command.entering import enter
from mewe_host.identity import acts, folder
from mewe_host.identity.kms import Kms
from mewe_host.identity.masters import Masters
from mewe_host.keyring import rotation
from mewe_host.keyring.keyring import Keyring
from mewe_host.mix import Mounted, found, mount
from mewe_host.running import opening
from mewe_host.running.desks import machine
from mewe_host.running.plan import Plan
from mewe_host.running.refusing import refusing
from mewe_host.running.steps import Refusal
from mewe_host.running.stopping import run


@frozen
class _All:
    """Every keyring of a deployment, also those of features that its mix does not name any more."""

    keyrings: dict[str, Keyring]
    masters: Masters


def listed(mix: str) -> int:
    """Print each master, whether a key management service wraps it, and how many data keys of each feature it wraps."""
    mounted = mount(found(mix))
    with refusing(mounted.file):
        enter(mounted, "keys list")
        Console().print(run(_listed(mounted)))
    return 0


def new_master(mix: str) -> int:
    """Make a new master, to be copied to every machine before data keys are wrapped under it."""
    mounted = mount(found(mix))

    async def made() -> Path:
        async with _opened(mounted) as there:
            return there.masters.file(await rotation.prepare(there.keyrings, there.masters))

    with refusing(mounted.file):
        enter(mounted, "keys new-master")
        file = run(made())
    _say(f"{file} is there. Copy it to each machine that has a key folder, then: mewe keys rotate {mix}")
    return 0


def rotate(mix: str, *, data_keys: bool) -> int:
    """Wrap every data key under the newest master and destroy the older ones; with ``data_keys`` make new data keys too."""
    mounted = mount(found(mix))

    async def rotated() -> tuple[rotation.Rotated, int]:
        async with _opened(mounted) as there:
            _protect(mounted, opening.kms(mounted.mix))
            done = await rotation.rotate(there.keyrings, there.masters)
            return done, await rotation.renew(there.keyrings) if data_keys else 0

    with refusing(mounted.file):
        enter(mounted, "keys rotate")
        done, retired = run(rotated())
    _say(f"Master {done.version} is in use. Data keys wrapped anew: {done.rewrapped}. Data keys retired: {retired}.")
    if done.destroyed:
        gone = ", ".join(str(one) for one in done.destroyed)
        _say(f"Destroyed here: master {gone}. Remove it from every other machine too; backups that need it open no more.")
    return 0


def new_signing(mix: str) -> int:
    """Make a new signing key; the one before it vouches for it in the book of acts, and stays known there."""
    mounted = mount(found(mix))
    path = Path(mounted.mix.keys.folder)
    with refusing(mounted.file):
        require_keys(mounted)
        before = opening.keys(Plan(mounted, mounted.features, brings_all=False))  # which has its line in the book
        key = acts.change_signing_key(path, before, machine(mounted.mix).now(), opening.kms(mounted.mix))
    _say(
        f"The signing key is {key.id} now; {before.public_key().id} is retired, and {acts.beside(path)} keeps both public keys."
    )
    _say("Now start the hosts again; on other machines copy signing.pem first. From the first start on, tokens of the old key")
    _say("are good for five minutes at most, and a host that still goes on with it signs in vain.")
    return 0


async def _listed(mounted: Mounted) -> Table:
    table = Table("master", "kept", "in use", "feature", "data keys")
    async with _opened(mounted) as there:
        for version in there.masters.versions():
            kept = "wrapped" if folder.is_wrapped(there.masters.file(version)) else "file"
            table.add_row(str(version), kept, "", "", "")
            for name, one in there.keyrings.items():
                uses = await one.shelf.masters()
                used = next((use.count for use in uses if use.version == version), None)
                if used is not None:
                    table.add_row("", "", "yes" if version == uses[-1].version else "no", name, str(used))
    return table


def _protect(mounted: Mounted, kms: Kms | None) -> None:
    """Have the key management service wrap what lies open: a service that was named only later."""
    if kms is None:
        return
    path = Path(mounted.mix.keys.folder)
    for file in ("country.key", "signing.pem", "push.pem"):
        if (path / file).exists() and folder.protect(path / file, kms):
            _say(f"{path / file} is wrapped now. Backups of it from before are not: destroy them.")


@asynccontextmanager
async def _opened(mounted: Mounted) -> AsyncIterator[_All]:
    mix = mounted.mix
    path = Path(mix.keys.folder)
    if not (path / "country.key").exists():  # opening them would make what is missing
        raise Refusal(
            f"{mounted.file}, keys.folder: no keys are in {path}; a host makes them when it starts for the first time"
        )
    async with AsyncExitStack() as stack:
        keeping = opening.keeping(mix, opening.kept_keys(mix))
        yield _All(dict(await keeping.opened(await keeping.there(stack), stack)), keeping.masters)


def _say(line: str) -> None:
    Console(highlight=False, soft_wrap=True).print(line)
