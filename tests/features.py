"""A valid request for each documented feature of the endpoint (requests#fields), by name."""

from base64 import b64encode
from struct import pack
from typing import Any, Final

from calls import NOW
from chatdouble.answer.sound import wav
from chatdouble.catalogue.data import built_in

PNG: Final = b"\x89PNG\r\n\x1a\n" + pack(">I4sII", 13, b"IHDR", 300, 200) + bytes(5)
IMAGE: Final = f"data:image/png;base64,{b64encode(PNG).decode()}"
PDF: Final = f"data:application/pdf;base64,{b64encode(b'%PDF-1.4').decode()}"
VOICE: Final = {"voice": "alloy", "format": "pcm16"}
SAID: Final[dict[str, Any]] = {"role": "user", "content": "Hello, json!"}
OBJECT: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {"a": {"type": "string"}},
    "required": ["a"],
    "additionalProperties": False,
}
FUNCTION: Final[dict[str, Any]] = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": OBJECT, "strict": True},
}
CALLS: Final[dict[str, Any]] = {
    "role": "assistant",
    "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}},
        {"id": "call_2", "type": "custom", "custom": {"name": "g", "input": "x"}},
    ],
}
NULLABLE: Final = (
    *("temperature", "top_p", "n", "logprobs", "top_logprobs", "max_tokens", "max_completion_tokens", "seed", "stop"),
    *("store", "stream_options", "metadata", "logit_bias", "service_tier", "reasoning_effort", "verbosity"),
    *("presence_penalty", "frequency_penalty", "prediction", "audio", "modalities", "moderation", "safety_identifier"),
    *("prompt_cache_key", "prompt_cache_retention"),
)


def _parts(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(parts)}], **fields}


def _turns(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"messages": [SAID, *messages]}


def _text(**more: Any) -> dict[str, Any]:
    return {"type": "text", "text": "json", **more}


def _image(url: str, **more: Any) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": url, **more}}


def _schema(**more: Any) -> dict[str, Any]:
    return {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": OBJECT, **more}}}


def _custom(**more: Any) -> dict[str, Any]:
    return {"model": "gpt-5", "tools": [{"type": "custom", "custom": {"name": "c", **more}}]}


def _grammar(syntax: str, definition: str) -> dict[str, Any]:
    form = {"type": "grammar", "grammar": {"syntax": syntax, "definition": definition}}
    return _custom(description="d", format=form) | {"tool_choice": "required"}


_NAMED: Final = {"type": "function", "function": {"name": "f"}}
_ALLOWED: Final = {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [_NAMED]}}
_LONDON: Final = {"country": "GB", "region": "London", "city": "London", "timezone": "Europe/London"}

MESSAGES: Final[dict[str, dict[str, Any]]] = {
    "text part": _parts(_text()),
    "cache breakpoint": _parts(
        _text(prompt_cache_breakpoint={"mode": "explicit", "ttl": "12h"}),
        _text(prompt_cache_breakpoint={"mode": "explicit"}),
        model="gpt-5.6-sol",
    ),
    "image": _parts(_image(IMAGE), _image(IMAGE, detail="low"), _image("https://example.com/a.png", detail="high")),
    "original image": _parts(_image(IMAGE, detail="original"), model="gpt-5.6-sol"),
    "sound": _parts(
        {"type": "input_audio", "input_audio": {"data": b64encode(wav(0.1)).decode(), "format": "wav"}},
        model="gpt-4o-audio-preview",
    ),
    "file": _parts({"type": "file", "file": {"filename": "a.pdf", "file_data": PDF}}),
    "file by id": _parts({"type": "file", "file": {"file_id": "file-1"}}),
    "developer": _turns({"role": "developer", "content": "x", "name": "n"}),
    "system": _turns({"role": "system", "content": [_text()]}),
    "refusal part": _turns({"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]}, SAID),
    "refusal": _turns({"role": "assistant", "refusal": "no"}, SAID),
    "assistant's parts": _turns({"role": "assistant", "content": [_text(), _text()]}, SAID),
    "tools' answers": _turns(
        CALLS,
        {"role": "tool", "tool_call_id": "call_1", "content": "x"},
        {"role": "tool", "tool_call_id": "call_2", "content": [_text()]},
    ),
    "function's answer": _turns(
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "1"},
    ),
}
TOOLS: Final[dict[str, dict[str, Any]]] = {
    "tools": {"tools": [FUNCTION]},
    **{f"tools {choice}": {"tools": [FUNCTION], "tool_choice": choice} for choice in ("none", "auto", "required")},
    "named tool": {"tools": [FUNCTION], "tool_choice": _NAMED, "parallel_tool_calls": False},
    "allowed tools": {"tools": [FUNCTION], "tool_choice": _ALLOWED, "parallel_tool_calls": True},
    "tool without parameters": {"tools": [{"type": "function", "function": {"name": "f"}}], "tool_choice": "required"},
    "tools without reasoning": {"model": "gpt-5.6-sol", "tools": [FUNCTION], "reasoning_effort": "none"},
    "functions": {"functions": [{"name": "f", "parameters": OBJECT}], "function_call": {"name": "f"}},
    "functions auto": {"functions": [{"name": "f"}], "function_call": "auto"},
    "functions none": {"functions": [{"name": "f"}], "function_call": "none"},
}
CUSTOM_TOOLS: Final[dict[str, dict[str, Any]]] = {
    "custom tool": _custom() | {"tool_choice": {"type": "custom", "custom": {"name": "c"}}},
    "custom text": _custom(format={"type": "text"}),
    "lark": _grammar("lark", 'start: "a" | "b"'),
    "regex": _grammar("regex", "[a-z]+"),
}
"""The official client has no type for these in a stream."""
FORMS: Final[dict[str, dict[str, Any]]] = {
    "text": {"response_format": {"type": "text"}},
    "json object": {"response_format": {"type": "json_object"}},
    "schema": _schema(),
    "strict schema": _schema(strict=True, description="d"),
    "lax schema": _schema(strict=None),
    "prediction": {"prediction": {"type": "content", "content": "Hello"}},
    "prediction's parts": {"prediction": {"type": "content", "content": [_text()]}},
    "modalities": {"modalities": ["text"]},
    "speech": {"model": "gpt-audio", "modalities": ["text", "audio"], "audio": VOICE},
    "own voice": {
        "model": "gpt-audio",
        "modalities": ["text", "audio"],
        "audio": {"voice": {"id": "voice_1"}, "format": "pcm16"},
    },
    "verbosity": {"model": "gpt-5", "verbosity": "low"},
    "logprobs": {"logprobs": True},
    "top_logprobs": {"logprobs": True, "top_logprobs": 20},
    "n": {"n": 128},
    "n of the newest": {"model": "gpt-5.6-sol", "n": 8},
}
OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "search": {"model": "gpt-4o-search-preview", "web_search_options": {}},
    "search near": {
        "model": "gpt-5-search-api",
        "web_search_options": {
            "search_context_size": "low",
            "user_location": {"type": "approximate", "approximate": _LONDON},
        },
    },
    "moderation": {"moderation": {"model": "omni-moderation-latest"}},
    "moderation policy": {
        "moderation": {
            "model": "omni-moderation-latest",
            "policy": {"input": {"mode": "score"}, "output": {"mode": "block"}},
        }
    },
    "cache options": {"model": "gpt-5.6-sol", "prompt_cache_options": {"ttl": "30m", "mode": "explicit"}},
    "cache": {"model": "gpt-4.1", "prompt_cache_key": "k", "prompt_cache_retention": "in_memory"},
    "cached a day": {"model": "gpt-5.5", "prompt_cache_retention": "24h"},
    "identifiers": {"user": "u", "safety_identifier": "s" * 128},
    **{
        f"tier {tier}": {"model": "gpt-5", "service_tier": tier}
        for tier in ("auto", "default", "flex", "priority", "fast")
    },
    "bias": {"logit_bias": {"1": -100, "2": 100}},
    "no bias": {"logit_bias": {}},
    "seed": {"seed": -(2**63)},
    "stop": {"stop": "x"},
    "stops": {"stop": ["a", "b", "c", "d"]},
    "metadata": {"store": True, "metadata": {"k" * 64: "v" * 512}},
    "least": {"temperature": 0, "top_p": 0, "presence_penalty": -2, "frequency_penalty": -2, "max_tokens": 1},
    "most": {"temperature": 2, "top_p": 1, "presence_penalty": 2, "frequency_penalty": 2, "max_tokens": 16384},
    "max_completion_tokens": {"max_completion_tokens": 16384},
    "nulls": dict.fromkeys(NULLABLE),
}
MODELS: Final[dict[str, dict[str, Any]]] = {
    f"{model.id} {effort or ''}": {"model": model.id}
    | ({"reasoning_effort": effort} if effort else {})
    | ({"modalities": ["text", "audio"], "audio": VOICE} if model.usage_details == "audio" else {})
    for model in built_in().values()
    if model.endpoint == "chat" and model.shut_down_at > NOW
    for effort in (None, *model.efforts)
}
TYPED: Final = MESSAGES | TOOLS | FORMS | OPTIONS | MODELS
"""Features the official client has types for, whole and streamed."""
FEATURES: Final = TYPED | CUSTOM_TOOLS


def asking(feature: dict[str, Any]) -> dict[str, Any]:
    """Return the request for a feature, with a model and messages."""
    return {"model": "gpt-4o", "messages": [SAID], **feature}
