"""Requests to begin with: those of every feature, and those that once broke something."""

from typing import Any, Final

from features import FEATURES, SAID, asking

DEEP: Final = 300
"""More levels than any parser here reads without recursion."""


def _deep(levels: int, opening: str = "[", closing: str = "]") -> str:
    return opening * levels + closing * levels


def _tool(parameters: Any) -> dict[str, Any]:
    return {
        "tools": [{"type": "function", "function": {"name": "f", "parameters": parameters}}],
        "tool_choice": "required",
    }


def _lark(definition: str) -> dict[str, Any]:
    grammar = {"type": "grammar", "grammar": {"syntax": "lark", "definition": definition}}
    return {"tools": [{"type": "custom", "custom": {"name": "g", "format": grammar}}], "tool_choice": "required"}


SCRIPT: Final = """
rules:
  - when: {user: "Hello!"}
    reply: Hello!
  - when: {model: gpt-4o-mini}
    sequence: [one, {text: "{{ user }} {{ request.messages }}"}, {error: insufficient_quota}]
  - reply: "{{ user or model }}"
"""


PROPERTIES: Final[tuple[Any, ...]] = ({"type": {}}, {"enum": 1.5}, {"anyOf": 5})
PARAMETERS: Final[tuple[Any, ...]] = (None, [], "x", True, {"type": "object", "properties": []}, {"$ref": "#"})

BODIES: Final[tuple[dict[str, Any], ...]] = (
    *map(asking, FEATURES.values()),
    asking({"messages": [{"role": "user", "content": "a", "tool_calls": ["x"]}]}),
    asking({"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": 1, "function": "x"}]}, SAID]}),
    *(asking(_tool({"type": "object", "properties": {"a": given}})) for given in PROPERTIES),
    *(asking(_tool(given)) for given in PARAMETERS),
    *(
        asking(_lark(given))
        for given in ("%declare A", "%import common.WORD", "start: /(?<=a)b/", "start: start", "", "start: A")
    ),
    asking({"n": 128, "logprobs": True, "top_logprobs": 20}),
    asking({"metadata": {"a": "\ud800"}, "store": True}),
    asking({"messages": [{"role": "user", "content": "\ud83d {{ 7 * 7 }} {% for %}"}]}),
    asking({"stream": True, "stream_options": {"include_usage": "yes"}}),
    asking({"max_tokens": 10**30, "seed": -(10**30), "temperature": 1e400}),
)
"""Bodies that are JSON objects."""

INPUT_BODIES: Final[tuple[dict[str, Any], ...]] = (
    {"model": "gpt-4o", "input": "Hello!"},
    {"model": "gpt-5.6", "input": "Hello!", "stream": True, "reasoning": {"summary": "auto"}},
    {"model": "gpt-4o", "input": "Hello!", "background": True, "stream": True, "truncation": "auto"},
    {
        "model": "gpt-4o",
        "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "a"}, {"type": "input_image", "file_id": "f"}]},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "x"},
        ],
        "tools": [{"type": "function", "name": "f", "parameters": {}}, {"type": "mcp", "server_label": "s"}],
        "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": [{"type": "function", "name": "f"}]},
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object", "properties": {}}}},
    },
    {"model": "gpt-4o", "input": "a", "prompt": {"id": "pmpt_" + "a" * 48, "variables": {"a": "b"}}},
    {"model": "gpt-4o", "input": "a", "conversation": "conv_a", "previous_response_id": "resp_a"},
    {"items": [{"role": "user", "content": "a"}, {"type": "reasoning", "id": "rs_a", "summary": []}], "metadata": {}},
    {"model": "text-embedding-3-small", "input": ["a", "b"], "dimensions": 8, "encoding_format": "base64"},
    {"input": [{"type": "text", "text": "a"}]},
)
"""Bodies for the other APIs: responses, conversations, embeddings and moderations."""

RAW: Final[tuple[bytes, ...]] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b'"a"',
    b"\xff\xfe{\x00",
    b"\xef\xbb\xbf{}",
    b'{"a": NaN, "b": Infinity}',
    b'{"model": "gpt-4o", "model": 5}',
    b'{"model": "gpt-4o", "messages": "\\ud800"}',
    b'{"\\ud800": "\\udfff"}',
    _deep(DEEP).encode(),
    _deep(100_000).encode(),
    f'{{"model": "gpt-4o", "messages": {_deep(DEEP)}}}'.encode(),
    f'{{"model": "gpt-4o", "messages": [{{"role": "user", "content": {_deep(5000, "[", "]")}}}]}}'.encode(),
    b'{"a":' * DEEP + b"1" + b"}" * DEEP,
    b'{"model": "gpt-4o", "messages": [' + b"{}," * 2000 + b"{}]}",
    b"{" + b",".join(b'"k%d": 1' % number for number in range(2000)) + b"}",
)
"""Bodies as bytes: no JSON, JSON that is no object, JSON that few parsers read."""

UNTYPED: Final[dict[str, Any]] = {"tool_calls": [{"f": {}, "type": {}}]}

CONTROL_BODIES: Final[tuple[Any, ...]] = (
    {"replies": ["a", {"text": "b"}]},
    {"replies": [UNTYPED]},
    {"replies": [{"error": {"status": 500, "headers": {"x": "a\r\nb"}}}]},
    {"replies": [{"error": {"status": 429, "retry_after": 1e308}}]},
    {"replies": [{"body": {"json": {"a": "\ud800"}, "headers": {"content-length": "abc"}}}]},
    {"replies": [{"text": "{{ range(3) | list }} {{"}]},
    {"replies": [{"chunks": [{"choices": 5}]}]},
    {"faults": [{"name": "invalid_json"}]},
    {"faults": ["reset", "disconnect", {"name": "error", "status": 503}]},
    {"pace": {"ttft": 0.001}},
    {"limits": {"requests_per_minute": 1}},
    {"mode": "replay"},
    {"advance": 1e308},
    [],
    "a",
    None,
)
"""Bodies for the control, whichever route takes them."""

TEXTS: Final[tuple[str, ...]] = (
    "",
    "a",
    "*",
    "gpt-4o",
    "chatcmpl-1",
    "..%2f..",
    "\x00",
    "\r\n",
    "\U0001f600",
    "{{ 7 }}",
    "%",
    "a" * 3000,
    "sk-proj-" + "aB3" * 20,
)
"""Texts for paths, queries and headers."""
