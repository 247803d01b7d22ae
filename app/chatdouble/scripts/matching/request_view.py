"""The request as scripts see it; each property is computed on first use."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any, Final

import orjson

from chatdouble.answer.computed import COMPUTED
from chatdouble.backend import Call
from chatdouble.core.json import as_object, json_body, objects_in
from chatdouble.core.json_in_steps import sorted_digest
from chatdouble.schema import texts
from chatdouble.schema.texts import messages_of
from chatdouble.scripts.matching.canonical import canonical

Message = Mapping[str, Any]

ENDPOINTS: Final[Mapping[str, str]] = {
    "chat": "POST /chat/completions",
    "responses": "POST /responses",
    "embeddings": "POST /embeddings",
    "moderations": "POST /moderations",
}
"""The endpoints of the APIs that rules answer, by the APIs' names."""

_PARTS: Final = {"images": "image_url", "audio": "input_audio", "files": "file"}


@dataclass(frozen=True)
class ToolResult:
    """The result of a tool call.

    Attributes:
        name: The name of the function or custom tool; empty if no call has this id.
        id: The call's id.
        text: The result's text.
    """

    name: str
    id: str
    text: str

    @cached_property
    def json(self) -> Any:
        """The parsed JSON of the text; None if the text is not JSON."""
        return as_json(self.text)


class RequestView:
    """A request as scripts see it.

    Args:
        call: The call.
        endpoint: The endpoint that it asks, such as `GET /models`, if that is none of the APIs that rules answer.
    """

    def __init__(self, call: Call, endpoint: str = "") -> None:
        self.call = call
        # Rules are for conversations unless they name another API or endpoint.
        self.is_elsewhere = bool(endpoint) or call.api in COMPUTED
        self.endpoint = endpoint or ENDPOINTS[call.api]
        self.api = "" if endpoint else call.api
        # Requests to every API are here in the terms of chat completions; `sent` has their own.
        self.body = call.body
        self.sent = call.sent
        self.model = str(call.sent.get("model", "")) if endpoint else call.model.id
        self.session = call.session.shown
        self.headers: Mapping[str, str] = call.headers

    @property
    def size(self) -> int:
        """The bytes of the request."""
        return len(self.call.raw)

    @cached_property
    def messages(self) -> Sequence[Message]:
        """The messages."""
        return messages_of(self.body)

    @cached_property
    def user(self) -> str | None:
        """The text of the last user message; None without one."""
        return next((text_of(message) for message in reversed(self.messages) if message.get("role") == "user"), None)

    @cached_property
    def system(self) -> str | None:
        """The text of all system and developer messages, joined by line breaks; None without any."""
        texts = [text_of(message) for message in self.messages if message.get("role") in ("system", "developer")]
        return "\n".join(texts) if texts else None

    @cached_property
    def turn(self) -> int:
        """The number of user messages."""
        return sum(message.get("role") == "user" for message in self.messages)

    @cached_property
    def tools(self) -> dict[str, Mapping[str, Any]]:
        """The tools that the request offers, by name: functions, custom tools and legacy functions."""
        legacy = [{"type": "function", "function": function} for function in self.body.get("functions") or ()]
        return {named(tool).get("name", ""): tool for tool in (*(self.body.get("tools") or ()), *legacy)}

    @cached_property
    def tool_choice(self) -> str:
        """`none`, `auto`, `required`, `allowed_tools` or the named tool, as the API understands it."""
        choice = self.body.get("tool_choice", self.body.get("function_call"))
        if choice is None:
            return "auto" if self.tools else "none"
        if isinstance(choice, str):
            return choice
        return str(named(choice).get("name") or choice.get("name") or choice.get("type"))

    @cached_property
    def tool_results(self) -> list[ToolResult]:
        """The tool results at the end of the conversation, in order."""
        names = dict(self._calls())
        found: list[ToolResult] = []
        for message in reversed(self.messages):
            if message.get("role") not in ("tool", "function"):
                break
            key = str(message.get("tool_call_id", ""))
            found.append(ToolResult(names.get(key) or str(message.get("name", "")), key, text_of(message)))
        return found[::-1]

    def _calls(self) -> Iterator[tuple[str, str]]:
        """Yield the id and the tool's name of every tool call in the conversation."""
        for message in self.messages:
            for call in objects_in(message.get("tool_calls")):
                yield str(call.get("id")), str(named(call).get("name", ""))

    @cached_property
    def response_format(self) -> Mapping[str, Any]:
        """The response format; `{"type": "text"}` if the request has none."""
        return self.body.get("response_format") or {"type": "text"}

    @cached_property
    def schema(self) -> Mapping[str, Any]:
        """The `json_schema` object of the response format; empty without one."""
        return self.response_format.get("json_schema") or {}

    @cached_property
    def fingerprint(self) -> bytes | None:
        """The fingerprint of the request as it was sent."""
        return fingerprint(self.sent)

    def canonical(self, ignore: tuple[str, ...], normalise: tuple[str, ...]) -> Any:
        """Return the canonical form of the request; see `canonical.canonical`."""
        found = self._canonical.get((ignore, normalise))
        if found is None:
            found = self._canonical[ignore, normalise] = canonical(self.sent, ignore, normalise)
        return found

    @cached_property
    def _canonical(self) -> dict[tuple[tuple[str, ...], tuple[str, ...]], Any]:
        return {}

    def count(self, kind: str) -> int:
        """Return the number of `images`, `audio` parts or `files` in the conversation."""
        return sum(parts_of(message, kind) for message in self.messages)


def fingerprint(body: Any) -> bytes | None:
    """Return 16 bytes that identify a request, so that equal ones are soon known; None: it cannot be written."""
    try:
        return sorted_digest(body, 16)
    except TypeError:
        return None


def text_of(message: Message) -> str:
    """Return a message's text: its content, or all its text parts joined."""
    return texts.text_of(message.get("content"))


def parts_of(message: Message, kind: str) -> int:
    """Return the number of `images`, `audio` parts or `files` in a message."""
    content = message.get("content")
    if isinstance(content, str) or not content:
        return 0
    return sum(part.get("type") == _PARTS[kind] for part in content)


def as_json(text: str) -> Any:
    """Return the parsed JSON of a text; None if the text is not JSON."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def named(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a tool, tool call or tool choice that holds the name."""
    # A user's message may have anything in place of tool calls, and without validation tools may be anything.
    kind = tool.get("type", "function")
    return as_object(tool.get(kind)) if isinstance(kind, str) else {}


def called(message: Message) -> dict[str, None]:
    """Return the names of the tools that a message calls, in order."""
    return {str(named(call).get("name", "")): None for call in objects_in(message.get("tool_calls"))}


def any_body(call: Call) -> dict[str, Any]:
    """Return the body of a request to any endpoint: a JSON object, or a digest of anything else."""
    found = json_body(call.raw)
    if found or not call.raw:
        return found
    content_type: str = call.headers.get("content-type", "")
    # The parts of a form are the same whatever separates them.
    boundary = _BOUNDARY.search(content_type)
    raw = call.raw.replace(boundary[1].encode("latin-1"), b"boundary") if boundary else call.raw
    kind = content_type.partition(";")[0].strip().lower()
    return {"content_type": kind, "digest": blake2b(raw, digest_size=16).hexdigest()}


_BOUNDARY: Final = re.compile(r'boundary="?([^";]+)')
