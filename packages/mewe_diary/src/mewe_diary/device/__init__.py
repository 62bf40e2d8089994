"""The diary on a device: it works without account or connection, and syncs when it can. Never loaded by a server.

``Device`` is one open diary on one device; what it keeps lies in a ``LocalStore``, and a ``Server`` carries sealed bytes.
"""

from mewe_diary.device.device import Device, Synced
from mewe_diary.device.ports import Changes, HeadHasMoved, LocalStore, MemoryStore, Server

__all__ = ["Changes", "Device", "HeadHasMoved", "LocalStore", "MemoryStore", "Server", "Synced"]
