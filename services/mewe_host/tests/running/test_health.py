"""A feature that has not caught up answers nobody, and everybody can see what the host waits for."""

from mewe_host.running.health import Health


def test_a_host_is_ready_when_all_its_features_are() -> None:
    """What it waits for is said by feature."""
    health = Health.of(("chat", "people"))
    assert health.faults() == ("chat: catching up", "people: catching up")
    health.caught_up("chat")
    assert (health.is_ready("chat"), health.is_ready("people")) == (True, False)
    health.caught_up("people")
    assert health.faults() == ()


def test_a_host_that_stops_is_not_ready_and_still_answers_who_is_there() -> None:
    """Nobody new is sent to it; a call that is under way is not refused for that."""
    health = Health.of(("chat",))
    health.caught_up("chat")
    health.stop()
    assert health.faults() == ("the host is stopping",)
    assert not health.is_ready("chat")
    health.check("chat")
