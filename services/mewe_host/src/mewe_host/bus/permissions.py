"""What each process may say and hear at NATS: its own features' events, what they hear of others, and nothing else.

Streams, and the places that features have in them (consumers), are made by the keeper alone: whoever may shape a stream can
have JetStream fill it from any other, and whoever may make a consumer can have it deliver anywhere. NATS does not look at where
an answer is asked to go: by a reply subject a process can put something into another's stream.
"""

from collections.abc import Iterator, Sequence

from attrs import frozen
from mewe_core.kit.events import Catalogue
from mewe_core.kit.feature import Feature

from mewe_host.bus.exchange import witnessed_areas
from mewe_host.bus.streams import filled_by, marks
from mewe_host.bus.subjects import ALL, Names, Told, inbox
from mewe_host.desk.hearing import CHECKPOINT, delivered

KEEPER = "keeper"
"""Who makes streams and the places in them, and does nothing else."""

_API = "$JS.API"


@frozen
class Place:
    """Where a feature hears a stream: its consumer's name, and which subjects it is brought."""

    stream: str
    durable: str
    subjects: tuple[str, ...]


@frozen
class Permissions:
    """The subjects that a user may publish to and subscribe to; every other one is refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def places(names: Names, catalogue: Catalogue, feature: Feature) -> Iterator[Place]:
    """Every place that a feature has in the streams of others."""
    heard = [
        (feature.name, Told.of(catalogue, area).only(told)) for area, told in sorted(delivered(feature, catalogue).items())
    ]
    witnessed = [
        (f"{feature.name}-{CHECKPOINT}", Told.of(catalogue, area).only({CHECKPOINT}))
        for area in witnessed_areas(feature, catalogue)
    ]
    for durable, told in (*heard, *witnessed):
        for stream, events in told.streams(names).items():
            yield Place(stream, durable, tuple(names.told(told.area, one) for one in events))


def of_process(names: Names, catalogue: Catalogue, features: Sequence[Feature], called: str) -> Permissions:
    """Of the process ``called`` so that serves these features."""
    publish = {f"{_API}.INFO", f"{_API}.STREAM.INFO.{marks(names)}", f"{_API}.STREAM.MSG.GET.{marks(names)}", "_INBOX.mewe.>"}
    subscribe = {f"{inbox(called)}.>"}
    for feature in features:
        told = Told.of(catalogue, feature.name)
        publish |= {names.told(feature.name, one) for one in (*told.events, *told.states)}
        publish |= {filled_by(names, feature.name)}
        subscribe |= {names.area(feature.name), names.replay(feature.name)}
        for stream in told.streams(names):
            publish |= {f"{_API}.STREAM.{what}.{stream}" for what in ("INFO", "MSG.GET", "MSG.DELETE")}
        publish |= {names.replay(area) for area in delivered(feature, catalogue)}
        for one in places(names, catalogue, feature):
            publish |= {f"{_API}.STREAM.INFO.{one.stream}", f"$JS.ACK.{one.stream}.{one.durable}.>"}
            publish |= {f"{_API}.CONSUMER.{what}.{one.stream}.{one.durable}" for what in ("INFO", "MSG.NEXT", "RESET")}
    return Permissions(tuple(sorted(publish)), tuple(sorted(subscribe)))


def of_keeper(names: Names, catalogue: Catalogue, features: Sequence[Feature], called: str = KEEPER) -> Permissions:
    """Of whoever makes the streams and the places in them; of their messages it reads the marks, and takes none away."""
    streams = [marks(names), *(one for each in features for one in Told.of(catalogue, each.name).streams(names))]
    publish = {f"{_API}.INFO", f"{_API}.STREAM.LIST", f"{_API}.STREAM.MSG.GET.{marks(names)}"}
    publish |= {f"{_API}.STREAM.{what}.{stream}" for stream in streams for what in ("INFO", "CREATE", "UPDATE")}
    for feature in features:
        for one in places(names, catalogue, feature):
            publish |= {f"{_API}.CONSUMER.{what}.{one.stream}.{one.durable}" for what in ("INFO", "DURABLE.CREATE", "CREATE")}
            publish.add(f"{_API}.CONSUMER.CREATE.{one.stream}.{one.durable}.>")
    return Permissions(tuple(sorted(publish)), (f"{inbox(called)}.>",))


def of_all(names: Names, catalogue: Catalogue, features: Sequence[Feature]) -> Permissions:
    """Of the one process that serves every feature, and keeps the streams itself."""
    both = of_process(names, catalogue, features, ALL), of_keeper(names, catalogue, features, ALL)
    return Permissions(
        tuple(sorted({subject for one in both for subject in one.publish})),
        tuple(sorted({subject for one in both for subject in one.subscribe})),
    )
