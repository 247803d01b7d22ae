"""Calls of tools: arguments that are valid, input that follows the grammar."""

from typing import Any, Final

from chatdouble.answer.draft import Draft
from chatdouble.answer.instances import holds, instance, lark_instance, regex_instance
from chatdouble.answer.making.offered import Tool
from chatdouble.answer.making.quoted import with_quoted
from chatdouble.answer.making.spelling import spelled_out
from chatdouble.answer.making.structure import as_json, first_object
from chatdouble.answer.making.wish import Wish
from chatdouble.answer.shapes import is_object, object_or_empty
from chatdouble.chance import Chance
from chatdouble.errors import APIError
from chatdouble.schema.completion import ToolCall

_GRAMMARS: Final = {"regex": regex_instance, "lark": lark_instance}


def calling(wishes: list[Wish], text: str, chance: Chance) -> Draft:
    """Return a choice that makes calls; `compose` gives them their ids.

    Args:
        wishes: The tools to call, at least one.
        text: What the user says, where arguments may be found.
        chance: Decides the arguments that are made up.

    Raises:
        APIError: A grammar cannot be read.
    """
    made = [(wish.tool, _input(wish, text, chance.at("call", place))) for place, wish in enumerate(wishes)]
    tool, said = made[0]
    if tool.kind == "legacy":
        return Draft(function_call={"name": tool.name, "arguments": said})
    return Draft(tool_calls=[_call(tool, said) for tool, said in made])


def _call(tool: Tool, said: str) -> ToolCall:
    if tool.kind == "custom":
        return {"id": "", "type": "custom", "custom": {"name": tool.name, "input": said}}
    return {"id": "", "type": "function", "function": {"name": tool.name, "arguments": said}}


def _input(wish: Wish, text: str, chance: Chance) -> str:
    if wish.tool.kind == "custom":
        return wish.written or _free_form(wish.tool, text, chance)
    if wish.written and first_object(wish.written) is not None:
        return wish.written
    return as_json(_arguments(wish.tool.name, parameters(wish.tool), text, chance))


def _arguments(name: str, schema: dict[str, Any], text: str, chance: Chance) -> dict[str, Any]:
    """Return arguments: what the text spells out, then what it quotes, the rest made up."""
    made = object_or_empty(instance(schema, chance))
    spelled = spelled_out(name, list(object_or_empty(schema.get("properties"))), text)
    if not holds(made | spelled, schema):
        spelled = {}
    return with_quoted(made | spelled, [one for one in made if one not in spelled], schema, text)


def _free_form(tool: Tool, text: str, chance: Chance) -> str:
    grammar = object_or_empty(object_or_empty(tool.definition.get("format")).get("grammar"))
    write = _GRAMMARS.get(str(grammar.get("syntax")))
    if write is None:
        return text or tool.name
    try:
        return write(str(grammar.get("definition")), chance)
    except ValueError as error:
        # No recording shows the API's words for this.
        raise APIError(f"Invalid grammar for tool '{tool.name}': {error}", param="tools") from error


def parameters(tool: Tool) -> dict[str, Any]:
    """Return the schema of a function's arguments, an object's; none are an empty list (reference 2)."""
    schema = tool.definition.get("parameters")
    if not is_object(schema):
        return {"type": "object", "properties": {}}
    return schema if "type" in schema else schema | {"type": "object"}
