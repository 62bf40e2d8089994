"""A key is on disk before anything is sealed with it, and stays destroyed: no power cut changes that. As root, if asked for."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from mewe_host.identity.keys import FileKeys
from mewe_host.identity.masters import Masters
from mewe_host.keyring.keyring import Keyring
from mewe_host.keyring.opening import Keyrings

from tests.faults.power_cut import disk

pytestmark = pytest.mark.power_cut

CUTS = 5
LINES = 300

SEALER = """
import asyncio, sys
from contextlib import AsyncExitStack
from pathlib import Path
from tests.faults.test_keyring_power_cut import opened

async def main(folder, begin):
    async with AsyncExitStack() as stack:
        keyring = await opened(Path(folder), stack)
        for number in range(begin, begin + 10_000_000):
            sealed = await keyring.seal(f"p{number:07}", "chat", "row", "words")
            print("sealed", f"p{number:07}", sealed.hex(), flush=True)
            if number % 3 == 0:
                await keyring.destroy(f"p{number:07}")
                print("destroyed", f"p{number:07}", sealed.hex(), flush=True)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""


async def opened(folder: Path, stack: AsyncExitStack) -> Keyring:
    """The keyring of one feature."""
    made = Keyrings("SE", "sqlite:data", folder, FileKeys.of(folder, "SE"), Masters.of(folder, "SE"))
    return (await made.opened(["chat"], stack))["chat"]


def test_no_power_cut_takes_a_key_or_brings_one_back(tmp_path: Path) -> None:
    """Five times the disk loses all that was not written out: what was sealed opens, what was destroyed does not."""
    sealed: dict[str, bytes] = {}
    destroyed: dict[str, bytes] = {}
    with disk(tmp_path) as cut:
        keys = cut.path / "keys"
        for turn in range(CUTS):
            command = [sys.executable, "-c", SEALER, str(keys), str(turn * 100_000)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as sealer:  # noqa: S603
                assert sealer.stdout is not None
                for line, _ in zip(sealer.stdout, range(LINES), strict=False):
                    what, about, content = line.split()
                    (sealed if what == "sealed" else destroyed)[about] = bytes.fromhex(content)
                cut.cut()
                sealer.kill()
            cut.restore()
            asyncio.run(_checked(keys, sealed, destroyed))
    assert len(destroyed) > CUTS * LINES / 5


async def _checked(keys: Path, sealed: dict[str, bytes], destroyed: dict[str, bytes]) -> None:
    async with AsyncExitStack() as stack:
        keyring = await opened(keys, stack)
        left = b"".join(file.read_bytes() for file in (keys / "keyrings").iterdir())
        for about, content in sealed.items():
            found = await keyring.open(about, "chat", "row", content)
            if about in destroyed:
                assert found is None
                assert about.encode() not in left
            else:
                assert found == "words" or int(about[1:]) % 3 == 0
