"""Calls of tools: arguments that are valid, input that follows the grammar."""

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

from chatdouble.answer.draft import Draft
from chatdouble.answer.structured import as_json, first_object, with_quoted
from chatdouble.answer.tool_choice import Tool, WantedCall
from chatdouble.core.chance import Chance
from chatdouble.core.errors import APIError
from chatdouble.core.json import as_object, is_object
from chatdouble.json_schema.generate import instance, is_valid, lark_instance, regex_instance
from chatdouble.schema.completion import ToolCall

_LONGEST: Final = 2000
_JSON_NAMES: Final[Mapping[str, Any]] = {"true": True, "false": False, "null": None}


def spelled_out(name: str, parameters: list[str], text: str) -> dict[str, Any]:
    """Return the arguments of the first call of a function that a text spells out; none if it does not.

    Args:
        name: The function's name.
        parameters: Its parameters' names, in order, for arguments without a name.
        text: What the user says: values are JSON's or Python's, a lone object holds all arguments.
    """
    found = re.search(rf"(?<!\w){re.escape(name)}\(([^()]{{1,{_LONGEST}}})\)", text)
    if found is None:
        return {}
    try:
        call = ast.parse(f"f({found[1].strip()})", mode="eval").body
        return _arguments_spelling(call, parameters) if isinstance(call, ast.Call) else {}
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def _arguments_spelling(call: ast.Call, parameters: list[str]) -> dict[str, Any]:
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


def calling(wanted_calls: list[WantedCall], text: str, chance: Chance) -> Draft:
    """Return a choice that makes calls; `compose` gives them their ids.

    Args:
        wanted_calls: The tools to call, at least one.
        text: What the user says, where arguments may be found.
        chance: Decides the arguments that are made up.

    Raises:
        APIError: A grammar cannot be read.
    """
    made = [(wish.tool, _input(wish, text, chance.at("call", place))) for place, wish in enumerate(wanted_calls)]
    tool, said = made[0]
    if tool.kind == "legacy":
        return Draft(function_call={"name": tool.name, "arguments": said})
    return Draft(tool_calls=[_call(tool, said) for tool, said in made])


def _call(tool: Tool, said: str) -> ToolCall:
    if tool.kind == "custom":
        return {"id": "", "type": "custom", "custom": {"name": tool.name, "input": said}}
    return {"id": "", "type": "function", "function": {"name": tool.name, "arguments": said}}


def _input(wish: WantedCall, text: str, chance: Chance) -> str:
    if wish.tool.kind == "custom":
        return wish.written or _free_form(wish.tool, text, chance)
    if wish.written and first_object(wish.written) is not None:
        return wish.written
    return as_json(_arguments(wish.tool.name, parameters(wish.tool), text, chance))


def _arguments(name: str, schema: dict[str, Any], text: str, chance: Chance) -> dict[str, Any]:
    """Return arguments: what the text spells out, then what it quotes, the rest made up."""
    made = as_object(instance(schema, chance))
    spelled = spelled_out(name, list(as_object(schema.get("properties"))), text)
    if not is_valid(made | spelled, schema):
        spelled = {}
    return with_quoted(made | spelled, [one for one in made if one not in spelled], schema, text)


def _free_form(tool: Tool, text: str, chance: Chance) -> str:
    grammar = as_object(as_object(tool.definition.get("format")).get("grammar"))
    write = _GRAMMARS.get(str(grammar.get("syntax")))
    if write is None:
        return text or tool.name
    try:
        return write(str(grammar.get("definition")), chance)
    except ValueError as error:
        # No recording shows the API's words for this.
        raise APIError(f"Invalid grammar for tool '{tool.name}': {error}", param="tools") from error


def parameters(tool: Tool) -> dict[str, Any]:
    """Return the schema of a function's arguments, an object's; none are an empty list (requests#tools)."""
    schema = tool.definition.get("parameters")
    if not is_object(schema):
        return {"type": "object", "properties": {}}
    return schema if "type" in schema else schema | {"type": "object"}
