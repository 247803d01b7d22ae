"""What a scripted answer says that the real API could not have said to this very request."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from chatdouble.json_schema.validator import InstanceError, Validator
from chatdouble.schema.completion import Choice, Completion, ToolCall
from chatdouble.scripts.matching.request_view import RequestView, as_json, named
from chatdouble.tokens.overhead import ends_calls_with_stop

_REASONS: Final = {"tool_calls": "tool_calls", "function_call": "function_call"}
"""What a choice must say to end for a reason that names it."""


def implausible(completion: Completion, facts: RequestView) -> list[str]:
    """Return what the real API could not have answered to a request, one sentence each.

    Lint finds what no request could get; this finds what this one could not.

    Args:
        completion: The answer.
        facts: The request.
    """
    found = (said for choice in completion["choices"] for check in _CHECKS for said in check(choice, facts))
    return [*dict.fromkeys(found)]


def _offered(choice: Choice, facts: RequestView) -> Iterator[str]:
    """Only what is offered is called."""
    for name in _called(choice):
        if name not in facts.tools:
            yield f"The reply calls {name!r}, which this request does not offer."


def _chosen(choice: Choice, facts: RequestView) -> Iterator[str]:
    """What tool_choice and parallel_tool_calls forbid or demand is obeyed."""
    wanted, calls = facts.tool_choice, _called(choice)
    if calls and wanted == "none" and facts.tools:
        yield "The reply calls a tool although this request's tool_choice is none."
    if calls and wanted in facts.tools and {*calls} != {wanted}:
        yield f"The reply calls {', '.join(calls)} although this request's tool_choice names {wanted}."
    answered = not calls and not choice["message"].get("refusal") and choice["finish_reason"] != "length"
    if answered and (wanted == "required" or wanted in facts.tools):
        yield f"The reply calls no tool although this request's tool_choice is {wanted}."
    if len(calls) > 1 and facts.body.get("parallel_tool_calls") is False:
        yield f"The reply calls {len(calls)} tools although this request's parallel_tool_calls is false."


def _reason(choice: Choice, facts: RequestView) -> Iterator[str]:
    """The finish_reason fits what is said."""
    reason, calls = choice["finish_reason"], _called(choice)
    if reason in _REASONS and not choice["message"].get(_REASONS[reason]):
        yield f"The reply's finish_reason is {reason}, and it has no {reason}."
    if reason == "stop" and calls and not ends_calls_with_stop(facts.call):
        yield "The reply's finish_reason is stop, and it calls a tool."


def _format(choice: Choice, facts: RequestView) -> Iterator[str]:
    """The content is JSON where this is asked for, and valid under a strict schema."""
    kind, text = facts.response_format.get("type"), choice["message"]["content"]
    if kind not in ("json_object", "json_schema") or not text or choice["finish_reason"] != "stop":
        return
    value = as_json(text)
    if value is None and text.strip() != "null":
        yield f"The reply is no JSON although this request's response_format is {kind}."
    elif facts.schema.get("strict"):
        for error in _first_error(value, facts.schema.get("schema")):
            yield f"The reply is not valid under this request's schema: {error}."


def _arguments(choice: Choice, facts: RequestView) -> Iterator[str]:
    """The arguments of a strict function are valid under its parameters."""
    for call in choice["message"].get("tool_calls") or ():
        function = named(facts.tools.get(_name(call), {}))
        if function.get("strict") and call["type"] == "function" and choice["finish_reason"] != "length":
            for error in _first_error(as_json(call["function"]["arguments"]), function.get("parameters")):
                yield f"The arguments of {_name(call)!r} are not valid under its strict parameters: {error}."


def _called(choice: Choice) -> list[str]:
    message = choice["message"]
    legacy = message.get("function_call")
    return [*map(_name, message.get("tool_calls") or ()), *([legacy["name"]] if legacy else ())]


def _name(call: ToolCall) -> str:
    return call["function"]["name"] if call["type"] == "function" else call["custom"]["name"]


def _first_error(value: Any, schema: Mapping[str, Any] | None) -> Iterator[InstanceError]:
    return islice(Validator(schema or {}).errors(value), 1)


_CHECKS: Final[tuple[Callable[[Choice, RequestView], Iterator[str]], ...]] = (
    _offered,
    _chosen,
    _reason,
    _format,
    _arguments,
)
