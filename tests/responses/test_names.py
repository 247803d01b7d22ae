"""Names and ids that the Responses API refuses, in its own words."""

from typing import Any, Final

import pytest

from chatdouble.testing.server import RunningServer
from raw import post

CALL: Final = {"type": "function_call", "call_id": "call_1", "name": "f", "arguments": "{}"}
OUTPUT: Final = {"type": "function_call_output", "call_id": "call_1", "output": "x"}
PATTERN: Final = "string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'."
EMPTY: Final = "empty string. Expected a string with minimum length 1, but got an empty string instead."


def long(most: int) -> str:
    """Return the end of the message about a string that has one character too many."""
    expected = f"string too long. Expected a string with maximum length {most}"
    return f"{expected}, but got a string with length {most + 1} instead."


def function(name: str) -> dict[str, Any]:
    """Return a request with a function."""
    return {"tools": [{"type": "function", "name": name, "parameters": {}}]}


def schema(name: str) -> dict[str, Any]:
    """Return a request for JSON."""
    closed: dict[str, Any] = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    return {"text": {"format": {"type": "json_schema", "name": name, "schema": closed}}}


@pytest.mark.parametrize(
    ("change", "param", "message", "code"),
    [
        (function("a.b"), "tools[0].name", PATTERN, "invalid_value"),
        (function(""), "tools[0].name", EMPTY, "empty_string"),
        ({"tools": [{"type": "custom", "name": "x" * 129}]}, "tools[0].name", long(128), "string_above_max_length"),
        ({"input": [{**CALL, "name": ""}, OUTPUT]}, "input[0].name", EMPTY, "empty_string"),
        (schema("a b"), "text.format.name", PATTERN, "invalid_value"),
        (schema("x" * 65), "text.format.name", long(64), "string_above_max_length"),
    ],
)
def test_a_name_that_the_api_refuses_is_refused(
    server: RunningServer, key: str, change: dict[str, Any], param: str, message: str, code: str
) -> None:
    answer = post(server.origin, {"model": "gpt-4o", "input": "x", **change}, key, "/v1/responses")
    assert answer.error["message"] == f"Invalid '{param}': {message}"
    assert (answer.error["param"], answer.error["code"]) == (param, code)


@pytest.mark.parametrize("change", [function("x" * 128), schema("x" * 64), {"service_tier": "flex"}])
def test_the_longest_names_are_answered(server: RunningServer, key: str, change: dict[str, Any]) -> None:
    assert post(server.origin, {"model": "gpt-4o", "input": "x", **change}, key, "/v1/responses").status == 200


def test_an_empty_id_has_no_letters(server: RunningServer, key: str) -> None:
    request = {"model": "gpt-4o", "input": [{**CALL, "id": ""}, OUTPUT]}
    message = post(server.origin, request, key, "/v1/responses").error["message"]
    assert message.startswith("Invalid 'input[0].id': ''. Expected an ID that contains letters, numbers, underscores,")


def test_values_that_are_not_listed_are_refused_with_the_list(server: RunningServer, key: str) -> None:
    tier = post(server.origin, {"model": "gpt-4o", "input": "x", "service_tier": "scale"}, key, "/v1/responses").error
    tool = {"model": "gpt-4o", "input": "x", "tool_choice": {"type": "bogus"}}
    choice = post(server.origin, tool, key, "/v1/responses").error
    assert tier["message"].endswith("Supported values are: 'auto', 'default', 'fast', 'flex', and 'priority'.")
    assert "Supported values are: 'web_search', " in choice["message"]
    assert choice["param"] == "tool_choice.type"
