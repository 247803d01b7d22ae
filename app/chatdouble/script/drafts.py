"""What a script's choice says, as a draft that the request's limits are then applied to."""

from collections.abc import Mapping
from typing import Any

import orjson

from chatdouble.answer.draft import Draft
from chatdouble.answer.instances import instance
from chatdouble.schema.completion import FunctionCall, ToolCall
from chatdouble.script.facts import Facts, named
from chatdouble.script.reply import ChoiceSpec
from chatdouble.script.said import ToolCallSpec
from chatdouble.script.scope import Scope
from chatdouble.script.templates import fill, fill_text


def said(choice: ChoiceSpec, scope: Scope) -> Draft:
    """Return the draft of a choice, its templates filled.

    Raises:
        TemplateFailedError: A template cannot be filled.
    """
    call = choice.function_call
    return Draft(
        content=_content(choice, scope),
        refusal=_text(choice.refusal, scope),
        tool_calls=[tool_call(spec, scope) for spec in choice.tool_calls or ()],
        function_call=FunctionCall(
            name=fill_text(call["name"], scope.variables), arguments=fill_text(call["arguments"], scope.variables)
        )
        if call
        else None,
        annotations=choice.annotations or [],
        finish_reason=choice.finish_reason,
        logprobs=choice.logprobs,
        reasoning_tokens=choice.reasoning_tokens,
    )


def _text(text: str | None, scope: Scope) -> str | None:
    return None if text is None else fill_text(text, scope.variables)


def _content(choice: ChoiceSpec, scope: Scope) -> str | None:
    if "json_" in choice.model_fields_set:
        return as_text(fill(choice.json_, scope.variables))
    return _text(choice.text if choice.audio is None else choice.audio.transcript, scope)


def tool_call(spec: ToolCallSpec, scope: Scope) -> ToolCall:
    """Return a call of a tool; with no id given it is "", and `compose` makes one.

    A string is a custom tool's input if the request offers a custom tool of that name, else arguments as they are.

    Raises:
        TemplateFailedError: A template cannot be filled.
    """
    name = fill_text(spec.name, scope.variables)
    made = _text(spec.id, scope) or ""
    custom = scope.facts.tools.get(name, {}).get("type") == "custom"
    raw = spec.input if spec.input is not None else spec.arguments
    if spec.input is not None or (custom and isinstance(raw, str)):
        return {"id": made, "type": "custom", "custom": {"name": name, "input": _text(raw, scope) or ""}}
    arguments = fill(spec.arguments if spec.arguments is not None else {}, scope.variables)
    text = arguments if isinstance(arguments, str) else as_text(arguments)
    return {"id": made, "type": "function", "function": {"name": name, "arguments": text}}


def as_text(value: Any) -> str:
    """Return a value as compact JSON."""
    return orjson.dumps(value).decode()


def generated(facts: Facts) -> Draft | None:
    """Return what a request asks for, made up: an instance of its schema, or a call of its tool; None: neither."""
    chance = facts.call.chance.at("generate")
    if facts.response_format.get("type") in ("json_schema", "json_object"):
        return Draft(content=as_text(instance(facts.schema.get("schema") or {"type": "object"}, chance)))
    if facts.tool_choice == "none" or not facts.tools:
        return None
    name = facts.tool_choice if facts.tool_choice in facts.tools else next(iter(facts.tools))
    return Draft(tool_calls=[_generated_call(facts.tools[name], name, facts)])


def _generated_call(tool: Mapping[str, Any], name: str, facts: Facts) -> ToolCall:
    chance = facts.call.chance.at("generate", name)
    if tool.get("type") == "custom":
        return {
            "id": "",
            "type": "custom",
            "custom": {"name": name, "input": str(instance({"type": "string"}, chance))},
        }
    arguments = instance(named(tool).get("parameters") or {"type": "object"}, chance)
    return {"id": "", "type": "function", "function": {"name": name, "arguments": as_text(arguments)}}
