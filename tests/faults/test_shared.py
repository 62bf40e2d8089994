"""Two hosts of one country on PostgreSQL: either, their NATS server or the database is killed, again and again, under load."""

import asyncio
import random
from pathlib import Path

from mewe_client import Deployment

from tests.extent import extent
from tests.faults.load import Country
from tests.faults.reckoning import nothing_lost_and_nothing_twice
from tests.faults.shared import Shared, shared

KILLS = extent(8, 50)
MOST_BETWEEN = 40
"""How many messages get through between two kills, as chance has it: one of every writer at least, or up to so many."""


def test_two_hosts_and_what_they_share_are_killed_and_nothing_is_lost_or_done_twice(
    chance: random.Random, tmp_path: Path
) -> None:
    """People come by either host, and follow each other through both: what was accepted is there, once and in order."""

    async def run() -> None:
        async with shared(tmp_path) as deployment:
            first, second = deployment.hosts
            async with Deployment(first.addresses["chat"]) as here, Deployment(second.addresses["chat"]) as there:
                country = Country(here, chance, [there])
                await country.begin(second.notes[0].split()[-1])
                async with country.at_work():
                    for kind in kinds(chance):
                        await killed(kind, deployment)
                        await country.goes_on(chance.randrange(MOST_BETWEEN))
                await nothing_lost_and_nothing_twice(country, deployment)
                assert await deployment.left_over() == {}

    asyncio.run(run())


def kinds(chance: random.Random) -> list[str]:
    """What to kill, one after the other: each as often as the others, in any order."""
    names = ("first host", "second host", "nats", "database")
    chosen = [names[number % len(names)] for number in range(KILLS)]
    chance.shuffle(chosen)
    print(f"killed in turn: {', '.join(chosen)}")  # noqa: T201
    return chosen


async def killed(kind: str, deployment: Shared) -> None:
    """Kill it; return when there is one again that works."""
    if kind == "nats":
        await deployment.kill_nats_server()
    elif kind == "database":
        await deployment.kill_database()
    else:
        host = deployment.hosts[kind == "second host"]
        host.strike()
        await host.again()
