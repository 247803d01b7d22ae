"""Endpoints that only the real API has."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import openai
import pytest
from openai import AzureOpenAI, OpenAI

from chatdouble.server.routes.not_doubled import NOT_DOUBLED
from chatdouble.testing.server import RunningServer
from raw import ask

KEY = {"Authorization": "Bearer sk-test"}
DOUBLED: Final = {"chat", "conversations", "embeddings", "models", "moderations", "responses"}
DOCS: Final = Path(__file__).parents[2] / "docs"


def families_of_the_sdk() -> Iterator[str]:
    """Find the first parts of the paths that the installed official client calls."""
    for source in (Path(openai.__file__).parent / "resources").rglob("*.py"):
        for _, path in re.findall(
            r"(_post|_get|_put|_patch|_delete|_get_api_list|path_template)\(\s*f?\"/(\w+)", source.read_text()
        ):
            yield path


def test_the_official_client_is_told_at_once_and_does_not_retry(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.with_options(max_retries=2).images.generate(model="gpt-image-1", prompt="A cat")
    assert caught.value.code == "endpoint_not_doubled"
    assert "chatdouble does not double POST /v1/images/generations" in caught.value.message
    assert "--upstream" in caught.value.message


@pytest.mark.parametrize("name", NOT_DOUBLED)
@pytest.mark.parametrize("prefix", ["", "/v1", "/openai/v1", "/any/prefix/v1"])
def test_each_is_named_under_every_prefix(server: RunningServer, prefix: str, name: str) -> None:
    answer = ask(server.origin, "GET", f"{prefix}/{name}/one", headers=KEY)
    assert (answer.status, answer.error["code"]) == (404, "endpoint_not_doubled")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/response", "/images-of-mine", "/"])
def test_what_the_api_does_not_have_either_is_an_invalid_url(server: RunningServer, path: str) -> None:
    answer = ask(server.origin, "GET", path, headers=KEY)
    begins = f"Invalid URL (GET {path})" if path.startswith("/v1") else f"Unknown request URL: GET {path}."
    assert answer.status == 404
    assert answer.error["message"].startswith(begins)
    assert answer.error["code"] != "endpoint_not_doubled"


def test_every_endpoint_of_the_official_client_is_doubled_or_named() -> None:
    found = set(families_of_the_sdk())
    assert len(found) > 20
    assert found - DOUBLED <= set(NOT_DOUBLED)


@pytest.mark.parametrize("page", ["clients.md", "reference/endpoints.md"])
def test_the_pages_list_them(page: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert [name for name in NOT_DOUBLED if f"`{name}`" not in text] == []


def test_azures_client_is_told_too(server: RunningServer) -> None:
    with (
        AzureOpenAI(
            azure_endpoint=server.origin, api_version="2026-01-01", api_key="sk-azure", max_retries=0
        ) as client,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        client.images.generate(model="dall-e-3", prompt="A cat")
    assert caught.value.code == "endpoint_not_doubled"
    assert "/openai/deployments/dall-e-3/images/generations" in caught.value.message


def test_a_traces_exporter_is_told(server: RunningServer) -> None:
    answer = ask(server.origin, "POST", "/v1/traces/ingest", b'{"data": []}', KEY)
    assert (answer.status, answer.error["code"]) == (404, "endpoint_not_doubled")


def test_a_client_that_opens_a_websocket_is_told(server: RunningServer) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    answer = ask(server.origin, "GET", "/v1/realtime?model=gpt-realtime", headers=KEY | upgrade)
    assert (answer.status, answer.error["code"]) == (404, "endpoint_not_doubled")
