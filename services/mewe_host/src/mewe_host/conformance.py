"""A pytest plugin: what only a host can tell about a feature, for the conformance tests of the kit."""

from collections.abc import Sequence

import pytest
from mewe_core.kit.feature import Feature

from mewe_host.store.schema import differences
from mewe_host.wire.assembling import assemble
from mewe_host.wire.contracts import WireFault


@pytest.hookimpl
def pytest_mewe_faults(feature: Feature, needed: Sequence[Feature]) -> Sequence[str]:
    """Where contract and classes do not fit, and where the migrations do not make the tables as they are declared."""
    try:
        assemble(needed, [feature.name])
    except WireFault as fault:
        return [str(fault), *differences(feature)]
    return differences(feature)
