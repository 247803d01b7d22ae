"""The rules for replies that the real API could not give, shared by lint and by serving.

Lint knows a part of the request (the rule's `when`) and a part of the reply (templates are still open); serving knows
both completely. Both describe what they know as a `KnownRequest` and a `KnownChoice`, and every rule skips the rest.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, NamedTuple

from chatdouble.json_schema.validator import InstanceError, Validator
from chatdouble.schema.completion import Annotation, Choice, Completion, ToolCall
from chatdouble.scripts.matching.request_view import RequestView, as_json, named
from chatdouble.tokens.overhead import ends_calls_with_stop

Where = tuple[str | int, ...]

UNKNOWN: Final = object()
"""A JSON value that is not known."""


@dataclass(frozen=True, slots=True)
class Implausible:
    """Something in a reply that the real API could not give.

    Attributes:
        where: The place in the choice, as script files write it.
        message: The problem, as a predicate of the reply.
        hint: A way to fix it.
        certain: Whether it is a mistake in any case; otherwise it is likely one.
    """

    where: Where
    message: str
    hint: str = ""
    certain: bool = True


class KnownRequest(NamedTuple):
    """The known part of a request; None stands for unknown.

    Attributes:
        owner: The possessive form of the source: `the request's`, `the rule's`.
        offers: Tells whether the request offers a tool of this name.
        tools: The names of the offered tools.
        tool_choice: `none`, `auto`, `required`, `allowed_tools` or the named tool.
        parallel_calls: Whether the request allows several calls.
        calls_end_with_stop: Tells whether an answer that calls a tool has the finish reason `stop`.
        response_format: The type of the response format.
        schema: The JSON Schema that the content must be valid under.
        strict_parameters: Returns the parameters of a function, if it is strict.
        every_error: Whether to report every error of a value under a schema, or only the first.
    """

    owner: str
    offers: Callable[[str], bool] | None = None
    tools: Collection[str] = ()
    tool_choice: str | None = None
    parallel_calls: bool | None = None
    calls_end_with_stop: Callable[[], bool] | None = None
    response_format: str | None = None
    schema: Mapping[str, Any] | None = None
    strict_parameters: Callable[[str], Mapping[str, Any] | None] | None = None
    every_error: bool = True


class KnownCall(NamedTuple):
    """The known part of a call.

    Attributes:
        where: The place in the choice.
        name: The name of the tool; None: unknown.
        arguments: The arguments of a function as text; None: unknown, or the input of a custom tool.
        is_function: Whether the tool is a function; None: unknown.
    """

    where: Where
    name: str | None
    arguments: str | None = None
    is_function: bool | None = None


class KnownChoice(NamedTuple):
    """The known part of a choice.

    Attributes:
        calls: The calls, the legacy one included.
        text: The content as text; None: none, or unknown.
        value: The content as a JSON value.
        content_key: The key that the content is under; None: no content.
        refuses: Whether there is a refusal.
        finish_reason: The finish reason; None: unknown.
        annotations: The citations.
        is_open: Tells whether a JSON value in the content is still unknown.
    """

    calls: Sequence[KnownCall] = ()
    text: str | None = None
    value: Any = UNKNOWN
    content_key: str | None = None
    refuses: bool = False
    finish_reason: str | None = None
    annotations: Sequence[Annotation] = ()
    is_open: Callable[[Any], bool] = lambda _: False

    def has_call(self, key: str) -> bool:
        """Tell whether there is a call under a key: `tool_calls` or `function_call`."""
        return any(call.where[0] == key for call in self.calls)


def implausible(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    """Yield everything in a choice that the real API could not answer to a request."""
    for rule in _RULES:
        yield from rule(choice, request)


def implausible_usage(usage: Mapping[str, Any]) -> Iterator[Implausible]:
    """Yield a problem if the token counts do not add up."""
    prompt, completion, total = (usage.get(f"{part}_tokens") for part in ("prompt", "completion", "total"))
    if isinstance(prompt, int) and isinstance(completion, int) and total not in (None, prompt + completion):
        message = f"has {total} tokens in total, but {prompt} and {completion} make {prompt + completion}"
        yield Implausible(("usage",), message, "Leave total_tokens out: it is computed.")


def _one_kind(choice: KnownChoice, _: KnownRequest) -> Iterator[Implausible]:
    if choice.refuses:
        # A text may come before it: the model begins to answer, then refuses.
        keys = [choice.content_key, *dict.fromkeys(str(call.where[0]) for call in choice.calls)]
        others = [key for key in keys if key not in (None, "text", "content", "audio")]
        hint = "The API either refuses or answers: give one of them."
        if others:
            yield Implausible(("refusal",), f"has a refusal together with {', '.join(others)}", hint)
    if len(choice.calls) > 1 and choice.has_call("tool_calls") and choice.has_call("function_call"):
        hint = "function_call is the legacy form of tool_calls: give one of them."
        yield Implausible(("function_call",), "has both tool_calls and function_call", hint)


def _finish_reason(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    reason, hint = choice.finish_reason, "Leave finish_reason out: it is computed."
    if reason in ("tool_calls", "function_call") and not choice.has_call(reason):
        yield Implausible(("finish_reason",), f"has the finish_reason {reason} but no {reason}", hint)
    ends_with_stop = request.calls_end_with_stop
    if reason == "stop" and choice.calls and ends_with_stop is not None and not ends_with_stop():
        yield Implausible(("finish_reason",), "has the finish_reason stop although it calls a tool", hint)


def _offered(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    for call in choice.calls:
        if request.offers is not None and call.name is not None and not request.offers(call.name):
            message = (
                f"calls {call.name!r}, which is not among {request.owner} tools ({', '.join(request.tools) or 'none'})"
            )
            yield Implausible(call.where, message, "Add it to `when: {tools: [...]}`, or call one of these tools.")


def _tool_choice(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    wanted = request.tool_choice
    if wanted is None:
        return
    names = [call.name for call in choice.calls if call.name is not None]
    where: Where = (choice.calls[0].where[0],) if choice.calls else ()
    is_named = wanted not in ("none", "auto", "required", "allowed_tools")
    if choice.calls and wanted == "none":
        yield Implausible(where, f"calls a tool although {request.owner} tool_choice is none", "Answer with text.")
    if is_named and {*names} - {wanted}:
        yield Implausible(
            where, f"calls {', '.join(names)} although {request.owner} tool_choice names {wanted}", f"Call {wanted}."
        )
    must_call = is_named or wanted == "required"
    if must_call and not choice.calls and not choice.refuses and choice.finish_reason != "length":
        says = "names" if is_named else "is"
        yield Implausible((), f"calls no tool although {request.owner} tool_choice {says} {wanted}", "Give tool_calls.")


def _parallel_calls(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    if len(choice.calls) > 1 and request.parallel_calls is False:
        message = f"calls {len(choice.calls)} tools although {request.owner} parallel_tool_calls is false"
        yield Implausible((choice.calls[0].where[0],), message, "Give one call.")


def _content(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    kind, where = request.response_format, (choice.content_key or "text",)
    wants_json = kind in ("json_object", "json_schema") or request.schema is not None
    if not wants_json or choice.refuses or choice.finish_reason not in (None, "stop"):
        return
    value = choice.value
    if choice.text is not None:
        value = as_json(choice.text)
        if value is None and choice.text.strip() != "null":
            message = f"has text that is not JSON although {request.owner} response_format is {kind or 'json_schema'}"
            yield Implausible(where, message, "Use `json:`.")
            return
    if request.schema is not None and value is not UNKNOWN:
        for error in _schema_errors(value, request.schema, choice, request):
            yield Implausible(where, f"is not valid under {request.owner} schema: {error}")


def _citations(choice: KnownChoice, _: KnownRequest) -> Iterator[Implausible]:
    for at, annotation in enumerate(choice.annotations):
        end, length = annotation["url_citation"]["end_index"], len(choice.text or "")
        if choice.text is not None and end > length:
            yield Implausible(("annotations", at), f"cites up to character {end} of a text of {length} characters")


def _arguments(choice: KnownChoice, request: KnownRequest) -> Iterator[Implausible]:
    for call in choice.calls:
        if call.arguments is None:
            continue
        value = as_json(call.arguments)
        if call.is_function is None and value is None:
            hint = "This is right for a custom tool; for a function, give an object."
            yield Implausible(call.where, f"has arguments for {call.name!r} that are not JSON", hint, certain=False)
        schema = request.strict_parameters(call.name) if request.strict_parameters and call.name else None
        if schema is not None and choice.finish_reason != "length":
            for error in _schema_errors(value, schema, choice, request):
                message = f"has arguments for {call.name!r} that are not valid under its strict parameters: {error}"
                yield Implausible(call.where, message)


_RULES: Final[tuple[Callable[[KnownChoice, KnownRequest], Iterator[Implausible]], ...]] = (
    _one_kind,
    _finish_reason,
    _offered,
    _tool_choice,
    _parallel_calls,
    _content,
    _citations,
    _arguments,
)


def _schema_errors(
    value: Any, schema: Mapping[str, Any], choice: KnownChoice, request: KnownRequest
) -> Iterator[InstanceError]:
    found = (error for error in Validator(schema).errors(value) if not choice.is_open(error.instance))
    return found if request.every_error else islice(found, 1)


def warnings(completion: Completion, view: RequestView) -> list[str]:
    """Return a sentence for everything in a completion that the real API could not answer to this request."""
    request = known_request(view)
    found = [*implausible_usage(completion.get("usage") or {})]
    for choice in completion["choices"]:
        found += implausible(known_choice(choice), request)
    return [*dict.fromkeys(f"The reply {problem.message}." for problem in found)]


def known_request(view: RequestView) -> KnownRequest:
    """Return everything about a request."""

    def strict_parameters(name: str) -> Mapping[str, Any] | None:
        function = named(view.tools.get(name, {}))
        return (function.get("parameters") or {}) if function.get("strict") else None

    return KnownRequest(
        owner="the request's",
        offers=view.tools.__contains__,
        tools=view.tools,
        tool_choice=view.tool_choice if view.tools else None,
        parallel_calls=view.body.get("parallel_tool_calls"),
        calls_end_with_stop=lambda: ends_calls_with_stop(view.call.body, view.call.model),
        response_format=view.response_format.get("type"),
        schema=(view.schema.get("schema") or {}) if view.schema.get("strict") else None,
        strict_parameters=strict_parameters,
        every_error=False,
    )


def known_choice(choice: Choice) -> KnownChoice:
    """Return everything about a choice of a completion."""
    message = choice["message"]
    calls = [_known_call(("tool_calls", at), call) for at, call in enumerate(message.get("tool_calls") or ())]
    legacy = message.get("function_call")
    if legacy:
        calls.append(KnownCall(("function_call",), legacy["name"], legacy["arguments"], is_function=True))
    return KnownChoice(
        calls=calls,
        text=message["content"],
        content_key="content" if message["content"] is not None else None,
        refuses=bool(message.get("refusal")),
        finish_reason=choice["finish_reason"],
        annotations=message.get("annotations") or (),
    )


def _known_call(where: Where, call: ToolCall) -> KnownCall:
    if call["type"] == "custom":
        return KnownCall(where, call["custom"]["name"], is_function=False)
    return KnownCall(where, call["function"]["name"], call["function"]["arguments"], is_function=True)
