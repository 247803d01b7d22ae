"""What a script's choice says, as a draft that the request's limits are then applied to."""

from typing import Any

import orjson

from chatdouble.answer.draft import Draft
from chatdouble.answer.making.calling import calling
from chatdouble.answer.making.offered import offer_of
from chatdouble.answer.making.structure import structured
from chatdouble.answer.making.wish import Wish
from chatdouble.answer.marks import without_marks
from chatdouble.schema.completion import FunctionCall, ToolCall
from chatdouble.script.facts import Facts
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


def generated(facts: Facts) -> list[Draft] | None:
    """Return what a request asks for, made up, a draft a choice; None: it asks for words.

    An instance of its schema, or a call of the first tool that `tool_choice` lets it call. Results of tools that end
    the conversation ask for words, unless a call is required: so an agent's loop ends.

    Raises:
        APIError: A custom tool's grammar cannot be read.
    """
    body, text = facts.body, without_marks(facts.user or "")
    offer = offer_of(body)
    tools = [*offer.tools] if offer.must or not facts.tool_results else []
    drafts: list[Draft] = []
    for choice in range(facts.call.request.n or 1):
        chance = facts.call.chance.at("generate", choice)
        json_text = structured(body, text, chance)
        if json_text is None and not tools:
            return None
        drafts.append(calling([Wish(tools[0])], text, chance) if json_text is None else Draft(content=json_text))
    return drafts
