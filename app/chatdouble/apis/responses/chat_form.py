"""A request for a response in the terms of chat completions, the terms in which backends answer."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pydantic import ValidationError

from chatdouble.apis.responses.messages import Item, messages_of
from chatdouble.core.json import as_object, objects_in
from chatdouble.json_schema.tighten import tightened
from chatdouble.schema.request import ChatCompletionRequest
from chatdouble.schema.responses.request import ResponsesRequest

Body = dict[str, Any]

_NAMES: Final = (
    *("temperature", "top_p", "presence_penalty", "frequency_penalty", "parallel_tool_calls", "stream", "metadata"),
    *("user", "safety_identifier", "prompt_cache_key", "prompt_cache_retention", "service_tier", "store", "moderation"),
)
_SAME: Final = {name: place for place, name in enumerate(_NAMES)}
"""The fields that chat completions have as well, and their places there."""


def chat_body(request: ResponsesRequest, body: Mapping[str, Any], items: Iterable[Item]) -> Body:
    """Return the body of the chat completion that would ask for the same.

    Args:
        request: The request.
        body: Its body as it was sent.
        items: The items of the whole conversation, those of earlier responses included.
    """
    instructions = [{"role": "developer", "content": request.instructions}] if request.instructions else []
    made: Body = {"model": body["model"], "messages": [*instructions, *messages_of(items)]}
    if not _OTHER_NAMES.isdisjoint(body):
        for given, name, make in _OTHERS:
            if body.get(given) is not None and (value := make(request, body)) is not None:
                made[name] = value
    for name in sorted(_SAME.keys() & body, key=_SAME.__getitem__):
        if body[name] is not None:
            made[name] = body[name]
    return made


def chat_form(body: Mapping[str, Any]) -> Body:
    """Return a body in the terms of chat completions, without what it continues; an unreadable one is empty."""
    try:
        request = ResponsesRequest.model_validate(body)
    except ValidationError:
        return {}
    return chat_body(request, {"model": "", **body}, input_items(body.get("input")))


def input_items(given: Any) -> list[Body]:
    """Return the items of an input; a text is the user's message."""
    if isinstance(given, str):
        return [{"type": "message", "role": "user", "content": given}] if given else []
    return objects_in(given)


def chat_request(body: Body) -> ChatCompletionRequest:
    """Return a body as the chat completions API would read it; it is not validated again."""
    # As pickle makes it: in a twentieth of the time that construction takes, which looks up each default.
    request = ChatCompletionRequest.__new__(ChatCompletionRequest)
    request.__setstate__({**_NOTHING_ASKED, "__dict__": {**_NOTHING_ASKED["__dict__"], **body}})
    return request


_NOTHING_ASKED: Final = ChatCompletionRequest.model_construct(model="", messages=[]).__getstate__()


def _offered(_request: ResponsesRequest, body: Mapping[str, Any]) -> list[Body] | None:
    return [*_tools(objects_in(body["tools"]))] or None


def _has_logprobs(request: ResponsesRequest, _body: Mapping[str, Any]) -> bool | None:
    return request.includes("message.output_text.logprobs") or None


def _top_logprobs(request: ResponsesRequest, _body: Mapping[str, Any]) -> int | None:
    return request.top_logprobs if request.includes("message.output_text.logprobs") else None


def _tools(tools: Iterable[Mapping[str, Any]]) -> Iterator[Body]:
    """Yield the tools; those that the API runs itself have their type as their name, and backends do not call them.

    Without validation, the type of a nested tool may be missing or no text; it is no tool then.
    """
    for tool in tools:
        kind = tool.get("type")
        if kind == "function":
            yield {"type": "function", "function": function(tool)}
        elif kind == "custom":
            yield {"type": "custom", "custom": _custom(tool)}
        elif kind == "namespace":
            yield from _tools(objects_in(tool.get("tools")))
        elif isinstance(kind, str):
            yield {"type": kind, kind: {"name": kind}}


def function(tool: Mapping[str, Any]) -> Body:
    """Return a function as chat completions describe it (responses#echo).

    Without `strict` it is strict, and its parameters are made so; with `strict: null` it is not.
    """
    described = {name: tool[name] for name in ("name", "description") if tool.get(name) is not None}
    parameters = as_object(tool.get("parameters"))
    if "strict" not in tool or not parameters:
        parameters = tightened(parameters)
    return {**described, "parameters": parameters, "strict": tool.get("strict", True) is True}


def _custom(tool: Mapping[str, Any]) -> Body:
    described: Body = {name: tool[name] for name in ("name", "description") if tool.get(name) is not None}
    form = as_object(tool.get("format"))
    if form.get("type") == "grammar":
        grammar = {"syntax": form.get("syntax"), "definition": form.get("definition")}
        described["format"] = {"type": "grammar", "grammar": grammar}
    return described


def _tool_choice(choice: Any) -> Any:
    given = as_object(choice)
    if not given:
        return choice
    kind: str = given["type"]
    if kind == "allowed_tools":
        tools = [_named(one) for one in objects_in(given.get("tools"))]
        return {"type": kind, kind: {"mode": given.get("mode"), "tools": tools}}
    return _named(given)


def _named(tool: Mapping[str, Any]) -> Body:
    given = tool.get("type")
    kind = given if given and isinstance(given, str) else "function"
    return {"type": kind, kind: {"name": tool.get("name") or kind}}


def _response_format(form: Any) -> Body | None:
    given = as_object(form)
    if given.get("type") != "json_schema":
        return given or None
    fields = {name: value for name, value in given.items() if name != "type" and value is not None}
    return {"type": "json_schema", "json_schema": {"strict": given.get("strict") is not False, **fields}}


_OTHERS: Final[Sequence[tuple[str, str, Callable[[ResponsesRequest, Mapping[str, Any]], Any]]]] = (
    ("tools", "tools", _offered),
    ("tool_choice", "tool_choice", lambda _request, body: _tool_choice(body["tool_choice"])),
    ("text", "response_format", lambda _request, body: _response_format(as_object(body["text"]).get("format"))),
    ("max_output_tokens", "max_completion_tokens", lambda request, _body: request.max_output_tokens),
    ("reasoning", "reasoning_effort", lambda request, _body: (request.reasoning or {}).get("effort")),
    ("text", "verbosity", lambda request, _body: (request.text or {}).get("verbosity")),
    ("include", "logprobs", _has_logprobs),
    ("include", "top_logprobs", _top_logprobs),
)
"""The fields of which chat completions have something else, the name there, and what makes it."""
_OTHER_NAMES: Final = frozenset(given for given, _name, _make in _OTHERS)
