"""The server that the distilled requests are sent to."""

from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """Return a server that knows its models and accepts one key."""
    with running(Settings(models="strict", api_keys=(SecretStr("sk-right"),))) as served:
        yield served
