"""One browser and one host for the tests of the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from services.web.tests import browser as driving


@pytest.fixture(scope="session")
def built() -> None:
    """The packages as they are now."""
    driving.build()


@pytest.fixture(scope="module")
def chromium(built: None) -> Iterator[Browser]:
    """A real browser. It goes with its module: while it is there, its loop runs, and no other test could run one."""
    with driving.running_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[driving.Host]:
    """A real host."""
    with driving.running_host(tmp_path_factory.mktemp("host")) as running:
        yield running


@pytest.fixture(scope="module")
def somebody(chromium: Browser, host: driving.Host) -> str:
    """The token of somebody who is signed in."""
    device = driving.new_device(chromium, host.origin)
    held = driving.token(device, host)
    device.context.close()
    return held


@pytest.fixture
def telephone(chromium: Browser, host: driving.Host) -> Iterator[driving.Device]:
    """A device that has kept nothing yet."""
    device = driving.new_device(chromium, host.origin)
    yield device
    device.context.close()


@pytest.fixture
def laptop(chromium: Browser, host: driving.Host) -> Iterator[driving.Device]:
    """Another one."""
    device = driving.new_device(chromium, host.origin)
    yield device
    device.context.close()
