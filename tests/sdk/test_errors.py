"""Errors of the API as exceptions of the official Python client, with code, param and request id."""

from typing import Any

import openai
import pytest
from openai import OpenAI

HELLO: list[Any] = [{"role": "user", "content": "Hello"}]


def refused(client: OpenAI, **fields: Any) -> openai.APIStatusError:
    """Return the exception that a request raises."""
    request: dict[str, Any] = {"model": "gpt-4o", "messages": HELLO, **fields}
    with pytest.raises(openai.APIStatusError) as caught:
        client.chat.completions.create(**request)
    return caught.value


def test_an_error_carries_all_fields_of_the_envelope(client: OpenAI) -> None:
    error = refused(client, temperature=3)
    assert isinstance(error, openai.BadRequestError)
    assert error.status_code == 400
    assert error.type == "invalid_request_error"
    assert error.param == "temperature"
    assert error.code == "decimal_above_max_value"
    assert error.request_id is not None
    assert error.request_id.startswith("req_")
    assert error.body == {
        "message": error.message.removeprefix("Error code: 400 - "),
        "type": "invalid_request_error",
        "param": "temperature",
        "code": "decimal_above_max_value",
    }


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "nobody", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages[0].content"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"n": 0}, "n"),
        ({"tool_choice": "auto"}, "tool_choice"),
        ({"extra_body": {"temprature": 1}}, None),
    ],
)
def test_a_bad_request_names_its_parameter(client: OpenAI, fields: dict[str, Any], param: str | None) -> None:
    error = refused(client, **fields)
    assert isinstance(error, openai.BadRequestError)
    assert error.param == param


def test_a_stream_is_refused_before_it_starts(client: OpenAI) -> None:
    assert isinstance(refused(client, stream=True, temperature=3), openai.BadRequestError)


def test_an_unknown_path_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.post("/nowhere", body={}, cast_to=object)
    assert "Invalid URL (POST /v1/nowhere)" in caught.value.message
    assert caught.value.type == "invalid_request_error"


def test_an_endpoint_that_only_the_real_api_has_says_so(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as caught:
        client.files.list()
    assert "chatdouble does not double GET /v1/files" in caught.value.message
    assert caught.value.type == "invalid_request_error"


def test_a_missing_key_is_an_authentication_error(client: OpenAI) -> None:
    error = refused(client, extra_headers={"Authorization": ""})
    assert isinstance(error, openai.AuthenticationError)
    assert "You didn't provide an API key" in error.message


def test_an_unknown_stored_completion_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.retrieve("chatcmpl-nothing")
