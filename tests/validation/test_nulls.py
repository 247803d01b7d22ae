"""Null is as good as not sent, wherever the API takes a field that may be left out (requests#null)."""

import json
from typing import Any

import pytest

from chatdouble.core.json import is_array, is_object
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.testing.server import RunningServer
from features import IMAGE, PDF
from raw import post
from saying import USER, said

OPTIONAL = sorted(set(ChatCompletionRequest.model_fields) - {"model", "messages"})


def _parts(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}]}


def _format(**more: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema, **more}}}


NESTED: dict[str, dict[str, Any]] = {
    "a function": {"tools": [{"type": "function", "function": {"name": "f", "description": None, "parameters": None}}]},
    "a function's strict": {"tools": [{"type": "function", "function": {"name": "f", "strict": None}}]},
    "a legacy function": {"functions": [{"name": "f", "description": None, "parameters": None}]},
    "a custom tool": {"model": "gpt-5", "tools": [{"type": "custom", "custom": {"name": "c", "format": None}}]},
    "a schema's format": _format(description=None, strict=None),
    "a stream": {"stream": True, "stream_options": {"include_usage": None, "include_obfuscation": None}},
    "an image": _parts({"type": "image_url", "image_url": {"url": IMAGE, "detail": None}}),
    "a file": _parts({"type": "file", "file": {"file_id": None, "filename": "a.pdf", "file_data": PDF}}),
    "a breakpoint": _parts({"type": "text", "text": "x", "prompt_cache_breakpoint": None}),
    "a name": {"messages": [{**USER, "name": None}]},
    "a search": {"model": "gpt-5-search-api", "web_search_options": {"search_context_size": None}},
    "a cache": {"model": "gpt-5.6-sol", "prompt_cache_options": {"ttl": None, "mode": None}},
    "an answer": {"messages": [USER, {"role": "assistant", "content": "x", "tool_calls": None, "audio": None}, USER]},
}


@pytest.mark.parametrize("field", OPTIONAL)
def test_an_optional_parameter_may_be_null(field: str) -> None:
    assert said(**{field: None}) is None


def test_all_of_them_may_be_null_at_once() -> None:
    known = [field for field in OPTIONAL if field != "reasoning_effort"]
    assert said(**dict.fromkeys(known)) is None


@pytest.mark.parametrize("name", NESTED)
def test_what_is_inside_may_be_null_and_is_answered_as_if_it_had_been_left_out(
    server: RunningServer, name: str
) -> None:
    request = {"model": "gpt-4o", "messages": [USER], **NESTED[name]}
    with_nulls = post(server.origin, request, "sk-null")
    without = post(server.origin, _without_null(request), "sk-none")
    assert (with_nulls.status, without.status) == (200, 200), with_nulls.body
    if not request.get("stream"):
        assert _said(with_nulls.body) == _said(without.body)
    else:
        assert with_nulls.body.count(b"obfuscation") == without.body.count(b"obfuscation")
        assert b'"usage"' not in with_nulls.body


def _said(body: bytes) -> Any:
    answer = json.loads(body)
    return answer["choices"][0]["message"].get("content"), answer["usage"]


def _without_null(value: Any) -> Any:
    if is_object(value):
        return {key: _without_null(one) for key, one in value.items() if one is not None}
    return [_without_null(one) for one in value] if is_array(value) else value
