"""Lint: replies that the real API could not give to any request that their rule matches."""

from collections.abc import Iterator
from typing import Any, Final

from chatdouble.core.did_you_mean import did_you_mean
from chatdouble.json_schema.validator import schema_error
from chatdouble.scripts.format.base import is_template
from chatdouble.scripts.format.expressions import glob
from chatdouble.scripts.format.faults import ErrorSpec
from chatdouble.scripts.format.matchers import ToolsMatcher
from chatdouble.scripts.format.reply import ChoiceSpec, ReplySpec, ToolCallSpec
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.lint.finding import Finding, Spot
from chatdouble.scripts.matching.compiled_matcher import compile_matcher
from chatdouble.scripts.reading.load import Script
from chatdouble.scripts.replying.plausibility import (
    UNKNOWN,
    Implausible,
    KnownCall,
    KnownChoice,
    KnownRequest,
    implausible,
    implausible_usage,
)

CODES: Final = {
    "insufficient_quota": 429,
    "rate_limit_exceeded": 429,
    "context_length_exceeded": 400,
    "model_not_found": 404,
    "invalid_api_key": 401,
    "content_filter": 400,
    "server_is_overloaded": 503,
}
"""The codes of the named errors, with their statuses."""

TYPES: Final = frozenset(
    {
        "invalid_request_error",
        "insufficient_quota",
        "requests",
        "tokens",
        "rate_limit_error",
        "server_error",
        "service_unavailable_error",
    }
)
"""The types of the API's errors (errors#statuses)."""

MOST_TOOLS: Final = 128
"""The largest number of tools that a request may offer."""


def implausible_replies(script: Script) -> Iterator[Finding]:
    """Find replies that the real API could not give."""
    for placed in script.rules:
        request = known_request(placed.rule.when)
        single = placed.rule.sequence is None
        for index, reply in enumerate(placed.rule.replies()):
            spot = Spot(placed, ("reply",) if single else ("sequence", index))
            yield from (_finding(spot, problem) for problem in implausible_usage(reply.usage or {}))
            for where, choice in _choices(spot, reply):
                yield from (_finding(where, problem) for problem in implausible(known_choice(choice), request))


def incoherent_errors(script: Script) -> Iterator[Finding]:
    """Find errors with a code or type that resembles one of the API's, or that the API sends with another status."""
    for placed in script.rules:
        for loc, reply in placed.replies():
            if reply.error is not None and reply.error.name is None:
                yield from _incoherent(Spot(placed, (*loc, "error")), reply.error)


def _incoherent(spot: Spot, error: ErrorSpec) -> Iterator[Finding]:
    for key, known in (("code", CODES), ("type", TYPES)):
        given: str | None = getattr(error, key)
        meant = did_you_mean(given, known) if given is not None and given not in known else None
        if meant:
            yield (spot / key).warning(f"the API has no error of the {key} {given!r}", f"Did you mean {meant!r}?")
    status = CODES.get(error.code or "")
    if status is not None and error.status not in (None, status):
        hint = "Leave the status out: it follows from the code."
        yield (spot / "status").warning(f"the API sends the code {error.code!r} with the status {status}", hint)


def invalid_schemas(script: Script) -> Iterator[Finding]:
    """Find response formats whose schema is not a JSON Schema."""
    for placed in script.rules:
        error = _schema_error(placed.rule.when)
        if error is not None:
            yield (Spot(placed) / "when" / "response_format" / "schema").error(f"not a JSON Schema: {error}")


def _schema_error(when: When) -> str | None:
    schema = when.response_format.schema_ if when.response_format else None
    return None if schema is None else schema_error(schema)


def _choices(spot: Spot, reply: ReplySpec) -> Iterator[tuple[Spot, ChoiceSpec]]:
    if reply.choices is not None:
        for index, choice in enumerate(reply.choices):
            yield spot / "choices" / index, choice
    elif reply.message_keys():
        yield spot, reply


def _finding(spot: Spot, problem: Implausible) -> Finding:
    for step in problem.where:
        spot = spot / step
    return spot.error(problem.message, problem.hint) if problem.certain else spot.warning(problem.message, problem.hint)


def known_request(when: When) -> KnownRequest:
    """Return the part of a request that a rule's conditions determine."""
    wanted = when.response_format
    names = _tool_names(when.tools)

    def offers(name: str) -> bool:
        return any(glob(offered).match(name) for offered in names or ())

    return KnownRequest(
        owner="the rule's",
        offers=None if names is None else offers,
        tools=names or (),
        tool_choice=when.tool_choice.only_text() if when.tool_choice else None,
        response_format=wanted.type.only_text() if wanted and wanted.type else None,
        schema=wanted.schema_ if wanted and _schema_error(when) is None else None,
    )


def _tool_names(tools: ToolsMatcher | None) -> list[str] | None:
    """Return the tools that a rule mentions; None if it mentions none and some may be offered."""
    if tools is None:
        return None
    names = [*(tools.all or ()), *(tools.any or ()), *(tools.only or ())]
    if tools.count is not None and not any(map(compile_matcher(tools.count).test, range(1, MOST_TOOLS + 1))):
        return names
    return names or None


def known_choice(choice: ChoiceSpec) -> KnownChoice:
    """Return the part of a choice that does not depend on templates."""
    calls = [_known_call(at, call) for at, call in enumerate(choice.tool_calls or ())]
    if choice.function_call is not None:
        calls.append(KnownCall(("function_call",), _fixed(choice.function_call["name"]), is_function=True))
    return KnownChoice(
        calls=calls,
        text=_fixed(choice.content_text),
        value=UNKNOWN if choice.content_key != "json" or _is_open(choice.json_) else choice.json_,
        content_key=choice.content_key or ("audio" if choice.audio else None),
        refuses=choice.refusal is not None,
        finish_reason=choice.finish_reason,
        annotations=choice.annotations or (),
        is_open=_is_open,
    )


def _known_call(at: int, call: ToolCallSpec) -> KnownCall:
    arguments = call.arguments if isinstance(call.arguments, str) else None
    return KnownCall(("tool_calls", at), _fixed(call.name), _fixed(arguments))


def _fixed(text: str | None) -> str | None:
    """Return a text that is not a template."""
    return None if text is None or is_template(text) else text


def _is_open(value: Any) -> bool:
    """Tell whether a value is a template, which may become anything."""
    return isinstance(value, str) and is_template(value)
