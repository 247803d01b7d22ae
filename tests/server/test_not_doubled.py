"""Endpoints that only the real API has."""

import openai
import pytest
from openai import OpenAI

from chatdouble.server.routes.not_doubled import NOT_DOUBLED
from chatdouble.testing.server import RunningServer
from raw import ask

KEY = {"Authorization": "Bearer sk-test"}


def test_the_official_client_is_told_at_once_and_does_not_retry(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.with_options(max_retries=2).embeddings.create(model="text-embedding-3-small", input="Hello")
    assert caught.value.code == "endpoint_not_doubled"
    assert "chatdouble does not double POST /v1/embeddings" in caught.value.message
    assert "--upstream" in caught.value.message


@pytest.mark.parametrize("name", NOT_DOUBLED)
@pytest.mark.parametrize("prefix", ["", "/v1", "/openai/v1", "/any/prefix/v1"])
def test_each_is_named_under_every_prefix(server: RunningServer, prefix: str, name: str) -> None:
    answer = ask(server.origin, "GET", f"{prefix}/{name}/one", headers=KEY)
    assert (answer.status, answer.error["code"]) == (404, "endpoint_not_doubled")


@pytest.mark.parametrize("path", ["/v1/nothing", "/v1/response", "/embeddings-of-mine", "/"])
def test_what_the_api_does_not_have_either_is_an_invalid_url(server: RunningServer, path: str) -> None:
    answer = ask(server.origin, "GET", path, headers=KEY)
    begins = f"Invalid URL (GET {path})" if path.startswith("/v1") else f"Unknown request URL: GET {path}."
    assert answer.status == 404
    assert answer.error["message"].startswith(begins)
    assert answer.error["code"] != "endpoint_not_doubled"
