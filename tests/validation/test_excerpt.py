"""Large requests, whose first fault is reported without a look at the rest."""

import json
from typing import Any

import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker

HELLO: dict[str, Any] = {"role": "user", "content": "Hello"}
TEXT: dict[str, Any] = {"type": "text", "text": "Hello"}
TOOL: dict[str, Any] = {"type": "function", "function": {"name": "look", "description": "Looks at it." * 50}}
CALL: dict[str, Any] = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
LARGE = "word " * 20_000
"""A text that makes a request large."""


def _checker() -> Checker:
    return Checker(Catalogue.load("any"), TOKENIZERS, "strict")


def _raw(body: dict[str, Any]) -> bytes:
    return json.dumps({"model": "gpt-4o", "messages": [HELLO]} | body).encode()


def _refusal(body: dict[str, Any]) -> APIError:
    with pytest.raises(APIError) as refused:
        _checker().read(_raw(body))
    return refused.value


def test_the_first_of_many_messages_at_fault_is_reported() -> None:
    assert _refusal({"messages": [HELLO, *[{}] * 40_000]}).param == "messages[1].role"


def test_a_fault_behind_many_messages_is_reported() -> None:
    assert _refusal({"messages": [HELLO] * 1900 + [{"role": "none"}]}).param == "messages[1900].role"


def test_a_shape_at_fault_comes_before_a_message_without_content() -> None:
    given = [{"role": "user", "name": "someone" * 8}] * 1500 + [{"role": "none"}]
    assert _refusal({"messages": given}).param == "messages[1500].role"


def test_too_many_messages_are_refused_whatever_is_in_those_over_the_limit() -> None:
    refused = _refusal({"messages": [HELLO] * 10_000 + [{}]})
    assert refused.message.endswith("maximum length 2048, but got an array with length 10001 instead.")


def test_too_many_tools_are_refused_after_a_fault_of_the_messages() -> None:
    tools = [TOOL] * 1000
    assert _refusal({"tools": tools}).message.endswith("maximum length 128, but got an array with length 1000 instead.")
    assert _refusal({"tools": tools, "messages": [{}]}).param == "messages[0].role"
    assert _refusal({"tools": tools, "n": "x"}).param == "tools"


def test_too_many_calls_of_a_message_are_refused() -> None:
    calling = {"role": "assistant", "tool_calls": [CALL] * 2000}
    refused = _refusal({"messages": [HELLO, HELLO, calling]})
    assert (refused.param, refused.code) == ("messages[2].tool_calls", "array_above_max_length")


def test_the_first_part_at_fault_is_reported() -> None:
    content = [TEXT] * 3000 + [{"type": "text"}] * 3000
    assert _refusal({"messages": [{"role": "user", "content": content}]}).param == "messages[0].content[3000].text"


def test_missing_messages_come_before_unknown_names() -> None:
    body = json.dumps({"model": "gpt-4o", **{f"unknown_{at}": 1 for at in range(10_000)}}).encode()
    with pytest.raises(APIError, match=r"Missing required parameter: 'messages'\."):
        _checker().read(body)


def test_the_message_about_many_unknown_names_is_bounded() -> None:
    assert len(_refusal({f"unknown_{at}": 1 for at in range(100_000)}).message) < 17_000


WRONG: list[dict[str, Any]] = [
    {"metadata": {"name": 1, "other": 2}},
    {"metadata": {"name": LARGE}},
    {"logit_bias": {"1": "x", "2": "y"}},
    {"stop": [1, 2]},
    {"stop": ["a"] * 9},
    {"functions": []},
    {"tools": [{}, {"type": "none"}]},
    {"stream_options": {"bogus": 1, **{f"key_{at}": 1 for at in range(1000)}}},
    {"stream_options": {**{f"key_{at}": 1 for at in range(1000)}, "include_usage": 1}},
    {"response_format": {"type": "json_schema"}},
    {"prediction": {"type": "content", "content": [{}, {}]}},
    {"modalities": [1, "none"]},
    {"tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": 5}}},
    {"messages": [{"role": "developer", "content": [TEXT | {"bogus": 1}, {}]}]},
    {"messages": [{"role": "user"}, {"role": "assistant", "tool_calls": [{}, {}]}]},
    {"audio": {"voice": "none", "format": 5}, "n": "x"},
]


@pytest.mark.parametrize("wrong", WRONG, ids="-".join)
def test_a_large_request_has_the_errors_of_a_small_one(wrong: dict[str, Any]) -> None:
    messages = wrong.get("messages", [HELLO])
    small, large = _refusal(wrong), _refusal(wrong | {"messages": [*messages, HELLO | {"content": LARGE}]})
    assert (large.message, large.param, large.code) == (small.message, small.param, small.code)


def test_a_large_request_is_read_as_a_small_one() -> None:
    messages = [{"role": "user", "content": [TEXT | {"more": 1}], "more": 2}, HELLO | {"content": LARGE}]
    body = {"model": "gpt-4o", "messages": messages, "logit_bias": {"1": 2}, "metadata": {"a": "b"}, "store": True}
    request = _checker().read(_raw(body)).request
    assert request.model_dump(exclude_unset=True) == body
