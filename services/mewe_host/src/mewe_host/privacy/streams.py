"""Taking messages out of the streams for good: each is overwritten on the server's disk, which a purge does not do."""

from mewe_core.kit.events import Catalogue
from mewe_core.kit.privacy.sweeping import Sweep
from nats.js.errors import NotFoundError

from mewe_host.bus.connection import Connection
from mewe_host.bus.subjects import Names, Told


async def remove(connection: Connection, names: Names, catalogue: Catalogue, area: str, sweep: Sweep) -> None:
    """Take out what a sweep names. Raises what the connection raises; may be repeated."""
    is_state = sweep.name in Told.of(catalogue, area).states
    stream = names.states(area) if is_state else names.events(area)
    subject = names.subject(area, sweep.name, sweep.aggregate_id)
    server = (await connection.client()).jetstream(timeout=5)
    after = 0
    while True:
        try:
            message = await server.get_msg(stream, seq=after + 1, subject=subject, next=True)
        except NotFoundError:
            return
        assert message.seq is not None
        if sweep.names(message.data or b""):
            await server.delete_msg(stream, message.seq)
        after = message.seq
