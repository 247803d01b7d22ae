"""The server that the distilled requests are sent to."""

from collections.abc import Iterator
from typing import Final

import pytest
from pydantic import SecretStr

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running

IN_2025: Final = "fixed:2025-01-01"
"""A day on which every model of the cases is served but the one that is gone: models have a last day, and no first."""


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """Return a server that knows its models and accepts one key."""
    with running(Settings(models="strict", api_keys=(SecretStr("sk-right"),), clock=IN_2025)) as served:
        yield served
