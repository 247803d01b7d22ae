"""Answers of the API, made small, for tests that compare or record them."""

from copy import deepcopy
from typing import Any, Final

import orjson

from chatdouble.verify.comparison import Answer

REQUEST: Final[dict[str, Any]] = {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hello!"}]}

HEADERS: Final = {
    "content-type": "application/json",
    "openai-version": "2020-10-01",
    "openai-processing-ms": "312",
    "x-request-id": "req_0123456789abcdef0123456789abcdef",
}

COMPLETION: Final[dict[str, Any]] = {
    "id": "chatcmpl-AAAAAaaaaaaaaaaaaaaaaaaaaaaaa",
    "object": "chat.completion",
    "created": 1_750_000_000,
    "model": "gpt-4o-2024-08-06",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hello there.", "refusal": None, "annotations": []},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13},
    "service_tier": "default",
    "system_fingerprint": "fp_0123456789",
}

WEATHER: Final[dict[str, Any]] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def answer(body: Any = COMPLETION, status: int = 200, **headers: str) -> Answer:
    """Return an answer with a JSON body; of the headers some may be set, `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, HEADERS | named, orjson.dumps(body))


def completion(content: str | None = "Hello there.", finish_reason: str = "stop", **message: Any) -> dict[str, Any]:
    """Return a completion that says something else."""
    whole = deepcopy(COMPLETION)
    choice = whole["choices"][0]
    choice["finish_reason"] = finish_reason
    choice["message"] |= {"content": content, **message}
    return whole


def calling(name: str, arguments: Any, id: str = "call_AAAAAAAAAAAAAAAAAAAAAAAA") -> dict[str, Any]:  # noqa: A002 - the API's word
    """Return a completion that calls a tool; arguments that are no text are written as JSON."""
    text = arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode()
    call = {"id": id, "type": "function", "function": {"name": name, "arguments": text}}
    return completion(None, "tool_calls", tool_calls=[call])


def error(status: int = 400, **fields: Any) -> Answer:
    """Return an error, its envelope's fields as given."""
    known = {"message": "No.", "type": "invalid_request_error", "param": None, "code": None}
    return answer({"error": known | fields}, status)


def chunk(delta: dict[str, Any] | None, finish_reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """Return a chunk with one delta, or with no choice."""
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
    return {
        "id": COMPLETION["id"],
        "object": "chat.completion.chunk",
        "created": COMPLETION["created"],
        "model": COMPLETION["model"],
        "service_tier": "default",
        "system_fingerprint": "fp_0123456789",
        "choices": [choice] if delta is not None else [],
        **fields,
    }


def text_chunks(*texts: str) -> list[dict[str, Any]]:
    """Return the chunks of a streamed text."""
    first = chunk({"role": "assistant", "content": "", "refusal": None})
    return [first, *(chunk({"content": text}) for text in texts), chunk({}, "stop")]


def stream(chunks: list[dict[str, Any]], *, done: bool = True) -> Answer:
    """Return a stream of chunks."""
    frames = [b"data: %b\n\n" % orjson.dumps(one) for one in chunks]
    body = b"".join([*frames, *([b"data: [DONE]\n\n"] if done else [])])
    return Answer(200, HEADERS | {"content-type": "text/event-stream; charset=utf-8"}, body)
