"""The streams of an area, made and kept by the feature that tells its events; nobody else changes them."""

from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, RetentionPolicy, StorageType, StreamConfig
from nats.js.errors import NotFoundError

from mewe_host.bus.subjects import Names, Told

DAYS_KEPT = 7
_DUPLICATES = 120.0
_FILLED = "mewe-filled"


async def keep(stream: JetStreamContext, names: Names, told: Told, *, replicas: int) -> list[str]:
    """Make the area's streams, or bring them up to date; says which are still to be filled from the outbox.

    A stream that was never filled to its end, or of states that is empty, is to be filled: JetStream may be built anew.
    """
    empty: list[str] = []
    for name, events in told.streams(names).items():
        wanted = StreamConfig(
            name=name,
            subjects=[names.told(told.area, one) for one in events],
            retention=RetentionPolicy.LIMITS,
            discard=DiscardPolicy.OLD,
            storage=StorageType.FILE,
            num_replicas=replicas,
            max_age=0 if name == names.states(told.area) else DAYS_KEPT * 86_400.0,
            max_msgs_per_subject=1 if name == names.states(told.area) else -1,
            duplicate_window=_DUPLICATES,
        )
        try:
            there = await stream.stream_info(name)
        except NotFoundError:
            await stream.add_stream(wanted)
            empty.append(name)
            continue
        if set(there.config.subjects or ()) != set(wanted.subjects or ()) or there.config.num_replicas != replicas:
            await stream.update_stream(_with(wanted, there.config.metadata))
        if not _is_filled(there.config) or (name == names.states(told.area) and not there.state.messages):
            empty.append(name)
    return empty


async def filled(stream: JetStreamContext, name: str) -> None:
    """Say that everything the outbox keeps is in the stream."""
    there = await stream.stream_info(name)
    if not _is_filled(there.config):
        await stream.update_stream(_with(there.config, {**(there.config.metadata or {}), _FILLED: "yes"}))


async def is_filled(stream: JetStreamContext, name: str) -> bool:
    """Whether its teller has put in everything that its outbox keeps. Raises NotFoundError if there is no such stream yet."""
    return _is_filled((await stream.stream_info(name)).config)


def _is_filled(config: StreamConfig) -> bool:
    return (config.metadata or {}).get(_FILLED) == "yes"


def _with(config: StreamConfig, metadata: dict[str, str] | None) -> StreamConfig:
    return config.evolve(metadata=metadata)
