"""`mewe up`, killed again and again: what it accepted is there, and its NATS server never outlives it."""

import asyncio
import random
from pathlib import Path

from mewe_client import Deployment

from tests.extent import extent
from tests.faults.deployments import left_over, whole
from tests.faults.load import Country
from tests.faults.reckoning import nothing_lost_and_nothing_twice

KILLS = extent(20, 50)
MOST_BETWEEN = 60
"""How many messages get through between two kills, as chance has it: one of every writer at least, or up to so many."""


def test_the_host_of_everything_is_killed_again_and_again_and_nothing_is_lost_or_twice(
    chance: random.Random, tmp_path: Path
) -> None:
    """Kills under load (fifty in the long form) lose no message, show and count none twice, and leave no NATS server."""

    async def run() -> None:
        async with whole(tmp_path) as deployment, Deployment(deployment.host.addresses["chat"]) as clients:
            host = deployment.host
            country = Country(clients, chance)
            await country.begin(host.notes[0].split()[-1])
            async with country.at_work():
                for _ in range(KILLS):
                    nats_server = deployment.nats_server()
                    await country.goes_on(chance.randrange(MOST_BETWEEN))
                    host.strike()
                    await host.gone()
                    await nats_server.ended()
                    await host.again()
            await nothing_lost_and_nothing_twice(country, deployment)

    asyncio.run(run())
    assert left_over(tmp_path) == {}
