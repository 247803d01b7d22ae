"""Chunks folded into a completion, the inverse of slicing. Deviations of other servers are tolerated."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final, cast

from chatdouble.schema.chunk import Chunk
from chatdouble.schema.completion import Completion

Object = dict[str, Any]

# Strings that some servers repeat in every delta, and that are not concatenated.
_NOT_CONCATENATED: Final = frozenset({"id", "type", "name", "finish_reason"})
_OF_ONE_CHUNK: Final = frozenset({"id", "object", "created", "model", "choices", "obfuscation"})
# The order of a completion's last keys (answers#key-order).
_LAST_KEYS: Final = ("usage", "service_tier", "moderation", "system_fingerprint")
_MESSAGE_KEYS: Final = ("role", "content", "tool_calls", "function_call", "refusal", "annotations", "audio")
# The defaults of fields that the streams of some servers leave out, in the API's order.
_DEFAULTS: Final[dict[str, Object]] = {
    "function_call": {"name": "", "arguments": ""},
    "audio": {"id": "", "data": "", "expires_at": 0, "transcript": ""},
}
_INPUTS: Final[dict[str, str]] = {"function": "arguments", "custom": "input"}


def fold(chunks: Iterable[Chunk]) -> Completion:
    """Fold the chunks of a stream into a completion.

    Texts, arguments, audio, annotations and log probabilities are concatenated; of everything else the last value that
    is not null counts. Unknown keys are kept: strings and lists in deltas are concatenated, and of those in chunks the
    last one counts. A choice without a finish reason gets the one that suits its message.

    Args:
        chunks: The chunks, at least one.

    Raises:
        ValueError: There are no chunks.
    """
    folding = Folding()
    for chunk in chunks:
        folding.add(chunk)
    return folding.completion()


async def fold_async(chunks: AsyncIterator[Chunk]) -> Completion:
    """Fold the chunks of a stream as they arrive; see `fold`."""
    folding = Folding()
    async for chunk in chunks:
        folding.add(chunk)
    return folding.completion()


class Folding:
    """A completion in the making, to which chunks are added."""

    def __init__(self) -> None:
        self._fields: dict[str, Any] = {}
        self._choices: dict[int, _Choice] = {}

    def __bool__(self) -> bool:
        """Return whether a chunk has been added."""
        return bool(self._fields)

    def add(self, chunk: Chunk) -> None:
        """Add the next chunk."""
        for key, value in chunk.items():
            if key == "choices":
                for choice in cast("list[dict[str, Any]]", value or []):
                    self._choice(choice.get("index") or 0).add(choice)
            elif value or key not in self._fields:
                self._fields[key] = value

    def _choice(self, index: int) -> "_Choice":
        found = self._choices.get(index)
        if found is None:
            found = self._choices[index] = _Choice(index)
        return found

    def completion(self) -> Completion:
        """Return the completion of the chunks so far.

        Raises:
            ValueError: No chunk has been added.
        """
        fields = self._fields
        if not fields:
            raise ValueError("a stream without chunks has no completion")
        whole: dict[str, Any] = {
            "id": fields.get("id") or "",
            "object": "chat.completion",
            "created": fields.get("created") or 0,
            "model": fields.get("model") or "",
            "choices": [self._choices[index].completed() for index in sorted(self._choices)],
        }
        # These two keys can be null in a completion; the others are left out.
        nullable = ("service_tier", "system_fingerprint")
        whole.update((key, fields[key]) for key in _LAST_KEYS if fields.get(key) or (key in nullable and key in fields))
        known = {*whole, *_OF_ONE_CHUNK, *_LAST_KEYS}
        whole.update((key, value) for key, value in fields.items() if key not in known)
        return cast("Completion", whole)


class _Choice:
    """A choice in the making."""

    def __init__(self, index: int) -> None:
        self._index = index
        self._message: dict[str, Any] = {}
        self._calls: dict[int, dict[str, Any]] = {}
        self._fields: dict[str, Any] = {}

    def add(self, choice: Mapping[str, Any]) -> None:
        for key, value in choice.items():
            if key == "delta":
                self._add_delta(value or {})
            elif key not in ("index", "obfuscation"):
                self._fields[key] = _updated(key, self._fields.get(key), value)

    def _add_delta(self, delta: Mapping[str, Any]) -> None:
        for key, value in delta.items():
            if key == "tool_calls":
                for call in value or ():
                    index = self._index_of(call)
                    self._calls[index] = _updated(key, self._calls.get(index), call)
            elif key != "role":
                self._message[key] = _updated(key, self._message.get(key), value)

    def _index_of(self, call: Mapping[str, Any]) -> int:
        """Return the index of the call that a delta belongs to. Without an index, a new id begins a new call."""
        index = call.get("index")
        if isinstance(index, int):
            return index
        last = max(self._calls, default=-1)
        known = last >= 0 and call.get("id") in (None, "", self._calls[last].get("id"))
        return last if known else last + 1

    def completed(self) -> dict[str, Any]:
        fields = self._fields
        choice: dict[str, Any] = {"index": self._index, "message": self._completed_message()}
        if "logprobs" in fields:
            choice["logprobs"] = fields["logprobs"]
        choice["finish_reason"] = fields.get("finish_reason") or self._default_finish_reason()
        choice.update((key, value) for key, value in fields.items() if key not in choice)
        return choice

    def _completed_message(self) -> dict[str, Any]:
        parts: dict[str, Any] = {
            **self._message,
            "role": "assistant",
            "content": self._message.get("content"),
            "refusal": self._message.get("refusal"),
            "annotations": self._message.get("annotations") or [],
        }
        if self._calls:
            parts["tool_calls"] = [_completed_call(self._calls[index]) for index in sorted(self._calls)]
        for key, defaults in _DEFAULTS.items():
            if parts.get(key):
                parts[key] = {**defaults, **parts[key]}
        message: dict[str, Any] = {key: parts.pop(key) for key in _MESSAGE_KEYS if key in parts}
        return {**message, **parts}

    def _default_finish_reason(self) -> str:
        if self._calls:
            return "tool_calls"
        return "function_call" if self._message.get("function_call") else "stop"


def _completed_call(parts: Mapping[str, Any]) -> dict[str, Any]:
    kind = parts.get("type") or ("custom" if "custom" in parts else "function")
    text = _INPUTS.get(kind, "input")
    call: dict[str, Any] = {
        "id": parts.get("id") or "",
        "type": kind,
        kind: {"name": "", text: "", **(parts.get(kind) or {})},
    }
    return {**call, **{key: value for key, value in parts.items() if key not in call and key != "index"}}


def _updated(key: str, old: Any, new: Any) -> Any:
    """Return a value updated with that of a later chunk. Neither argument is changed."""
    if new is None:
        return old
    if isinstance(new, dict):
        before = cast("Object", old) if isinstance(old, dict) else {}
        after = cast("Object", new)
        return {**before, **{name: _updated(name, before.get(name), part) for name, part in after.items()}}
    # A first value, or one of another type, replaces the old one.
    if type(old) is not type(new):
        return new
    if isinstance(new, str):
        return (old or new) if key in _NOT_CONCATENATED else old + new
    return old + new if isinstance(new, list) else new
