"""What the host measures, for Prometheus. Labels are names from contracts and mixes; nothing of a request stands in them."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures of one host, in a registry of its own."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._calls = Counter("mewe_calls", "Calls answered.", ("method", "outcome"), registry=self._registry)
        self._seconds = Histogram(
            "mewe_call_seconds", "From a call's arrival to its answer.", ("method",), buckets=_SECONDS, registry=self._registry
        )
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
        self._streams = Gauge("mewe_streams_open", "Streams that are followed now.", registry=self._registry)
        self._observers: dict[tuple[str, str], tuple[Counter, Histogram]] = {}

    def observe(self, method: str, outcome: str, seconds: float) -> None:
        """Count a call. ``outcome`` is ok or a reason from the closed list of errors."""
        known = self._observers.get((method, outcome))
        if known is None:
            known = self._calls.labels(method, outcome), self._seconds.labels(method)
            self._observers[method, outcome] = known
        known[0].inc()
        known[1].observe(seconds)

    def ready(self, is_ready: bool) -> None:
        """Say whether the host takes calls."""
        self._ready.set(is_ready)

    def queues(self, feature: str, *, unpublished: int, lag: int, parked: int) -> None:
        """Say what waits in one feature."""
        self._unpublished.labels(feature).set(unpublished)
        self._lag.labels(feature).set(lag)
        self._parked.labels(feature).set(parked)

    def streams(self, count: Callable[[], int]) -> None:
        """Ask ``count`` for the number of open streams whenever somebody reads the figures."""
        self._streams.set_function(count)

    def text(self) -> tuple[bytes, str]:
        """The figures and their content type, as Prometheus reads them."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
