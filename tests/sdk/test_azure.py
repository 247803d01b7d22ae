"""Azure's paths through its official client: the versions they need, and Azure's own errors."""

import json
from collections.abc import Iterator
from typing import Final

import openai
import pytest
from openai import AzureOpenAI, OpenAI

from chatdouble.testing.server import RunningServer
from conftest import Serve
from raw import ask, post

KEY: Final = "azure-key"
VERSION: Final = "2025-04-01-preview"


@pytest.fixture
def azure(server: RunningServer) -> Iterator[AzureOpenAI]:
    """Return Azure's client of the default server, which names a version of the API in each request."""
    with AzureOpenAI(azure_endpoint=server.origin, api_version=VERSION, api_key=KEY, max_retries=0) as made:
        yield made


def test_azures_client_gets_chats_responses_conversations_and_models(azure: AzureOpenAI) -> None:
    chat = azure.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "Hello!"}])
    assert chat.choices[0].message.content == "Hello!"
    made = azure.responses.create(model="gpt-4o", input="Hello!")
    assert azure.responses.retrieve(made.id).output_text == "Hello!"
    assert [event.type for event in azure.responses.create(model="gpt-4o", input="x", stream=True)][-1].endswith("ed")
    talk = azure.conversations.create()
    assert azure.responses.create(model="gpt-4o", input="And?", conversation=talk.id).output_text == "And?"
    assert "gpt-4o" in {model.id for model in azure.models.list()}
    assert azure.embeddings.create(model="text-embedding-3-small", input="x").data


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/openai/deployments/gpt-4o/chat/completions"),
        ("POST", "/openai/deployments/gpt-4o/chat/completions?api-version="),
        ("POST", "/openai/responses"),
        ("GET", "/openai/models"),
        ("GET", f"/openai/nothing?api-version={VERSION}"),
    ],
)
def test_a_path_without_its_version_is_not_found_there(server: RunningServer, method: str, path: str) -> None:
    asked = "input" if "responses" in path else "messages"
    body = {"model": "gpt-4o", asked: [{"role": "user", "content": "x"}]}
    headers = {"api-key": KEY, "content-type": "application/json"}
    answer = ask(server.origin, method, path, json.dumps(body).encode() if method == "POST" else None, headers)
    assert (answer.status, answer.error) == (404, {"code": "404", "message": "Resource not found"})


def test_paths_below_v1_need_no_version(server: RunningServer) -> None:
    with OpenAI(base_url=f"{server.origin}/openai/v1/", api_key=KEY) as client:
        assert client.responses.create(model="gpt-4o", input="Hello!").output_text == "Hello!"
        assert client.models.retrieve("gpt-4o").id == "gpt-4o"


@pytest.mark.parametrize("base", [f"/openai/responses?api-version={VERSION}", "/openai/v1/responses"])
def test_a_wrong_key_and_an_unknown_deployment_get_azures_errors(serve: Serve, base: str) -> None:
    with serve(api_keys=[KEY], models="strict") as served:
        denied = post(served.origin, {"model": "gpt-4o", "input": "x"}, "sk-other", base)
        unknown = post(served.origin, {"model": "mine", "input": "x"}, KEY, base)
    assert (denied.status, denied.error["code"]) == (401, "401")
    assert denied.error["message"].startswith("Access denied due to invalid subscription key or wrong API endpoint.")
    assert (unknown.status, unknown.error["code"]) == (404, "DeploymentNotFound")
    assert [*unknown.error] == ["code", "message"]


def test_an_unknown_deployment_in_the_path_is_named_by_azures_code(serve: Serve) -> None:
    with (
        serve(models="strict") as served,
        AzureOpenAI(azure_endpoint=served.origin, api_version=VERSION, api_key=KEY, max_retries=0) as client,
        pytest.raises(openai.NotFoundError) as caught,
    ):
        client.chat.completions.create(model="mine", messages=[{"role": "user", "content": "x"}])
    assert caught.value.code == "DeploymentNotFound"


def test_lenient_validation_answers_without_a_version(serve: Serve) -> None:
    with serve(validation="lenient") as served:
        answer = post(served.origin, {"model": "gpt-4o", "input": "x"}, KEY, "/openai/responses")
    assert answer.status == 200


def test_a_refused_content_is_azures_on_its_paths(azure: AzureOpenAI) -> None:
    control = json.dumps({"error": "content_filter"}).encode()
    headers = {"api-key": KEY, "content-type": "application/json"}
    assert ask(str(azure.base_url).partition("/openai")[0], "POST", "/_double/queue", control, headers).status < 300
    with pytest.raises(openai.BadRequestError) as caught:
        azure.responses.create(model="gpt-4o", input="x")
    assert (caught.value.code, caught.value.param) == ("content_filter", "prompt")
