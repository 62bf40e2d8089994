"""What the README shows works."""

import asyncio
import re
import textwrap
from pathlib import Path

import pytest
from mewe_client import Deployment

from .hosting import Host
from .meeting import gathered

README = Path(__file__).parent.parent / "README.md"


class Printed(Exception):
    """Somebody's words came out at the other end."""


def heard(text: str) -> None:
    """Stands in for ``print`` in the README, which would go on for ever."""
    raise Printed(text)


def test_the_example_of_the_readme_runs(host: Host) -> None:
    """From an invitation to a message that comes back, in the words of the README."""
    [shown] = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)

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
