"""Tool calls with valid arguments, and custom tool calls whose input follows a grammar."""

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

from chatdouble.answer.draft import Draft
from chatdouble.answer.structured import QUOTING, first_object, with_quotations
from chatdouble.answer.tool_choice import Tool, WantedCall
from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object, is_object, written
from chatdouble.core.json_in_steps import written_in_steps
from chatdouble.json_schema.generate import instance, is_valid, lark_instance, regex_instance
from chatdouble.json_schema.steps import FEW, TOTAL, Steps
from chatdouble.schema.completion import FunctionCall, ToolCall

_LONGEST: Final = 2000
_SHOWN: Final = 500
_JSON_NAMES: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}


def arguments_in_call_syntax(name: str, parameters: list[str], text: str) -> dict[str, Any]:
    """Return the arguments of the first call of a function in a text, such as `add(1, b=2)`; none if there is no call.

    Args:
        name: The function's name.
        parameters: The names of its parameters in order, for positional arguments.
        text: The user's text. Values are JSON or Python literals; a single object holds all arguments.
    """
    found = re.search(rf"(?<!\w){re.escape(name)}\(([^()]{{1,{_LONGEST}}})\)", text)
    if found is None:
        return {}
    try:
        call = ast.parse(f"f({found[1].strip()})", mode="eval").body
        return _arguments_of(call, parameters) if isinstance(call, ast.Call) else {}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _arguments_of(call: ast.Call, parameters: list[str]) -> dict[str, Any]:
    values = [_value(one) for one in call.args]
    if len(values) == 1 and is_object(values[0]) and not call.keywords:
        return values[0]
    named = {one.arg: _value(one.value) for one in call.keywords if one.arg is not None}
    return dict(zip(parameters, values, strict=False)) | named


def _value(node: ast.expr) -> Any:
    if isinstance(node, ast.Name):
        if node.id not in _JSON_NAMES:
            raise ValueError(node.id)
        return _JSON_NAMES[node.id]
    return ast.literal_eval(node)


_GRAMMARS: Final = {"regex": regex_instance, "lark": lark_instance}


def draft_of_calls(wanted_calls: list[WantedCall], text: str, chance: Chance, steps: Steps) -> Draft:
    """Return a draft with tool calls. Their ids are left to `compose`.

    Args:
        wanted_calls: The tools to call, at least one.
        text: The user's text, which may contain arguments.
        chance: The source of randomness for generated arguments.
        steps: The budget for all of them.

    Raises:
        APIError: A grammar is invalid.
        OutOfStepsError: The budget is used up.
    """
    calls: list[ToolCall] = []
    for index, (tool, given) in enumerate(wanted_calls):
        at = chance.at("call", index)
        if tool.kind == "custom":
            made = given or _custom_input(tool, text, at, steps)
            calls.append({"id": "", "type": "custom", "custom": {"name": tool.name, "input": made}})
            continue
        if given and first_object(given) is not None:
            arguments = given
        else:
            generated = _arguments(tool, text, at, steps)
            arguments = written(generated) if TOTAL - steps.left <= FEW else written_in_steps(generated)
        function: FunctionCall = {"name": tool.name, "arguments": arguments}
        if tool.kind == "legacy":
            return Draft(function_call=function)
        calls.append({"id": "", "type": "function", "function": function})
    return Draft(tool_calls=calls)


def _arguments(tool: Tool, text: str, chance: Chance, steps: Steps) -> dict[str, Any]:
    """Return arguments from a call in the text, then from its quotations, and generate the others."""
    sent = tool.definition.get("parameters")
    # Without parameters there are no properties (requests#tools).
    schema: dict[str, Any] = sent if is_object(sent) else {"properties": {}}
    if "type" not in schema:
        schema = schema | {"type": "object"}
    generated = as_object(instance(schema, chance, steps))
    found: dict[str, Any] = {}
    if f"{tool.name}(" in text:
        found = arguments_in_call_syntax(tool.name, list(as_object(schema.get("properties"))), text)
    # Invalid arguments in the text were not meant as a call.
    if found and not is_valid(generated | found, schema, steps):
        found = {}
    arguments = generated | found
    if QUOTING.search(text) is None:
        return arguments
    return with_quotations(arguments, [one for one in generated if one not in found], schema, text, steps)


def _custom_input(tool: Tool, text: str, chance: Chance, steps: Steps) -> str:
    grammar = as_object(as_object(tool.definition.get("format")).get("grammar"))
    write = _GRAMMARS.get(str(grammar.get("syntax")))
    if write is None:
        return text or tool.name
    try:
        return write(str(grammar.get("definition")), chance, steps)
    except ValueError as error:
        # No recording shows the API's own message.
        raise APIError(f"Invalid grammar for tool '{tool.name}': {str(error)[:_SHOWN]}", param="tools") from error
