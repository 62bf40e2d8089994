"""Proof that NATS keeps what it acknowledges: read at each server's monitoring address, since a client cannot see it.

By default JetStream writes to disk every two minutes; a power cut then loses what was acknowledged in between.
"""

import asyncio
import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

from attrs import evolve

from mewe_host.bus.address import NatsAddress, not_trusted
from mewe_host.bus.faults import BusFault

_SECONDS = 3.0
_ALLOWED = 'the monitoring address of every server, such as ["http://127.0.0.1:8222"], each with `sync_interval: always`'


async def prove_durable(address: NatsAddress, connected_to: str) -> None:
    """Raises BusFault unless every server of the cluster shows that it writes each message before it acknowledges it.

    ``connected_to`` is the id of the server that was reached: it has to be among those that are shown.
    """
    if not address.monitoring:
        raise BusFault("nats.monitoring", "without it nothing proves that NATS keeps what it accepts", _ALLOWED)
    shown = await asyncio.gather(*(asyncio.to_thread(_proven, one, address) for one in address.monitoring))
    servers = {server for server, _ in shown}
    if connected_to not in servers:
        raise BusFault("nats.monitoring", "none of these is the server that nats.url leads to", _ALLOWED)
    size = max(size for _, size in shown)
    if len(servers) < size:
        raise BusFault("nats.monitoring", f"the cluster has {size} servers and this shows {len(servers)}", _ALLOWED)


def _proven(monitoring: str, address: NatsAddress) -> tuple[str, int]:
    where = urlsplit(monitoring).netloc.rpartition("@")[2]
    server = _asked(monitoring, "/varz", address)
    storage = server.get("jetstream", {}).get("config")
    if not storage:
        raise BusFault("nats.monitoring", f"the server at {where} has no JetStream", _ALLOWED)
    if storage.get("sync_always") is not True:
        raise BusFault("nats.monitoring", f"the server at {where} acknowledges messages before they are on disk", _ALLOWED)
    size = _asked(monitoring, "/jsz", address).get("meta_cluster", {}).get("cluster_size", 1)
    return str(server.get("server_id")), int(size)


def _asked(monitoring: str, path: str, address: NatsAddress) -> dict[str, Any]:
    parts = urlsplit(monitoring)
    where = parts.netloc.rpartition("@")[2]
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BusFault("nats.monitoring", "this is not a monitoring address", _ALLOWED)
    if parts.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=_SECONDS, context=address.trust()
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=_SECONDS)
    try:
        connection.request("GET", parts.path.rstrip("/") + path)
        answer = json.loads(connection.getresponse().read())
    except ssl.SSLError as fault:
        raise not_trusted("nats.monitoring", evolve(address, servers=(monitoring,)), fault) from fault
    except (OSError, http.client.HTTPException, ValueError) as fault:
        raise BusFault("nats.monitoring", f"nothing answers as a NATS server's monitoring at {where}", _ALLOWED) from fault
    finally:
        connection.close()
    if not isinstance(answer, dict):
        raise BusFault("nats.monitoring", f"nothing answers as a NATS server's monitoring at {where}", _ALLOWED)
    return answer
