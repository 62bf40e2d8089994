"""The audit of a running country: how it is written, sealed, verified."""

from pathlib import Path

from attrs import define
from mewe_core.kit.database import Executable
from mewe_core.kit.records import AUDIT, AUDIT_SEAL
from mewe_core.kit.values import Parameter, columns
from mewe_host.desk import checkpoints
from mewe_host.desk.chain import Record, Seal
from mewe_host.desk.checkpoints import Checkpoint
from mewe_host.desk.sealing import Sealer
from mewe_host.desk.verifying import Verdict, verifier
from sqlalchemy import bindparam, delete, insert, select, update

from .world import World

KEEP: Executable = insert(AUDIT)
SEALS: Executable = select(AUDIT_SEAL).order_by(AUDIT_SEAL.c.number)
TAKE: Executable = delete(AUDIT).where(AUDIT.c.position == bindparam("one"))
CUT: Executable = delete(AUDIT).where(AUDIT.c.position > bindparam("behind"))
CUT_SEALS: Executable = delete(AUDIT_SEAL).where(AUDIT_SEAL.c.number > bindparam("behind"))
CHANGE: Executable = update(AUDIT).where(AUDIT.c.position == bindparam("one")).values(caller_id="somebody else")


@define
class Audit:
    """The audit of the feature circle: how it is written, sealed, verified."""

    world: World
    shared: bool

    @property
    def file(self) -> Path:
        """Where its checkpoints are."""
        return self.world.folder / "audit-checkpoints"

    def sealer(self) -> Sealer:
        """A sealer, as each process has one."""
        return Sealer(
            "circle", self.world.stores["circle"], self.world.keys, self.world.clock, self.file, self.world.desks["circle"].tell
        )

    async def execute(self, statement: Executable, **parameters: Parameter) -> None:
        """Do something to it."""
        await self.world.stores["circle"].write(lambda database: database.execute(statement, **parameters))

    async def keep(self, *positions: int) -> None:
        """Write records at these positions, in this order, each in a unit of its own."""
        for position in positions:
            one = Record(position, position, f"p{position}", "/Method", "group", "g", None, "CHANGED", 1, None)
            await self.execute(KEEP, **columns(one))

    async def told_to_echo(self) -> None:
        """The echo hears everything that was told."""
        for envelope in await self.world.told("circle"):
            await self.world.desks["echo"].hear(envelope)

    async def verdict(self, *witnessed: Checkpoint) -> Verdict:
        """What a verifier says; with what a witness keeps, in place of the file."""
        kept = witnessed or checkpoints.read(self.file, self.world.keys).of("circle")
        read = self.world.stores["circle"].read
        return await verifier("circle", read, self.world.keys, kept, shared=self.shared).verify()

    async def positions(self) -> list[int]:
        """The records in the order of the chain."""
        return [place for seal in await self.world.rows("circle", SEALS, Seal) for place, _ in seal.pairs()]


def audit(world: World, url: str) -> Audit:
    """The audit of a country."""
    return Audit(world, not url.startswith("sqlite:"))
