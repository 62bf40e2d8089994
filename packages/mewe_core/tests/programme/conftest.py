"""A school at the beginning of September 2026, and the documents of the programmes that come with the feature."""

from collections.abc import Callable, Iterator

import pytest
from mewe_core.kit.testing import Stage
from mewe_core.programme.plugin import mewe_feature, mewe_programmes
from mewe_core.programme.testing import School


@pytest.fixture
def school() -> Iterator[School]:
    """A school that can make groups of the programmes that come with the feature."""
    with Stage(mewe_feature(), programmes=tuple(mewe_programmes())) as stage:
        yield School(stage)


@pytest.fixture
def documents() -> Callable[[str], str]:
    """The document of a programme, by its id."""
    return lambda id_: next(one for one in mewe_programmes() if f'\nid = "{id_}"\n' in one)
