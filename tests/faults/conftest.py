"""What the fault tests need: the chat, chances that can be had again, and for power cuts somebody who asks for them."""

import os
import random
import secrets
from importlib.util import find_spec

import pytest

from tests.extent import LONG

pytest.register_assert_rewrite("tests.faults.reckoning")
collect_ignore_glob = [] if find_spec("mewe_chat") else ["test_*.py"]


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark of what is left out."""
    config.addinivalue_line("markers", "power_cut: cuts the power of a disk; needs Linux, root, mkfs.ext4, loop devices")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave power cuts out unless they are asked for (`pytest -m power_cut`), or everything is."""
    if "power_cut" not in config.getoption("-m") and not LONG:
        left_out = [one for one in items if one.get_closest_marker("power_cut")]
        items[:] = [one for one in items if one not in left_out]
        config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def chance() -> random.Random:
    """Chances from a seed that is printed; MEWE_FAULTS_SEED gives the same ones again."""
    seed = int(os.environ.get("MEWE_FAULTS_SEED") or secrets.randbits(32))
    print(f"to run this again: MEWE_FAULTS_SEED={seed}")  # noqa: T201
    return random.Random(seed)  # noqa: S311
