"""What was accepted is on disk: no power cut takes any of it. Run by `make prove`, as root."""

import asyncio
import random
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from mewe_client import Deployment

from tests.faults.deployments import left_over, whole
from tests.faults.load import Country
from tests.faults.power_cut import Disk, disk
from tests.faults.reckoning import nothing_lost_and_nothing_twice

pytestmark = pytest.mark.power_cut

CUTS = 5
MOST_BETWEEN = 200
ROWS = 3000

WRITER = """
import os, sqlite3, sys
kept = sqlite3.connect(sys.argv[1], isolation_level=None)
kept.execute("PRAGMA journal_mode = WAL")
kept.execute(f"PRAGMA synchronous = {sys.argv[2]}")
kept.execute("CREATE TABLE line (number INTEGER PRIMARY KEY)")
os.sync()
for number in range(10_000_000):
    kept.execute("INSERT INTO line VALUES (?)", (number,))
    print(number, flush=True)
"""


def test_power_cuts_take_nothing_that_was_accepted(chance: random.Random, tmp_path: Path) -> None:
    """Five times under load the disk loses all that was not written out: no message, key, session or event is missing."""

    async def run() -> None:
        with disk(tmp_path) as cut:
            async with whole(tmp_path, cut.path) as deployment, Deployment(deployment.host.addresses["chat"]) as clients:
                host = deployment.host
                country = Country(clients, chance)
                await country.begin(host.notes[0].split()[-1])
                async with country.at_work():
                    for _ in range(CUTS):
                        nats_server = deployment.nats_server()
                        await country.goes_on(chance.randrange(MOST_BETWEEN))
                        host.strike()
                        cut.cut()
                        await host.gone()
                        await nats_server.ended()
                        await asyncio.to_thread(cut.restore)
                        await host.again()
                await nothing_lost_and_nothing_twice(country, deployment)
                await host.stop()
                assert left_over(cut.path) == {}

    asyncio.run(run())


@pytest.mark.parametrize(("synchronous", "loses"), [("FULL", False), ("NORMAL", True)])
def test_a_power_cut_takes_what_was_not_written_out(synchronous: str, loses: bool, tmp_path: Path) -> None:
    """The disk is no blind witness: a database that writes out late loses rows, one that writes out at once loses none."""
    with disk(tmp_path) as cut:
        assert loses is (lost(cut, synchronous) > 0)


def lost(cut: Disk, synchronous: str) -> int:
    """How many rows are missing, of those that a database said it had kept before the power went."""
    file = cut.path / "lines.db"
    command = [sys.executable, "-c", WRITER, str(file), synchronous]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:  # noqa: S603
        assert writer.stdout is not None
        said = 0
        for line in writer.stdout:
            said = int(line) + 1
            if said == ROWS:
                break
        cut.cut()
        writer.kill()
    cut.restore()
    with sqlite3.connect(file) as database:
        kept = int(database.execute("SELECT count(*) FROM line").fetchone()[0])
    database.close()
    return max(0, said - kept)
