"""What tests share: a server on a real socket, and official clients of it, each test in a session of its own."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from hypothesis import settings
from openai import AsyncOpenAI, OpenAI

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running

# No test times anything: on a busy machine an example takes as long as it takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

Serve = Callable[..., AbstractContextManager[RunningServer]]


@pytest.fixture(scope="session")
def server() -> Iterator[RunningServer]:
    """Return a server with default settings, one for the whole run."""
    with running() as served:
        yield served


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """Return a key that no other test has: its session is this test's alone."""
    return f"sk-test-{request.node.nodeid}".replace(" ", "_").encode("ascii", "replace").decode()


@pytest.fixture
def client(server: RunningServer, key: str) -> Iterator[OpenAI]:
    """Return the official client of the default server."""
    with OpenAI(base_url=server.base_url, api_key=key, max_retries=0) as made:
        yield made


@pytest.fixture
async def async_client(server: RunningServer, key: str) -> AsyncIterator[AsyncOpenAI]:
    """Return the official asynchronous client of the default server."""
    async with AsyncOpenAI(base_url=server.base_url, api_key=key, max_retries=0) as made:
        yield made


@pytest.fixture
def serve() -> Serve:
    """Return what runs a server with other settings, for as long as a `with` lasts."""

    def started(**settings: Any) -> AbstractContextManager[RunningServer]:
        return running(Settings(**settings))

    return started


@pytest.fixture
def client_of(key: str) -> Callable[[RunningServer], OpenAI]:
    """Return a way to make an official client of a server."""
    return lambda served: OpenAI(base_url=served.base_url, api_key=key, max_retries=0)
