"""Processes that are killed at the worst moments of an event's way, twenty times in a row under load."""

import asyncio
import random
from pathlib import Path

import pytest
from mewe_client import Deployment

from tests.faults.deployments import Split, left_over, split
from tests.faults.host_process import PATIENCE
from tests.faults.load import Country
from tests.faults.nats_proxy import Moment, Passing
from tests.faults.reckoning import nothing_lost_and_nothing_twice

KILLS = 20


@pytest.mark.parametrize(
    ("of_chat", "of_tally"),
    [(Moment.AFTER_COMMIT, Moment.BEFORE_ACK), (Moment.AFTER_PUBLISH, Moment.AFTER_ACK)],
    ids=["after commit, before ack", "after publish, after ack"],
)
def test_every_event_takes_effect_once_whenever_its_teller_and_its_hearer_are_killed(
    of_chat: Moment, of_tally: Moment, chance: random.Random, tmp_path: Path
) -> None:
    """Twenty kills of each at a named moment lose no accepted message and show none twice, and each is counted once."""

    async def run() -> None:
        async with split(tmp_path) as deployment:
            addresses = {name: one.addresses[name] for name, one in deployment.by_name.items()}
            async with Deployment(addresses) as clients:
                country = Country(clients, chance)
                await country.begin(deployment.by_name["people"].notes[0].split()[-1])
                async with country.at_work(), asyncio.TaskGroup() as killing:
                    killing.create_task(killed(deployment, "chat", of_chat, country))
                    killing.create_task(killed(deployment, "tally", of_tally, country))
                await nothing_lost_and_nothing_twice(country, deployment)

    asyncio.run(run())
    assert left_over(tmp_path) == {}


async def killed(deployment: Split, name: str, moment: Moment, country: Country) -> None:
    """Kill a feature at a moment, and start it again, as often as is promised to do no harm.

    Every other time the event is the only one of its room: no later one would show that it is missing.
    """
    host, proxy = deployment.by_name[name], deployment.proxies[name]

    def posted(message: Passing) -> bool:
        return message.event == "message_posted"

    def posted_alone(message: Passing) -> bool:
        return posted(message) and message.aggregate_id not in country.busy

    for number in range(KILLS):
        await proxy.at(moment, posted_alone if number % 2 else posted, host.strike, 2 * PATIENCE)
        await host.again()
        if name == "chat":
            await country.goes_on()
