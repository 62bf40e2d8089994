"""What the fault tests need: the chat, and chances that can be had again."""

import os
import random
import secrets
from importlib.util import find_spec

import pytest

collect_ignore_glob = [] if find_spec("mewe_chat") else ["test_*.py"]


@pytest.fixture
def chance() -> random.Random:
    """Chances from a seed that is printed; MEWE_FAULTS_SEED gives the same ones again."""
    seed = int(os.environ.get("MEWE_FAULTS_SEED") or secrets.randbits(32))
    print(f"to run this again: MEWE_FAULTS_SEED={seed}")  # noqa: T201
    return random.Random(seed)  # noqa: S311
