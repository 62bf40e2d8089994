"""Tokens do not travel where others read along."""

import asyncio

import grpc
import pytest
from mewe_client import Deployment


async def opened(addresses: str | dict[str, str], **protection: object) -> None:
    """Make a deployment and its channels, and let go of them."""
    async with Deployment(addresses, **protection) as deployment:  # type: ignore[arg-type]
        deployment.channel("people")


@pytest.mark.parametrize("address", ["127.0.0.1:50051", "127.8.8.8:1", "[::1]:50051", "localhost:50051", "unix:/run/mewe"])
def test_this_machine_needs_no_protection(address: str) -> None:
    """What does not leave the machine cannot be read on the way."""
    asyncio.run(opened(address))


@pytest.mark.parametrize(
    "address",
    ["10.0.0.7:50051", "mewe.example:443", "dns:///mewe.example:443", "localhost.example:1", "[2001:db8::1]:1", "mewe"],
)
def test_another_machine_is_not_reached_unprotected(address: str) -> None:
    """Not even as one of several; with TLS, or where something else protects the way, it is."""
    with pytest.raises(ValueError, match="credentials"):
        asyncio.run(opened({"people": address, "chat": "127.0.0.1:1"}))
    asyncio.run(opened(address, plaintext=True))
    asyncio.run(opened(address, credentials=grpc.ssl_channel_credentials()))


def test_an_area_without_an_address_is_missed_when_it_is_used() -> None:
    """A deployment without a feature can be used for what it has."""

    async def used() -> None:
        async with Deployment({"people": "127.0.0.1:1"}) as deployment:
            guest = deployment.guest()
            assert guest.people is guest.people
            with pytest.raises(KeyError, match="chat"):
                _ = guest.chat

    asyncio.run(used())
