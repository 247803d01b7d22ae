"""Whatever stands at whatever place of a request, the answer is a request or the API's no, never a traceback."""

import json
from copy import copy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from calls import TOKENIZERS
from chatdouble.catalogue.catalogue import Catalogue
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_array, as_object, is_array, is_object
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.validation.checking import Checked, Checker, Mode
from parts import portion

CATALOGUE = Catalogue.load("any")
CHECKERS: dict[Mode, Checker] = {mode: Checker(CATALOGUE, TOKENIZERS, mode) for mode in ("strict", "lenient", "off")}
MODELS = ("gpt-4o", "gpt-5.6-terra", "gpt-5.1", "o1-mini", "gpt-4o-audio-preview", "gpt-4o-search-preview", "gpt-9")

WHOLE: dict[str, Any] = {
    "model": "gpt-4o",
    "messages": [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}], "name": "boss"},
        {"role": "developer", "content": "Be kind."},
        {
            "role": "user",
            "content": [
                {"type": "text", "text": "json?", "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "30m"}},
                {"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}},
                {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                {"type": "file", "file": {"file_id": "file-1"}},
            ],
        },
        {
            "role": "assistant",
            "content": [{"type": "refusal", "refusal": "no"}],
            "refusal": None,
            "audio": {"id": "audio_1"},
            "function_call": {"name": "f", "arguments": "{}"},
            "tool_calls": [
                {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
                {"id": "call_2", "type": "custom", "custom": {"name": "g", "input": "x"}},
            ],
        },
        {"role": "tool", "tool_call_id": "call_1", "content": "4"},
        {"role": "tool", "tool_call_id": "call_2", "content": [{"type": "text", "text": "5"}]},
        {"role": "function", "name": "f", "content": None},
    ],
    "functions": [{"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}}],
    "function_call": {"name": "f"},
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "f",
                "description": "d",
                "strict": True,
                "parameters": {
                    "type": "object",
                    "properties": {"a": {"type": "string", "enum": ["x"]}, "b": {"$ref": "#/$defs/b"}},
                    "required": ["a", "b"],
                    "additionalProperties": False,
                    "$defs": {"b": {"type": "array", "items": {"type": "integer"}}},
                },
            },
        },
        {
            "type": "custom",
            "custom": {"name": "g", "format": {"type": "grammar", "grammar": {"definition": "x", "syntax": "lark"}}},
        },
    ],
    "tool_choice": {
        "type": "allowed_tools",
        "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]},
    },
    "parallel_tool_calls": True,
    "max_completion_tokens": 9,
    "n": 1,
    "temperature": 1.0,
    "top_p": 0.5,
    "presence_penalty": 0.1,
    "frequency_penalty": 0.1,
    "logprobs": True,
    "top_logprobs": 2,
    "user": "u",
    "seed": 1,
    "moderation": {"model": "m", "policy": {"input": {"mode": "score"}, "output": None}},
    "safety_identifier": "s",
    "prompt_cache_key": "k",
    "prompt_cache_retention": "24h",
    "prompt_cache_options": {"ttl": "30m", "mode": "implicit"},
    "response_format": {
        "type": "json_schema",
        "json_schema": {"name": "n", "strict": True, "schema": {"type": "object", "properties": {}}},
    },
    "service_tier": "flex",
    "max_tokens": 9,
    "reasoning_effort": "low",
    "logit_bias": {"1": 5},
    "stop": ["x"],
    "stream": True,
    "stream_options": {"include_usage": True},
    "store": True,
    "metadata": {"k": "v"},
    "prediction": {"type": "content", "content": [{"type": "text", "text": "p"}]},
    "verbosity": "low",
    "modalities": ["text", "audio"],
    "audio": {"voice": {"id": "v"}, "format": "pcm16"},
    "web_search_options": {"user_location": {"type": "approximate", "approximate": {"city": "Ulm"}}},
}

JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-(10**30), max_value=10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=70)
    | st.sampled_from(["text", "function", "custom", "json_schema", "object", "user", "tool", "audio", "$ref", "#"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def _places(value: Any, way: tuple[int | str, ...] = ()) -> list[tuple[int | str, ...]]:
    held: list[tuple[int | str, Any]] = [*as_object(value).items(), *enumerate(as_array(value))]
    return [way, *(place for key, one in held for place in _places(one, (*way, key)))]


PLACES = [place for place in _places(WHOLE) if place]


def _with(value: Any, place: tuple[int | str, ...], junk: Any) -> Any:
    """Return a copy of a value with something else at a place."""
    step, *rest = place
    copied = copy(value)
    copied[step] = _with(value[step], tuple(rest), junk) if rest else junk
    return copied


def _kept(value: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    return {name: one for name, one in value.items() if name in fields}


def _outcome(mode: Mode, raw: bytes) -> Checked | APIError:
    try:
        return CHECKERS[mode].read(raw)
    except APIError as error:
        return error


@given(
    st.sampled_from(PLACES),
    JUNK,
    st.sampled_from(MODELS),
    st.sampled_from(sorted(CHECKERS)),
    st.sets(st.sampled_from(sorted(WHOLE))),
)
@settings(max_examples=portion(400))
def test_junk_at_any_place_never_breaks_the_checks(
    place: tuple[int | str, ...], junk: Any, model: str, mode: Mode, dropped: set[str]
) -> None:
    body = {**_with(WHOLE, place, junk)}
    if place[0] != "model":
        body["model"] = model
    body = _kept(body, set(body) - (dropped - {place[0], "model", "messages"}))
    outcome = _outcome(mode, json.dumps(body).encode())
    assert outcome.status in {400, 403, 404} if isinstance(outcome, APIError) else outcome.request.messages


@given(st.sampled_from(PLACES), JUNK)
@settings(max_examples=portion(200))
def test_what_the_published_shape_refuses_is_never_taken(place: tuple[int | str, ...], junk: Any) -> None:
    body = _with(WHOLE, place, junk)
    try:
        ChatCompletionRequest.model_validate(body)
    except ValidationError:
        with pytest.raises(APIError):
            CHECKERS["strict"].read(json.dumps(body).encode())


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode) | JUNK.map(json.dumps).map(str.encode))
def test_any_bytes_are_a_no_of_the_api(raw: bytes) -> None:
    with pytest.raises(APIError):
        CHECKERS["strict"].read(raw)


def test_json_nested_too_deep_to_read_is_a_no_of_the_api() -> None:
    with pytest.raises(APIError):
        CHECKERS["strict"].read(b'{"model": "gpt-4o", "messages": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@pytest.mark.parametrize("mode", ["strict", "lenient", "off"])
@pytest.mark.parametrize("field", ["tools", "response_format", "metadata", "audio", "unheard_of"])
def test_fields_nested_as_deep_as_can_be_read_do_not_break_the_checks(mode: Mode, field: str) -> None:
    deep: dict[str, Any] = {"type": "object"}
    for _ in range(900):
        deep = {"x": deep}
    values: dict[str, Any] = {
        "tools": [
            {"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": deep}}}
        ],
        "response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": True, "schema": deep}},
    }
    body = {"model": "gpt-4o", "messages": [{"role": "user", "content": "x"}], field: values.get(field, deep)}
    raw = _written(body)
    outcome = _outcome(mode, raw)
    assert not isinstance(outcome, APIError) or outcome.status == 400


def _written(value: Any) -> bytes:
    """Return JSON without Python's limit of recursion in the way."""
    closing = b""
    opening = b""
    while is_object(value) and set(value) == {"x"}:
        opening, closing, value = opening + b'{"x": ', closing + b"}", value["x"]
    if is_object(value):
        inner = b", ".join(orjson.dumps(key) + b": " + _written(one) for key, one in value.items())
        return opening + b"{" + inner + b"}" + closing
    if is_array(value):
        return opening + b"[" + b", ".join(map(_written, value)) + b"]" + closing
    return opening + orjson.dumps(value) + closing
