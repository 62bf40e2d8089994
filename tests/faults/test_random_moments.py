"""Processes that are killed at any moment, twenty times in a row under load (fifty in the long form), start-up included."""

import asyncio
import random
from pathlib import Path

from mewe_client import Deployment

from tests.extent import extent
from tests.faults.deployments import Split, left_over, split
from tests.faults.load import Country
from tests.faults.reckoning import nothing_lost_and_nothing_twice

KILLS = extent(20, 50)
NATS = "nats-server"
LONGEST_RESPITE = 1.0
"""Seconds from one kill's end to the next kill at most."""
UNDISTURBED = 0.4
"""The share of the kills after which everybody gets a message through before the next."""
OF_STARTING = 0.25
"""The share of the kills that hit a process again while it is starting."""


def test_nothing_is_lost_or_done_twice_whichever_process_is_killed(chance: random.Random, tmp_path: Path) -> None:
    """People, programme, chat, tally, the NATS server: kills at random lose nothing, show and count nothing twice."""

    async def run() -> None:
        async with split(tmp_path) as deployment:
            addresses = {name: one.addresses[name] for name, one in deployment.by_name.items()}
            async with Deployment(addresses) as clients:
                country = Country(clients, chance)
                await country.begin(deployment.by_name["people"].notes[0].split()[-1])
                async with country.at_work():
                    for name in victims(chance, deployment):
                        await respite(chance)
                        await killed(name, deployment, chance)
                        if chance.random() < UNDISTURBED:
                            await country.goes_on()
                    await country.goes_on()
                await nothing_lost_and_nothing_twice(country, deployment)

    asyncio.run(run())
    assert left_over(tmp_path) == {}


def victims(chance: random.Random, deployment: Split) -> list[str]:
    """Whom to kill, one after the other: each of them as often as the others, in any order."""
    names = [*deployment.by_name, NATS]
    chosen = [names[number % len(names)] for number in range(KILLS)]
    chance.shuffle(chosen)
    print(f"killed in turn: {', '.join(chosen)}")  # noqa: T201
    return chosen


async def killed(name: str, deployment: Split, chance: random.Random) -> None:
    """Kill a process; return when there is one again that works. Some are killed once more while they start."""
    if name == NATS:
        await deployment.kill_nats_server()
        return
    host = deployment.by_name[name]
    host.strike()
    if chance.random() < OF_STARTING:
        await host.gone()
        await host.start()
        await respite(chance)
        host.strike()
    await host.again()


async def respite(chance: random.Random) -> None:
    """Let a time pass that nobody could have foreseen."""
    await asyncio.sleep(chance.uniform(0, LONGEST_RESPITE))
