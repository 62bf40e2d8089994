"""A thin Python client of MEWE: channel, token, retries, streams that resume."""

from mewe_client.client import Client, Deployment
from mewe_client.device import DeviceKey, SoftwareKey
from mewe_client.refusals import FieldFault, Refused

__all__ = ["Client", "Deployment", "DeviceKey", "FieldFault", "Refused", "SoftwareKey"]
