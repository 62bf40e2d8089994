"""Changes a small chain at random, as somebody might who has the database and not the key."""

from collections.abc import Awaitable, Callable
from random import Random

from attrs import define, evolve
from mewe_core.kit.values import Value, columns
from mewe_host.desk.anchors import ANCHORS, KEEP_ANCHOR, Anchor, signed
from mewe_host.desk.chain import Chain, Record, Seal
from mewe_host.desk.seals import KEEP_SEAL
from mewe_host.desk.witnessing import Kept

from .audited import (
    CHANGE_ANCHOR,
    CHANGE_ROW,
    CHANGE_SEAL,
    CHANGE_WITNESS,
    CUT_ROWS,
    CUT_SEALS,
    KEEP,
    KEEP_WITNESS,
    KEYS,
    ROWS,
    TAKE_ANCHOR,
    TAKE_ROW,
    TAKE_SEAL,
    TAKE_WITNESS,
    UNDONE,
    WITNESSED,
    Country,
    record,
)


@define
class Mutator:
    """Changes a country at random."""

    country: Country
    random: Random

    def _any(self, values: list[Value]) -> Value:
        return self.random.choice(values)

    async def change_a_row(self) -> None:
        """Another value in any column of any row."""
        one, name = self.random.choice(self.country.rows), self.random.choice(list(CHANGE_ROW))
        new = self._any([one.at + 1, 10**6 + self.random.randrange(10**6), -self.random.randrange(9)])
        if name in ("caller_id", "about_id"):
            new = self._any(["somebody else", b"\xff", f"{getattr(one, name)} ", None if getattr(one, name) else "null"])
        elif name in ("count", "until"):
            new = self._any([(getattr(one, name) or 0) + self.random.randrange(1, 9), b"\xff", "text"])
        elif name not in ("position", "at"):
            new = self._any(["", "other", b"\xff", str(getattr(one, name)).upper() + "x"])
        await self.country.database.execute(CHANGE_ROW[name], one=one.position, new=new)

    async def change_a_seal(self) -> None:
        """Another value in any column of any row of the chain: a bit of it, or all of it."""
        one, name = self.random.choice(self.country.seals), self.random.choice(list(CHANGE_SEAL))
        old: bytes = one.positions if name == "positions" else one.chains
        place = self.random.randrange(len(old))
        flipped = old[:place] + bytes([old[place] ^ 1 << self.random.randrange(8)]) + old[place + 1 :]
        new = self._any([flipped, flipped, b"", old[:-1], old + old[-8:], "text"])
        if name == "number":
            new = self._any([-one.number, one.number + 1000])
        await self.country.database.execute(CHANGE_SEAL[name], one=one.number, new=new)

    async def delete(self) -> None:
        """A row is gone, or a row of the chain, or both."""
        if self.random.random() < 0.7:
            await self.country.database.execute(TAKE_ROW, one=self.random.choice(self.country.rows).position)
        if self.random.random() < 0.5 or len(await self.country.database.all(ROWS, Record)) == len(self.country.rows):
            await self.country.database.execute(TAKE_SEAL, one=self.random.choice(self.country.seals).number)

    async def insert(self) -> None:
        """A record at a position that was left empty, or at the end with a seal that somebody made up or copied."""
        if self.random.random() < 0.5:
            position = self.random.choice([*(() if self.country.shared else UNDONE), 0, -self.random.randrange(1, 10**9)])
            await self.country.database.execute(KEEP, **columns(record(position, "intruder")))
            return
        last = self.country.seals[-1].head
        added = record(self.country.rows[-1].position + self.random.randrange(1, 9), "intruder")
        chains = self.random.choice([self.random.randbytes(32), last.chain, self.country.seals[0].chains[:32]])
        seal = evolve(Chain("chat", KEYS).seal(last, [added]), chains=chains)
        await self.country.database.execute(KEEP, **columns(added))
        await self.country.database.execute(KEEP_SEAL, **columns(seal))

    async def swap(self) -> None:
        """Two records change places: what they say, or their places in the chain with or without its values."""
        first, second = self.random.sample(range(1, len(self.country.rows) + 1), 2)
        if self.random.random() < 0.5:
            here, there = self.country.rows[first - 1], self.country.rows[second - 1]
            for one, other in ((here, there), (there, here)):
                await self.country.database.execute(TAKE_ROW, one=one.position)
                await self.country.database.execute(KEEP, **columns(evolve(other, position=one.position)))
            return
        await self._swap_bytes("positions", 8, first, second)
        if self.random.random() < 0.5:
            await self._swap_bytes("chains", 32, first, second)

    async def move(self) -> None:
        """A record stands at a position that was empty, and its seal says so too."""
        number = self.random.randrange(1, len(self.country.rows) + 1)
        old, new = self.country.rows[number - 1].position, self.random.choice([*UNDONE, 30, -3])
        seal, within = self.country.place(number)
        positions = bytearray(seal.positions)
        positions[8 * within : 8 * within + 8] = new.to_bytes(8, signed=True)
        await self.country.database.execute(CHANGE_ROW["position"], one=old, new=new)
        await self.country.database.execute(CHANGE_SEAL["positions"], one=seal.number, new=bytes(positions))

    async def _swap_bytes(self, name: str, width: int, first: int, second: int) -> None:
        kept = {one.number: bytearray(getattr(one, name)) for one in self.country.seals}
        (here, m), (there, n) = self.country.place(first), self.country.place(second)
        one, other = kept[here.number], kept[there.number]
        one[m * width : (m + 1) * width], other[n * width : (n + 1) * width] = (
            other[n * width : (n + 1) * width],
            one[m * width : (m + 1) * width],
        )
        for number, new in kept.items():
            await self.country.database.execute(CHANGE_SEAL[name], one=number, new=bytes(new))

    async def change_a_witness(self) -> None:
        """Another value in any column of what a witness keeps, or a checkpoint that nobody has signed."""
        rows = await self.country.witness.all(WITNESSED, Kept)
        one, name = self.random.choice(rows), self.random.choice(list(CHANGE_WITNESS))
        if name == "area_id":
            await self.country.witness.execute(TAKE_WITNESS, one=one.chain)
            forged = evolve(one, chain=self.random.randbytes(32).hex(), number=one.number + self.random.randrange(-1, 9))
            await self.country.witness.execute(KEEP_WITNESS, **columns(forged))
            return
        old = getattr(one, name)
        new: Value = self._any([old + 1, -old, old + 10**9]) if isinstance(old, int) else self._any(["", f"{old}0", b"\xff"])
        if isinstance(old, str) and name != "key_id" and self.random.random() < 0.5:
            place = self.random.randrange(len(old))
            new = old[:place] + ("0" if old[place] != "0" else "1") + old[place + 1 :]
        await self.country.witness.execute(CHANGE_WITNESS[name], one=one.chain, new=new)

    async def cut_the_front(self) -> None:
        """The anchor is changed, or gone; or the first records are, with no anchor, or one that somebody made up."""
        kept = await self.country.database.all(ANCHORS, Anchor)
        if kept and self.random.random() < 0.5:
            name = self.random.choice(list(CHANGE_ANCHOR))
            old = getattr(kept[0], name)
            number = self.random.choice([1, -1, 10**9])
            new = old + number if isinstance(old, int) else self._any(["", f"{old} ", b"\xff"])
            await self.country.database.execute(CHANGE_ANCHOR[name], new=new)
            return
        if kept and self.random.random() < 0.2:
            await self.country.database.execute(TAKE_ANCHOR)
            return
        first = self.country.seals[0]
        for position, _ in first.pairs():
            await self.country.database.execute(TAKE_ROW, one=position)
        await self.country.database.execute(TAKE_SEAL, one=first.number)
        if self.random.random() < 0.7:
            witnessed = (await self.country.witness.all(WITNESSED, Kept))[0].signature
            signature = self._any([witnessed, *(one.signature for one in kept), self.random.randbytes(64).hex()])
            top = max(position for position, _ in first.pairs())
            bare = signed("chat", first.head, top=top, until=1, taken_at=2, keys=KEYS)
            await self.country.database.execute(TAKE_ANCHOR)
            await self.country.database.execute(KEEP_ANCHOR, **(columns(bare) | {"signature": signature}))

    async def cut_off(self) -> int:
        """The last records are gone, with their seals as if they had never been; says how many are left."""
        left = self.random.randrange(len(self.country.rows))
        await self.country.database.execute(CUT_ROWS, first=self.country.rows[left].position)
        if left and self.random.random() < 0.2:
            return left
        seal, within = self.country.place(left + 1)
        await self.country.database.execute(CUT_SEALS, first=seal.number)
        if within:
            short = Seal(seal.number, seal.positions[: 8 * within], seal.chains[: 32 * within])
            await self.country.database.execute(KEEP_SEAL, **columns(short))
        return left

    async def restore(self) -> None:
        """An older copy stands there, or has gone on since: a host has sealed other records, with the country's key."""
        older = self.random.randrange(1, len(self.country.seals))
        seal = self.country.seals[older]
        await self.country.database.execute(CUT_SEALS, first=seal.number)
        await self.country.database.execute(CUT_ROWS, first=seal.pairs()[0][0])
        if self.random.random() < 0.5:
            before = self.country.seals[older - 1]
            begin = before.pairs()[-1][0] + 1
            others = [record(begin + number, "later") for number in range(self.random.randrange(1, 30))]
            for one in others:
                await self.country.database.execute(KEEP, **columns(one))
            await self.country.database.execute(KEEP_SEAL, **columns(Chain("chat", KEYS).seal(before.head, others)))

    @property
    def kinds(self) -> list[Callable[[], Awaitable[object]]]:
        """Everything it can do."""
        return [
            self.change_a_row,
            self.change_a_seal,
            self.delete,
            self.insert,
            self.swap,
            self.move,
            self.change_a_witness,
            self.cut_the_front,
            self.cut_off,
            self.restore,
        ]
