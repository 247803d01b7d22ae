"""From chunks back to a whole answer, the inverse of slicing, forgiving to upstreams with habits of their own."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final, cast

from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion

Object = dict[str, Any]

_SAID_ONCE: Final = frozenset({"id", "type", "name", "finish_reason"})
"""Strings that do not grow: some upstreams repeat them in every delta."""
_DROPPED: Final = frozenset({"id", "object", "created", "model", "choices", "obfuscation"})
_LAST: Final = ("usage", "service_tier", "moderation", "system_fingerprint")
"""The order of a whole answer's last keys (answers#key-order)."""
_MESSAGE: Final = ("role", "content", "tool_calls", "function_call", "refusal", "annotations", "audio")
_WHOLE: Final[dict[str, Object]] = {
    "function_call": {"name": "", "arguments": ""},
    "audio": {"id": "", "data": "", "expires_at": 0, "transcript": ""},
}
"""What must be there of a part that has begun, in the wire's order."""
_INPUTS: Final[dict[str, str]] = {"function": "arguments", "custom": "input"}


def fold(chunks: Iterable[Chunk]) -> Completion:
    """Put a whole answer together from its chunks.

    Text, arguments, sound, annotations and log probabilities grow; everything else is what was said last, nulls
    aside. Keys the schema does not know stay where they were: strings and lists of a delta grow, in the chunk
    itself the last one counts. A choice that never finished gets the reason that its message suggests.

    Args:
        chunks: The chunks of one stream, at least one.

    Raises:
        ValueError: There is no chunk.
    """
    folding = Folding()
    for chunk in chunks:
        folding.add(chunk)
    return folding.completion()


async def fold_async(chunks: AsyncIterator[Chunk]) -> Completion:
    """Put a whole answer together from its chunks as they come; see `fold`."""
    folding = Folding()
    async for chunk in chunks:
        folding.add(chunk)
    return folding.completion()


class Folding:
    """A whole answer that grows chunk by chunk."""

    def __init__(self) -> None:
        self._said: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def __bool__(self) -> bool:
        """Say whether there was a chunk."""
        return bool(self._said)

    def add(self, chunk: Chunk) -> None:
        """Take the next chunk."""
        for key, value in chunk.items():
            if key == "choices":
                for choice in cast("list[dict[str, Any]]", value or []):
                    self._choice(choice.get("index") or 0).add(choice)
            elif value or key not in self._said:
                self._said[key] = value

    def _choice(self, index: int) -> "_Choice":
        found = self._choices.get(index)
        if found is None:
            found = self._choices[index] = _Choice(index)
        return found

    def completion(self) -> Completion:
        """Return the answer as far as it has come.

        Raises:
            ValueError: There was no chunk.
        """
        said = self._said
        if not said:
            raise ValueError("a stream without chunks is no answer")
        whole: dict[str, Any] = {
            "id": said.get("id") or "",
            "object": "chat.completion",
            "created": said.get("created") or 0,
            "model": said.get("model") or "",
            "choices": [self._choices[index].whole() for index in sorted(self._choices)],
        }
        nullable = ("service_tier", "system_fingerprint")
        whole.update((key, said[key]) for key in _LAST if said.get(key) or (key in nullable and key in said))
        whole.update((k, v) for k, v in said.items() if k not in whole and k not in _DROPPED and k not in _LAST)
        return cast("Completion", whole)


class _Choice:
    """One choice that grows."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._message: dict[str, Any] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._said: dict[str, Any] = {}

    def add(self, choice: Mapping[str, Any]) -> None:
        for key, value in choice.items():
            if key == "delta":
                self._add_delta(value or {})
            elif key not in ("index", "obfuscation"):
                self._said[key] = _grown(key, self._said.get(key), value)

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        for key, value in delta.items():
            if key == "tool_calls":
                for call in value or ():
                    place = self._place(call)
                    self._calls[place] = _grown(key, self._calls.get(place), call)
            elif key != "role":
                self._message[key] = _grown(key, self._message.get(key), value)

    def _place(self, call: Mapping[str, Any]) -> int:
        """Return which call a delta belongs to; without an index a new id opens a new one."""
        index = call.get("index")
        if isinstance(index, int):
            return index
        last = max(self._calls, default=-1)
        known = last >= 0 and call.get("id") in (None, "", self._calls[last].get("id"))
        return last if known else last + 1

    def whole(self) -> dict[str, Any]:
        said = self._said
        choice: dict[str, Any] = {"index": self._index, "message": self._whole_message()}
        if "logprobs" in said:
            choice["logprobs"] = said["logprobs"]
        choice["finish_reason"] = said.get("finish_reason") or self._likely_finish()
        choice.update((key, value) for key, value in said.items() if key not in choice)
        return choice

    def _whole_message(self) -> dict[str, Any]:
        parts: dict[str, Any] = {
            **self._message,
            "role": "assistant",
            "content": self._message.get("content"),
            "refusal": self._message.get("refusal"),
            "annotations": self._message.get("annotations") or [],
        }
        if self._calls:
            parts["tool_calls"] = [_whole_call(self._calls[place]) for place in sorted(self._calls)]
        for key, whole in _WHOLE.items():
            if parts.get(key):
                parts[key] = {**whole, **parts[key]}
        message: dict[str, Any] = {key: parts.pop(key) for key in _MESSAGE if key in parts}
        return {**message, **parts}

    def _likely_finish(self) -> str:
        if self._calls:
            return "tool_calls"
        return "function_call" if self._message.get("function_call") else "stop"


def _whole_call(parts: Mapping[str, Any]) -> dict[str, Any]:
    kind = parts.get("type") or ("custom" if "custom" in parts else "function")
    text = _INPUTS.get(kind, "input")
    call: dict[str, Any] = {
        "id": parts.get("id") or "",
        "type": kind,
        kind: {"name": "", text: "", **(parts.get(kind) or {})},
    }
    return {**call, **{key: value for key, value in parts.items() if key not in call and key != "index"}}


def _grown(key: str, old: Any, new: Any) -> Any:
    """Return a value with what a later chunk says of it; neither argument changes."""
    if new is None:
        return old
    if isinstance(new, dict):
        before = cast("Object", old) if isinstance(old, dict) else {}
        after = cast("Object", new)
        return {**before, **{name: _grown(name, before.get(name), part) for name, part in after.items()}}
    if type(old) is not type(new):
        return new
    if isinstance(new, str):
        return (old or new) if key in _SAID_ONCE else old + new
    return old + new if isinstance(new, list) else new
