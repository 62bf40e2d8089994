"""The figures are there under their names, and each host has its own."""

from mewe_host.running.metrics import Metrics


def test_calls_queues_and_streams_are_counted() -> None:
    """What an operator watches stands in the text that Prometheus reads."""
    metrics = Metrics()
    metrics.observe("/mewe.chat.v1.ChatService/PostMessage", "ok", 1 / 512)
    metrics.observe("/mewe.chat.v1.ChatService/PostMessage", "ok", 60.0)
    metrics.observe("/mewe.chat.v1.ChatService/PostMessage", "NOT_FOUND", 1 / 512)
    metrics.queues("chat", unpublished=3, lag=2, parked=1)
    metrics.streams(lambda: 7)
    metrics.ready(True)
    text = metrics.text()[0].decode()
    for line in (
        'mewe_calls_total{method="/mewe.chat.v1.ChatService/PostMessage",outcome="ok"} 2.0',
        'mewe_calls_total{method="/mewe.chat.v1.ChatService/PostMessage",outcome="NOT_FOUND"} 1.0',
        'mewe_call_seconds_count{method="/mewe.chat.v1.ChatService/PostMessage"} 3.0',
        'mewe_call_seconds_bucket{le="0.001",method="/mewe.chat.v1.ChatService/PostMessage"} 0.0',
        'mewe_call_seconds_bucket{le="0.0025",method="/mewe.chat.v1.ChatService/PostMessage"} 2.0',
        'mewe_call_seconds_bucket{le="30.0",method="/mewe.chat.v1.ChatService/PostMessage"} 2.0',
        'mewe_call_seconds_bucket{le="+Inf",method="/mewe.chat.v1.ChatService/PostMessage"} 3.0',
        'mewe_call_seconds_sum{method="/mewe.chat.v1.ChatService/PostMessage"} 60.00390625',
        'mewe_outbox_unpublished{feature="chat"} 3.0',
        'mewe_inbox_lag{feature="chat"} 2.0',
        'mewe_parked_events{feature="chat"} 1.0',
        "mewe_streams_open 7.0",
        "mewe_ready 1.0",
    ):
        assert line in text.splitlines()


def test_two_hosts_in_one_process_count_apart() -> None:
    """A registry belongs to one host."""
    one, other = Metrics(), Metrics()
    one.observe("/x", "ok", 1)
    assert b'outcome="ok"' not in other.text()[0]
