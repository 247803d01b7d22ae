"""Every documented feature is accepted, whole and streamed, as bytes and through the SDK."""

from collections.abc import Iterator
from typing import Any, Final

import pytest
from openai import OpenAI

from calls import NOW
from chatdouble.settings import Settings
from chatdouble.testing.server import RunningServer, running
from features import CUSTOM_TOOLS, FEATURES, TYPED, asking
from raw import post

MEASURED: Final = {"include_usage": True, "include_obfuscation": False}


@pytest.fixture(scope="module")
def strict() -> Iterator[RunningServer]:
    """Return a server with strict validation and only the catalogue's models."""
    with running(Settings(models="strict", clock=f"fixed:{NOW:.0f}")) as served:
        yield served


@pytest.fixture(scope="module")
def client(strict: RunningServer) -> Iterator[OpenAI]:
    """Return an official client that checks every answer against its types."""
    with OpenAI(base_url=strict.base_url, api_key="sk-test", max_retries=0, _strict_response_validation=True) as made:
        yield made


def create(client: OpenAI, request: dict[str, Any]) -> Any:
    ask: Any = client.chat.completions.create
    return ask(**request)


@pytest.mark.parametrize("name", FEATURES)
def test_a_feature_is_answered(strict: RunningServer, name: str) -> None:
    request = asking(FEATURES[name])
    for extra in ({}, {"stream": True}, {"stream": True, "stream_options": MEASURED}):
        got = post(strict.origin, request | extra)
        assert got.status == 200, got.body
        assert got.body.endswith(b"data: [DONE]\n\n" if extra else b"}\n")


@pytest.mark.parametrize("name", TYPED)
def test_the_answer_has_the_official_types(client: OpenAI, name: str) -> None:
    request = asking(TYPED[name])
    whole = create(client, request)
    assert len(whole.choices) == (request.get("n") or 1)
    chunks = list(create(client, request | {"stream": True, "stream_options": MEASURED}))
    assert {choice.index for chunk in chunks for choice in chunk.choices} == set(range(request.get("n") or 1))


@pytest.mark.parametrize("name", CUSTOM_TOOLS)
def test_a_custom_tools_answer_has_the_official_types(client: OpenAI, name: str) -> None:
    assert create(client, asking(CUSTOM_TOOLS[name])).choices
