"""Errors of the real API whose requests are only described, with requests made after the description."""

from typing import Any

import orjson
import pytest

from chatdouble.core.errors import APIError
from corpora import error_cases, full_corpora
from saying import CHECKER, TOOL, USER

LONG = "word " * 40_000


def _call(**call: Any) -> dict[str, Any]:
    whole = {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}, **call}
    return {"role": "assistant", "tool_calls": [whole]}


def _answer(one: str = "call_1") -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": one, "content": "4"}


def _user(*parts: Any) -> dict[str, Any]:
    return {"role": "user", "content": list(parts)}


def _at(place: int, message: dict[str, Any]) -> dict[str, Any]:
    """Return the messages of a conversation with one at a place."""
    return {"messages": [USER] * place + [message]}


def _strict(name: str, schema: dict[str, Any], place: int = 0) -> dict[str, Any]:
    function = {"name": name, "strict": True, "parameters": {"type": "object", **schema}}
    return {"tools": [TOOL] * place + [{"type": "function", "function": function}]}


def _format(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    named = {"name": name, "strict": True, "schema": {"type": "object", **schema}}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


CLOSED: dict[str, Any] = {"additionalProperties": False}
OBJECT: dict[str, Any] = {"type": "object", "properties": {"a": {"type": "string"}, "rotation": {"type": "string"}}}
TEXT = {"type": "text", "text": "x"}
PDF = "data:text/markdown;base64,SGVsbG8="

OLDER: dict[int, str] = {
    15: "since 2025-08-20 a tool's answer may show an image",
    142: "newer recordings have it that o1 does not know the parameter at all",
}
"""Errors that newer recordings contradict (rules#accepted-after-all, rules#model-rules)."""

DESCRIBED: dict[int, dict[str, Any]] = {
    4: {"response_format": {"type": "json_object"}},
    8: {"messages": [*[USER] * 10, _call(id="call_26SuqYchIFxWazl58MvJ5RPM"), USER]},
    9: {"messages": [*[USER] * 13, _call(id="call_i8vT76kQ8XOpe9ErYaTYRRxV"), USER]},
    12: {"max_tokens": -15335},
    14: _at(0, {"role": "user", "content": "x" * 1_123_800}),
    17: _at(9, _call(function={"name": "a.b", "arguments": "{}"})),
    19: {"n": 130},
    21: {"temperature": 2.5},
    22: {"temperature": 200},
    24: {"tools": [{"type": "function", "function": {"name": "a/b"}}]},
    27: _at(3, _user(TEXT, TEXT, {"type": "file", "file": {"filename": "a.md", "file_data": PDF}})),
    29: {"messages": [*[USER] * 6, _call(), _answer(), _answer()]},
    30: _at(3, _answer()),
    34: _strict("find_product_by_name", {"properties": {"threshold": {"type": "number"}}, **CLOSED}, 1),
    36: _strict(
        "notion__notion-update-page",
        {"properties": {"data": {"allOf": [{"type": "string"}]}}, "required": ["data"], **CLOSED},
        26,
    ),
    37: _strict("update-event", {"oneOf": []}, 5),
    38: _format("BrainOutput", {"properties": {}, "required": ["memory_episodic_append"], **CLOSED}),
    40: _format("choice", {"properties": {"data": {"oneOf": [{"type": "string"}]}}, "required": ["data"], **CLOSED}),
    42: {"model": "o1", "max_tokens": None},
    45: {"messages": "Hello"},
    48: _at(1, _user({"type": "image_url", "image_url": "u"})),
    49: _at(1, _user(TEXT, {"type": "image_url", "image_url": "u"})),
    50: _at(45, _call(type=None)),
    52: {"store": True, "metadata": {"tags": ["a"]}},
    57: {"response_format": "json_object"},
    63: {"model": "o1", "stop": None},
    81: _at(1, {"role": "assistant", "content": None}),
    84: {"tool_choice": "auto"},
    88: _at(3, {"role": "tool", "content": "4"}),
    89: _at(15, {"role": "tool", "content": "4"}),
    92: _at(1, _user(TEXT, {"type": "file", "file": {"url": PDF}})),
    93: _at(1, _user(TEXT, {"type": "file", "file": {"file_data": "data:application/pdf;base64,SGVsbG8="}})),
    94: _at(3, {"role": "assistant", "tool_calls": [{"type": "function"}]}),
    97: {"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}},
    98: {"response_format": {"type": "json_schema", "json_schema": {"name": "book"}}},
    101: {"model": "gpt-4o-search-preview", "temperature": 0.5, "top_p": 0.5},
    103: {"max_tokens": 5, "max_completion_tokens": 5},
    109: {"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": LONG}]},
    110: {"model": "gpt-3.5-turbo", "messages": [{"role": "user", "content": LONG}], "tools": [TOOL]},
    113: _at(0, {"role": "developer", "content": [{**TEXT, "cache_control": {"type": "ephemeral"}}]}),
    120: {"thinking": {}},
    121: {"top_k": 5},
    127: {"model": "gpt-5", "max_tokens": 5},
    136: {"model": "o1-mini", "messages": [{"role": "system", "content": "x"}, USER]},
    137: {"model": "o4-mini", "reasoning_effort": "minimal"},
    139: {"model": "gpt-5", "reasoning_effort": "none"},
    143: {"model": "gpt-5.5", "temperature": 0.1},
    144: {"model": "gpt-5-mini", "temperature": 0.3},
    150: {"model": "gpt-4.1-2025-04-14", "max_tokens": 1_047_576},
    151: {"model": "gpt-4-turbo", "max_tokens": 16_384},
    152: {"model": "gpt-4-turbo", "max_tokens": 6_000},
    153: {"model": "o1", "max_completion_tokens": 8_192_000_000_000_000},
    202: {"model": "o1-pro"},
}


@full_corpora
@pytest.mark.parametrize("row", DESCRIBED)
def test_an_error_that_was_described_comes_out_as_the_real_api_sent_it(row: int) -> None:
    case = error_cases()[row]
    with pytest.raises(APIError) as refused:
        CHECKER.read(orjson.dumps({"model": "gpt-4o", "messages": [USER], **DESCRIBED[row]}))
    said = refused.value.envelope()["error"]
    assert case.alike(said), (case.described, case.error, said)


@full_corpora
@pytest.mark.parametrize("row", OLDER)
def test_an_error_that_newer_recordings_contradict_is_a_reported_one(row: int) -> None:
    assert row not in DESCRIBED
    assert error_cases()[row].request is None
