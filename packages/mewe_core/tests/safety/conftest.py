"""Two groups of two schools that safety has heard of."""

from collections.abc import Iterator

import pytest
from mewe_core.kit.testing import Stage
from mewe_core.safety.plugin import mewe_feature
from mewe_core.safety.testing import Watch


@pytest.fixture
def watch() -> Iterator[Watch]:
    """On a stage of its own."""
    with Stage(mewe_feature()) as stage:
        yield Watch(stage)
