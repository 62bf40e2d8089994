"""What the README shows works."""

import asyncio
import re
import textwrap
from pathlib import Path

import pytest
from mewe_client import Deployment, Outbox, State

from .hosting import Host
from .meeting import gathered

README = Path(__file__).parent.parent / "README.md"


class Printed(Exception):
    """Somebody's words came out at the other end."""


def heard(text: str) -> None:
    """Stands in for ``print`` in the README, which would go on for ever: it ends with the words of the message."""
    if text == "Hello":
        raise Printed(text)


def examples() -> list[str]:
    """The code that it shows."""
    return re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


def test_the_example_of_the_readme_runs(host: Host) -> None:
    """From an invitation to a message that comes back, in the words of the README."""
    shown, _ = examples()

    async def run() -> None:
        async with Deployment(host.address) as deployment:
            circle = await gathered(deployment, host.of_national(deployment))
            code = await circle.code_for_one_more()
            example = shown.replace("127.0.0.1:50051", host.address).replace("the words of an invitation", code)
            space: dict[str, object] = {"print": heard, "leader": circle.coordinator}
            exec(f"async def example():\n{textwrap.indent(example, '    ')}", space)  # noqa: S102
            await space["example"]()  # type: ignore[operator]

    with pytest.raises(Printed, match="Hello"):
        asyncio.run(asyncio.wait_for(run(), 30))


def test_what_it_shows_of_asking_for_help_runs(host: Host, tmp_path: Path) -> None:
    """With the network that there is: it is sent."""
    _, shown = examples()

    async def run() -> None:
        async with Deployment(host.address) as deployment:
            me, file = host.of_national(deployment), tmp_path / "unsent"
            space: dict[str, object] = {"me": me, "path": file, "key": Outbox.new_key()}
            exec(f"async def example():\n{textwrap.indent(shown, '    ')}\n    return outbox", space)  # noqa: S102
            outbox = await space["example"]()  # type: ignore[operator]
            assert [one.state for one in outbox.asked] == [State.SENT]
            assert outbox.lines
            assert file.is_file()

    asyncio.run(asyncio.wait_for(run(), 30))
