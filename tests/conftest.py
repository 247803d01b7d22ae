"""Shared fixtures: a server on a real socket and official clients of it, with a session for each test."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings
from openai import AsyncOpenAI, OpenAI

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from held import Double
from parts import PARTS, portion

# No test times anything: on a busy machine an example takes as long as it takes.
settings.register_profile("untimed", deadline=None, max_examples=portion(100))
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--fuzz` and `--faults`, for longer runs, and `--screenshots`, for the pictures in docs/inspector."""
    parser.addoption(
        "--fuzz", type=int, default=portion(100), help="batches of requests that tests/fuzz sends in each mode"
    )
    parser.addoption("--faults", type=int, default=12, help="faults that replicas go through")
    parser.addoption("--screenshots", action="store_true", help="renew the pictures in docs/inspector")


COUNTS = pytest.StashKey[dict[str, int]]()
"""Numbers of collected tests of each part, by its marker."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the parts that this run does not have."""
    counts = config.stash[COUNTS] = {}
    for part in PARTS:
        inside, others = part.split(items)
        counts[part.marker] = len(inside)
        if inside and not part.runs:
            config.hook.pytest_deselected(items=inside)
            items[:] = others


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave garbage where it is while tests are collected: nearly all that is made stays, and to look takes seconds."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_finish() -> None:
    """Exempt what there is from garbage collection: tests that collect look at what was made since."""
    gc.freeze()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Tell the process that started this one, if any, how many there were."""
    if (output := getattr(session.config, "workeroutput", None)) is not None:
        output["parts"] = session.config.stash.get(COUNTS, dict[str, int]())


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Hear from a worker, which has collected all tests, how many there were."""
    node.config.stash[COUNTS] = getattr(node, "workeroutput", {}).get("parts", {})


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Return one line about each part."""
    counts = config.stash.get(COUNTS, dict[str, int]())
    for part in PARTS:
        if count := counts.get(part.marker, 0):
            terminalreporter.write_line(part.line.format(count))


Serve = Callable[..., AbstractContextManager[RunningServer]]


@pytest.fixture(scope="session", autouse=True)
def _no_authorities(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Have clients read an empty folder of certificates: to read all takes each client 40 ms, and no test needs any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SSL_CERT_FILE", raising=False)
        patch.setenv("SSL_CERT_DIR", str(tmp_path_factory.mktemp("authorities")))
        yield


@pytest.fixture(scope="session", autouse=True)
def _prompt_end() -> Iterator[None]:
    """Have servers in threads look every 5 ms whether they are to end: uvicorn's pauses would take each test 0.2 s."""

    def pause(seconds: float) -> Awaitable[None]:
        return asyncio.sleep(seconds / 20)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("uvicorn.server.asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": pause}))
        yield


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
def double(server: RunningServer, key: str) -> Iterator[Double]:
    """Return the default server as one test uses it, for gates and control headers."""
    made = Double(server, key)
    yield made
    made.control("POST", "reset")
    made.client.close()


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
