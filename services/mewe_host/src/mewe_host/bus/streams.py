"""The streams of an area, and the places in them. Whoever may not make them waits until the keeper has (``mewe nats streams``).

That an area's stream is filled says its teller, in a stream of marks: with the moment when the stream was made, so that a mark
of one that is gone means nothing.
"""

from collections.abc import Sequence

from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    ConsumerInfo,
    DeliverPolicy,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
    StreamInfo,
)
from nats.js.errors import NotFoundError

from mewe_host.bus.subjects import Names, Told

DAYS_KEPT = 7
_DUPLICATES = 120.0
_SECONDS = 2.0
_ACK_WAIT = 10.0

AT_ONCE = 512
"""How many messages a feature takes in at once; twice as many may be on their way to it."""


def marks(names: Names) -> str:
    """The stream of marks."""
    return f"MARKS_{names.country}"


def filled_by(names: Names, area: str) -> str:
    """The marks of one area's teller."""
    return f"mewe-filled.{names.country}.{area}.*"


def consumer(durable: str, subjects: Sequence[str]) -> ConsumerConfig:
    """How JetStream keeps what a feature has heard of a stream: everything from the start, one durable a feature."""
    return ConsumerConfig(
        durable_name=durable,
        filter_subjects=list(subjects),
        deliver_policy=DeliverPolicy.ALL,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=_ACK_WAIT,
        max_deliver=-1,
        max_ack_pending=2 * AT_ONCE,
    )


async def hear(stream: JetStreamContext, name: str, wanted: ConsumerConfig) -> None:
    """Make a place in a stream, or bring it up to date. Raises NotFoundError if there is no such stream."""
    try:
        there = (await stream.consumer_info(name, wanted.durable_name or "")).config
    except NotFoundError:
        await stream.add_consumer(name, wanted)
        return
    if there is None or _filters(there) != _filters(wanted):
        await stream.add_consumer(name, wanted)


def _filters(config: ConsumerConfig) -> set[str]:
    return {*(config.filter_subjects or ()), *((config.filter_subject,) if config.filter_subject else ())}


async def keep(stream: JetStreamContext, names: Names, told: Told, *, replicas: int) -> list[str]:
    """Make the area's streams, or bring them up to date; says which are still to be filled from the outbox.

    A stream that was never filled to its end, or of states that is empty, is to be filled: JetStream may be built anew.
    """
    await _keep_marks(stream, names, replicas)
    empty: list[str] = []
    for name, events in told.streams(names).items():
        is_state = name == names.states(told.area)
        wanted = StreamConfig(
            name=name,
            subjects=[names.told(told.area, one) for one in events],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            num_replicas=replicas,
            max_age=0 if is_state else DAYS_KEPT * 86_400.0,
            max_msgs_per_subject=1 if is_state else -1,
            duplicate_window=_DUPLICATES,
        )
        there = await _kept(stream, wanted)
        if there is None or not await _is_marked(stream, there) or (is_state and not there.state.messages):
            empty.append(name)
    return empty


async def filled(stream: JetStreamContext, name: str) -> None:
    """Say that everything the outbox keeps is in the stream."""
    there = await stream.stream_info(name)
    if not await _is_marked(stream, there):
        await stream.publish(_mark(name)[1], _made(there), timeout=_SECONDS)


async def told_so_far(stream: JetStreamContext, name: str) -> int | None:
    """The place of the newest message, once the teller has put in everything that its outbox keeps; None: it has not yet.

    Raises NotFoundError if there is no such stream yet.
    """
    there = await stream.stream_info(name)
    return there.state.last_seq if await _is_marked(stream, there) else None


def heard_up_to(place: ConsumerInfo) -> int:
    """Up to which place of its stream everything that it hears was acknowledged."""
    return (place.ack_floor.stream_seq if place.ack_floor else 0) or 0


def left(place: ConsumerInfo) -> int:
    """How many messages are still to be acknowledged."""
    return (place.num_pending or 0) + (place.num_ack_pending or 0)


async def _kept(stream: JetStreamContext, wanted: StreamConfig) -> StreamInfo | None:
    """The stream as it was found, as it is wanted by now; None: it was not there."""
    assert wanted.name is not None
    try:
        there = await stream.stream_info(wanted.name)
    except NotFoundError:
        await stream.add_stream(wanted)
        return None
    if {*(there.config.subjects or ())} != {*(wanted.subjects or ())} or there.config.num_replicas != wanted.num_replicas:
        await stream.update_stream(wanted)
    return there


async def _keep_marks(stream: JetStreamContext, names: Names, replicas: int) -> None:
    wanted = StreamConfig(
        name=marks(names),
        subjects=[filled_by(names, "*")],
        retention=RetentionPolicy.LIMITS,
        discard=DiscardPolicy.OLD,
        storage=StorageType.FILE,
        num_replicas=replicas,
        max_msgs_per_subject=1,
    )
    await _kept(stream, wanted)


async def _is_marked(stream: JetStreamContext, there: StreamInfo) -> bool:
    stream_of_marks, subject = _mark(there.config.name or "")
    try:
        return (await stream.get_last_msg(stream_of_marks, subject)).data == _made(there)
    except NotFoundError:
        return False


def _mark(name: str) -> tuple[str, str]:
    """Where it stands whether a stream is filled: the stream of marks, and the subject in it."""
    kind, country, area = name.split("_", 2)
    return marks(Names(country)), f"mewe-filled.{country}.{area}.{kind}"


def _made(there: StreamInfo) -> bytes:
    return (there.created.isoformat() if there.created else "").encode()
