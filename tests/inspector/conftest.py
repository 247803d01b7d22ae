"""Fixtures of the inspector's tests: Chromium, and a server of their own."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from chatdouble.testing.server import RunningServer, running
from inspecting import BARE, CHROMIUM, ROOT, SECONDS, Inspector, inspecting, run

PICTURES: Final = ROOT / "docs" / "inspector"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """Return the browser."""
    playwright: Any = pytest.importorskip("playwright.sync_api", reason="no playwright: scripts/setup dev")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed")
    with playwright.sync_playwright() as driver:
        playwright.expect.set_options(timeout=SECONDS)
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=BARE)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def served() -> Iterator[RunningServer]:
    """Return a server without keys."""
    with running() as one:
        yield one


@pytest.fixture
def inspector(chromium: Any, served: RunningServer) -> Iterator[Inspector]:
    """Return the inspector of a server without keys, which shows all sessions; nothing has been asked yet."""
    run(served.app.control.reset("*"))
    with inspecting(chromium, served) as opened:
        opened.open()
        yield opened


@pytest.fixture
def picture(pytestconfig: pytest.Config) -> Callable[[Inspector, str], None]:
    """Return what takes a picture for the documentation, if the run is asked for them."""

    def take(inspector: Inspector, name: str) -> None:
        if pytestconfig.getoption("--screenshots"):
            inspector.page.screenshot(path=PICTURES / f"{name}.png")

    return take
