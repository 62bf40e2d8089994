"""The reckoning after the kills: was anything lost, did anything happen twice?"""

from tests.faults.deployments import Deployed, at_rest
from tests.faults.load import Country, places


async def nothing_lost_and_nothing_twice(country: Country, deployment: Deployed) -> None:
    """Every message that was accepted stands in its room once, reached each follower once, in order, and was counted once.

    To be called when everybody has stopped. Raises AssertionError.
    """
    for room_id, messages in country.accepted.items():
        listed = await country.listed(room_id)
        assert places(listed) == sorted(places(messages)), "what stands in a room is not what was accepted in it"
        assert [one.sequence for one in listed] == list(range(1, len(messages) + 1))
        for follower in country.followers:
            if follower.room_id == room_id:
                assert places(follower.seen) == places(listed), "what reached a follower is not what stands in the room"
    assert {one.text for messages in country.accepted.values() for one in messages} == country.asked
    await at_rest(deployment)
    counted = await country.tallies()
    wrong = {room: (len(all_), counted[room]) for room, all_ in country.accepted.items() if counted[room] != len(all_)}
    assert wrong == {}, "by room: how many were accepted, how many were counted"
