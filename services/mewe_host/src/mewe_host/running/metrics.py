"""What the host measures, for Prometheus. Labels are names from contracts and mixes; nothing of a request stands in them."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate

from attrs import define, field
from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_BOUNDS = (*map(str, _SECONDS), "+Inf")


@define
class _Seen:
    """The calls of one method that ended alike: how many took how long, and how long they took together."""

    counts: list[int] = field(factory=lambda: [0] * len(_BOUNDS))
    seconds: float = 0.0


class _Calls(Collector):
    """Counts calls in as few steps as can be, since every call is counted; adds them up when somebody reads the figures."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], _Seen] = {}

    def observe(self, method: str, outcome: str, seconds: float) -> None:
        seen = self._seen.get((method, outcome))
        if seen is None:
            seen = self._seen[method, outcome] = _Seen()
        seen.counts[bisect_left(_SECONDS, seconds)] += 1
        seen.seconds += seconds

    def collect(self) -> Iterator[Metric]:
        calls = CounterMetricFamily("mewe_calls", "Calls answered.", labels=("method", "outcome"))
        lasting = HistogramMetricFamily("mewe_call_seconds", "From a call's arrival to its answer.", labels=("method",))
        of_method: dict[str, list[_Seen]] = {}
        for (method, outcome), seen in self._seen.items():
            calls.add_metric((method, outcome), sum(seen.counts))
            of_method.setdefault(method, []).append(seen)
        for method, all_seen in of_method.items():
            counts = accumulate(map(sum, zip(*(seen.counts for seen in all_seen), strict=True)))
            buckets = list(zip(_BOUNDS, map(float, counts), strict=True))
            lasting.add_metric((method,), buckets, sum(seen.seconds for seen in all_seen))
        yield calls
        yield lasting


class Metrics:
    """The figures of one host, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        calls = _Calls()
        self._registry.register(calls)
        self.observe = calls.observe
        """Count a call: its method, how it ended (OK or a reason from the closed list of errors), how many seconds it took."""
        self._ready = Gauge("mewe_ready", "Whether this host takes calls.", registry=self._registry)
        self._unpublished = Gauge(
            "mewe_outbox_unpublished", "Events kept that are not yet published.", ("feature",), registry=self._registry
        )
        self._lag = Gauge(
            "mewe_inbox_lag", "Events published that are not yet taken in.", ("feature",), registry=self._registry
        )
        self._parked = Gauge(
            "mewe_parked_events", "Events put aside until somebody looks.", ("feature",), registry=self._registry
        )
        self._alerts = Gauge(
            "mewe_alerts_waiting", "Alerts that have not left, or not been taken over.", ("feature",), registry=self._registry
        )
        self._without_sender = Gauge(
            "mewe_alerts_without_sender", "Alerts that wait for a sender to be set up.", ("feature",), registry=self._registry
        )
        self._given_up = Gauge(
            "mewe_alerts_given_up",
            "Alerts that went to nobody since this host started, as the keys of their addresses are gone.",
            ("feature",),
            registry=self._registry,
        )
        self._behind = Gauge(
            "mewe_clock_behind_seconds", "How far the machine's clock is behind what was seen.", registry=self._registry
        )
        self._streams = Gauge("mewe_streams_open", "Streams that are followed now.", registry=self._registry)

    def ready(self, is_ready: bool) -> None:
        """Say whether the host takes calls."""
        self._ready.set(is_ready)

    def queues(self, feature: str, *, unpublished: int, lag: int, parked: int) -> None:
        """Say what waits in one feature."""
        self._unpublished.labels(feature).set(unpublished)
        self._lag.labels(feature).set(lag)
        self._parked.labels(feature).set(parked)

    def alerts(self, feature: str, *, waiting: int, without_sender: int, given_up: int) -> None:
        """Say how many alerts of one feature wait, and how many went to nobody."""
        self._given_up.labels(feature).set(given_up)
        self._alerts.labels(feature).set(waiting)
        self._without_sender.labels(feature).set(without_sender)

    def streams(self, count: Callable[[], int]) -> None:
        """Ask ``count`` for the number of open streams whenever somebody reads the figures."""
        self._streams.set_function(count)

    def clock(self, behind: Callable[[], float]) -> None:
        """Ask ``behind`` how many seconds the machine's clock is behind whenever somebody reads the figures."""
        self._behind.set_function(behind)

    def text(self) -> tuple[bytes, str]:
        """The figures and their content type, as Prometheus reads them."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
