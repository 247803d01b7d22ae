"""Large requests, whose first fault is reported without a look at the rest."""

import json
from typing import Any

import pytest

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.validation.checking import Checker, Mode
from chatdouble.validation.responses.checking import ResponsesChecker

EMPTY: dict[str, Any] = {}
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


MANY_KEYS: dict[str, Any] = {f"unknown_{at}": 1 for at in range(20_000)}
"""Keys that no object of a request has."""


@pytest.mark.parametrize("mode", ["lenient", "off"])
def test_unknown_keys_inside_a_large_request_are_left_out_of_it(mode: Mode) -> None:
    body = {"tools": [TOOL], "stream_options": {"include_usage": True} | MANY_KEYS, "stream": True}
    checked = Checker(Catalogue.load("any"), TOKENIZERS, mode).read(_raw(body | MANY_KEYS))
    assert checked.body["tools"] == [TOOL]
    assert checked.body["stream_options"] == {"include_usage": True}
    assert not MANY_KEYS.keys() & checked.body.keys()


def test_lenient_validation_of_a_large_request_warns_of_its_first_unknown_keys() -> None:
    checked = Checker(Catalogue.load("any"), TOKENIZERS, "lenient").read(
        _raw({"stream": True, "stream_options": MANY_KEYS})
    )
    assert checked.warnings[0].startswith("Unknown parameter: 'stream_options.unknown_0'.")
    assert len(checked.warnings) == 100


@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"input": [EMPTY] * 40_000}, "input[0]"),
        ({"input": [HELLO, *[7] * 40_000]}, "input[1]"),
        ({"input": [HELLO | {"content": [EMPTY] * 40_000}]}, "input[0].content[0].type"),
        ({"input": [HELLO] * 9000 + [{"role": "none"}]}, "input[9000]"),
    ],
)
def test_the_first_of_many_faults_of_a_response_is_reported(mode: Mode, given: dict[str, Any], param: str) -> None:
    checker = ResponsesChecker(Catalogue.load("any"), mode)
    raw = json.dumps({"model": "gpt-4o"} | given).encode()
    with pytest.raises(APIError) as refused:
        checker.checked(*checker.named(raw), len(raw))
    assert refused.value.param == param


@pytest.mark.parametrize("mode", ["lenient", "off"])
def test_unknown_keys_inside_a_large_response_are_left_out_of_it(mode: Mode) -> None:
    checker = ResponsesChecker(Catalogue.load("any"), mode)
    raw = json.dumps({"model": "gpt-4o", "input": [HELLO | MANY_KEYS], **MANY_KEYS}).encode()
    read = checker.checked(*checker.named(raw), len(raw))
    assert read.body == {"model": "gpt-4o", "input": [HELLO]}
    assert len(read.warnings) == (200 if mode == "lenient" else 0)


@pytest.mark.parametrize("message", [{"role": "r" * 300_000}, {"role": "user", "content": [{"type": "r" * 300_000}]}])
def test_a_very_long_role_or_type_is_quoted_as_far_as_an_error_may_be_long(message: dict[str, Any]) -> None:
    refused = _refusal({"messages": [HELLO, message]})
    assert refused.message == f"Invalid value: '{'r' * 16_368}..."
    assert refused.code == "invalid_value"
