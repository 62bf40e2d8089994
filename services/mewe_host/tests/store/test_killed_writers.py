"""What was answered was kept, whatever ends the process."""

import asyncio
import subprocess
import sys
from collections.abc import Callable

from mewe_core.kit.feature import Feature
from mewe_host.store.migrate import migrate
from mewe_host.store.open import open_store
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, select

MakeFeature = Callable[[str, MetaData], Feature]

TABLES = MetaData()
SEAT = Table(
    "shelf_seat",
    TABLES,
    Column("id", Text, primary_key=True),
    Column("room", Text, nullable=False),
    Column("place", BigInteger, nullable=False),
)
IDS = select(SEAT.c.id)

WRITER = """
import asyncio, sys
from mewe_host.store.open import open_store
from sqlalchemy import BigInteger, Column, MetaData, Table, Text, insert

TAKE = insert(Table("shelf_seat", MetaData(), Column("id", Text), Column("room", Text), Column("place", BigInteger)))

async def main(url):
    store = await open_store("shelf", url)
    async def caller(number):
        place = number
        while True:
            await store.write(lambda database: database.execute(TAKE, id=f"s{place}", room="hall", place=place))
            sys.stdout.write(f"s{place}\\n")
            sys.stdout.flush()
            place += 8
    await asyncio.gather(*(caller(number) for number in range(8)))

asyncio.run(main(sys.argv[1]))
"""


def test_a_killed_writer_loses_nothing_it_answered(make_feature: MakeFeature, url: str) -> None:
    """Killed with no warning in the middle of writing, a process has lost no unit that it answered; and can start again."""
    asyncio.run(migrate([make_feature("shelf", TABLES)], url))
    answered: set[str] = set()
    for rounds in (100, 300):
        command = [sys.executable, "-c", WRITER.replace("place = number", f"place = number + {len(answered) * 1000}"), url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:  # noqa: S603
            assert writer.stdout is not None
            for line, _ in zip(writer.stdout, range(rounds), strict=False):
                answered.add(line.strip())
            writer.kill()
            answered |= {line.strip() for line in writer.stdout if line.endswith("\n")}

    async def kept() -> set[str]:
        store = await open_store("shelf", url)
        try:
            return set(await store.read(lambda database: database.all(IDS, str)))
        finally:
            await store.close()

    assert len(answered) >= 400
    assert set() == answered - asyncio.run(kept())
