"""A thin Python client of MEWE: channel, token, retries, streams that resume."""

from mewe_client.client import Client, Deployment
from mewe_client.device import DeviceKey, SoftwareKey
from mewe_client.refusals import FieldFault, Refused
from mewe_client.unsent import Asked, Kind, Outbox, State

__all__ = [
    "Asked",
    "Client",
    "Deployment",
    "DeviceKey",
    "FieldFault",
    "Kind",
    "Outbox",
    "Refused",
    "SoftwareKey",
    "State",
]
