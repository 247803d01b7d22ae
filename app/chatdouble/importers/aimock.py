"""Fixtures of aimock, formerly called llmock: `{"fixtures": [{"match": ..., "response": ...}]}`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatdouble.core.json import as_array, as_object, is_array, is_object
from chatdouble.importers.items import WRONG_TYPE, ImportedRule, Item, Skipped, escaped

_CHUNK: Final = 20
"""Characters in one chunk by aimock's default."""
_TOKEN: Final = 4
"""Characters in a token, on average."""


def read(_name: str, data: bytes) -> Iterator[Item]:
    """Return a rule for each fixture; fixtures that differ only in `sequenceIndex` become one sequence.

    Raises:
        ValueError: The file has no fixtures.
    """
    try:
        value: Any = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as wrong:
        raise ValueError(f"not JSON: {wrong}") from None
    fixtures = value if is_array(value) else as_object(value).get("fixtures")
    if not is_array(fixtures):
        raise ValueError("no fixtures: the file has no list of them")
    groups: dict[bytes, list[_Fixture]] = {}
    for index, given in enumerate(fixtures):
        fixture = _Fixture(f"fixture {index + 1}", as_object(given))
        groups.setdefault(fixture.group(), []).append(fixture)
    for group in groups.values():
        yield from _rule(group)


@dataclass(frozen=True, slots=True)
class _Fixture:
    where: str
    given: dict[str, Any]

    @property
    def match(self) -> dict[str, Any]:
        return as_object(self.given.get("match"))

    @property
    def response(self) -> dict[str, Any]:
        return as_object(self.given.get("response"))

    @property
    def sequence_index(self) -> Any:
        return self.match.get("sequenceIndex")

    def group(self) -> bytes:
        """Return a key that the fixtures of one sequence share and any other fixture has for itself."""
        rest = {key: value for key, value in self.match.items() if key != "sequenceIndex"}
        return orjson.dumps([rest, "sequence" if self.sequence_index is not None else self.where])


def _rule(group: list[_Fixture]) -> Iterator[Item]:
    """Return the rule for a fixture or a sequence of fixtures, or the reason to skip them."""
    first = group[0]
    try:
        when = _when(first.match)
        replies = [_reply(fixture) for fixture in group]
        if first.sequence_index is None:
            answer: dict[str, Any] = {"reply": replies[0]}
        else:
            answer = {
                "sequence": _in_order(replies, [fixture.sequence_index for fixture in group]),
                "then": "unmatched",
            }
    except (ValueError, TypeError) as wrong:
        reason = str(wrong) if isinstance(wrong, ValueError) else WRONG_TYPE
        yield from (Skipped(fixture.where, reason) for fixture in group)
        return
    yield ImportedRule(first.where, {**({"when": when} if when else {}), **answer})
    for fixture in group:
        yield from (Skipped(fixture.where, reason) for reason in _ignored_parts(fixture))


def _in_order(replies: list[dict[str, Any]], indices: list[Any]) -> list[dict[str, Any]]:
    """Return the replies of a sequence in order.

    Raises:
        ValueError: A reply is missing, or has the index of another.
    """
    if sorted(indices) != [*range(len(indices))]:
        raise ValueError(f"the sequence is incomplete: sequenceIndex {', '.join(map(str, indices))}")
    return [replies[indices.index(place)] for place in range(len(indices))]


def _ignored_parts(fixture: _Fixture) -> Iterator[str]:
    """Return the parts of an imported fixture that have no equivalent."""
    for key in sorted(fixture.response.keys() & _IGNORED.keys()):
        yield f"response.{key}: {_IGNORED[key]}; the rest is imported"


_IGNORED: Final = {
    "reasoning": "chat completions do not show reasoning",
    "webSearches": "chat completions do not show searches",
    "role": "the role is always assistant",
}


def _when(match: Mapping[str, Any]) -> dict[str, Any]:
    """Return the `when` for a match.

    Raises:
        ValueError: A part of it has no equivalent.
    """
    when: dict[str, Any] = {}
    more: list[dict[str, Any]] = []
    for key, value in match.items():
        if key == "sequenceIndex":
            continue
        if key not in _MATCH:
            raise ValueError(f"match.{key} does not apply to chat completions")
        part = _MATCH[key](value)
        if when.keys() & part.keys():
            more.append(part)
        else:
            when |= part
    return {**when, "all": more} if more else when


def _endpoint(value: Any) -> dict[str, Any]:
    if value != "chat":
        raise ValueError(f"for the endpoint {value}, not chat completions")
    return {}


def _has_tool_result(value: Any) -> dict[str, Any]:
    found = {"messages": [{"role": "tool"}]}
    return found if value else {"not": found}


_ASSISTANT_MESSAGES: Final = "$[?count($.messages[?@.role == 'assistant']) == {}]"
"""A JSONPath that matches a request with a given number of assistant messages."""

_MATCH: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "userMessage": lambda text: {"user": {"contains": text}},
    "systemMessage": lambda text: {"system": {"contains": text}},
    "model": lambda name: {"model": {"equals": name}},
    "toolName": lambda name: {"tools": [name]},
    "toolCallId": lambda call_id: {"body": {"$.messages[-1].tool_call_id": {"equals": call_id}}},
    "toolResultContains": lambda text: {"last": {"role": "tool", "text": {"contains": text}}},
    "responseFormat": lambda kind: {"response_format": {"type": {"equals": kind}}},
    "turnIndex": lambda turn: {"body": {_ASSISTANT_MESSAGES.format(turn): {"present": True}}},
    "hasToolResult": _has_tool_result,
    "endpoint": _endpoint,
    "context": lambda name: {"headers": {"x-aimock-context": {"equals": name}}},
}
"""The parts of a match, each with its equivalent in `when`."""


def _reply(fixture: _Fixture) -> dict[str, Any]:
    """Return the reply for a fixture.

    Raises:
        ValueError: It is not a reply to a chat completion.
    """
    response = fixture.response
    unknown = response.keys() - _FIELDS.keys() - _IGNORED.keys() - {"error", "status", "blocks"}
    if unknown:
        raise ValueError(f"response.{min(unknown)} does not apply to chat completions")
    if "error" in response:
        known = {key: value for key, value in as_object(response["error"]).items() if key in _ERROR}
        return {"error": {"status": response.get("status", 500), **escaped(known)}}
    if "blocks" in response:  # a chat completion does not show the order of text and calls
        response = response | _from_blocks(as_array(response["blocks"]))
    reply: dict[str, Any] = {}
    for key, make in _FIELDS.items():
        if key in response:
            reply |= make(response[key])
    return {**reply, **_delivery(fixture.given)}


_ERROR: Final = ("message", "type", "param", "code")


def _content(content: Any) -> dict[str, Any]:
    return {"text": escaped(content)} if isinstance(content, str) else {"json": escaped(content)}


def _tool_call(call: Any) -> dict[str, Any]:
    given = as_object(call)
    return {key: escaped(given[key]) for key in ("id", "name", "arguments") if key in given}


def _usage(usage: Any) -> dict[str, Any]:
    counts = as_object(usage)
    return {"usage": {_USAGE.get(key, key): value for key, value in counts.items()}}


_USAGE: Final = {
    "input_tokens": "prompt_tokens",
    "output_tokens": "completion_tokens",
    "promptTokenCount": "prompt_tokens",
    "candidatesTokenCount": "completion_tokens",
    "totalTokenCount": "total_tokens",
}

_FIELDS: Final[Mapping[str, Callable[[Any], dict[str, Any]]]] = {
    "content": _content,
    "toolCalls": lambda calls: {"tool_calls": [*map(_tool_call, as_array(calls))]},
    "refusal": lambda text: {"refusal": escaped(text)},
    "finishReason": lambda reason: {"finish_reason": reason},
    "id": lambda text: {"id": escaped(text)},
    "created": lambda at: {"created": at},
    "model": lambda name: {"model": escaped(name)},
    "usage": _usage,
    "systemFingerprint": lambda text: {"system_fingerprint": escaped(text)},
}
"""The fields of a response, each with its equivalent in a reply."""


def _from_blocks(blocks: list[Any]) -> dict[str, Any]:
    listed = [*map(as_object, blocks)]
    text = "".join(str(block.get("text", "")) for block in listed if block.get("type") == "text")
    calls = [block for block in listed if block.get("type") == "toolCall"]
    return {**({"content": text} if text else {}), **({"toolCalls": calls} if calls else {})}


def _delivery(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pace and faults for a fixture."""
    chaos = as_object(given.get("chaos"))
    faults: list[Any] = [{**fault, "probability": chaos[key]} for key, fault in _CHAOS.items() if chaos.get(key)]
    if "truncateAfterChunks" in given:
        faults.append({"name": "disconnect", "after_chunks": given["truncateAfterChunks"]})
    if "disconnectAfterMs" in given:
        faults.append({"name": "disconnect", "after_seconds": given["disconnectAfterMs"] / 1000})
    pace = _pace(given)
    return {**({"pace": pace} if pace else {}), **({"faults": faults} if faults else {})}


_CHAOS: Final[Mapping[str, dict[str, Any]]] = {
    "dropRate": {"name": "error", "status": 500},
    "malformedRate": {"name": "malformed_json"},
    "disconnectRate": {"name": "disconnect"},
}


def _pace(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the pace for a fixture: aimock delays each chunk of `chunkSize` characters, or sends tokens a second."""
    profile = given.get("streamingProfile")
    tokens = max(1, round(given.get("chunkSize", _CHUNK) / _TOKEN))
    size = {"chunk_tokens": tokens} if "chunkSize" in given else {}
    if is_object(profile):
        known = {"tokens_per_second": profile.get("tps"), "jitter": profile.get("jitter")}
        first = {"ttft": profile["ttft"] / 1000} if "ttft" in profile else {}
        return {**first, **{key: value for key, value in known.items() if value}, **size}
    if latency := given.get("latency"):
        seconds = latency / 1000
        return {"ttft": seconds, "tokens_per_second": tokens / seconds, "chunk_tokens": tokens}
    return size
