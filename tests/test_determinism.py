"""The same requests get the same bytes, headers included, whatever other sessions do."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import pytest

from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from features import CUSTOM_TOOLS, FORMS, MESSAGES, OPTIONS, TOOLS, asking
from raw import ask, post

ERRORS: Final[dict[str, dict[str, Any]]] = {
    "no messages": {"messages": []},
    "too hot": {"temperature": 3},
    "no such endpoint": {"model": "gpt-5-pro"},
}
ASKED: Final = [*(MESSAGES | TOOLS | CUSTOM_TOOLS | FORMS | OPTIONS | ERRORS).values()]
Got = tuple[int, dict[str, str], bytes]


def conversation(server: RunningServer, key: str) -> list[Got]:
    """Send every kind of request in one session and return all bytes except the `date` header."""
    answers = [
        post(server.origin, asking(feature) | extra, key) for feature in ASKED for extra in ({}, {"stream": True})
    ]
    answers.append(ask(server.origin, "GET", "/v1/chat/completions", headers={"Authorization": f"Bearer {key}"}))
    return [(got.status, {**got.headers, "date": ""}, got.body) for got in answers]


@pytest.fixture(scope="module")
def alone() -> list[Got]:
    """Return the answers of a session on a server of its own."""
    return _alone(seed=0)


def _alone(seed: int) -> list[Got]:
    with running(Settings(clock="fixed:1750000000", seed=seed)) as served:
        return conversation(served, "sk-one")


def test_another_server_gives_the_same_bytes(alone: list[Got]) -> None:
    assert _alone(seed=0) == alone


def test_concurrent_sessions_change_nothing(alone: list[Got]) -> None:
    with running(Settings(clock="fixed:1750000000")) as served, ThreadPoolExecutor(3) as pool:
        one, two, three = pool.map(conversation, [served] * 3, ["sk-one", "sk-two", "sk-three"])
    assert one == alone
    assert two != alone
    assert three != two


def test_another_seed_gives_other_bytes(alone: list[Got]) -> None:
    assert all(got != other for got, other in zip(alone, _alone(seed=1), strict=True))
