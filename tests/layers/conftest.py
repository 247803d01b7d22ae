"""Fixtures of the layers' tests: faults for a session, and official clients that retry."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from openai import OpenAI

from chatdouble.layers.faults.layer import set_faults
from chatdouble.scripts.format.faults import FaultSpec
from chatdouble.testing.server import RunningServer

Suffer = Callable[..., None]


@pytest.fixture
def suffer(server: RunningServer, key: str) -> Iterator[Suffer]:
    """Return a way to give this test's session a fault."""

    def given(*faults: dict[str, Any]) -> None:
        specs = [FaultSpec.model_validate(fault) for fault in faults]
        asyncio.run(set_faults(server.app.services.sessions.named(key), specs))

    yield given
    given()


@pytest.fixture
def seen(server: RunningServer, key: str) -> Callable[[], int]:
    """Return a way to count this test's requests, once all were made."""

    def counted() -> int:
        number, _ = asyncio.run(server.app.services.sessions.named(key).enter())
        return number - 1

    return counted


@pytest.fixture
def patient(client: OpenAI, monkeypatch: pytest.MonkeyPatch) -> OpenAI:
    """Return a client that tries twice more, without the waits in between."""
    monkeypatch.setattr("openai._base_client.INITIAL_RETRY_DELAY", 0.001)
    return client.with_options(max_retries=2)
