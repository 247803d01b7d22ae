"""Shapes of answers: which keys stand where and in what order, and what the chunks of a stream bring in turn."""

import json
from collections.abc import Iterable
from typing import Any, Final

from chatdouble.core.json import is_array, is_object

Shape = dict[str, Any]
"""Key lists by the name of their place, as the files in `answers/` have them."""

DETAILS: Final = ("prompt_tokens_details", "completion_tokens_details")
EMPTY: Final[tuple[Any, ...]] = (None, "", [])


def of_answer(answer: dict[str, Any]) -> Shape:
    """Return the shape of a whole answer; of its lists, the first element counts."""
    choice: dict[str, Any] = answer["choices"][0]
    message: dict[str, Any] = choice["message"]
    shape: Shape = {
        "answer": [*answer],
        "choice": [*choice],
        "message": [*message],
        "filled": [key for key, value in message.items() if key != "role" and value not in EMPTY],
    }
    calls: list[dict[str, Any]] = message.get("tool_calls") or []
    for call in calls[:1]:
        shape["call"] = _with_inner(call)
    annotations: list[dict[str, Any]] = message.get("annotations") or []
    for annotation in annotations[:1]:
        shape["annotation"] = _with_inner(annotation)
    for name in ("audio", "function_call"):
        if message.get(name):
            shape[name] = [*message[name]]
    if choice.get("logprobs"):
        shape["logprobs"] = [*choice["logprobs"]]
        tokens: list[dict[str, Any]] = choice["logprobs"].get("content") or []
        if tokens:
            shape["token"] = [*tokens[0]]
    return shape | _usage(answer.get("usage"))


def of_stream(chunks: list[dict[str, Any]]) -> Shape:
    """Return the shape of a stream, a repetition of the same thing counted once."""
    choices = [choice for chunk in chunks for choice in _choices(chunk)]
    shape: Shape = {
        "chunks": _runs([*chunk] for chunk in chunks),
        "choices": _runs([*choice] for choice in choices),
        "deltas": _runs(map(_step, chunks)),
    }
    logprobs = _runs([*found] if (found := choice.get("logprobs")) else None for choice in choices)
    if logprobs != [None]:
        shape["logprobs"] = logprobs
    return shape | _usage(next((chunk["usage"] for chunk in chunks if chunk.get("usage")), None))


def chunks_in(stream: str) -> list[dict[str, Any]]:
    """Return the chunks of a stream's text; `[DONE]` is no chunk."""
    data = [line.removeprefix("data: ") for line in stream.splitlines() if line.startswith("data: ")]
    return [json.loads(one) for one in data if one != "[DONE]"]


def _choices(chunk: dict[str, Any]) -> list[dict[str, Any]]:
    return chunk.get("choices") or []


def _usage(usage: dict[str, Any] | None) -> Shape:
    if not usage:
        return {}
    return {"usage": [*usage]} | {name: [*usage[name]] for name in DETAILS if usage.get(name)}


def _step(chunk: dict[str, Any]) -> str:
    """Return in one line what a chunk brings."""
    if "error" in chunk:
        return "error"
    if not _choices(chunk):
        return "usage" if chunk.get("usage") else "nothing"
    choice = _choices(chunk)[0]
    delta: dict[str, Any] = choice["delta"]
    brought = " ".join(_part(key, value) for key, value in delta.items()) or "empty"
    return f"{brought}, end" if choice.get("finish_reason") else brought


def _part(key: str, value: Any) -> str:
    inner = value[0] if is_array(value) and value else value
    return f"{key}({' '.join(inner)})" if is_object(inner) else key


def _with_inner(value: dict[str, Any]) -> list[Any]:
    """Return an object's keys, those that hold an object with that object's keys."""
    return [{key: [*inner]} if is_object(inner) else key for key, inner in value.items()]


def _runs(steps: Iterable[Any]) -> list[Any]:
    """Leave out each step that is the same as the one before."""
    runs: list[Any] = []
    for step in steps:
        if not runs or runs[-1] != step:
            runs.append(step)
    return runs
