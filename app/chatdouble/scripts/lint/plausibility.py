"""Lint: replies that the real API could not have given to what their rule matches."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from chatdouble.json_schema.validator import Validator, schema_error
from chatdouble.scripts.format.expressions import glob
from chatdouble.scripts.format.matchers import Matcher
from chatdouble.scripts.format.reply import ChoiceSpec, ReplySpec
from chatdouble.scripts.format.rule import When
from chatdouble.scripts.format.templates import is_template
from chatdouble.scripts.lint.finding import Finding, Spot
from chatdouble.scripts.matching.compiled_matcher import compile_matcher
from chatdouble.scripts.matching.request_view import as_json
from chatdouble.scripts.reading.load import Script

_REASON: Final = {"tool_calls": "tool_calls", "function_call": "function_call"}
"""What a choice must say to end for a reason that names it."""


def impossible(script: Script) -> Iterator[Finding]:
    """Find replies that the real API could not have given."""
    for placed in script.rules:
        single = placed.rule.sequence is None
        for index, reply in enumerate(placed.rule.replies()):
            spot = Spot(placed, ("reply",) if single else ("sequence", index))
            yield from _totals(spot, reply)
            for where, choice in _choices(spot, reply):
                for check in _CHECKS:
                    yield from check(where, choice, placed.rule.when)


def _choices(spot: Spot, reply: ReplySpec) -> Iterator[tuple[Spot, ChoiceSpec]]:
    if reply.choices is not None:
        for index, choice in enumerate(reply.choices):
            yield spot / "choices" / index, choice
    elif reply.says():
        yield spot, reply


def _totals(spot: Spot, reply: ReplySpec) -> Iterator[Finding]:
    usage = reply.usage or {}
    prompt, completion, total = (usage.get(f"{part}_tokens") for part in ("prompt", "completion", "total"))
    if isinstance(prompt, int) and isinstance(completion, int) and total not in (None, prompt + completion):
        yield (spot / "usage").error(
            f"the total of {prompt} and {completion} tokens is not {total}", "Leave total_tokens out."
        )


def _one_manner(spot: Spot, choice: ChoiceSpec, _when: When) -> Iterator[Finding]:
    """A refusal stands alone, and tool calls are not given in both forms."""
    says = choice.says()
    others = sorted(name.rstrip("_") for name in says - {"refusal"})
    if "refusal" in says and others:
        yield (spot / "refusal").error(
            f"a refusal together with {', '.join(others)}", "The API refuses or answers, never both: give one of them."
        )
    if {"tool_calls", "function_call"} <= says:
        yield (spot / "function_call").error(
            "tool_calls and function_call together", "function_call is the older form of tool_calls: give one of them."
        )


def _reason(spot: Spot, choice: ChoiceSpec, _when: When) -> Iterator[Finding]:
    """The finish_reason fits what is said."""
    reason = choice.finish_reason
    needed = _REASON.get(reason or "")
    if needed and needed not in choice.says():
        yield (spot / "finish_reason").error(
            f"finish_reason {reason} without {needed}", "Leave finish_reason out: it is computed."
        )


def _offered(spot: Spot, choice: ChoiceSpec, when: When) -> Iterator[Finding]:
    """The tools that are called are among those the rule asks to be offered."""
    for index, call in enumerate(choice.tool_calls or ()):
        if is_template(call.name) or when.tools is None:
            continue
        asked = [*(when.tools.all or ()), *(when.tools.any or ()), *(when.tools.only or ())]
        count = when.tools.count
        none = count is not None and not any(map(compile_matcher(count).test, range(1, 129)))
        if (asked and not any(glob(name).match(call.name) for name in asked)) or none:
            yield (spot / "tool_calls" / index).error(
                f"calls {call.name!r}, which is not among the tools the rule asks for ({', '.join(asked) or 'none'})",
                "Ask for it in `when: {tools: [...]}`, or call a tool that is offered.",
            )


def _chosen(spot: Spot, choice: ChoiceSpec, when: When) -> Iterator[Finding]:
    """What tool_choice forbids or demands is obeyed."""
    wanted = _plain(when.tool_choice)
    calls = [call.name for call in choice.tool_calls or ()]
    if wanted == "none" and calls:
        yield (spot / "tool_calls").error("calls a tool although tool_choice is none", "Answer with text.")
    elif wanted == "required" and not calls and not choice.refusal:
        yield spot.error("calls no tool although tool_choice is required", "Give tool_calls.")
    elif wanted not in (None, "none", "auto", "required", "allowed_tools") and calls not in ([], [wanted]):
        yield (spot / "tool_calls").error(
            f"calls {', '.join(calls)} although tool_choice names {wanted}", f"Call {wanted}."
        )


def _format(spot: Spot, choice: ChoiceSpec, when: When) -> Iterator[Finding]:
    """The content is JSON where JSON is asked for, and valid under the schema that the rule names."""
    wanted = when.response_format
    kind = _plain(wanted.type) if wanted else None
    schema = wanted.schema_ if wanted else None
    if (schema is None and kind not in ("json_object", "json_schema")) or is_template(choice.text or ""):
        return
    key = "text" if choice.text is not None else "json"
    value = as_json(choice.text) if choice.text is not None else choice.json_
    if choice.text is not None and value is None and choice.text.strip() != "null":
        yield (spot / key).error(
            f"text that is no JSON although response_format is {kind or 'json_schema'}", "Use `json:`."
        )
    elif schema is not None and "json_" in choice.says() | ({"json_"} if choice.text else set()):
        yield from _valid(spot / key, value, schema)


def _valid(spot: Spot, value: Any, schema: dict[str, Any]) -> Iterator[Finding]:
    if (wrong := schema_error(schema)) is not None:
        yield Spot(spot.placed, ("when", "response_format", "schema")).error(f"not a JSON schema: {wrong}")
        return
    for error in Validator(schema).errors(value):
        if not _is_templated(error.instance):
            yield spot.error(f"not valid under the rule's schema: {error}")


def _is_templated(value: Any) -> bool:
    """Say whether a value is a template, which may become anything."""
    return isinstance(value, str) and is_template(value)


def _plain(matcher: Matcher | None) -> str | None:
    """Return the text a matcher asks for when it is a plain one."""
    return None if matcher is None or "*" in (matcher.plain or "") else matcher.plain or matcher.equals


def _cited(spot: Spot, choice: ChoiceSpec, _when: When) -> Iterator[Finding]:
    """Citations lie within the text."""
    text = choice.text
    if text is None or is_template(text):
        return
    for index, note in enumerate(choice.annotations or ()):
        if note["url_citation"]["end_index"] > len(text):
            yield (spot / "annotations" / index).error(
                f"cites up to character {note['url_citation']['end_index']} of a text of {len(text)}"
            )


def _arguments(spot: Spot, choice: ChoiceSpec, _when: When) -> Iterator[Finding]:
    """Arguments given as text are JSON."""
    for index, call in enumerate(choice.tool_calls or ()):
        raw = call.arguments
        if isinstance(raw, str) and not is_template(raw) and as_json(raw) is None:
            yield (spot / "tool_calls" / index).warning(
                f"the arguments of {call.name!r} are text that is no JSON",
                "Right for a custom tool; for a function give an object.",
            )


_CHECKS: Final[tuple[Callable[[Spot, ChoiceSpec, When], Iterator[Finding]], ...]] = (
    _one_manner,
    _reason,
    _offered,
    _chosen,
    _format,
    _cited,
    _arguments,
)
